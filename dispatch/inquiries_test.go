package dispatch_test

import (
	"strings"
	"time"

	"hotline/dispatch"
	"hotline/sms"
)

func textQueries(h *hall) {
	o := h.open(nil)
	const stranger = "13700000009" // number and code are enough, as on the phone
	h.same("query", h.from(stranger, "查 "+o.Digits+" "+o.PIN), dispatch.AsQuery)
	h.same("registered", h.reply(stranger), "工单"+o.Number+"正在办理，最迟"+o.Due.Words()+"答复。")
	h.same("by its whole number", h.from(stranger, "ｃｘ "+o.Number+"，"+o.PIN), dispatch.AsQuery)
	h.same("noted", h.told(o.Number, dispatch.OnQueried), 2)
	h.now = o.Due.At.Add(time.Second)
	h.same("query", h.from(stranger, "查"+o.Digits+o.PIN), dispatch.AsQuery)
	h.same("overdue", h.reply(stranger), "工单"+o.Number+"正在办理，已超期，正在督促。")
	o = h.complete(o.Number)
	h.same("query", h.from(stranger, "查询 "+o.Digits+" "+o.PIN), dispatch.AsQuery)
	h.same("completed", h.reply(stranger), "工单"+o.Number+"已于"+o.CompletedAt.In(dispatch.Place).Format("1月2日")+"答复：路灯已修好。")
	h.same("refusal", h.from(stranger, "退订"), dispatch.AsOptOut)
	before := len(h.replies(stranger))
	h.same("query", h.from(stranger, "查询 "+o.Digits+" "+o.PIN), dispatch.AsQuery)
	h.same("who asks is answered", len(h.replies(stranger)), before+1)
	h.same("from a land line", h.from("037167981234", "查询 "+o.Digits+" "+o.PIN), dispatch.AsQuery)
	h.same("nothing can be sent", len(h.replies("037167981234")), 0)
}

// not is a code that is not this one.
func not(pin string) string {
	if pin == "0000" {
		return "0001"
	}
	return "0000"
}

func textLocks(h *hall) {
	o, other := h.open(nil), h.open(nil)
	const guesser = "13700000009"
	wrong, locked := h.policy.Texts.QueryWrong, strings.Replace(h.policy.Texts.QueryLocked, "{lock}", "10", 1)
	for _, tt := range []struct{ text, as, reply string }{
		{"查 " + o.Digits + " " + not(o.PIN), dispatch.AsQueryWrong, wrong},
		{"查 " + dispatch.Number{Day: "20261120", Serial: 777}.Digits() + " 0000", dispatch.AsQueryWrong, wrong},
		{"查 " + other.Digits + " " + other.PIN, dispatch.AsQuery, "工单" + other.Number + "正在办理，最迟" + other.Due.Words() + "答复。"}, // clears no count
		{"查 12345678 1234", dispatch.AsQueryWrong, locked},
	} {
		h.same(tt.text, h.from(guesser, tt.text), tt.as)
		h.same("reply to "+tt.text, h.reply(guesser), tt.reply)
	}
	before := len(h.replies(guesser))
	h.same("locked for the right code too", h.from(guesser, "查 "+other.Digits+" "+other.PIN), dispatch.AsQueryLocked)
	h.same("and not answered", len(h.replies(guesser)), before)
	h.same("another phone is not", h.from(citizen, "查 "+other.Digits+" "+other.PIN), dispatch.AsQuery)
	h.same("wrong tries are on the order", h.told(o.Number, dispatch.OnQueryWrong), 1)
	h.now = h.now.Add(10 * time.Minute)
	h.same("after the lock", h.from(guesser, "查 "+other.Digits+" "+other.PIN), dispatch.AsQuery)

	// An order that was guessed at from several phones is locked for all, with the same words
	// as a number nobody has.
	for n, phone := range []string{"13700000001", "13700000002", "13700000003"} {
		h.same("guess", h.from(phone, "查 "+o.Digits+" "+not(o.PIN)), dispatch.AsQueryWrong)
		h.same("its reply", h.reply(phone), map[bool]string{true: locked, false: wrong}[n == 2])
	}
	h.same("locked", h.from("13700000004", "查 "+o.Digits+" "+o.PIN), dispatch.AsQueryWrong)
	h.same("its reply", h.reply("13700000004"), locked)
}

func textReport(h *hall) {
	o := h.open(func(in *dispatch.Intake) { in.Type = dispatch.Report; in.Phone = citizen })
	h.same("query", h.from(citizen, "查 "+o.Digits+" "+o.PIN), dispatch.AsQuery)
	h.same("reply", h.reply(citizen), h.policy.Texts.QueryOwn)
	events, err := h.store.Events(h.ctx(), o.Number)
	h.ok(err)
	for _, e := range events {
		if strings.Contains(e.Text+e.Actor, "5678") {
			h.t.Errorf("the timeline says who asked: %+v", e)
		}
	}
}

func inEnglish(h *hall) {
	h.same("request", h.from(citizen, "The street light is broken"), dispatch.AsOrder)
	o := h.orders(citizen)[0]
	receipts := h.sent(o.Number, sms.KindReceipt)
	if len(receipts) != 1 || !strings.HasPrefix(receipts[0].Text, "We have your request, case "+o.Number) || strings.Contains(receipts[0].Text, "月") {
		h.t.Errorf("receipts %+v", receipts)
	}
	h.same("query", h.from(citizen, "cx "+o.Digits+" "+o.PIN), dispatch.AsQuery)
	h.same("reply", h.reply(citizen), "Case "+o.Number+": in progress, due Nov 24.")
	_, err := h.SetType(h.ctx(), o.Number, "agent:8001", dispatch.Help)
	h.ok(err)
	h.complete(o.Number)
	h.same("question", h.question(o.Number).Text, o.Number+" closed. Reply 1(best)-5(worst) in 24h")
	h.same("query", h.from(citizen, "cx "+o.Digits+" "+o.PIN), dispatch.AsQuery)
	h.same("reply", h.reply(citizen), "Case "+o.Number+": answered Nov 20: 路灯已修好.")
	h.same("refusal", h.from(citizen, "stop"), dispatch.AsOptOut)
	h.same("told", h.reply(citizen), h.policy.TextsEn.OptOut)
}
