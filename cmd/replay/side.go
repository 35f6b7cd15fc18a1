package replay

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"time"

	"hotline/dispatch"
	"hotline/dispatch/calendar"
	"hotline/dispatch/sqlstore"
	"hotline/sms"
)

// Figures are what a year came to under one hotline's rules.
type Figures struct {
	Name      string
	Orders    int
	Types     map[dispatch.Type]int
	Days      map[dispatch.Type]float64 // from intake to deadline, all of the type together
	Rules     map[dispatch.Type]string  // clause of the deadline
	Completed int
	Overdue   int // answered after the deadline, or not answered at the end
	Returns   Asked
	Extends   Asked
	Surveys   int
	Rated     int
	Satisfied int
	Callbacks int
	Redos     int
	Overseen  int                      // 督办
	Acts      map[dispatch.ActKind]int // what the clock did
	Refused   map[string]int           // by clause: what people tried and the rules did not let them
}

// Asked is what units asked for, and how often that was open to them.
type Asked struct{ Tried, Open int }

// The unit's people and the office's.
const unitID = "unit"

var (
	office  = dispatch.By{Actor: "office:1", Role: dispatch.ByOffice}
	agent   = dispatch.By{Actor: "agent:1", Role: dispatch.ByAgent}
	handler = dispatch.By{Actor: "unit:unit:1", Role: dispatch.ByUnit, Unit: unitID}
	head    = dispatch.By{Actor: "head:unit:9", Role: dispatch.ByHead, Unit: unitID}
)

// side is one hotline that the year is played to.
type side struct {
	*dispatch.Office
	policy *dispatch.Policy
	store  *sqlstore.Store
	days   *calendar.Calendar
	now    time.Time
	queue  []step
	made   int
	f      Figures
}

// step is something that happens at a moment; steps of one moment happen as they were made.
type step struct {
	at time.Time
	n  int
	do func(context.Context) error
}

// Hotline is what a year is played to: rules, working days, and a file for a new database.
type Hotline struct {
	Policy   *dispatch.Policy
	Calendar *calendar.Calendar
	File     string
}

// Play plays a year to a hotline until three months after its
// last request. What the rules refuse is counted; another error ends it.
func Play(ctx context.Context, h Hotline, year []Request) (Figures, error) {
	p, days := h.Policy, h.Calendar
	store, err := sqlstore.Open(ctx, h.File)
	if err != nil {
		return Figures{}, fmt.Errorf("database of %s: %w", p.Hotline.ID, err)
	}
	defer store.Close()
	s := &side{policy: p, store: store, days: days, f: Figures{Name: p.Hotline.Name, Types: map[dispatch.Type]int{}, Days: map[dispatch.Type]float64{}, Rules: map[dispatch.Type]string{}, Refused: map[string]int{}, Acts: map[dispatch.ActKind]int{}}}
	people := []dispatch.Handler{{ID: "1", Name: "经办", Mobile: "13900000011"}, {ID: "9", Name: "负责", Mobile: "13900000012", Head: true}}
	s.Office = dispatch.NewOffice(dispatch.Config{Store: store, Policy: p, Calendar: days, Now: func() time.Time { return s.now },
		Units: []dispatch.Unit{{ID: unitID, Name: "承办单位", Handlers: people}, {ID: "enterprise", Name: "企服平台"}}})
	for _, q := range year {
		s.at(q.At, func(ctx context.Context) error { return s.open(ctx, q) })
	}
	last := year[len(year)-1].At.AddDate(0, 3, 0)
	for at := year[0].At; at.Before(last); at = at.Add(6 * time.Hour) {
		s.at(at, s.sweep)
	}
	for len(s.queue) > 0 && !s.queue[0].at.After(last) {
		next := s.queue[0]
		s.queue, s.now = s.queue[1:], next.at
		if err := next.do(ctx); err != nil && !s.refused(err) {
			return s.f, fmt.Errorf("%s at %s: %w", p.Hotline.ID, s.now.In(dispatch.Place).Format("2006-01-02 15:04"), err)
		}
	}
	return s.f, s.count(ctx)
}

// sweep does what is due, as a controller does every few seconds.
func (s *side) sweep(ctx context.Context) error {
	if _, err := s.SweepDue(ctx, s.now, s.now); err != nil {
		return err
	}
	done, err := s.SweepOrders(ctx)
	for kind, n := range done.Acts {
		s.f.Acts[kind] += n
	}
	if err == nil && done.Failed > 0 {
		err = fmt.Errorf("sweep: %d orders could not be looked after", done.Failed)
	}
	return err
}

// at plans a step.
func (s *side) at(t time.Time, do func(context.Context) error) {
	if t.Before(s.now) {
		t = s.now
	}
	s.made++
	i := sort.Search(len(s.queue), func(i int) bool { return s.queue[i].at.After(t) })
	s.queue = append(s.queue, step{})
	copy(s.queue[i+1:], s.queue[i:])
	s.queue[i] = step{t, s.made, do}
}

// tooLate is where refusals without a clause are counted: the unit no longer has the order.
const tooLate = "状态"

// refused counts what the rules did not allow.
func (s *side) refused(err error) bool {
	var r *dispatch.Refusal
	switch {
	case errors.As(err, &r):
		s.f.Refused[r.Rule]++
	case errors.Is(err, dispatch.ErrNotFound), errors.Is(err, dispatch.ErrIllegal):
		s.f.Refused[tooLate]++
	default:
		return false
	}
	return true
}

// count takes the rest of the figures from the record.
func (s *side) count(ctx context.Context) error {
	for offset := 0; ; offset += 200 {
		list, err := s.store.Orders(ctx, dispatch.Filter{Limit: 200, Offset: offset})
		if err != nil {
			return fmt.Errorf("count orders: %w", err)
		}
		for _, o := range list {
			s.f.Redos += o.Redos
			if o.Overdue(s.now) {
				s.f.Overdue++
			}
			if !o.CompletedAt.IsZero() {
				s.f.Completed++
			}
			if o.Supervised {
				s.f.Overseen++
			}
		}
		if len(list) < 200 {
			break
		}
	}
	sat, err := s.Satisfaction(ctx, time.Unix(0, 0), s.now.Add(time.Hour))
	s.f.Rated, s.f.Satisfied = sat.Rated, sat.Satisfied
	return err
}

// texts of a kind about an order, the newest first.
func (s *side) texts(ctx context.Context, number string, kind sms.Kind) (list []sms.Message, err error) {
	all, err := s.store.Messages(ctx, dispatch.Filter{Order: number})
	for _, m := range all {
		if m.Kind == kind {
			list = append(list, m)
		}
	}
	return list, err
}
