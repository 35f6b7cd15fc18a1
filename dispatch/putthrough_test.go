package dispatch_test

import (
	"errors"
	"time"

	"hotline/dispatch"
)

// vain is an order of a type whose citizen the agent was to hand over to the water office.
func (h *hall) vain(t dispatch.Type, r dispatch.Unreached) dispatch.Order {
	h.t.Helper()
	o := h.open(func(in *dispatch.Intake) { in.Type = t })
	r.Unit = "water"
	got, err := h.Unreached(h.ctx(), o.Number, clerk, r)
	h.ok(err)
	return got
}

// evidence counts what is kept about the water office's phone.
func (h *hall) evidence() int {
	h.t.Helper()
	all, err := h.store.Acts(h.ctx(), dispatch.ActFilter{Unit: "water", Kinds: []dispatch.ActKind{dispatch.ActUnanswered}})
	h.ok(err)
	return len(all)
}

// unreached: on Friday, 20 November 2026, at 10:00, nobody answers.
func unreached(h *hall) {
	h.withUnits()
	rung := dispatch.Unreached{Why: "无人接听", Put: true}
	for typ, due := range map[dispatch.Type]string{dispatch.Help: "2026-11-25 00:00:00", dispatch.SuddenDifficulty: "2026-11-24 00:00:00"} {
		o := h.vain(typ, rung)
		h.same(string(typ), []any{o.State, o.Unit, o.Due.At.In(dispatch.Place).Format(time.DateTime)}, []any{dispatch.Dispatched, "water", due})
		h.same("why", h.words(o.Number, dispatch.OnUnreached), []string{"转接水务局:无人接听,在其值班时段,记录备查"})
	}
	for what, o := range map[string]dispatch.Order{
		"another type":          h.vain(dispatch.Consult, rung),
		"asked about, not put":  h.vain(dispatch.Help, dispatch.Unreached{Why: "无人接听"}),
		"a type without choice": h.vain(dispatch.Unset, rung),
	} {
		h.same(what, []any{o.State, h.told(o.Number, dispatch.OnUnreached)}, []any{dispatch.Registered, 1})
	}
	o := h.open(nil)
	_, err := h.Unreached(h.ctx(), o.Number, clerk, dispatch.Unreached{Unit: "nobody", Put: true})
	h.denies(err, dispatch.Refusal{Field: "unit", Rule: "ZZ-10.5"}, dispatch.ErrInvalid)
	_, err = h.Unreached(h.ctx(), o.Number, water, dispatch.Unreached{Unit: "water", Put: true})
	if !errors.Is(err, dispatch.ErrNotFound) {
		h.t.Errorf("a unit says so of an order it has no part in: %v", err)
	}

	h.now = h.at("2026-11-21 10:00:00") // a Saturday: nobody was rung
	h.same("closed", h.UnitOpen("water"), false)
	o = h.vain(dispatch.Help, dispatch.Unreached{Put: true, Closed: true})
	h.same("at once", []any{o.State, o.Unit}, []any{dispatch.Dispatched, "water"})
	h.same("why", h.words(o.Number, dispatch.OnUnreached), []string{"水务局已下班,未转接"})
}

// notAnswered: only what a unit owes is held against it, and only as evidence.
func notAnswered(h *hall) {
	h.withUnits()
	for _, t := range []struct {
		when string
		how  dispatch.Unreached
		want int // more
	}{
		{"2026-11-20 08:30:00", dispatch.Unreached{Why: "无人接听"}, 1},
		{"2026-11-20 12:00:00", dispatch.Unreached{Why: "无人接听"}, 0}, // at noon
		{"2026-11-20 17:59:59", dispatch.Unreached{Why: "忙", Put: true}, 1},
		{"2026-11-20 18:00:00", dispatch.Unreached{Why: "无人接听"}, 0},
		{"2026-11-21 10:00:00", dispatch.Unreached{Why: "无人接听"}, 0},             // a Saturday
		{"2026-10-10 10:00:00", dispatch.Unreached{Why: "无人接听"}, 1},             // one that is worked
		{"2026-11-20 10:00:00", dispatch.Unreached{Why: "无法接通", Line: true}, 0}, // our own line
		{"2026-11-20 10:00:01", dispatch.Unreached{Closed: true, Put: true}, 0}, // not rung
	} {
		h.now = h.at(t.when)
		before := h.evidence()
		o := h.vain(dispatch.Help, t.how)
		h.same(t.when, h.evidence()-before, t.want)
		h.same("it is on the order's timeline", h.told(o.Number, dispatch.OnUnreached), 1)
	}
	h.config.Units[0].AllDay = true
	h.Office = dispatch.NewOffice(h.config)
	h.now = h.at("2026-11-21 23:00:00")
	before := h.evidence()
	o := h.vain(dispatch.Help, dispatch.Unreached{Why: "无人接听"})
	h.same("a special unit at night", h.evidence()-before, 1)
	h.same("by which clause", h.rules(o.Number, dispatch.OnUnreached), []string{"ZZ-20.4"})
	h.same("nobody is urged or punished for it", h.duty(o.Number), []string(nil))
}
