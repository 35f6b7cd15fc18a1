package dispatch_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"hotline/dispatch"
	"hotline/sms"
)

func TestSweepKF(t *testing.T) {
	onBoth(t, "kf", map[string]func(*hall){
		"KF-2.3 KF-3.3.2 a leader's matter is supervised at once":          leaderSupervised,
		"KF-3.3.2 urged twice in vain is supervised":                       urgesSupervised,
		"KF-3.3.3 supervised at any time, and overdue after the extension": supervisedByHand,
		"an urgent matter nobody reports in five minutes":                  reportedLate,
	})
}

func TestSweepZQ(t *testing.T) {
	onBoth(t, "zq", map[string]func(*hall){
		"ZQ-17 overdue is supervised, repeats are offered": overdueSupervised,
		"ZQ-13.1 nobody spoke to the citizen":              notContacted,
		"ZQ-9.1 nobody looked into it":                     notVerified,
		"ZQ-9.2 a return nobody decides":                   returnUndecided,
	})
}

func TestSweepXZ(t *testing.T) {
	onBoth(t, "xz", map[string]func(*hall){
		"XZ-12.3.4 signed later than a working hour":           signedLate,
		"XZ-25 urged a working day before, once":               urgedBefore,
		"XZ-26 six classes":                                    keyMatters,
		"XZ-12.5.2 the second redo, XZ-27.2 the second return": redoneAndReturned,
	})
}

func TestSweepSQ(t *testing.T) {
	onBoth(t, "sq", map[string]func(*hall){
		"SQ-5.1.1 the day's digest at 17:00": digested,
		"SQ-4.4 a promise that is not kept":  promisedLate,
		"SQ-3.2 nobody gave it to a unit":    givenLate,
	})
}

func leaderSupervised(h *hall) {
	h.staffed()
	o := h.atRoad(func(o *dispatch.Order, _ *dispatch.Assignment) { o.Source = "vice_mayor" })
	h.same("at once", h.swept(), []string{"supervise_source1"})
	got := h.order(o.Number)
	h.same("flag and clause", []any{got.Supervised, h.rules(o.Number, dispatch.OnSupervised)}, []any{true, []string{"KF-3.3.2"}})
	acts, err := h.store.Acts(h.ctx(), dispatch.ActFilter{Open: true})
	h.ok(err)
	h.same("a number of its own", []any{len(acts), acts[0].Serial}, []any{1, "督2026-0001"})
	a, err := h.AnswerAct(h.ctx(), acts[0].ID, road, "已派人现场处理")
	h.ok(err)
	again, err := h.AnswerAct(h.ctx(), acts[0].ID, road, "已派人现场处理")
	h.ok(err)
	h.same("answered, twice the same", again, a)
	_, err = h.AnswerAct(h.ctx(), acts[0].ID, road, "别的")
	h.refused(err, dispatch.ErrIllegal, "", "KF-3.3.2")
	h.same("in the timeline once", h.told(o.Number, dispatch.OnActAnswered), 1)
}

// urgesSupervised: registered on Friday, 20 November; five working days end on the 27th.
func urgesSupervised(h *hall) {
	h.staffed()
	o := h.atRoad(nil)
	h.same("due", h.order(o.Number).Due.At.In(dispatch.Place).Format(time.DateTime), "2026-11-28 00:00:00")
	h.same("reminded", h.clock("2026-11-26 00:00:00"), []string{"remind1"})
	h.exactly("2026-11-27 00:00:00", "urge1")
	h.same("not supervised for the first", h.clock("2026-11-30 23:59:59"), []string{"overdue1"})
	h.exactly("2026-12-01 00:00:01", "urge2")
	h.exactly("2026-12-03 00:00:01", "supervise_urges1")
	h.same("clauses", []any{h.rules(o.Number, dispatch.OnUrged), h.rules(o.Number, dispatch.OnSupervised), h.order(o.Number).Supervised},
		[]any{[]string{"KF-3.3.1", "KF-3.3.1"}, []string{"KF-3.3.2"}, true})
	words := h.words(o.Number, dispatch.OnUrged)
	h.same("numbered", []bool{strings.Contains(words[0], o.Number+"催1"), strings.Contains(words[1], o.Number+"催2")}, []bool{true, true})
}

