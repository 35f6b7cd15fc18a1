package dispatch_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"hotline/dispatch"
	"hotline/sms"
)

// TestZZ_3_1_OrderOfMeaning goes through dispatch's table of meanings row by row, each in
// both databases, and through what could be meant in two ways.
func TestZZ_3_1_OrderOfMeaning(t *testing.T) {
	onBoth(t, "zz", map[string]func(*hall){
		"each row takes what is its own":                                  eachRow,
		"an earlier row goes first":                                       earlierFirst,
		"a refusal is undone by KT, and told once each":                   refusedAndBack,
		"officers who refuse texts are alerted all the same":              officersRefuse,
		"ZZ-3.1 a request has its receipt within 3 minutes, at night too": receiptAtNight,
		"ZZ-18.3 a query is answered by text":                             textQueries,
		"ZZ-18.3 wrong queries are locked by phone":                       textLocks,
		"KF-3.1.5 a report answers nothing":                               textReport,
		"ZZ-16.5 an officer's word stops the alarm":                       officerConfirms,
		"ZZ-16.5 of two alarms one is confirmed":                          oneOfTwo,
		"an alert goes before last week's question":                       alertBeforeOldQuestion,
		"who writes English is answered in it":                            inEnglish,
		"an alert is confirmed within its life only":                      alertLife,
	})
}

// from receives a text from a phone and says what it was taken for.
func (h *hall) from(phone, words string) string {
	h.t.Helper()
	h.texts++
	in := sms.Inbound{ID: fmt.Sprintf("01IN%022d", h.texts), Key: fmt.Sprintf("k%d", h.texts), Link: "a", From: phone,
		To: "1069012345", Text: words, EventAt: h.now, ReceivedAt: h.now}
	as, err := h.TakeText(h.ctx(), in)
	h.ok(err)
	again, err := h.TakeText(h.ctx(), in)
	h.ok(err)
	h.same("taken again", again, as)
	return as
}

// replies are the notices to a phone, newest first.
func (h *hall) replies(phone string) (texts []string) {
	h.t.Helper()
	list, err := h.store.Messages(h.ctx(), dispatch.Filter{Phone: phone, Kind: sms.KindNotice})
	h.ok(err)
	for _, m := range list {
		texts = append(texts, m.Text)
	}
	return texts
}

// reply is the answer to the last text of a phone.
func (h *hall) reply(phone string) string {
	h.t.Helper()
	texts := h.replies(phone)
	if len(texts) == 0 {
		h.t.Fatalf("no reply to %s", phone)
	}
	h.now = h.now.Add(time.Second) // the next one is newer
	return texts[0]
}

func (h *hall) orders(phone string) []dispatch.Order {
	h.t.Helper()
	list, err := h.store.Orders(h.ctx(), dispatch.Filter{Phone: phone})
	h.ok(err)
	return list
}

// urgent leaves an urgent message of which an officer is texted.
func (h *hall) urgent(key string) dispatch.Order {
	h.t.Helper()
	o, err := h.LeaveVoicemail(h.ctx(), dispatch.Intake{Key: key, Type: dispatch.Help, Phone: "13700000000", Urgent: true,
		NotifyDuty: []string{officer}, Voicemail: &dispatch.Voicemail{File: key + ".wav"}})
	h.ok(err)
	return o
}

func eachRow(h *hall) {
	h.now = h.now.Add(time.Second)
	h.same("refusal", h.from("13800000001", "ＴＤ"), dispatch.AsOptOut)
	h.same("return", h.from("13800000001", "恢复"), dispatch.AsOptIn)
	_, s := h.surveyed()
	h.same("answer", h.text("2", s.Slot), dispatch.AsSurvey)
	o := h.open(nil)
	h.same("query", h.from(citizen, "查 "+o.Digits+" "+o.PIN), dispatch.AsQuery)
	h.urgent("a")
	h.same("confirmation", h.from(officer, "收到"), dispatch.AsConfirmed)
	h.same("nothing", h.from("13800000002", " \n"), dispatch.AsEmpty)
	h.same("request", h.from("13800000002", "路灯坏了"), dispatch.AsOrder)
	h.same("what confirms is a request of whoever was not alerted", h.from("13800000002", "收到"), dispatch.AsOrder)
}

func earlierFirst(h *hall) {
	_, s := h.surveyed()
	h.same("a refusal is no attempt at an answer", h.text("R", s.Slot), dispatch.AsOptOut)
	h.same("nor is a return", h.text("KT", s.Slot), dispatch.AsOptIn)
	h.same("nor a query", h.text("查 1234", s.Slot), dispatch.AsQueryWrong)
	h.same("none was counted", h.survey(s.Order).Invalid, 0)
	h.same("a number beside an answer is an answer", h.text("2 "+h.order(s.Order).Digits, ""), dispatch.AsSurvey)

	// An officer is a citizen too: the question that is open goes before the alert.
	o := h.open(func(in *dispatch.Intake) { in.Phone = officer })
	h.complete(o.Number)
	h.deliver(o.Number)
	alarm := h.urgent("a")
	h.same("to an open question", h.from(officer, "1"), dispatch.AsSurvey)
	h.same("still called for", h.told(alarm.Number, dispatch.OnConfirmed), 0)
	h.same("and then to the alert", h.from(officer, "1"), dispatch.AsConfirmed)
	h.same("confirmed", h.told(alarm.Number, dispatch.OnConfirmed), 1)
}

