package console_test

import (
	"strings"
	"testing"
	"time"

	"hotline/dispatch"
	"hotline/dispatch/console"
	"hotline/sms"
)

// dies has a text that waits fail, as the gateway does after its last try.
func (b *bench) dies(m sms.Message, status sms.Status) {
	b.t.Helper()
	_, moved, err := b.store.Advance(b.t.Context(), sms.Change{ID: m.ID, Status: status, At: b.clock.Now(), Link: "smpp", Raw: "00000045"})
	must(b.t, err)
	if !moved {
		b.t.Fatalf("text %s did not become %s", m.ID, status)
	}
}

// sent is the newest text to a phone.
func (b *bench) sent(phone string) sms.Message {
	b.t.Helper()
	list, err := b.store.Messages(b.t.Context(), dispatch.Filter{Phone: phone})
	must(b.t, err)
	if len(list) == 0 {
		b.t.Fatalf("no text to %s", sms.Mask(phone))
	}
	return list[0]
}

// came is a text that came in and was handled.
func (b *bench) came(in sms.Inbound) {
	b.t.Helper()
	in.Key, in.Link, in.EventAt, in.ReceivedAt = in.ID, "smpp", b.clock.Now(), b.clock.Now()
	_, err := b.store.Receive(b.t.Context(), in)
	must(b.t, err)
	_, err = b.office.TakeText(b.t.Context(), in)
	must(b.t, err)
}

// TestLetters: previewed, sent once a key, refused with a reason, followed and replayed.
func TestLetters(t *testing.T) {
	b := newBench(t)
	c := b.browser()
	letter := map[string]any{"to": "+86 138 1234 5678", "text": "通道测试", "preview": true}
	c.post("/messages", letter).want(t, 200, "【高新区热线】通道测试", `"segments":1`, `"id":""`, "138****5678")
	if list, err := b.store.Messages(t.Context(), dispatch.Filter{}); err != nil || len(list) > 0 {
		t.Fatalf("a preview was sent: %v %v", list, err)
	}
	letter["preview"] = false
	var first, again console.LetterView
	c.post("/messages", letter, "Idempotency-Key", "k").into(t, &first)
	a := c.post("/messages", letter, "Idempotency-Key", "k")
	a.want(t, 201, "138****5678")
	a.into(t, &again)
	if first.ID == "" || first != again {
		t.Errorf("sent twice: %+v %+v", first, again)
	}
	c.post("/messages", map[string]any{"to": "12345", "text": "x"}).want(t, 422, `"field":"to"`, "手机号码")
	c.post("/messages", map[string]any{"to": "13812345679", "text": "【别的签名】x"}).want(t, 422, `"field":"text"`, "【】")
	c.post("/messages", map[string]any{"to": "13812345679", "text": "先由热线召集有关单位协商,协商不成报分管领导明确。"}).want(t, 422, `"field":"text"`, "ZQ-22.2")
	c.post("/messages", map[string]any{"to": citizen, "text": ""}).want(t, 422, `"field":"text"`)
	m := b.sent(citizen)
	c.post("/messages/"+m.ID+"/replay", map[string]any{"reason": "再发"}).want(t, 409, "失败或过期")
	b.dies(m, sms.Failed)
	c.get("/messages/"+m.ID).want(t, 200, `"status":"failed"`, "00000045", "写入发件箱", "text_sent")
	c.post("/messages/"+m.ID+"/replay", map[string]any{"reason": " "}).want(t, 422, `"field":"reason"`)
	var r1, r2 struct{ ID, Status string }
	c.post("/messages/"+m.ID+"/replay", map[string]any{"reason": "通道已修复"}).into(t, &r1)
	c.post("/messages/"+m.ID+"/replay", map[string]any{"reason": "又点了一次"}).into(t, &r2)
	if r1 != r2 || r1.ID == m.ID || r1.Status != "queued" {
		t.Errorf("replayed as %+v and %+v", r1, r2)
	}
	c.get("/messages/"+m.ID).want(t, 200, "agent:admin:通道已修复")
	if a := c.get("/messages/" + m.ID); strings.Contains(a.body, "又点了一次") || strings.Contains(a.body, citizen) {
		t.Errorf("trace: %s", a.body)
	}
	c.post("/messages/none/replay", map[string]any{"reason": "x"}).want(t, 404)
	c.get("/messages/none").want(t, 404)

	c.get("/messages?state=failed&kind=notice").want(t, 200, m.ID)
	if a := c.get("/messages?state=failed&kind=notice"); strings.Contains(a.body, r1.ID) {
		t.Errorf("the filter lets through: %s", a.body)
	}
	c.get("/messages?state=lost").want(t, 400)
	c.get("/messages?kind=lost").want(t, 400)

	b.came(sms.Inbound{ID: "no", From: citizen, Text: "TD"})
	c.post("/messages", letter).want(t, 409, "退订")
	b.dies(b.sentBy(r1.ID), sms.Expired)
	c.post("/messages/"+r1.ID+"/replay", map[string]any{"reason": "x"}).want(t, 409, "退订")
	b.guest().post("/messages", letter).want(t, 401)
}