func supervisedByHand(h *hall) {
	h.staffed()
	o := h.atRoad(nil)
	by := dispatch.By{Actor: "office:1", Role: dispatch.ByOffice, Key: "k"}
	_, err := h.Supervise(h.ctx(), o.Number, by, dispatch.Supervision{On: true, Reason: "x", Mode: "letter"})
	h.refused(err, dispatch.ErrInvalid, "mode", "KF-3.3.2")
	// Extended by three days.
	h.alter(o.Number, func(_ dispatch.Tx, o *dispatch.Order) error { o.Due.At = h.at("2026-12-03 00:00:00").UTC(); return nil })
	for range 2 { // the same twice is once
		_, err = h.Supervise(h.ctx(), o.Number, by, dispatch.Supervision{On: true, Reason: "延长期内务必办结", Mode: "onsite", Rule: "KF-3.3.3"})
		h.ok(err)
	}
	acts, err := h.store.Acts(h.ctx(), dispatch.ActFilter{Open: true})
	h.ok(err)
	h.same("its record", []any{len(acts), acts[0].Serial, acts[0].Mode, acts[0].Words}, []any{1, "督2026-0001", "onsite", "延长期内务必办结"})
	h.same("recorded", []any{h.rules(o.Number, dispatch.OnSupervised), h.order(o.Number).Supervised}, []any{[]string{"KF-3.3.3"}, true})
	h.clock("2026-12-02 23:59:59")
	h.same("not overdue", h.told(o.Number, dispatch.OnOverdue), 0)
	h.clock("2026-12-03 00:00:01")
	h.same("overdue", []any{h.told(o.Number, dispatch.OnOverdue), h.order(o.Number).Overdue(h.now)}, []any{1, true})
}

func reportedLate(h *hall) {
	h.staffed()
	o := h.open(nil)
	_, err := h.MarkUrgent(h.ctx(), o.Number, dispatch.Urgency{Actor: "agent:8001"})
	h.ok(err)
	reported := h.open(nil)
	_, err = h.MarkUrgent(h.ctx(), reported.Number, dispatch.Urgency{Actor: "agent:8001"})
	h.ok(err)
	h.ok(h.EndAlarm(h.ctx(), reported.Number, "duty:带班", "已呈报"))
	h.exactly("2026-11-20 10:05:01", "escalate1")
	h.same("clause", h.rules(o.Number, dispatch.OnMajor), []string{"KF-3.1.6"})
	h.same("not what was reported", h.told(reported.Number, dispatch.OnMajor), 0)
}

func overdueSupervised(h *hall) {
	h.staffed()
	o := h.atRoad(func(o *dispatch.Order, _ *dispatch.Assignment) { o.Repeats = 2 })
	h.same("offered at once, to a person", h.swept(), []string{"supervise_offer1"})
	h.same("not supervised by that", []any{h.order(o.Number).Supervised, h.duty(o.Number)}, []any{false, []string{onDuty}})
	h.clock("2026-12-03 23:59:59")
	// Ten working days from 20 November end on 4 December.
	h.exactly("2026-12-05 00:00:01", "overdue1", "supervise_overdue1")
	h.same("clause", []any{h.rules(o.Number, dispatch.OnSupervised), h.order(o.Number).Supervised}, []any{[]string{"ZQ-17"}, true})
}

func notContacted(h *hall) {
	h.staffed()
	at := func(when time.Time) dispatch.Order {
		return h.atRoad(func(o *dispatch.Order, _ *dispatch.Assignment) { o.State, o.ContactedAt = dispatch.Processing, when })
	}
	o := at(time.Time{})
	at(h.now.UTC()) // its unit did
	h.exactly("2026-11-24 00:00:01", "contact_late1")
	h.same("clause", h.rules(o.Number, dispatch.OnContactLate), []string{"ZQ-13.1"})
}

