package console_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"hotline/dispatch"
	"hotline/sms"
)

// TestLaterConfidential_KF3_1_5: officers were told of an order before somebody heard
// that it is a report. What they were told still stands in the lists.
func TestLaterConfidential_KF3_1_5(t *testing.T) {
	b := newBench(t)
	ctx := t.Context()
	const informant = "13711112222"
	o, err := b.office.LeaveVoicemail(ctx, dispatch.Intake{Phone: informant, CallID: "call9", NotifyDuty: []string{"13900000001"},
		Voicemail: &dispatch.Voicemail{ID: "vm9", File: "one.wav"}})
	must(t, err)
	must(t, b.office.RecordCall(ctx, dispatch.Call{ID: "call9", From: informant, Order: o.Number, StartedAt: tenOClock,
		Steps: []dispatch.Step{{At: tenOClock, What: "message", Text: "来电 137****2222 留言"}}}))
	c := b.browser()
	c.get("/messages").want(t, 200, "137****2222")
	c.post("/orders/"+o.Number+"/type", map[string]any{"type": "report"}).want(t, 200)
	for _, path := range []string{"/messages", "/orders", "/orders/" + o.Number, "/orders/" + o.Number + "/events",
		"/calls", "/calls/call9", "/voicemails", "/voicemails/vm9", "/inbound", "/surveys", "/callbacks"} {
		a := c.get(path)
		// By the mask and the whole number: an id may have four digits like these.
		if a.status != 200 || strings.Contains(a.body, "*2222") || strings.Contains(a.body, informant) {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	c.get("/messages").want(t, 200, "139****0001", "(保密)") // the officer is nobody's secret
}

// TestABodyThatNeverComes: whoever opens a request and sends nothing must not hold a
// connection for ever, and needs no log-in to try.
func TestABodyThatNeverComes(t *testing.T) {
	b := newBench(t)
	b.self.Hasten(50 * time.Millisecond)
	conn, err := net.Dial("tcp", b.server.Listener.Addr().String())
	must(t, err)
	defer conn.Close()
	_, err = fmt.Fprintf(conn, "POST /api/v1/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
	must(t, err)
	must(t, conn.SetReadDeadline(time.Now().Add(time.Minute)))
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	must(t, err)
	answer.Body.Close()
	if answer.StatusCode != http.StatusRequestTimeout {
		t.Errorf("answer %s", answer.Status)
	}
}

// TestConsolesSideBySide: a browser keeps cookies by host and sends them to every port.
// Logging in to a second hotline on the machine must not log out of the first.
func TestConsolesSideBySide(t *testing.T) {
	one, two := newBench(t).browser(), newBench(t).guest()
	two.http.Jar = one.http.Jar
	two.post("/login", map[string]any{"account": "admin", "password": password}).want(t, 200)
	one.get("/session").want(t, 200)
	two.get("/session").want(t, 200)
}

// TestInboundTextsHaveNoOrder: a filter that means nothing is refused, not left out.
func TestInboundTextsHaveNoOrder(t *testing.T) {
	newBench(t).browser().get("/inbound?order=ZZ20261121-00042-7").want(t, 400, "order")
}

// TestTextsOfAnInformant_KF3_1_5: somebody informs by text, answers the question, asks how it
// stands and refuses texts. No page about texts tells who that was or what they wrote.
func TestTextsOfAnInformant_KF3_1_5(t *testing.T) {
	b := newBench(t)
	ctx := t.Context()
	const informant = "13711112222"
	b.came(sms.Inbound{ID: "informs", From: informant, Text: "我是李四,举报某局长受贿,电话13711112222"})
	orders, err := b.store.Orders(ctx, dispatch.Filter{Phone: informant})
	must(t, err)
	o, err := b.office.SetType(ctx, orders[0].Number, "agent:admin", dispatch.Report)
	must(t, err)
	_, err = b.office.Complete(ctx, o.Number, dispatch.Completion{Actor: "agent:admin", Result: "已移交纪检"})
	must(t, err)
	surveys, err := b.store.Surveys(ctx, dispatch.Filter{Order: o.Number})
	must(t, err)
	if len(surveys) == 1 {
		must(t, b.office.TextMoved(ctx, sms.Message{ID: surveys[0].MessageID, Kind: sms.KindSurvey, Ref: surveys[0].ID,
			Status: sms.Delivered, DoneAt: b.clock.Now(), SentAt: b.clock.Now()}))
		b.came(sms.Inbound{ID: "answers", From: informant, Ext: surveys[0].Slot, Text: "1 李四"})
		b.came(sms.Inbound{ID: "rates", From: informant, Text: "1"})
	}
	b.came(sms.Inbound{ID: "asks", From: informant, Text: "查 " + o.Digits + " " + o.PIN})
	b.came(sms.Inbound{ID: "refuses", From: informant, Text: "退订"})
	c := b.browser()
	paths := []string{"/messages", "/inbound", "/surveys", "/opt-outs", "/links"}
	out, err := b.store.Messages(ctx, dispatch.Filter{Phone: informant})
	must(t, err)
	in, err := b.store.Inbounds(ctx, dispatch.Filter{Phone: informant})
	must(t, err)
	for _, m := range out {
		paths = append(paths, "/messages/"+m.ID, "/talks/"+m.ID)
	}
	for _, m := range in {
		paths = append(paths, "/inbound/"+m.ID, "/talks/"+m.ID)
	}
	if len(paths) < 15 {
		t.Fatalf("only %v", paths)
	}
	for _, path := range paths {
		a := c.get(path)
		for _, secret := range []string{"*2222", informant, "李四", "受贿"} {
			if a.status != 200 && a.status != 403 || strings.Contains(a.body, secret) {
				t.Errorf("%s tells %q: %d %s", path, secret, a.status, a.body)
			}
		}
		if tellsCode(a.body, o.PIN) {
			t.Errorf("%s tells the code %s: %s", path, o.PIN, a.body)
		}
	}
	a := c.post("/talks/search", map[string]any{"phone": informant})
	for _, secret := range []string{"李四", "受贿", o.Number, o.Digits} {
		if a.status != 200 || strings.Contains(a.body, secret) {
			t.Errorf("the talk tells %q: %d %s", secret, a.status, a.body)
		}
	}
}
