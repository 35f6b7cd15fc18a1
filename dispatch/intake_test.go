package dispatch_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hotline/dispatch"
	"hotline/sms"
)

func TestIntake(t *testing.T) {
	onBoth(t, "zz", map[string]func(*hall){
		"ZZ-16.1 every request is registered":           registers,
		"ZZ-16.1 the same key is one order":             registersOnce,
		"ZZ-2 unknown types are refused":                refusesTypes,
		"ZZ-20.2 voicemail, order and texts are one":    leavesVoicemail,
		"ZZ-20.3 urgent is told once":                   marksUrgent,
		"KF-3.1.5 a report hides the informant":         hidesInformant,
		"ZQ-11.3 a new type counts from the start":      setsType,
		"SQ-4.4 ZZ-17.3 a promise is the deadline":      promises,
		"ZZ-3.1 ZZ-9.1 a text is an order once":         textsBecomeOrders,
		"ZZ-18.3 query by number and code":              queries,
		"ZZ-18.3 three wrong codes lock for 10 minutes": locks,
		"calls, notes and listening are kept":           keepsNotes,
	})
}

func registers(h *hall) {
	o := h.open(func(in *dispatch.Intake) { in.Name = " 王五 " })
	n, err := dispatch.ParseNumber(o.Number)
	h.ok(err)
	h.same("number", n, dispatch.Number{Prefix: "ZZ", Day: "20261120", Serial: 1})
	h.same("digits", o.Digits, n.Digits())
	h.same("phone and name", []string{o.Phone, o.Name}, []string{citizen, "王五"})
	h.same("due", o.Due.Words()+" "+o.Due.Rule, "11月24日 ZZ-17.1") // Friday: Monday and Tuesday
	h.same("stored", h.order(o.Number), o)
	h.same("story", h.story(o.Number), []string{dispatch.OnRegistered})
	h.same("the next one", h.open(nil).Digits[6:11], "00002")
	h.now = h.now.Add(14 * time.Hour)
	h.same("the next day", h.open(nil).Digits[:11], "26112100001")
	anonymous := h.open(func(in *dispatch.Intake) { in.Phone, in.Summary = "anonymous", strings.Repeat("长", 9000) })
	h.same("no number", anonymous.Phone, "")
	h.same("cut", len([]rune(anonymous.Summary)), 4000)
}

func registersOnce(h *hall) {
	key := func(in *dispatch.Intake) { in.Key = "call:1" }
	first := h.open(key)
	h.same("again", h.open(key), first)
	var all sync.WaitGroup
	numbers := make([]string, 8)
	for i := range numbers {
		all.Go(func() {
			o, err := h.Open(h.ctx(), dispatch.Intake{Key: "call:2", Channel: dispatch.ByPhone, Type: dispatch.Help})
			if err != nil {
				h.t.Errorf("open: %v", err)
			}
			numbers[i] = o.Number
		})
	}
	all.Wait()
	if slices.Sort(numbers); numbers[0] != numbers[7] {
		h.t.Errorf("one key made %v", numbers)
	}
	h.same("no serial is lost", h.open(nil).Digits[6:11], "00003")
}

func refusesTypes(h *hall) {
	for _, in := range []dispatch.Intake{
		{Channel: dispatch.ByPhone, Type: "unheard of"}, {Channel: "pigeon", Type: dispatch.Help}, {},
	} {
		if o, err := h.Open(h.ctx(), in); !errors.Is(err, dispatch.ErrInvalid) {
			h.t.Errorf("%+v became %s, %v", in, o.Number, err)
		}
	}
	for _, typ := range append(slices.Clone(h.policy.Types), "", dispatch.EmergencyCase) {
		h.open(func(in *dispatch.Intake) { in.Type = typ })
	}
}

