package dispatch_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"hotline/dispatch"
	"hotline/sms"
)

func TestSweepZZ(t *testing.T) {
	onBoth(t, "zz", map[string]func(*hall){
		"ZZ-7.3 ZZ-23.4 reminded, overdue, urged three times": urgedThrice,
		"ZZ-23.3 urged once, in vain and not":                 urgedOnce,
		"unsigned orders are noticed daily":                   signedDaily,
		"ZZ-17.3 a promise that is broken":                    promiseBroken,
		"ZZ-17.4 an extension nobody decides":                 extensionUndecided,
		"ZZ-16.5 ZZ-20.3 an urgent matter nobody confirms":    escalated,
		"ZZ-21 who took it first is reminded":                 firstFollows,
		"ZZ-7.2 units of which nobody logged in":              notLoggedIn,
		"ZZ-11.1 the day's orders to look at":                 spotChecked,
		"a pause of three days over a holiday":                paused,
		"two controllers at once":                             twoSweeps,
		"a calendar changes":                                  calendarChanged,
		"an order that fails holds up no other":               oneFails,
	})
}

// urgedThrice: registered on Friday, 20 November 2026, at 10:00; due on Tuesday at 24:00.
func urgedThrice(h *hall) {
	h.staffed()
	o := h.atRoad(nil)
	h.same("nothing yet", h.swept(), []string{})
	h.exactly("2026-11-24 00:00:00", "remind1")
	h.same("told", h.duty(o.Number), []string{handlerPhone})
	h.exactly("2026-11-25 00:00:01", "overdue1", "urge1")
	h.same("the overdue is noted before the urge", h.rules(o.Number, dispatch.OnOverdue), []string{"ZZ-17.1"})
	h.same("told", h.duty(o.Number), []string{handlerPhone, handlerPhone, handlerPhone, headPhone})
	for _, m := range h.sent(o.Number, sms.KindNotice)[:1] {
		h.same("not at night", m.NotBefore.In(dispatch.Place).Format(time.DateTime), "2026-11-25 08:00:00")
	}
	_, err := h.Urge(h.ctx(), o.Number, desk, "快")
	h.refused(err, dispatch.ErrEarly, "", "ZZ-23.4")
	// The first was made on Wednesday: a working day to react ends on Thursday at 24:00.
	h.exactly("2026-11-27 00:00:01", "urge2", "urge_ignored1")
	// The second, on Friday, until Monday at 24:00.
	h.exactly("2026-12-01 00:00:01", "urge3", "urge_ignored2")
	h.exactly("2026-12-03 00:00:01", "urge_ignored3")
	h.same("no fourth", h.clock("2026-12-20 00:00:00"), []string{})
	h.same("by which clause", h.rules(o.Number, dispatch.OnUrgeIgnored), []string{"ZZ-23.3", "ZZ-23.3", "ZZ-23.4"})
	h.same("what it costs", h.words(o.Number, dispatch.OnUrgeIgnored)[1:], []string{"第2次催办期限已过仍未处理:扣当事人季度奖10%",
		"第3次催办期限已过仍未处理:全额扣当事人季度奖并取消其当年评先,扣负责人季度奖10%,取消该部门评先"})
	h.same("urged", h.rules(o.Number, dispatch.OnUrged), []string{"ZZ-23.3", "ZZ-23.3", "ZZ-23.3"})

	o = h.atRoad(nil)
	h.alter(o.Number, func(_ dispatch.Tx, o *dispatch.Order) error {
		o.State, o.SubmittedAt = dispatch.Submitted, h.now.UTC()
		return nil
	})
	h.same("answered in time", h.clock("2026-12-31 00:00:00"), []string{})
}