func (b *bench) sentBy(id string) sms.Message {
	b.t.Helper()
	m, err := b.store.MessageBy(b.t.Context(), id)
	must(b.t, err)
	return m
}

// TestReplayTextSaysWhatMayGoAgain: what may have arrived does not, nor a question whose
// survey has ended; an alert does even to who refuses texts, and stands on its order.
func TestReplayTextSaysWhatMayGoAgain(t *testing.T) {
	b := newBench(t)
	s := b.story()
	c, why := b.browser(), map[string]any{"reason": "通道已修复"}
	list, err := b.store.Messages(t.Context(), dispatch.Filter{Order: s.order.Number})
	must(t, err)
	for _, m := range list {
		switch m.Kind {
		case sms.KindSurvey:
			b.dies(m, sms.Failed)
			c.post("/messages/"+m.ID+"/replay", why).want(t, 409, "电话回访")
		case sms.KindDuty:
			b.dies(m, sms.Expired)
			b.came(sms.Inbound{ID: "refuses", From: m.To, Text: "退订"})
			c.post("/messages/"+m.ID+"/replay", why).want(t, 200, `"status":"queued"`)
			c.get("/orders/"+s.order.Number+"/events").want(t, 200, "重发短信(duty):通道已修复")
		case sms.KindResult:
			_, _, err := b.store.Advance(t.Context(), sms.Change{ID: m.ID, Status: sms.Failed, At: b.clock.Now(), MaybeTwice: true})
			must(t, err)
			c.post("/messages/"+m.ID+"/replay", why).want(t, 409)
		}
	}
}

// TestReplayInbound: what waits is handled once, in the order of its phone; what was
// handled is not handled again.
func TestReplayInbound(t *testing.T) {
	b := newBench(t)
	c, why := b.browser(), map[string]any{"reason": "处理程序已修复"}
	for n, id := range []string{"one", "two"} {
		at := b.clock.Now().Add(time.Duration(n) * time.Second)
		_, err := b.store.Receive(t.Context(), sms.Inbound{ID: id, Key: id, Link: "smpp", From: citizen, Text: "路灯坏了" + id, EventAt: at, ReceivedAt: at})
		must(t, err)
	}
	c.get("/links").want(t, 200, `"in":2`)
	c.post("/inbound/two/replay", why).want(t, 409)
	c.post("/inbound/one/replay", map[string]any{}).want(t, 422)
	c.post("/inbound/one/replay", why).want(t, 200, `"handled_as":"order"`)
	c.post("/inbound/one/replay", why).want(t, 409)
	c.post("/inbound/two/replay", why).want(t, 200, `"handled_as":"order"`)
	orders, err := b.store.Orders(t.Context(), dispatch.Filter{Phone: citizen})
	must(t, err)
	if len(orders) != 2 {
		t.Errorf("%d orders", len(orders))
	}
	c.get("/inbound/one").want(t, 200, orders[1].Number, "agent:admin:处理程序已修复", `"handled_as":"order"`)
	c.post("/inbound/none/replay", why).want(t, 404)
	_, err = b.store.Receive(t.Context(), sms.Inbound{ID: "p", Key: "part:7:2:1:x", From: "13800000001", Text: "半", EventAt: tenOClock, ReceivedAt: tenOClock})
	must(t, err)
	c.post("/inbound/p/replay", why).want(t, 409, "长短信")
}

