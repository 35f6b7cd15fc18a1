package console_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"hotline/dispatch"
	"hotline/dispatch/console"
)

// TestMasks_KF3_1_5: no list and no detail shows a whole number, and nothing at all of
// who informed.
func TestMasks_KF3_1_5(t *testing.T) {
	b := newBench(t)
	s := b.story()
	c := b.browser()
	whole := regexp.MustCompile(`1[3-9]\d{9}`)
	for _, path := range []string{
		"/calls", "/calls/call1", "/calls/call2", "/orders", "/orders/" + s.order.Number, "/orders/" + s.secret.Number,
		"/orders/" + s.order.Number + "/events", "/orders/" + s.secret.Number + "/events", "/voicemails", "/voicemails/vm1",
		"/messages", "/inbound", "/surveys", "/callbacks", "/status", "/desks",
	} {
		a := c.get(path)
		a.want(t, 200)
		if found := whole.FindString(a.body); found != "" {
			t.Errorf("%s shows %s: %s", path, found, a.body)
		}
		for _, trace := range []string{"136****5432", "举报人甲", s.order.PIN + `，`, "查询码" + s.secret.PIN} {
			if strings.Contains(a.body, trace) {
				t.Errorf("%s shows %q: %s", path, trace, a.body)
			}
		}
	}
	c.get("/orders/"+s.order.Number).want(t, 200, "138****5678", "王先生", `"rating":5`)
	c.get("/orders/"+s.secret.Number).want(t, 200, "(保密)", `"confidential":true`)
	c.get("/calls/call1").want(t, 200, "139****0001")
	c.get("/messages").want(t, 200, "查询码****", "138****5678", "(保密)")
	c.get("/inbound").want(t, 200, "138****5678", "(保密)")
}

// TestNumbersStayOutOfAddresses: a number is searched for in a body, and an informant is not found by it.
func TestNumbersStayOutOfAddresses(t *testing.T) {
	b := newBench(t)
	s := b.story()
	c := b.browser()
	c.get("/orders?q="+citizen).want(t, 400, "POST")
	c.post("/orders/search", map[string]any{"phone": "+86 138 1234 5678"}).want(t, 200, s.order.Number)
	c.post("/orders/search", map[string]any{}).want(t, 422)
	for _, a := range []answer{
		c.post("/orders/search", map[string]any{"phone": "13698765432"}),
		c.post("/orders/search", map[string]any{"q": "举报人甲"}),
		c.get("/orders?q=%E4%B8%BE%E6%8A%A5%E4%BA%BA%E7%94%B2"),
	} {
		if a.status != 200 || strings.Contains(a.body, s.secret.Number) {
			t.Errorf("the informant was found: %d %s", a.status, a.body)
		}
	}
	c.get("/orders?q=%E5%90%83%E6%8B%BF").want(t, 200, s.secret.Number) // by content it is found
}

func TestOrdersByHand(t *testing.T) {
	b := newBench(t)
	c := b.browser()
	c.post("/orders", map[string]any{"type": "help", "phone": citizen, "summary": " "}).want(t, 422, `"field":"summary"`)
	c.post("/orders", map[string]any{"type": "help", "phone": "138-0013-800O", "summary": "井盖丢失"}).want(t, 422, `"field":"phone"`)
	in := map[string]any{"summary": "井盖丢失", "phone": citizen, "name": "李女士", "urgent": true}
	a := c.post("/orders", in, "Idempotency-Key", "k1")
	a.want(t, 201, `"pin":"`, `"urgent":true`, `"type":"unset"`)
	path := strings.TrimPrefix(a.header.Get("Location"), "/api/v1")
	again := c.post("/orders", in, "Idempotency-Key", "k1")
	if again.header.Get("Location") != a.header.Get("Location") {
		t.Errorf("the same key made a second order: %s", again.body)
	}
	if got := c.get(path); strings.Contains(got.body, `"pin"`) {
		t.Errorf("the code is shown again: %s", got.body)
	}
	c.get("/messages").want(t, 200, "139****0009") // the leader was texted

	c.post(path+"/complete", map[string]any{"result": "已补装"}).want(t, 409, "ZZ-10.1")
	c.post(path+"/type", map[string]any{"type": "flying saucer"}).want(t, 422)
	c.post(path+"/type", map[string]any{"type": "complaint"}).want(t, 200, `"type_text":"投诉"`)
	c.post(path+"/note", map[string]any{"text": "已联系市政"}).want(t, 204)
	c.post(path+"/note", map[string]any{"text": " "}).want(t, 422)
	c.post(path+"/urgent", map[string]any{"reason": ""}).want(t, 200)

	o := c.get(path)
	version := strings.Trim(o.header.Get("ETag"), `"`)
	c.post(path+"/complete", map[string]any{"result": "已补装", "version": 1}).want(t, 409, "刷新")
	c.post(path+"/complete", map[string]any{"result": "已补装"}, "If-Match", `"1"`).want(t, 409)
	c.post(path+"/complete", map[string]any{"result": ""}, "If-Match", version).want(t, 422)
	c.post(path+"/complete", map[string]any{"result": "已补装"}, "If-Match", version).want(t, 200, `"state":"completed"`)
	c.post(path+"/complete", map[string]any{"result": "别的结果"}).want(t, 409)
	c.get(path+"/events").want(t, 200, "agent:admin", "已联系市政", "类型由未分类改为投诉")
	c.get("/surveys?open=true").want(t, 200, "138****5678")
}