// urgedOnce: who answers in a 催办's time is not noted for it.
func urgedOnce(h *hall) {
	h.staffed()
	late, kept := h.atRoad(nil), h.atRoad(nil)
	h.clock("2026-11-25 00:00:01")
	h.alter(kept.Number, func(_ dispatch.Tx, o *dispatch.Order) error {
		o.State, o.SubmittedAt = dispatch.Submitted, h.now.UTC()
		return nil
	})
	h.exactly("2026-11-27 00:00:01", "urge2", "urge_ignored1")
	h.same("both were urged", []int{h.told(late.Number, dispatch.OnUrged), h.told(kept.Number, dispatch.OnUrged)}, []int{2, 1})
	h.same("in vain", h.words(late.Number, dispatch.OnUrgeIgnored), []string{"第1次催办期限已过仍未处理:扣当事人季度奖10%"})
}

func signedDaily(h *hall) {
	h.staffed()
	o := h.atRoad(func(_ *dispatch.Order, a *dispatch.Assignment) { a.SignBy = h.at("2026-11-21 00:00:00").UTC() })
	h.exactly("2026-11-21 00:00:01", "sign_late1")
	h.same("clause", h.rules(o.Number, dispatch.OnSignLate), []string{"ZZ-7.2"})
	h.same("nothing on Sunday", h.clock("2026-11-22 12:00:00"), []string{})
	h.exactly("2026-11-24 00:00:00", "remind1")
	h.exactly("2026-11-24 00:00:01", "sign_late2")
	h.alter(o.Number, func(tx dispatch.Tx, o *dispatch.Order) error {
		o.State = dispatch.Signed
		all, err := tx.AssignmentsOf(o.Number)
		if err != nil {
			return err
		}
		all[0].SignedAt = h.now.UTC()
		return tx.SaveAssignment(all[0])
	})
	h.same("signed", h.clock("2026-11-24 23:59:59"), []string{})
}

func promiseBroken(h *hall) {
	h.staffed()
	o := h.open(nil)
	_, err := h.Promise(h.ctx(), o.Number, "agent:8001", h.at("2026-11-30 17:00:00"))
	h.ok(err)
	h.same("reminded a day before", h.clock("2026-11-30 00:00:00"), []string{"remind1"})
	h.exactly("2026-11-30 17:00:01", "overdue1")
	h.same("clause", h.rules(o.Number, dispatch.OnOverdue), []string{"ZZ-17.3"})
	h.same("the leader knows", slices.Contains(h.duty(o.Number), leaderPhone), true)
}

// ask writes what a unit asks for.
func (h *hall) ask(number string, kind dispatch.ReviewKind, rule string) {
	h.t.Helper()
	h.alter(number, func(tx dispatch.Tx, o *dispatch.Order) error {
		o.State = dispatch.ExtensionRequested
		if kind == dispatch.ForReturn {
			o.State = dispatch.ReturnRequested
		}
		_, err := tx.InsertReview(dispatch.Review{ID: "R" + number, Order: number, Attempt: 1, Kind: kind, Rule: rule, Unit: "road",
			AskedBy: "unit:road", AskedAt: h.now.UTC()})
		return err
	})
}

func extensionUndecided(h *hall) {
	h.staffed()
	o := h.atRoad(nil)
	h.same("reminded", h.clock("2026-11-24 09:00:00"), []string{"remind1"})
	h.ask(o.Number, dispatch.ForExtension, "ZZ-17.4")
	// A working day to decide would end on Wednesday; the deadline passes on Tuesday.
	h.exactly("2026-11-25 00:00:01", "overdue1", "undecided1")
	h.same("clause", h.rules(o.Number, dispatch.OnUndecided), []string{"ZZ-17.4"})
	h.same("the officer on duty knows", slices.Contains(h.duty(o.Number), onDuty), true)
	h.same("not the leader", slices.Contains(h.duty(o.Number), leaderPhone), false)
	h.exactly("2026-11-27 00:00:01", "undecided2")
	h.same("now the leader", slices.Contains(h.duty(o.Number), leaderPhone), true)
}

