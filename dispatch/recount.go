package dispatch

import (
	"context"
	"fmt"
	"time"

	"hotline/dispatch/calendar"
)

// recount is one pass through what is open, by one calendar.
type recount struct {
	office   *Office
	days     *calendar.Calendar
	editions map[int]CalendarYear // in force, by year
	changed  int
}

// Recount counts the deadlines of open orders and of their units' parts again (T9, T10):
// provisional ones always, final ones where a later notice changed a year of theirs before
// they passed. The old date and the notice stay in the timeline. What is counted already
// does not change again, so any number of controllers may do it at any time. Call it at
// start-up and after FollowCalendar changed something; it returns how many orders changed.
func (o *Office) Recount(ctx context.Context) (int, error) {
	r := recount{office: o, days: o.calendar(), editions: map[int]CalendarYear{}}
	editions, err := o.store.CalendarYears(ctx)
	if err != nil {
		return 0, fmt.Errorf("recount deadlines: %w", err)
	}
	for _, e := range editions {
		r.editions[e.Year] = e
	}
	if err := r.orders(ctx); err != nil {
		return r.changed, fmt.Errorf("recount deadlines: %w", err)
	}
	if err := r.parts(ctx); err != nil {
		return r.changed, fmt.Errorf("recount deadlines: %w", err)
	}
	return r.changed, nil
}

// recountPage is how many are looked at at a time.
const recountPage = 500

// orders goes through the orders that somebody has to handle.
func (r *recount) orders(ctx context.Context) error {
	f := WorkFilter{Limit: recountPage}
	for {
		page, err := r.office.store.Work(ctx, f)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, order := range page {
			if _, ok := r.again(r.basis(order)); !ok {
				continue
			}
			if err := r.order(ctx, order.Number); err != nil {
				return err
			}
		}
		f.After = page[len(page)-1]
	}
}

// parts goes through the units' parts, since a unit that assists has a deadline of its own.
func (r *recount) parts(ctx context.Context) error {
	f := AssignmentFilter{Open: true, Limit: recountPage}
	for {
		page, err := r.office.store.Assignments(ctx, f)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, a := range page {
			_, due := r.again(a.Due)
			if _, sign := r.signBy(a); !due && !sign {
				continue
			}
			if err := r.order(ctx, a.Order); err != nil {
				return err
			}
		}
		f.After = page[len(page)-1]
	}
}

// basis is an order's deadline. One that was found before deadlines knew what they are
// counted from is the policy's, if it is provisional.
func (r *recount) basis(order Order) Deadline {
	if order.Due.Provisional && order.Due.From.IsZero() {
		due := order.Due
		due.From, due.Span = order.since(), r.office.policy.Term(order.Type).Span()
		return due
	}
	return order.Due
}

// again counts a deadline again and says whether that changes it.
func (r *recount) again(was Deadline) (Deadline, bool) {
	due := was.again(r.days)
	switch {
	case due.At.Equal(was.At) && due.Provisional == was.Provisional:
		return was, false
	case was.Provisional:
		return due, true
	}
	e := r.edition(was, due)
	return due, !due.Provisional && e.Edition > 1 && was.At.After(e.At)
}

// edition is the last one that came, among the years that a deadline runs through, before or
// after.
func (r *recount) edition(was, due Deadline) (last CalendarYear) {
	end := was.At
	if due.At.After(end) {
		end = due.At
	}
	for year := due.From.In(Place).Year(); year <= end.In(Place).Year(); year++ {
		if e, ok := r.editions[year]; ok && !e.At.Before(last.At) {
			last = e
		}
	}
	return last
}

// order counts one order and its units' parts again, in one transaction.
func (r *recount) order(ctx context.Context, number string) error {
	done := false
	_, err := r.office.change(ctx, number, func(u *unit, order *Order) error {
		done = false
		if !order.inHand() {
			return nil
		}
		was := order.Due
		due, ok := r.again(r.basis(*order))
		if ok {
			order.Due, done = due, true
			if err := u.event(r.event("期限", number, was, due)); err != nil {
				return err
			}
		}
		parts, err := u.AssignmentsOf(number)
		if err != nil {
			return err
		}
		for _, a := range parts {
			changed, err := r.part(u, a, [2]Deadline{was, order.Due})
			if err != nil {
				return err
			}
			done = done || changed
		}
		return nil
	})
	if err == nil && done {
		r.changed++
	}
	return err
}

// part counts a unit's part again. What its order's own line in the timeline says, of this
// old and new deadline, is not said again.
func (r *recount) part(u *unit, a Assignment, said [2]Deadline) (changed bool, err error) {
	if !a.EndedAt.IsZero() {
		return false, nil
	}
	due, moved := r.again(a.Due)
	sign, resign := r.signBy(a)
	if !moved && !resign {
		return false, nil
	}
	was, wasSign := a.Due, Deadline{At: a.SignBy, From: a.DispatchedAt}
	a.Due, a.SignBy = due, sign
	if err := u.SaveAssignment(a); err != nil {
		return false, err
	}
	if moved && !(due.At.Equal(said[1].At) && was.At.Equal(said[0].At)) {
		if err := u.event(r.event(a.Unit+"的期限", a.Order, was, due)); err != nil {
			return false, err
		}
	}
	if resign {
		err = u.event(r.event(a.Unit+"的签收时限", a.Order, wasSign,
			Deadline{At: sign, From: a.DispatchedAt, Rule: r.office.policy.Life.Sign.Rule}))
	}
	return true, err
}

// signBy counts again by when a part has to be signed: where that had not passed yet when a
// year of it came or changed.
func (r *recount) signBy(a Assignment) (time.Time, bool) {
	if a.SignBy.IsZero() || !a.SignedAt.IsZero() {
		return a.SignBy, false
	}
	by := r.office.policy.Life.Sign.by(r.days, a.Way, a.DispatchedAt)
	e := r.edition(Deadline{At: a.SignBy, From: a.DispatchedAt}, Deadline{At: by, From: a.DispatchedAt})
	if by.IsZero() || by.Equal(a.SignBy) || !e.At.After(a.DispatchedAt) || !a.SignBy.After(e.At) {
		return a.SignBy, false
	}
	return by, true
}

// event keeps a deadline of an order's and why it changed.
func (r *recount) event(what, number string, was, due Deadline) Event {
	text := what + "由" + was.day() + "改为" + due.day()
	if due.At.Equal(was.At) {
		text = what + due.day() + "不再暂定"
	}
	return Event{Number: number, Kind: OnRecounted, Rule: due.Rule, Text: text + r.reason(was, due)}
}

// day is Words with the year: a deadline is counted again where years meet.
func (d Deadline) day() string {
	provisional := ""
	if d.Provisional {
		provisional = "暂定"
	}
	return provisional + d.At.Add(-time.Microsecond).In(Place).Format("2006年") + d.Words()
}

// reason names what changed the deadline.
func (r *recount) reason(was, due Deadline) string {
	e := r.edition(was, due)
	y, known := r.days.Year(e.Year)
	if !known || len(y.Notices) == 0 {
		return ":工作日历补齐"
	}
	notice := y.Notices[len(y.Notices)-1] // the one that changed it
	if e.Edition == 1 {
		notice = y.Notices[0]
	}
	return fmt.Sprintf(":%d年工作日历第%d版,%s", e.Year, e.Edition, notice)
}