// notVerified: of three orders one is looked into in time, and one is not the unit's to look
// into any more.
func notVerified(h *hall) {
	h.staffed()
	late := h.atRoad(nil)
	h.atRoad(func(o *dispatch.Order, _ *dispatch.Assignment) { o.State = dispatch.Processing })
	h.ask(h.atRoad(nil).Number, dispatch.ForReturn, "ZQ-9.2")
	h.alter(late.Number, func(_ dispatch.Tx, o *dispatch.Order) error { o.State = dispatch.Signed; return nil })
	h.same("acts", sorted(h.clock("2026-11-24 00:00:01")), []string{"undecided1", "verify_late1"})
	h.same("clause and who knows", []any{h.rules(late.Number, dispatch.OnUnverified), h.duty(late.Number)}, []any{[]string{"ZQ-9.1"}, []string{handlerPhone}})
	h.same("once", h.told(late.Number, dispatch.OnUnverified), 1)
	h.clock("2026-11-25 12:00:00")
	h.same("still once", h.told(late.Number, dispatch.OnUnverified), 1)
}

func returnUndecided(h *hall) {
	h.staffed()
	o := h.atRoad(nil)
	h.ask(o.Number, dispatch.ForReturn, "ZQ-9.2")
	h.exactly("2026-11-24 00:00:01", "undecided1")
	h.exactly("2026-11-26 00:00:01", "undecided2")
	h.same("clause", h.rules(o.Number, dispatch.OnUndecided), []string{"ZQ-9.2", "ZQ-9.2"})
	h.same("no third", h.clock("2026-12-01 23:00:00"), []string{})
}

// signedLate: dispatched on Friday, 13 February 2026 at 17:00; the hour ends on Saturday,
// worked, at 09:30.
func signedLate(h *hall) {
	h.staffed()
	h.now = h.at("2026-02-13 17:00:00")
	o := h.atRoad(func(_ *dispatch.Order, a *dispatch.Assignment) { a.SignBy = h.at("2026-02-14 09:30:00").UTC() })
	h.exactly("2026-02-14 09:30:01", "sign_late1")
	h.same("clause", h.rules(o.Number, dispatch.OnSignLate), []string{"XZ-12.3.4"})
}

func urgedBefore(h *hall) {
	h.staffed()
	o := h.atRoad(nil) // five working days end on Friday, the 27th
	h.exactly("2026-11-27 00:00:00", "urge1")
	h.same("clause", h.rules(o.Number, dispatch.OnUrged), []string{"XZ-25"})
	h.exactly("2026-11-28 00:00:01", "overdue1", "supervise_overdue1")
	h.same("not again", h.clock("2026-12-20 00:00:00"), []string{})
}

func keyMatters(h *hall) {
	h.staffed()
	o := h.atRoad(func(o *dispatch.Order, _ *dispatch.Assignment) { o.Source = "upper" })
	h.same("from above: at once", h.swept(), []string{"supervise_source1"})
	h.same("clause", h.rules(o.Number, dispatch.OnSupervised), []string{"XZ-26"})
	o = h.atRoad(nil)
	h.same("one unit", h.swept(), []string{})
	h.alter(o.Number, func(tx dispatch.Tx, o *dispatch.Order) error {
		for _, unit := range []string{"water", "power"} {
			if err := tx.InsertAssignment(dispatch.Assignment{ID: unit, Order: o.Number, Attempt: 1, Unit: unit, DispatchedAt: h.now.UTC(), FirstAt: h.now.UTC()}); err != nil {
				return err
			}
		}
		return nil
	})
	h.same("three: offered", h.swept(), []string{"supervise_offer2"})
	h.same("clause", h.rules(o.Number, dispatch.OnSuperviseOffer), []string{"XZ-26"})
}