func escalated(h *hall) {
	h.staffed()
	o, known, voice := h.open(nil), h.open(nil), h.open(func(in *dispatch.Intake) { in.Channel, in.Urgent = dispatch.ByVoicemail, true })
	for _, o := range []dispatch.Order{o, known} {
		_, err := h.MarkUrgent(h.ctx(), o.Number, dispatch.Urgency{Actor: "agent:8001", Reason: "燃气泄漏"})
		h.ok(err)
	}
	h.ok(h.EndAlarm(h.ctx(), known.Number, "duty:带班", "已知悉"))
	h.exactly("2026-11-20 10:05:01", "escalate1")
	h.same("all leaders", h.duty(o.Number), []string{leaderPhone})
	h.same("clause", h.rules(o.Number, dispatch.OnMajor), []string{"ZZ-20.3"})
	h.same("not what a leader knows, nor what they are called for anyway",
		[]int{h.told(known.Number, dispatch.OnMajor), h.told(voice.Number, dispatch.OnMajor)}, []int{0, 0})
	list, err := h.UnconfirmedMajor(h.ctx(), h.now.Add(time.Minute))
	h.ok(err)
	h.same("they are called for it", []any{len(list), list[0].Number}, []any{1, o.Number})
	h.ok(h.EndAlarm(h.ctx(), o.Number, "duty:带班", "按 1 确认"))
	list, err = h.UnconfirmedMajor(h.ctx(), h.now.Add(time.Minute))
	h.ok(err)
	h.same("until one confirms", len(list), 0)
}

// paused: over New Year 2026 (1 to 3 January off, 4 January worked).
func paused(h *hall) {
	h.staffed()
	h.now = h.at("2025-12-30 10:00:00")
	first := h.atRoad(nil) // due on 2 working days later: 4 January, 24:00... and reminded before
	h.now = h.at("2025-12-31 11:00:00")
	second := h.atRoad(func(o *dispatch.Order, _ *dispatch.Assignment) { o.Due.At = h.at("2026-01-01 12:00:00").UTC() })
	h.same("nothing yet", h.swept(), []string{})
	h.same("due", h.order(first.Number).Due.At.In(dispatch.Place).Format(time.DateTime), "2026-01-05 00:00:00")
	h.now = h.at("2026-01-05 09:00:00")
	h.same("in order, once", h.swept(), []string{"overdue1", "urge1", "overdue1", "urge1"})
	acts, err := h.store.Acts(h.ctx(), dispatch.ActFilter{})
	h.ok(err)
	var order []string
	for _, a := range slices.Backward(acts) {
		order = append(order, a.Order)
	}
	h.same("what was due first is first", order, []string{second.Number, second.Number, first.Number, first.Number})
	h.same("and once", h.swept(), []string{})
	h.exactly("2026-01-07 00:00:01", "urge2", "urge2", "urge_ignored1", "urge_ignored1")
}

func twoSweeps(h *hall) {
	h.staffed()
	for range 60 {
		h.atRoad(nil)
	}
	h.now = h.at("2026-11-25 00:00:01")
	var all sync.WaitGroup
	for range 4 {
		other := dispatch.NewOffice(h.config)
		all.Go(func() {
			for range 3 {
				if _, err := other.SweepOrders(h.ctx()); err != nil {
					h.t.Error(err)
				}
			}
		})
	}
	all.Wait()
	h.swept()
	acts, err := h.store.Acts(h.ctx(), dispatch.ActFilter{Limit: 1000})
	h.ok(err)
	h.same("acts", len(acts), 120)
	orders, err := h.store.Orders(h.ctx(), dispatch.Filter{})
	h.ok(err)
	for _, o := range orders {
		h.same("once each", []int{h.told(o.Number, dispatch.OnOverdue), h.told(o.Number, dispatch.OnUrged), len(h.duty(o.Number))}, []int{1, 1, 3})
	}
}