// TestOptOuts: listed masked, undone for a reason that is kept, and then asked again.
func TestOptOuts(t *testing.T) {
	b := newBench(t)
	c := b.browser()
	b.came(sms.Inbound{ID: "no", From: citizen, Text: "退订"})
	var list struct {
		Items []struct{ ID, Phone, Text string }
	}
	c.get("/opt-outs").into(t, &list)
	if len(list.Items) != 1 || list.Items[0].Phone != "138****5678" || list.Items[0].Text != "no" || strings.Contains(list.Items[0].ID, citizen) {
		t.Fatalf("listed: %+v", list)
	}
	b.clock.Advance(time.Second)
	lift := "/opt-outs/" + list.Items[0].ID + "/lift"
	c.post(lift, map[string]any{"reason": ""}).want(t, 422)
	c.get("/talks/no").want(t, 200, list.Items[0].ID)
	c.post(lift, map[string]any{"reason": "本人来电要求,号码 " + citizen}).want(t, 204)
	c.post(lift, map[string]any{"reason": "again"}).want(t, 404)
	if a := c.get("/opt-outs"); strings.Contains(a.body, `"id"`) {
		t.Errorf("still listed: %s", a.body)
	}
	kept, err := b.store.Audits(t.Context(), citizen)
	must(t, err)
	if len(kept) != 2 || kept[0].Act != dispatch.ActOptOut || kept[1].Act != dispatch.ActOptIn || kept[1].Actor != "agent:admin" {
		t.Errorf("audit: %+v", kept)
	}
	c.post("/messages", map[string]any{"to": citizen, "text": "可以发了"}).want(t, 201)
	c.get("/opt-outs?order=x").want(t, 400)
}

// TestTalks_KF3_1_5: both ways in order, with masks; what concerns a report is left out of
// its informant's talk as if it were not there, and has none of its own.
func TestTalks_KF3_1_5(t *testing.T) {
	b := newBench(t)
	s := b.story()
	c := b.browser()
	b.came(sms.Inbound{ID: "q", From: citizen, Text: "查 " + s.order.Digits + " " + s.order.PIN})
	a := c.post("/talks/search", map[string]any{"phone": citizen})
	a.want(t, 200, "138****5678", `"way":"in"`, `"way":"out"`, "查 "+s.order.Digits+" ****", `"what":"survey"`)
	if strings.Contains(a.body, citizen) || tellsCode(a.body, s.order.PIN) {
		t.Errorf("it shows number or code: %s", a.body)
	}
	if byText := c.get("/talks/q"); byText.body != a.body {
		t.Errorf("by its text: %s\nby its number: %s", byText.body, a.body)
	}

	// The informant has an ordinary order too, and texts about both.
	const informant = "13698765432"
	_, err := b.store.Receive(t.Context(), sms.Inbound{ID: "x", Key: "x", From: informant, Text: "KT", EventAt: tenOClock, ReceivedAt: tenOClock})
	must(t, err)
	b.came(sms.Inbound{ID: "back", From: informant, Text: "KT"})
	b.came(sms.Inbound{ID: "plain", From: informant, Text: "小区停水了"})
	b.came(sms.Inbound{ID: "asks", From: informant, Text: "查 " + s.secret.Digits + " " + s.secret.PIN})
	b.came(sms.Inbound{ID: "informs", From: informant, Text: "再次举报某局长"})
	orders, err := b.store.Orders(t.Context(), dispatch.Filter{Phone: informant, Limit: 1})
	must(t, err)
	_, err = b.office.SetType(t.Context(), orders[0].Number, "agent:admin", dispatch.Report)
	must(t, err)
	a = c.post("/talks/search", map[string]any{"phone": informant})
	a.want(t, 200, "小区停水了", "136****5432")
	for _, secret := range []string{"举报", s.secret.Number, s.secret.Digits, orders[0].Number} {
		if strings.Contains(a.body, secret) {
			t.Errorf("%q is in the informant's talk: %s", secret, a.body)
		}
	}
	c.get("/talks/informs").want(t, 403, "KF-3.1.5")
	c.get("/talks/asks").want(t, 403)
	for _, path := range []string{"/inbound", "/inbound/informs", "/inbound/asks"} {
		if a := c.get(path); a.status != 200 || strings.Contains(a.body, "举报某局长") || strings.Contains(a.body, "查 "+s.secret.Digits+" "+s.secret.PIN) {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	c.get("/talks/none").want(t, 404)
	c.post("/talks/search", map[string]any{"phone": "x"}).want(t, 422)
}