func TestBadRequests(t *testing.T) {
	b := newBench(t)
	c := b.browser()
	order := func(body string) answer { return c.do("POST", "/orders", body) }
	order(`{"summary":"x","colour":"red"}`).want(t, 400, "colour")
	order(`{"summary":"x"} {"summary":"y"}`).want(t, 400)
	order(`[]`).want(t, 400)
	order(`{"summary":"`+strings.Repeat("长", 30_000)+`"}`).want(t, 413)
	c.do("POST", "/orders", `{"summary":"x"}`, "Content-Type", "text/plain").want(t, 415)
	c.post("/orders", map[string]any{"summary": " "}).want(t, 422)
	c.get("/orders?limit=0").want(t, 400, "limit")
	c.get("/orders?limit=201").want(t, 400)
	c.get("/orders?ofset=1").want(t, 400, "ofset")
	c.get("/orders?limit=1&limit=2").want(t, 400)
	c.get("/orders/ZZ20261121-00042-7").want(t, 404, "没有找到")
	c.get("/orders/%00%ff").want(t, 404)
	c.get("/nowhere").want(t, 404)
	a := c.do("DELETE", "/orders", "")
	a.want(t, 405)
	if a.header.Get("Allow") != "GET, POST" {
		t.Errorf("Allow %q", a.header.Get("Allow"))
	}
	var p struct {
		Type, Title, Detail string
		Status              int
	}
	a.into(t, &p)
	if p.Status != 405 || p.Type != "about:blank" || p.Title == "" || p.Detail == "" {
		t.Errorf("problem document %+v", p)
	}
}

func TestPages(t *testing.T) {
	b := newBench(t)
	for i := range 5 {
		_, err := b.office.Open(t.Context(), dispatch.Intake{Channel: dispatch.ByWeb, Type: dispatch.Consult, Summary: fmt.Sprint("第", i)})
		must(t, err)
		b.clock.Advance(time.Second)
	}
	c := b.browser()
	var all []string
	for next := 0; next >= 0; {
		var part struct {
			Items []struct{ Summary string }
			Next  *int
		}
		c.get(fmt.Sprintf("/orders?limit=2&offset=%d", next)).into(t, &part)
		for _, o := range part.Items {
			all = append(all, o.Summary)
		}
		if next = -1; part.Next != nil {
			next = *part.Next
		}
	}
	if got := strings.Join(all, " "); got != "第4 第3 第2 第1 第0" {
		t.Errorf("pages give %s", got)
	}
}

func TestCallbacks_ZQ15_5(t *testing.T) {
	b := newBench(t)
	s := b.story()
	c := b.browser()
	path := "/callbacks/" + s.callback.ID
	c.get("/callbacks?open=true").want(t, 200, s.callback.ID, "138****5678")
	c.post(path+"/phone", map[string]any{}).want(t, 422, `"field":"reason"`)
	c.post(path+"/phone", map[string]any{"reason": "回访"}).want(t, 200, citizen) // somebody has to dial it
	c.get("/orders/"+s.order.Number+"/events").want(t, 200, "查看诉求人号码:回访")
	c.post(path+"/finish", map[string]any{"reached": true, "reason": ""}).want(t, 422, "ZQ-15.5")
	c.post(path+"/finish", map[string]any{"reached": false}).want(t, 200, `"attempts":1`, `"next_at":"2026-11-23T05:00:00Z"`)
	c.post(path+"/finish", map[string]any{"reached": false}).want(t, 409, "13:00以后再拨", `"rule":"ZQ-15.5"`)
	c.post(path+"/claim", map[string]any{}).want(t, 409, "ZQ-15.5")
	c.post(path+"/finish", map[string]any{"reached": true, "reason": "太慢", "exception": map[string]string{"rule": "ZQ-16.3", "evidence": "x"}}).
		want(t, 422, `"field":"exception.fact"`, `"rule":"ZQ-16.3"`)
	c.post(path+"/finish", map[string]any{"reached": true, "reason": "太慢"}).want(t, 200, "太慢", `"done_by":"agent:admin"`)
	c.post(path+"/finish", map[string]any{"reached": true, "reason": "太慢"}).want(t, 409)
	c.post(path+"/phone", map[string]any{"reason": "回访"}).want(t, 409)
	c.get("/orders/"+s.order.Number).want(t, 200, `"state":"redo"`, `"redos":1`)
}

