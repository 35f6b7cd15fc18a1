package main

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"strings"

	"hotline/asterisk/sipphone"
)

//go:embed page.html
var page []byte

// routes is the page and the API.
func (c *carrier) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'self'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:")
		_, _ = w.Write(page) // a browser that left needs no page
	})
	mux.Handle("GET /api/events", c.events)
	mux.HandleFunc("GET /api/info", c.info)

	mux.HandleFunc("GET /api/lines", func(w http.ResponseWriter, _ *http.Request) { tell(w, c.lines.list(c.record.called())) })
	mux.HandleFunc("GET /api/lines/{number}", c.getLine)
	mux.HandleFunc("PUT /api/lines/{number}", func(w http.ResponseWriter, r *http.Request) { c.setLine(w, r, standard) })
	mux.HandleFunc("PATCH /api/lines/{number}", func(w http.ResponseWriter, r *http.Request) { c.setLine(w, r, c.lines.get) })
	mux.HandleFunc("DELETE /api/lines/{number}", c.resetLines)
	mux.HandleFunc("DELETE /api/lines", c.resetLines)
	mux.HandleFunc("GET /api/trunks", func(w http.ResponseWriter, _ *http.Request) { tell(w, c.trunkStates()) })
	mux.HandleFunc("PUT /api/trunks/{n}", c.putTrunk)

	mux.HandleFunc("GET /api/calls", func(w http.ResponseWriter, _ *http.Request) { tell(w, c.record.list()) })
	mux.HandleFunc("GET /api/calls/{id}", c.getCall)
	mux.HandleFunc("GET /api/calls/{id}/heard.wav", c.getSound)
	mux.HandleFunc("POST /api/calls", c.postCall)
	mux.HandleFunc("POST /api/calls/{id}/keys", c.postKeys)
	mux.HandleFunc("POST /api/calls/{id}/say", c.postSay)
	mux.HandleFunc("DELETE /api/calls/{id}", c.deleteCall)
	mux.HandleFunc("DELETE /api/record", func(w http.ResponseWriter, _ *http.Request) {
		c.record.reset()
		c.handsets.reset()
		w.WriteHeader(http.StatusNoContent)
	})

	mux.HandleFunc("GET /api/submits", func(w http.ResponseWriter, _ *http.Request) { tell(w, c.submits()) })
	mux.HandleFunc("POST /api/smsc/inject", c.postInject(c.smsc))
	mux.HandleFunc("POST /api/ismg/inject", c.postInject(c.ismg))
	mux.HandleFunc("POST /api/cloud/inject", c.postInject(c.cloud))

	mux.HandleFunc("GET /api/knobs", func(w http.ResponseWriter, _ *http.Request) { tell(w, c.knobs()) })
	mux.HandleFunc("PATCH /api/knobs", c.patchKnobs)
	mux.HandleFunc("PATCH /api/knobs/{over}", c.patchKnobs)
	mux.HandleFunc("DELETE /api/knobs", c.resetKnobs)

	mux.HandleFunc("GET /api/handsets", func(w http.ResponseWriter, _ *http.Request) { tell(w, c.handsets.list()) })
	mux.HandleFunc("GET /api/handsets/{number}/texts", func(w http.ResponseWriter, r *http.Request) {
		tell(w, c.handsets.of(r.PathValue("number")))
	})
	mux.HandleFunc("POST /api/handsets/{number}/reply", c.postReply)
	return onlyOurs(mux)
}

// onlyOurs keeps other pages in the same browser away: a name that is not the
// loopback address is somebody else's (DNS rebinding), and a write that is not JSON
// could come from any form.
func onlyOurs(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !thisMachine(r.Host) {
			refuse(w, http.StatusForbidden, fmt.Errorf("host %q is not this machine", r.Host))
			return
		}
		kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
		if r.Method == http.MethodPost && kind != "application/json" {
			refuse(w, http.StatusUnsupportedMediaType, errors.New("send application/json"))
			return
		}
		next.ServeHTTP(w, r)
	})
}

