package sqlstore_test

import (
	"errors"
	"testing"
	"time"

	"hotline/dispatch"
	"hotline/dispatch/calendar"
	"hotline/dispatch/sqlstore"
)

// given is a unit's part in an order.
func given(id, order, unit string) dispatch.Assignment {
	return dispatch.Assignment{ID: id, Order: order, Attempt: 1, Unit: unit, Way: "platform", Words: "请办理", By: "office:李",
		DispatchedAt: noon, FirstAt: noon, SignBy: noon.Add(time.Hour), Due: dispatch.Deadline{At: noon.AddDate(0, 0, 3), Rule: "XZ-12.3.3",
			From: noon, Span: calendar.Span{N: 5, Unit: calendar.Workdays}}}
}

func lifeWhole(t *testing.T, s *sqlstore.Store) {
	o := order(1)
	o.Handling = dispatch.Handling{Unit: "water", Source: "leader", Owner: "agent:8001", Enterprise: true, Tier: 2, Points: 3,
		Parent: "ZZ20261121-00002-5", Repeats: 4, NoReply: "declined", Withdrawn: true, Supervised: true, Returns: 1, Rounds: 2,
		ContactedAt: noon.Add(time.Minute), SubmittedAt: noon.Add(2 * time.Minute)}
	insert(t, s, o)
	got, err := s.OrderBy(t.Context(), o.Number)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "order", got, o)

	lead, help := given("a1", o.Number, "water"), given("a2", o.Number, "roads")
	lead.Lead, lead.Coordinated, help.Copy = true, true, dispatch.CopyNotice
	help.Due.At = noon.AddDate(0, 0, 4)
	link := dispatch.Link{Order: o.Number, Kind: dispatch.LinkChild, Other: "other", Actor: "office:李", At: noon}
	do(t, s, func(tx dispatch.Tx) error {
		return errors.Join(tx.InsertAssignment(lead), tx.InsertAssignment(help), tx.InsertLink(link), tx.InsertLink(link))
	})
	do(t, s, func(tx dispatch.Tx) error {
		second := given("a3", o.Number, "gas")
		second.Lead = true
		if err := tx.InsertAssignment(second); !errors.Is(err, dispatch.ErrConflict) {
			t.Errorf("a second lead unit: %v", err)
		}
		lead.SignedAt, lead.SignedBy, lead.Extensions = noon.Add(time.Second), "unit:water:1", 1
		lead.SubmittedAt, lead.Answer = noon.Add(time.Minute), `{"result":"修好了"}`
		return tx.SaveAssignment(lead)
	})
	do(t, s, func(tx dispatch.Tx) error {
		all, err := tx.AssignmentsOf(o.Number)
		same(t, "assignments", all, []dispatch.Assignment{lead, help})
		return err
	})
	links, err := s.Links(t.Context(), "other")
	if err != nil {
		t.Fatal(err)
	}
	same(t, "links", links, []dispatch.Link{link})
}

func workListed(t *testing.T, s *sqlstore.Store) {
	for n, state := range []dispatch.State{dispatch.Archived, dispatch.Processing, dispatch.Dispatched, dispatch.Registered} {
		o := order(n + 1)
		o.State, o.Due.At = state, noon.AddDate(0, 0, 5-n)
		if state != dispatch.Registered {
			o.Unit = "water"
		}
		insert(t, s, o)
		a := given(o.Digits, o.Number, "water")
		a.Lead, a.Due.At = true, o.Due.At
		if state == dispatch.Processing {
			a.SignedAt = noon
		}
		do(t, s, func(tx dispatch.Tx) error { return tx.InsertAssignment(a) })
	}
	for _, tt := range []struct {
		name string
		f    dispatch.WorkFilter
		want []int
	}{
		{"all, nearest first", dispatch.WorkFilter{}, []int{4, 3, 2}},
		{"of a unit", dispatch.WorkFilter{Unit: "water"}, []int{3, 2}},
		{"of the hotline", dispatch.WorkFilter{Hotline: true}, []int{4}},
		{"of a state", dispatch.WorkFilter{State: dispatch.Processing}, []int{2}},
		{"due before", dispatch.WorkFilter{DueBefore: noon.AddDate(0, 0, 4)}, []int{4, 3}},
		{"after another", dispatch.WorkFilter{After: dispatch.Order{Number: order(4).Number, Due: dispatch.Deadline{At: noon.AddDate(0, 0, 2)}}}, []int{3, 2}},
		{"two at most", dispatch.WorkFilter{Limit: 2}, []int{4, 3}},
		{"supervised", dispatch.WorkFilter{Supervised: true}, nil},
	} {
		list, err := s.Work(t.Context(), tt.f)
		if err != nil {
			t.Fatal(err)
		}
		var got, want []string
		for _, o := range list {
			got = append(got, o.Number)
		}
		for _, n := range tt.want {
			want = append(want, order(n).Number)
		}
		same(t, tt.name, got, want)
	}
	late, err := s.Assignments(t.Context(), dispatch.AssignmentFilter{Unsigned: true, SignBy: noon.Add(2 * time.Hour), DueBefore: noon.AddDate(0, 0, 4)})
	if err != nil {
		t.Fatal(err)
	}
	if len(late) != 2 || late[0].Order != order(4).Number {
		t.Errorf("not signed and due within four days: %+v", late)
	}
}

func commandsOnce(t *testing.T, s *sqlstore.Store) {
	o := insert(t, s, order(1))
	do(t, s, func(tx dispatch.Tx) error {
		if before, err := tx.Done("k", "sign", noon); before != "" || err != nil {
			t.Errorf("first: %q, %v", before, err)
		}
		if before, err := tx.Done("k", "submit", noon); before != "sign" || err != nil {
			t.Errorf("again: %q, %v", before, err)
		}
		if e, err := tx.LastEvent(o.Number, dispatch.OnNote); e != (dispatch.Event{}) || err != nil {
			t.Errorf("no event: %+v, %v", e, err)
		}
		for _, words := range []string{"one", "two"} {
			if err := tx.Append(dispatch.Event{Number: o.Number, At: noon, Actor: "system", Kind: dispatch.OnNote, Text: words}); err != nil {
				return err
			}
		}
		e, err := tx.LastEvent(o.Number, dispatch.OnNote)
		if e.Text != "two" {
			t.Errorf("last event: %+v", e)
		}
		return err
	})
}
