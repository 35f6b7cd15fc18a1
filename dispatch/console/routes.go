package console

import (
	"embed"
	"io/fs"
	"net/http"
	"slices"
	"strings"
)

// request is a request and who makes it; Who is empty on public routes.
type request struct {
	*http.Request
	who    Session
	unit   string // its orders alone are the requester's; empty: everybody's
	shapes shapes
}

// actor is how the requester stands in timelines.
func (r request) actor() string {
	if a := r.who.Account; a.Unit != "" {
		return "unit:" + a.Unit + "/" + a.Name
	}
	return "agent:" + r.who.Account.Name
}

// route is one operation of the API; openapi.json describes each of them.
type route struct {
	method, path string
	public       bool
	serve        func(*Console, http.ResponseWriter, request) error
}

// routes are all operations, in the order of the description.
var routes = []route{
	{"POST", "/api/v1/login", true, (*Console).logIn},
	{"POST", "/api/v1/logout", false, (*Console).logOut},
	{"GET", "/api/v1/session", false, (*Console).session},
	{"GET", "/api/v1/openapi.json", true, (*Console).openAPI},
	{"GET", "/api/v1/status", false, (*Console).status},
	{"GET", "/api/v1/events", false, (*Console).events},

	{"GET", "/api/v1/calls", false, (*Console).calls},
	{"GET", "/api/v1/calls/{id}", false, (*Console).call},
	{"POST", "/api/v1/calls/{id}/steer", false, (*Console).steer},
	{"GET", "/api/v1/targets", false, (*Console).targets},

	{"GET", "/api/v1/orders", false, (*Console).orders},
	{"POST", "/api/v1/orders", false, (*Console).openOrder},
	{"POST", "/api/v1/orders/search", false, (*Console).searchOrders},
	{"GET", "/api/v1/orders/{number}", false, (*Console).order},
	{"GET", "/api/v1/orders/{number}/events", false, (*Console).orderEvents},
	{"POST", "/api/v1/orders/{number}/complete", false, (*Console).completeOrder},
	{"POST", "/api/v1/orders/{number}/type", false, (*Console).setType},
	{"POST", "/api/v1/orders/{number}/note", false, (*Console).note},
	{"POST", "/api/v1/orders/{number}/urgent", false, (*Console).markUrgent},
	{"POST", "/api/v1/orders/{number}/major", false, (*Console).markMajor},
	{"POST", "/api/v1/orders/{number}/phone", false, (*Console).orderPhone},

	{"POST", "/api/v1/orders/{number}/answer", false, commands["answer"]},
	{"POST", "/api/v1/orders/{number}/own", false, commands["own"]},
	{"POST", "/api/v1/orders/{number}/transfer", false, commands["transfer"]},
	{"POST", "/api/v1/orders/{number}/reject", false, commands["reject"]},
	{"POST", "/api/v1/orders/{number}/reopen", false, commands["reopen"]},
	{"POST", "/api/v1/orders/{number}/classify", false, commands["classify"]},
	{"POST", "/api/v1/orders/{number}/dispatch", false, commands["dispatch"]},
	{"POST", "/api/v1/orders/{number}/sign", false, commands["sign"]},
	{"POST", "/api/v1/orders/{number}/start", false, commands["start"]},
	{"POST", "/api/v1/orders/{number}/contact", false, commands["contact"]},
	{"POST", "/api/v1/orders/{number}/no-reply", false, commands["no-reply"]},
	{"POST", "/api/v1/orders/{number}/return", false, commands["return"]},
	{"POST", "/api/v1/orders/{number}/return/allow", false, commands["return/allow"]},
	{"POST", "/api/v1/orders/{number}/return/refuse", false, commands["return/refuse"]},
	{"POST", "/api/v1/orders/{number}/extension", false, commands["extension"]},
	{"POST", "/api/v1/orders/{number}/extension/allow", false, commands["extension/allow"]},
	{"POST", "/api/v1/orders/{number}/extension/refuse", false, commands["extension/refuse"]},
	{"POST", "/api/v1/orders/{number}/submit", false, commands["submit"]},
	{"POST", "/api/v1/orders/{number}/pass", false, commands["pass"]},
	{"POST", "/api/v1/orders/{number}/send-back", false, commands["send-back"]},
	{"POST", "/api/v1/orders/{number}/file", false, commands["file"]},
	{"POST", "/api/v1/orders/{number}/understood", false, commands["understood"]},
	{"POST", "/api/v1/orders/{number}/withdraw", false, commands["withdraw"]},
	{"POST", "/api/v1/orders/{number}/merge", false, commands["merge"]},
	{"POST", "/api/v1/orders/{number}/urge", false, commands["urge"]},
	{"POST", "/api/v1/orders/{number}/visit", false, commands["visit"]},
	{"POST", "/api/v1/orders/{number}/visit/arrived", false, commands["visit/arrived"]},
	{"POST", "/api/v1/orders/{number}/supervise", false, commands["supervise"]},
	{"POST", "/api/v1/orders/{number}/preserve", false, commands["preserve"]},
	{"POST", "/api/v1/orders/{number}/opinion", false, commands["opinion"]},
	{"POST", "/api/v1/orders/{number}/opinion/give", false, commands["opinion/give"]},
	{"POST", "/api/v1/orders/{number}/consent", false, commands["consent"]},
	{"POST", "/api/v1/orders/{number}/identity", false, identify},
	{"POST", "/api/v1/orders/{number}/identity/show", false, (*Console).identity},
	{"POST", "/api/v1/orders/{number}/form", false, commands["form"]},
	{"POST", "/api/v1/orders/{number}/ask", false, commands["ask"]},
	{"POST", "/api/v1/orders/{number}/ask/decide", false, commands["ask/decide"]},
	{"POST", "/api/v1/orders/{number}/tier", false, commands["tier"]},
	{"POST", "/api/v1/orders/{number}/approve", false, commands["approve"]},
	{"POST", "/api/v1/orders/{number}/reply", false, commands["reply"]},
	{"POST", "/api/v1/orders/{number}/attach", false, commands["attach"]},
	{"GET", "/api/v1/orders/{number}/attachments", false, (*Console).attachments},
	{"GET", "/api/v1/orders/{number}/attachments/{id}", false, (*Console).attachment},
	{"GET", "/api/v1/orders/{number}/assignments", false, (*Console).assignments},
	{"GET", "/api/v1/orders/{number}/slip", false, (*Console).slip},
	{"GET", "/api/v1/orders/{number}/links", false, (*Console).ties},
	{"GET", "/api/v1/orders/{number}/explain", false, (*Console).explain},
	{"POST", "/api/v1/orders/suggest", false, (*Console).suggest},
	{"GET", "/api/v1/orders/{number}/suggestions", false, (*Console).suggestFor},
	{"GET", "/api/v1/choices", false, (*Console).choices},
	{"GET", "/api/v1/knowledge", false, (*Console).knowledge},
	{"GET", "/api/v1/public/knowledge", true, (*Console).publicKnowledge},
	{"POST", "/api/v1/knowledge/{id}/push", false, (*Console).pushEntry},
	{"GET", "/api/v1/handovers", false, (*Console).handovers},
	{"POST", "/api/v1/handovers", false, (*Console).handOver},
	{"GET", "/api/v1/published", false, (*Console).published},
	{"GET", "/api/v1/work", false, (*Console).work},

	{"POST", "/api/v1/export/orders/{number}", false, (*Console).evidence},
	{"GET", "/api/v1/evidence-key", false, (*Console).publicKey},
	{"POST", "/api/v1/export/orders", false, (*Console).exportOrders},
	{"POST", "/api/v1/export/figures", false, (*Console).exportFigures},
	{"POST", "/api/v1/export/volume", false, (*Console).volume},
	{"POST", "/api/v1/import", false, (*Console).importTable},

	{"GET", "/api/v1/voicemails", false, (*Console).voicemails},
	{"GET", "/api/v1/voicemails/{id}", false, (*Console).voicemail},
	{"POST", "/api/v1/voicemails/{id}/listen", false, (*Console).listen},
	{"GET", "/api/v1/voicemails/{id}/audio", false, (*Console).audio},
	{"POST", "/api/v1/voicemails/{id}/heard", false, (*Console).markHeard},

	{"GET", "/api/v1/messages", false, (*Console).messages},
	{"POST", "/api/v1/messages", false, (*Console).sendLetter},
	{"GET", "/api/v1/messages/{id}", false, (*Console).textTrace},
	{"POST", "/api/v1/messages/{id}/replay", false, (*Console).replayText},
	{"GET", "/api/v1/inbound", false, (*Console).inbound},
	{"GET", "/api/v1/inbound/{id}", false, (*Console).inboundTrace},
	{"POST", "/api/v1/inbound/{id}/replay", false, (*Console).replayInbound},
	{"GET", "/api/v1/talks/{id}", false, (*Console).talk},
	{"POST", "/api/v1/talks/search", false, (*Console).searchTalk},
	{"GET", "/api/v1/links", false, (*Console).links},
	{"GET", "/api/v1/opt-outs", false, (*Console).optOuts},
	{"POST", "/api/v1/opt-outs/{id}/lift", false, (*Console).liftOptOut},
	{"GET", "/api/v1/surveys", false, (*Console).surveys},
	{"GET", "/api/v1/callbacks", false, (*Console).callbacks},
	{"POST", "/api/v1/callbacks/{id}/claim", false, (*Console).claimCallback},
	{"POST", "/api/v1/callbacks/{id}/phone", false, (*Console).callbackPhone},
	{"POST", "/api/v1/callbacks/{id}/finish", false, (*Console).finishCallback},

	{"GET", "/api/v1/exceptions", false, (*Console).exceptions},
	{"POST", "/api/v1/orders/{number}/reviews", false, (*Console).askReview},
	{"GET", "/api/v1/reviews", false, (*Console).reviews},
	{"POST", "/api/v1/reviews/{id}/decide", false, (*Console).decideReview},
	{"GET", "/api/v1/acts", false, (*Console).acts},
	{"POST", "/api/v1/acts/{id}/answer", false, (*Console).answerAct},
	{"GET", "/api/v1/satisfaction", false, (*Console).satisfaction},

	{"GET", "/api/v1/caller-rules", false, (*Console).callerRules},
	{"POST", "/api/v1/caller-rules", false, (*Console).addCallerRule},
	{"POST", "/api/v1/caller-rules/{id}/lift", false, (*Console).liftCallerRule},

	{"GET", "/api/v1/red", false, (*Console).red},
	{"POST", "/api/v1/red", false, (*Console).pressRed},

	{"GET", "/api/v1/audit", false, (*Console).auditLog},
	{"GET", "/api/v1/audit/verify", false, (*Console).verifyAudit},

	{"GET", "/api/v1/desks", false, (*Console).desks},
	{"POST", "/api/v1/desks/{name}/sign-in", false, (*Console).signIn},
	{"POST", "/api/v1/desks/{name}/sign-out", false, (*Console).signOut},

	{"GET", "/api/v1/switches", false, (*Console).switches},
	{"POST", "/api/v1/switches", false, (*Console).addSwitch},
	{"POST", "/api/v1/switches/{name}/drain", false, (*Console).drainSwitch},
	{"POST", "/api/v1/switches/{name}/resume", false, (*Console).resumeSwitch},
	{"POST", "/api/v1/switches/{name}/remove", false, (*Console).removeSwitch},

	{"GET", "/api/v1/calendar", false, (*Console).calendar},
	{"POST", "/api/v1/calendar", false, (*Console).loadCalendar},
	{"POST", "/api/v1/calendar/reload", false, (*Console).reloadCalendar},
}