// TestListening_ZZ_24: the recording plays by ranges to who gave a reason, for a while; one
// listening is one line on the order and one entry of the audit.
func TestListening_ZZ_24(t *testing.T) {
	b := newBench(t)
	s := b.story()
	c := b.browser()
	c.get("/voicemails/vm1/audio").want(t, 403, "原因", `"rule":"ZZ-24"`)
	c.post("/voicemails/vm1/listen", map[string]any{"reason": " "}).want(t, 422, "原因")
	c.post("/voicemails/vm1/listen", map[string]any{"reason": "登记诉求"}).want(t, 204)
	a := c.get("/voicemails/vm1/audio")
	a.want(t, 200)
	if a.header.Get("Content-Type") != "audio/wav" || a.body != string(wav(8000)) {
		t.Errorf("audio of %d bytes, %s", len(a.body), a.header.Get("Content-Type"))
	}
	part := c.do("GET", "/voicemails/vm1/audio", "", "Range", "bytes=44-143")
	part.want(t, 206)
	if part.body != string(wav(8000)[44:144]) {
		t.Errorf("range of %d bytes", len(part.body))
	}
	c.get("/voicemails/vm1").want(t, 200, `"heard_by":"agent:admin"`)
	heard := func() int {
		return strings.Count(c.get("/orders/"+s.order.Number+"/events").body, dispatch.OnHeard)
	}
	if n, entries := heard(), b.entries(dispatch.ActListen); n != 1 || len(entries) != 1 || entries[0].Subject != "vm1" || entries[0].Text != "登记诉求" {
		t.Errorf("one listening is %d events, %+v", n, entries)
	}
	b.as("other").get("/voicemails/vm1/audio").want(t, 403) // somebody else's reason
	b.clock.Advance(10 * time.Minute)
	c.get("/voicemails/vm1/audio").want(t, 403)
	c.post("/voicemails/none/listen", map[string]any{"reason": "登记诉求"}).want(t, 404)
	c.get("/voicemails/none/audio").want(t, 404)
	c.post("/voicemails/none/heard", map[string]any{}).want(t, 404)
	c.post("/voicemails/vm1/heard", map[string]any{}).want(t, 204)
}

// TestRecordingsStayInTheirFolder: a file name cannot lead elsewhere.
func TestRecordingsStayInTheirFolder(t *testing.T) {
	folder, err := console.OpenFolder(t.TempDir())
	must(t, err)
	defer folder.Close()
	for _, name := range []string{"../../../etc/passwd", "/etc/passwd", "missing.wav", ""} {
		if f, err := folder.OpenAudio(t.Context(), dispatch.Voicemail{File: name}); err == nil {
			f.Close()
			if name != "" {
				t.Errorf("%q was opened", name)
			}
		}
	}
}

func TestDesks(t *testing.T) {
	b := newBench(t)
	c := b.browser()
	c.get("/desks").want(t, 200, `"state":"away"`)
	c.post("/desks/8001/sign-in", map[string]any{"agent": "小李"}).want(t, 200, "小李", `"state":"idle"`)
	c.post("/desks/8001/sign-out", map[string]any{"after_call": true}).want(t, 200, "小李", `"state":"after_call"`)
	c.post("/desks/8001/sign-out", map[string]any{}).want(t, 200, `"state":"away"`)
	for _, act := range []string{"desk_in", "desk_after_call", "desk_out"} { // figures go by it (KF-3.6.1)
		c.get("/audit?act="+act).want(t, 200, "座席 8001", "KF-3.6.1")
	}
	c.post("/desks/9999/sign-in", map[string]any{}).want(t, 404, "没有这个坐席")
}

// TestPageIsSelfContained: the page needs nothing from elsewhere and allows nothing inline.
func TestPageIsSelfContained(t *testing.T) {
	b := newBench(t)
	c := b.guest()
	outside := regexp.MustCompile(`(?i)(https?:)?//[a-z0-9.-]+\.[a-z]{2,}/|\bstyle="|\bonclick="|innerHTML`)
	for _, name := range []string{"", "app.js", "api.js", "dom.js", "lists.js", "orders.js", "style.css", "icon.svg"} {
		res, err := c.http.Get(b.server.URL + "/" + name)
		must(t, err)
		body := make([]byte, 100_000)
		n, _ := res.Body.Read(body)
		res.Body.Close()
		if res.StatusCode != 200 || n == 0 {
			t.Errorf("/%s: %s", name, res.Status)
		}
		text := strings.ReplaceAll(string(body[:n]), "http://www.w3.org/2000/svg", "")
		if found := outside.FindString(text); found != "" {
			t.Errorf("/%s holds %q", name, found)
		}
		csp := res.Header.Get("Content-Security-Policy")
		if !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("/%s: Content-Security-Policy %q", name, csp)
		}
	}
	if res, err := c.http.Get(b.server.URL + "/nothing.js"); err != nil || res.StatusCode != 404 {
		t.Errorf("a file that is not there: %v %v", res, err)
	}
}

func TestStatus(t *testing.T) {
	b := newBench(t)
	b.story()
	var s struct {
		Title string
		Now   time.Time
		Types []struct{ Type, Text string }
		Todo  struct{ Voicemails, Callbacks int }
	}
	b.browser().get("/status").into(t, &s)
	if s.Title == "" || !s.Now.Equal(tenOClock) || len(s.Types) == 0 || s.Todo.Voicemails != 1 || s.Todo.Callbacks != 1 {
		got, _ := json.Marshal(s)
		t.Errorf("status %s", got)
	}
}