func redoneAndReturned(h *hall) {
	h.staffed()
	o := h.atRoad(func(o *dispatch.Order, _ *dispatch.Assignment) { o.Redos, o.RedoneAt = 1, h.now.UTC() })
	p := h.atRoad(func(o *dispatch.Order, _ *dispatch.Assignment) { o.Returns = 1 })
	h.same("the first of each", h.swept(), []string{})
	h.alter(o.Number, func(_ dispatch.Tx, o *dispatch.Order) error { o.Redos, o.RedoneAt = 2, h.now.UTC(); return nil })
	h.same("the second redo", h.swept(), []string{"supervise_redo1"})
	h.alter(p.Number, func(_ dispatch.Tx, o *dispatch.Order) error { o.Returns = 2; return nil })
	h.same("the second return", h.swept(), []string{"supervise_returns1"})
	h.same("clauses", []any{h.rules(o.Number, dispatch.OnSupervised), h.rules(p.Number, dispatch.OnSupervised)},
		[]any{[]string{"XZ-12.5.2"}, []string{"XZ-27.2"}})
}

// digested: twelve orders on Friday; a pause over the weekend.
func digested(h *hall) {
	h.staffed()
	asked := func() string { return h.open(func(in *dispatch.Intake) { in.Type = dispatch.Consult }).Number }
	for range 12 {
		asked()
	}
	h.complete(asked())
	h.exactly("2026-11-20 17:00:00", "digest1")
	texts, err := h.store.Messages(h.ctx(), dispatch.Filter{Kind: sms.KindNotice, Phone: leaderPhone})
	h.ok(err)
	h.same("to the leader on duty", []any{len(texts), strings.Contains(texts[0].Text, "登记13件,办结1件,在办12件")}, []any{1, true})
	h.now = h.at("2026-11-20 18:00:00")
	for i, number := range []string{asked(), asked()} {
		_, err := h.AskOpinion(h.ctx(), number, clerk, "请值班领导批示")
		h.ok(err)
		if i == 0 {
			_, err := h.GiveOpinion(h.ctx(), number, leader, dispatch.WrittenOpinion{Words: "请住建局今日处理"})
			h.ok(err)
		}
	}
	h.same("each day once, in order", h.clock("2026-11-23 09:00:00"), []string{"digest1", "digest1"})
	acts, err := h.store.Acts(h.ctx(), dispatch.ActFilter{Kinds: []dispatch.ActKind{dispatch.ActDigest}})
	h.ok(err)
	slices.SortFunc(acts, func(a, b dispatch.Act) int { return b.About.Compare(a.About) })
	h.same("of which days", []string{acts[0].About.In(dispatch.Place).Format(time.DateOnly), acts[1].About.In(dispatch.Place).Format(time.DateOnly)},
		[]string{"2026-11-22", "2026-11-21"})
	h.same("nothing falls between two", strings.Contains(acts[1].Words, "登记2件"), true)
	h.same("what waits for a leader is late on the next day", []bool{strings.HasSuffix(acts[1].Words, "待批1件,待批超时0件"),
		strings.HasSuffix(acts[0].Words, "待批1件,待批超时1件")}, []bool{true, true})
}

func promisedLate(h *hall) {
	h.staffed()
	o := h.open(func(in *dispatch.Intake) { in.Type = dispatch.Consult })
	_, err := h.Promise(h.ctx(), o.Number, "agent:8001", h.at("2026-11-20 16:00:00"))
	h.ok(err)
	h.exactly("2026-11-20 16:00:01", "overdue1")
	h.same("clause", h.rules(o.Number, dispatch.OnOverdue), []string{"SQ-4.4"})
	h.same("who knows", h.duty(o.Number), []string{leaderPhone, onDuty})
}

// givenLate: a request for help that is still with the hotline after half an hour.
func givenLate(h *hall) {
	h.staffed()
	h.open(func(in *dispatch.Intake) { in.Type = dispatch.Consult }) // answered at once, or promised
	h.atRoad(nil)
	late, complaint := h.open(nil), h.open(func(in *dispatch.Intake) { in.Type = dispatch.Complaint })
	h.exactly("2026-11-20 10:30:01", "dispatch_slow1", "dispatch_slow1")
	h.same("clauses", []any{h.rules(late.Number, dispatch.OnSlow), h.rules(complaint.Number, dispatch.OnSlow), h.duty(late.Number)},
		[]any{[]string{"SQ-3.2"}, []string{"SQ-3.3"}, []string{onDuty}})
	h.same("once", h.clock("2026-11-20 16:59:59"), []string{})
}
