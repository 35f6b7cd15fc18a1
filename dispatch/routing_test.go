package dispatch_test

import (
	"errors"
	"path/filepath"
	"testing"

	"hotline/deploy"
	"hotline/dispatch"
)

// routedHall is a hall with the units that Zhengzhou's regulation names and a water office.
func routedHall(t *testing.T) *hall {
	h := newHall(t, "zz", filepath.Join(t.TempDir(), "h.db"))
	units, err := dispatch.LoadUnits(deploy.Files, "hotlines/zz/units.yaml")
	h.ok(err)
	h.config.Units = append(units, dispatch.Unit{ID: "water", Name: "水务局", Topics: []string{"供水"}})
	h.Office = dispatch.NewOffice(h.config)
	return h
}

func (h *hall) asked(t dispatch.Type) dispatch.Order {
	h.t.Helper()
	return h.open(func(in *dispatch.Intake) { in.Type, in.Summary = t, "供水水压低" })
}

// Whose an order is goes by its type where the regulation says so, before its topic.
func TestRouting(t *testing.T) {
	for _, tt := range []struct {
		name        string
		kind        dispatch.Type
		first, rule string // of the hints
		give        dispatch.Giving
		denied      dispatch.Refusal // empty: it is given
	}{
		{"ZZ-10.6 a suggestion goes to whose matter it is", dispatch.Suggestion, "water", "ZZ-10.6", dispatch.Giving{Lead: "water"}, dispatch.Refusal{}},
		{"ZZ-10.6 so does an opinion", dispatch.Opinion, "water", "ZZ-10.6", dispatch.Giving{Lead: "water"}, dispatch.Refusal{}},
		{"ZZ-10.7 a complaint is led by the audit office", dispatch.Complaint, "audit", "ZZ-10.7",
			dispatch.Giving{Lead: "audit", Assist: []string{"water"}}, dispatch.Refusal{}},
		{"ZZ-10.7 and not by whom it is about", dispatch.Complaint, "audit", "ZZ-10.7",
			dispatch.Giving{Lead: "water"}, dispatch.Refusal{Field: "lead", Rule: "ZZ-10.7"}},
		{"ZZ-10.7 criticism too", dispatch.Criticism, "audit", "ZZ-10.7", dispatch.Giving{Lead: "water"}, dispatch.Refusal{Field: "lead", Rule: "ZZ-10.7"}},
		{"ZZ-10.8 a report goes to discipline and audit", dispatch.Report, "discipline", "ZZ-10.8",
			dispatch.Giving{Lead: "discipline", Assist: []string{"audit"}, Interested: []string{"water"}}, dispatch.Refusal{}},
		{"ZZ-10.8 to both", dispatch.Report, "discipline", "ZZ-10.8", dispatch.Giving{Lead: "discipline"}, dispatch.Refusal{Field: "assist", Rule: "ZZ-10.8"}},
		{"ZZ-10.8 never to whom it is about", dispatch.Report, "discipline", "ZZ-10.8",
			dispatch.Giving{Lead: "discipline", Assist: []string{"audit", "water"}, Interested: []string{"water"}},
			dispatch.Refusal{Field: "interested", Rule: "ZZ-10.8"}},
		{"ZZ-10.9 a petition goes to the petitions office", dispatch.Petition, "petitions", "ZZ-10.9", dispatch.Giving{Lead: "petitions"}, dispatch.Refusal{}},
		{"ZZ-10.9 and counts for no department", dispatch.Petition, "petitions", "ZZ-10.9",
			dispatch.Giving{Lead: "petitions", Assist: []string{"water"}}, dispatch.Refusal{Field: "assist", Rule: "ZZ-10.9"}},
		{"help goes to whose matter it is", dispatch.Help, "water", "ZZ-8", dispatch.Giving{Lead: "water"}, dispatch.Refusal{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := routedHall(t)
			o := h.asked(tt.kind)
			hints, err := h.SuggestFor(h.ctx(), o.Number)
			h.ok(err)
			if len(hints.Units) == 0 || hints.Units[0].ID != tt.first || hints.Units[0].Rule != tt.rule {
				t.Errorf("suggested: %+v", hints.Units)
			}
			got, err := h.Dispatch(h.ctx(), o.Number, desk, tt.give)
			if tt.denied != (dispatch.Refusal{}) {
				h.denies(err, tt.denied, dispatch.ErrInvalid)
				h.same("nothing changed", h.order(o.Number), o)
				return
			}
			h.ok(err)
			h.same("given", got.Unit, tt.give.Lead)
		})
	}
}

// A unit that a report is about does not learn that there is one.
func TestAccusedUnitLearnsNothing_ZZ_10_8(t *testing.T) {
	h := routedHall(t)
	o := h.asked(dispatch.Report)
	_, err := h.Dispatch(h.ctx(), o.Number, desk, dispatch.Giving{Lead: "discipline", Assist: []string{"audit"}, Interested: []string{"water"}})
	h.ok(err)
	if _, err = h.Sign(h.ctx(), o.Number, water); !errors.Is(err, dispatch.ErrNotFound) {
		t.Errorf("for the unit it is there: %v", err)
	}
	list, err := h.store.Orders(h.ctx(), dispatch.Filter{Unit: "water"})
	h.ok(err)
	mine, err := h.store.Assignments(h.ctx(), dispatch.AssignmentFilter{Unit: "water"})
	h.ok(err)
	h.same("in its lists", []int{len(list), len(mine)}, []int{0, 0})
}

// Complaints and reports are answered by who leads them, not by the hotline; a suggestion may
// be answered by it.
func TestWhoAnswers_ZZ_10_11(t *testing.T) {
	h := routedHall(t)
	for kind, lead := range map[dispatch.Type]string{dispatch.Complaint: "audit", dispatch.Report: "discipline"} {
		o := h.asked(kind)
		_, err := h.AnswerOnTheSpot(h.ctx(), o.Number, clerk, dispatch.Spot{Result: "已解决"})
		h.denies(err, dispatch.Refusal{Field: "role", Rule: "ZZ-10.11"}, dispatch.ErrRole)
		_, err = h.Complete(h.ctx(), o.Number, dispatch.Completion{Actor: clerk.Actor, Result: "已解决"})
		h.denies(err, dispatch.Refusal{Field: "role", Rule: "ZZ-10.11"}, dispatch.ErrRole)
		h.same("nothing changed", h.order(o.Number), o)
		_, err = h.Dispatch(h.ctx(), o.Number, desk, dispatch.Giving{Lead: lead, Assist: map[string][]string{"discipline": {"audit"}}[lead]})
		h.ok(err)
		by := dispatch.By{Actor: "unit:" + lead + ":1", Role: dispatch.ByUnit, Unit: lead}
		_, err = h.Sign(h.ctx(), o.Number, by)
		h.ok(err)
		_, err = h.Start(h.ctx(), o.Number, by, "已核实")
		h.ok(err)
		_, err = h.Submit(h.ctx(), o.Number, by, h.full())
		h.ok(err)
	}
	_, err := h.AnswerOnTheSpot(h.ctx(), h.asked(dispatch.Suggestion).Number, clerk, dispatch.Spot{Result: "已采纳"})
	h.ok(err)
}