//go:embed web
var web embed.FS

//go:embed openapi.json
var description []byte

// mount puts routes, the page and the answers to everything else into the mux.
func (c *Console) mount() {
	allowed, described := map[string][]string{}, readShapes()
	for _, rt := range routes {
		c.mux.Handle(rt.method+" "+rt.path, c.handler(rt, described))
		allowed[rt.path] = append(allowed[rt.path], rt.method)
	}
	for path, methods := range allowed {
		slices.Sort(methods)
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
			if !slices.Contains(methods, method) {
				c.mux.HandleFunc(method+" "+path, c.refuseMethod(strings.Join(methods, ", ")))
			}
		}
	}
	c.mux.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) {
		c.fail(w, r, problem{Status: http.StatusNotFound, Detail: "没有这个接口"})
	})
	files, err := fs.Sub(web, "web")
	if err != nil {
		panic(err) // the folder is compiled in
	}
	pages := http.FileServerFS(files)
	c.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			c.refuseMethod("GET")(w, r)
			return
		}
		// Embedded files have no times, so the browser asks again each time.
		w.Header().Set("Cache-Control", "no-cache")
		pages.ServeHTTP(w, r)
	})
}

// refuseMethod says what a path does take.
func (c *Console) refuseMethod(allowed string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Allow", allowed)
		c.fail(w, r, problem{Status: http.StatusMethodNotAllowed, Detail: "此地址只接受 " + allowed})
	}
}

// openAPI describes the API.
func (c *Console) openAPI(w http.ResponseWriter, r request) error {
	w.Header().Set("Content-Type", "application/json")
	_, err := w.Write(description)
	return err
}