func leavesVoicemail(h *hall) {
	woken := 0
	h.config.Wake = func() { woken++ }
	h.Office = dispatch.NewOffice(h.config)
	in := dispatch.Intake{Type: dispatch.Unset, Phone: citizen, CallID: "c1", NotifyDuty: []string{officer, "13900000002"},
		Voicemail: &dispatch.Voicemail{File: "c1.wav", Duration: 35 * time.Second, Reason: "after_hours", Urgent: true}}
	o, err := h.LeaveVoicemail(h.ctx(), in)
	h.ok(err)
	again, err := h.LeaveVoicemail(h.ctx(), in)
	h.ok(err)
	h.same("imported again", again, o)
	h.same("channel, urgent", []any{o.Channel, o.Urgent}, []any{dispatch.ByVoicemail, true})
	list, err := h.store.Voicemails(h.ctx(), dispatch.Filter{Open: true})
	h.ok(err)
	if len(list) != 1 || list[0].Order != o.Number || list[0].CallID != "c1" || list[0].Phone != citizen || !list[0].Urgent {
		h.t.Errorf("voicemails %+v", list)
	}
	duty := h.sent(o.Number, sms.KindDuty)
	if len(duty) != 2 || woken != 1 {
		h.t.Fatalf("%d texts to officers, woken %d times", len(duty), woken)
	}
	for _, m := range duty {
		if !strings.Contains(m.Text, o.Number) || !strings.Contains(m.Text, "138****5678") || strings.ContainsAny(m.Text, "{}") || !m.NotBefore.IsZero() {
			h.t.Errorf("text to an officer: %+v", m)
		}
	}
	h.same("story", h.story(o.Number), []string{dispatch.OnRegistered, dispatch.OnVoicemail, dispatch.OnUrgent})
	if _, err := h.LeaveVoicemail(h.ctx(), dispatch.Intake{}); !errors.Is(err, dispatch.ErrInvalid) {
		h.t.Errorf("a voicemail without a file: %v", err)
	}
}

func marksUrgent(h *hall) {
	o := h.open(nil)
	for range 2 {
		got, err := h.MarkUrgent(h.ctx(), o.Number, dispatch.Urgency{Actor: "duty:李", Reason: "停电", Notify: []string{officer}})
		h.ok(err)
		h.same("urgent", got.Urgent, true)
	}
	h.same("texts", len(h.sent(o.Number, sms.KindDuty)), 1)
	h.same("story", h.story(o.Number), []string{dispatch.OnRegistered, dispatch.OnUrgent})
}

func hidesInformant(h *hall) {
	o := h.open(func(in *dispatch.Intake) {
		in.Type, in.NotifyDuty, in.Name = dispatch.Report, []string{officer}, "张三丰"
	})
	h.same("confidential", o.Confidential, true)
	done, err := h.Complete(h.ctx(), o.Number, dispatch.Completion{Actor: "纪委", Result: "已查处某局长"})
	h.ok(err)
	all, err := h.store.Messages(h.ctx(), dispatch.Filter{})
	h.ok(err)
	events, err := h.store.Events(h.ctx(), o.Number)
	h.ok(err)
	seen := ""
	for _, m := range all {
		seen += m.Text + "\n"
	}
	for _, e := range events {
		seen += e.Text + "\n"
	}
	for _, secret := range []string{citizen, "138****", "5678", "张三丰", "局长", o.PIN + "收听"} {
		if strings.Contains(seen, secret) {
			h.t.Errorf("%q leaks in:\n%s", secret, seen)
		}
	}
	answer, err := h.Query(h.ctx(), done.Digits, o.PIN)
	h.ok(err)
	h.same("answer", answer, dispatch.Answer{Confidential: true})
}

func setsType(h *hall) {
	o := h.open(func(in *dispatch.Intake) { in.Type = dispatch.Unset })
	h.now = h.now.Add(20 * time.Hour)
	got, err := h.SetType(h.ctx(), o.Number, "agent:8001", dispatch.SuddenDifficulty)
	h.ok(err)
	h.same("due", got.Due.Words()+" "+got.Due.Rule, "11月23日 ZZ-17.2")
	_, err = h.SetType(h.ctx(), o.Number, "agent:8001", dispatch.SuddenDifficulty)
	h.ok(err)
	h.same("story", h.story(o.Number), []string{dispatch.OnRegistered, dispatch.OnTyped})
	report, err := h.SetType(h.ctx(), o.Number, "agent:8001", dispatch.Report)
	h.ok(err)
	help, err := h.SetType(h.ctx(), o.Number, "agent:8001", dispatch.Help)
	h.ok(err)
	h.same("once confidential, always", []bool{report.Confidential, help.Confidential}, []bool{true, true})
	if _, err := h.SetType(h.ctx(), o.Number, "x", dispatch.Unset); !errors.Is(err, dispatch.ErrInvalid) {
		h.t.Errorf("unset again: %v", err)
	}
	h.complete(o.Number)
	if _, err := h.SetType(h.ctx(), o.Number, "x", dispatch.Consult); !errors.Is(err, dispatch.ErrIllegal) {
		h.t.Errorf("after completion: %v", err)
	}
}