func thisMachine(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = strings.Trim(hostport, "[]")
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// tell answers with JSON.
func tell(w http.ResponseWriter, v any) { tellStatus(w, http.StatusOK, v) }

func tellStatus(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		refuse(w, http.StatusInternalServerError, err)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // whoever left needs no answer
}

// refuse answers with an error in words.
func refuse(w http.ResponseWriter, status int, err error) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": err.Error()}) // as above
}

// longestBody is more than any request of this API needs.
const longestBody = 64 << 10

// read decodes a body strictly into v; false when it has already been refused.
func read(w http.ResponseWriter, r *http.Request, v any) bool {
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, longestBody))
	dec.DisallowUnknownFields()
	err := dec.Decode(v)
	if err == nil {
		if _, more := dec.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("more than one JSON value")
		}
	}
	if err != nil {
		refuse(w, http.StatusBadRequest, fmt.Errorf("body: %w", err))
		return false
	}
	return true
}

func (c *carrier) info(w http.ResponseWriter, _ *http.Request) {
	prompts := 0
	if c.book.index != nil {
		prompts = c.book.index.Len()
	}
	tell(w, map[string]any{
		"number": c.cfg.Number, "hotline": c.cfg.Hotline, "trunks": []string{c.trunks[0].Addr(), c.trunks[1].Addr()},
		"smpp": c.smsc.Addr(), "cmpp": c.ismg.Addr(), "http": c.cloud.Addr(), "prompts": prompts, "keys": c.cfg.Keys, "behaviours": behaviours,
	})
}

var errNoLine = errors.New("this carrier does not serve that number: 110, 119, 120, 122, 12395, other authorities (12xxx, 8xxxxxxx), 8001 to 8009, mobiles and landlines (0...)")

func (c *carrier) getLine(w http.ResponseWriter, r *http.Request) {
	if l, ok := c.lines.get(national(r.PathValue("number"))); ok {
		tell(w, l)
		return
	}
	refuse(w, http.StatusNotFound, errNoLine)
}

// setLine takes a script: PUT over the line's standard, whatever it was before, PATCH
// over the line as it stands.
func (c *carrier) setLine(w http.ResponseWriter, r *http.Request, base func(string) (line, bool)) {
	number := national(r.PathValue("number"))
	l, ok := base(number)
	if !ok {
		refuse(w, http.StatusNotFound, errNoLine)
		return
	}
	if !read(w, r, &l) {
		return
	}
	l.Number = number
	if err := c.lines.set(l); err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	c.events.publish("lines", nil)
	tell(w, l)
}

func (c *carrier) resetLines(w http.ResponseWriter, r *http.Request) {
	c.lines.reset(national(r.PathValue("number")))
	c.events.publish("lines", nil)
	w.WriteHeader(http.StatusNoContent)
}

// trunk is a trunk as the API shows it.
type trunk struct {
	N     int    `json:"n"`
	Addr  string `json:"addr"`
	State string `json:"state"` // up, down (503 to everything) or silent (no answer at all)
}

var stateNames = map[string]sipphone.State{"up": sipphone.Up, "down": sipphone.Refuses, "silent": sipphone.Silent}

func (c *carrier) trunkStates() []trunk {
	var out []trunk
	for i, p := range c.trunks {
		t := trunk{N: i + 1, Addr: p.Addr()}
		for name, s := range stateNames {
			if s == p.State() {
				t.State = name
			}
		}
		out = append(out, t)
	}
	return out
}

func (c *carrier) putTrunk(w http.ResponseWriter, r *http.Request) {
	var body struct {
		State string `json:"state"`
	}
	n := strings.Index("12", r.PathValue("n"))
	if n < 0 || len(r.PathValue("n")) != 1 {
		refuse(w, http.StatusNotFound, errors.New("the trunks are 1 and 2"))
		return
	}
	if !read(w, r, &body) {
		return
	}
	state, ok := stateNames[body.State]
	if !ok {
		refuse(w, http.StatusBadRequest, fmt.Errorf("state %q is none of up, down, silent", body.State))
		return
	}
	c.trunks[n].SetState(state)
	c.events.publish("trunks", c.trunkStates())
	tell(w, c.trunkStates()[n])
}