func refusedAndBack(h *hall) {
	h.same("return without refusal", h.from(citizen, "KT"), dispatch.AsOptIn)
	h.same("says nothing", len(h.replies(citizen)), 0)
	h.same("refusal", h.from(citizen, "退订"), dispatch.AsOptOut)
	h.same("told", h.reply(citizen), h.policy.Texts.OptOut)
	h.same("again", h.from(citizen, "TD"), dispatch.AsOptOut)
	h.same("not told again", len(h.replies(citizen)), 1)
	o := h.complete(h.open(nil).Number)
	h.same("nobody asks", o.Outcome, dispatch.Skipped)
	h.same("back", h.from(citizen, "ｋｔ"), dispatch.AsOptIn)
	h.same("told of that", h.reply(citizen), h.policy.Texts.OptIn)
	o = h.complete(h.open(nil).Number)
	h.same("asked again", h.survey(o.Number).Outcome, dispatch.Pending)
}

func officersRefuse(h *hall) {
	h.same("refusal", h.from(officer, "退订"), dispatch.AsOptOut)
	o := h.urgent("a")
	h.same("alerted", len(h.sent(o.Number, sms.KindDuty)), 1)
	h.same("refused while it waits", h.from(officer, "TD"), dispatch.AsOptOut)
	m := h.sent(o.Number, sms.KindDuty)[0]
	h.same("and not taken back", m.Status, sms.Queued)
}

// receiptAtNight: the receipt is written with the order, and no hours hold it back; what
// is left of the three minutes is the gateway's.
func receiptAtNight(h *hall) {
	h.now = time.Date(2026, 11, 21, 3, 0, 0, 0, dispatch.Place)
	h.same("request", h.from(citizen, "小区停水了"), dispatch.AsOrder)
	o := h.orders(citizen)[0]
	h.same("channel", o.Channel, dispatch.BySMS)
	due, err := h.store.Claim(h.ctx(), sms.Want{Now: h.now.Add(time.Second), Limit: 10, Lease: time.Minute})
	h.ok(err)
	if len(due) != 1 || due[0].Kind != sms.KindReceipt || !strings.Contains(due[0].Text, o.Number) {
		h.t.Errorf("due at once: %+v", due)
	}
	h.same("at any hour", h.policy.SendTime(sms.KindReceipt, h.now), h.now)
	h.same("answers too", h.policy.SendTime(sms.KindNotice, h.now), h.now)
}

func officerConfirms(h *hall) {
	h.config.Officers = func(phone string) string { return map[string]string{officer: "张三"}[phone] }
	h.Office = dispatch.NewOffice(h.config)
	o := h.urgent("a")
	over, err := h.AlarmOver(h.ctx(), o.Number)
	h.ok(err)
	h.same("called for", over, false)
	h.now = h.now.Add(time.Minute)
	h.same("confirmed", h.from(officer, " ｏｋ "), dispatch.AsConfirmed)
	h.same("reply", h.reply(officer), "已记录您的确认，工单"+o.Number+"。")
	over, err = h.AlarmOver(h.ctx(), o.Number)
	h.ok(err)
	h.same("no longer called for", over, true)
	events, err := h.store.Events(h.ctx(), o.Number)
	h.ok(err)
	e := events[len(events)-1]
	h.same("noted", []any{e.Actor, e.Kind, e.Rule, e.At.IsZero()}, []any{"duty:张三", dispatch.OnConfirmed, "ZZ-16.5", false})
	h.same("again", h.from(officer, "收到"), dispatch.AsConfirmed)
	h.same("confirmed once", h.told(o.Number, dispatch.OnConfirmed), 1)

	plain := h.open(func(in *dispatch.Intake) { in.NotifyDuty = []string{officer}; in.Phone = "13700000001" })
	h.now = h.now.Add(time.Minute)
	h.same("an order that is not urgent", h.from(officer, "收到"), dispatch.AsConfirmed)
	h.same("is noted too", h.told(plain.Number, dispatch.OnNote), 1)
	h.ok(h.AlertDuty(h.ctx(), "trunks", "紧急中继中断", []string{"13900000002"}))
	h.same("an alert about the hotline", h.from("13900000002", "收到"), dispatch.AsConfirmed)
}

func oneOfTwo(h *hall) {
	a := h.urgent("a")
	h.now = h.now.Add(time.Minute)
	b := h.urgent("b")
	h.now = h.now.Add(time.Minute)
	for _, want := range [][]int{{0, 1}, {1, 1}, {1, 1}} {
		h.same("confirmed", h.from(officer, "1"), dispatch.AsConfirmed)
		h.same("alarms", []int{h.told(a.Number, dispatch.OnConfirmed), h.told(b.Number, dispatch.OnConfirmed)}, want)
	}
}

func alertBeforeOldQuestion(h *hall) {
	o := h.open(func(in *dispatch.Intake) { in.Phone = officer })
	h.complete(o.Number)
	h.deliver(o.Number)
	s := h.survey(o.Number)
	h.now = s.Deadline.Add(time.Second)
	h.same("settled", h.sweep(), 1)
	h.same("late without an alert", h.from(officer, "1"), dispatch.AsLate)
	alarm := h.urgent("a")
	h.same("with one", h.from(officer, "1"), dispatch.AsConfirmed)
	h.same("confirmed", h.told(alarm.Number, dispatch.OnConfirmed), 1)
	h.same("and then late again", h.from(officer, "1"), dispatch.AsLate)
}

func alertLife(h *hall) {
	h.urgent("a")
	h.now = h.now.Add(24*time.Hour + time.Second)
	h.same("a day later it is a request", h.from(officer, "收到"), dispatch.AsOrder)
	o := h.urgent("b")
	h.move(h.sent(o.Number, sms.KindDuty)[0], sms.Failed)
	h.same("so is one that never came", h.from(officer, "收到"), dispatch.AsOrder)
}