func promises(h *hall) {
	o := h.open(nil)
	at := time.Date(2026, 11, 23, 17, 0, 0, 0, dispatch.Place)
	o, err := h.Promise(h.ctx(), o.Number, "duty:李", at)
	h.ok(err)
	h.same("due", o.Due.Words(), "11月23日17:00")
	h.same("on the second", []bool{o.Overdue(at), o.Overdue(at.Add(time.Second))}, []bool{false, true})
	if _, err := h.Promise(h.ctx(), o.Number, "x", h.now); !errors.Is(err, dispatch.ErrInvalid) {
		h.t.Errorf("promised for now: %v", err)
	}
	h.policy.PromiseRule = ""
	if _, err := h.Promise(h.ctx(), o.Number, "x", at); !errors.Is(err, dispatch.ErrIllegal) {
		h.t.Errorf("without a rule: %v", err)
	}
}

func keepsNotes(h *hall) {
	o, err := h.LeaveVoicemail(h.ctx(), dispatch.Intake{Voicemail: &dispatch.Voicemail{ID: "v1", File: "v1.wav"}})
	h.ok(err)
	h.ok(h.HeardVoicemail(h.ctx(), "v1", "duty:李"))
	h.ok(h.HeardVoicemail(h.ctx(), "v1", "agent:8001"))
	v, err := h.store.VoicemailBy(h.ctx(), "v1")
	h.ok(err)
	h.same("heard first by", v.HeardBy, "duty:李")
	h.same("listenings", h.told(o.Number, dispatch.OnHeard), 2)
	h.ok(h.Note(h.ctx(), o.Number, "agent:8001", "已电话联系"))
	if err := h.Note(h.ctx(), o.Number, "x", " \n"); !errors.Is(err, dispatch.ErrInvalid) {
		h.t.Errorf("an empty note: %v", err)
	}
	if err := h.Note(h.ctx(), "ZZ20261120-99999-1", "x", "y"); !errors.Is(err, dispatch.ErrNotFound) {
		h.t.Errorf("a note on no order: %v", err)
	}
	call := dispatch.Call{ID: "c1", From: citizen, Outcome: "voicemail", StartedAt: h.now.UTC()}
	h.ok(h.RecordCall(h.ctx(), call))
	call.EndedAt = h.now.Add(time.Minute).UTC()
	h.ok(h.RecordCall(h.ctx(), call))
	got, err := h.store.CallBy(h.ctx(), "c1")
	h.ok(err)
	h.same("call", got, call)
	heir := call
	heir.Fence, heir.Outcome = 7, "answered"
	h.ok(h.RecordCall(h.ctx(), heir))
	h.ok(h.RecordCall(h.ctx(), call)) // by a controller that was replaced and does not know it yet
	open := heir
	open.EndedAt = time.Time{}
	h.ok(h.RecordCall(h.ctx(), open)) // written late, of a call that is over
	got, err = h.store.CallBy(h.ctx(), "c1")
	h.ok(err)
	h.same("call of its heir", got, heir)
	if err := h.RecordCall(h.ctx(), dispatch.Call{}); !errors.Is(err, dispatch.ErrInvalid) {
		h.t.Errorf("a call without id: %v", err)
	}
}

func textsBecomeOrders(h *hall) {
	h.same("taken as", h.text("小区停水两天了,请尽快处理", ""), "order")
	list, err := h.store.Orders(h.ctx(), dispatch.Filter{})
	h.ok(err)
	if len(list) != 1 || list[0].Channel != dispatch.BySMS || list[0].Phone != citizen || list[0].Type != dispatch.Unset {
		h.t.Fatalf("orders %+v", list)
	}
	receipts := h.sent(list[0].Number, sms.KindReceipt)
	if len(receipts) != 1 || !strings.Contains(receipts[0].Text, list[0].Number) || !strings.Contains(receipts[0].Text, list[0].PIN) {
		h.t.Errorf("receipts %+v", receipts)
	}
	h.same("empty", h.text("  ", ""), "empty")
	h.same("refusal", h.text("退订", ""), "opt-out")
	h.same("afterwards a request is still one", h.text("路上有大坑,很危险", ""), "order")
	list, err = h.store.Orders(h.ctx(), dispatch.Filter{})
	h.ok(err)
	h.same("but has no receipt", len(h.sent(list[0].Number, sms.KindReceipt)), 0)
	h.same("and says why", h.told(list[0].Number, dispatch.OnTextSkipped), 1)
}
