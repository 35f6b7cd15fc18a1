package dispatch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"hotline/dispatch/calendar"
)

// Swept is what one sweep of the clock's work did.
type Swept struct {
	Acts   map[ActKind]int
	Looked int           // orders that had changed and were looked at
	Failed int           // orders that it could not do anything about; it tries again in a minute
	Lag    time.Duration // how late the latest act was
}

// Bounds of one transaction of a sweep.
const (
	lookBatch = 500 // orders that changed
	actBatch  = 20  // orders that something is due for: others wait for them
	retryIn   = time.Minute
)

// marks of a sweep.
const (
	markRules = "sweep_rules"
	markSwept = "swept"
)

// SweepOrders does what is due about orders at the office's now: late signatures, reminders,
// 催办, 督办, escalation, what nobody decided, and the day's digest. It catches up after any
// pause: over all orders what was due first is done first. Each act is its row, its event and
// its texts in one transaction; rows are unique, so that any number of sweeps may run at once
// on one store, and one that dies repeats nothing.
//
// One order that fails holds up no other. It fails as a whole only when the store does.
func (o *Office) SweepOrders(ctx context.Context) (Swept, error) {
	s := sweep{Office: o, done: Swept{Acts: map[ActKind]int{}}}
	for _, step := range []func(context.Context) error{s.rules, s.look, s.act, s.digests, s.spotChecks, s.logIns, s.weeklies, s.volumes, s.recordings, s.mark} {
		if err := step(ctx); err != nil {
			return s.done, fmt.Errorf("sweep: %w", err)
		}
	}
	return s.done, nil
}

// sweep is one at work.
type sweep struct {
	*Office
	done Swept
}

// rules goes through every order when the policy or the calendar is not the one that the
// sweep before went by, and has those looked at again for which something is due at another
// time now: most are not touched. The new rules are noted last, so that one that dies on the
// way begins anew.
func (s *sweep) rules(ctx context.Context) error {
	print := s.print()
	before, _, err := s.store.Marked(ctx, markRules)
	if err != nil || before == print {
		return err
	}
	var last, next Look
	for more := true; more; last = next {
		err := s.do(ctx, func(u *unit) (err error) {
			next, more, err = s.reconsider(u, last) // it may run again, from the same one on
			return err
		})
		if err != nil {
			return fmt.Errorf("go through orders under new rules: %w", err)
		}
	}
	return s.do(ctx, func(u *unit) error { return u.Mark(markRules, print, u.now) })
}

// reconsider is one transaction's worth of rules, after the order that was last. One that
// changes meanwhile is looked at for that.
func (s *sweep) reconsider(u *unit, last Look) (next Look, more bool, err error) {
	list, err := u.WatchAll(last, lookBatch)
	if err != nil || len(list) == 0 {
		return last, false, err
	}
	var other []Look
	for i := range list {
		w := &list[i]
		if err := u.urgency(w); err != nil {
			return last, false, err
		}
		if next = (Look{w.Number, w.LookAt}); !nextLook(s.agenda(w)).Equal(w.LookAt) {
			other = append(other, Look{Number: w.Number})
		}
	}
	return next, len(list) == lookBatch, u.LookAgain(other)
}

// ruled is a calendar and the word for what moments follow from under it.
type ruled struct {
	days  *calendar.Calendar
	print string
}

// print is the word for what moments follow from: the policy and every day of the calendar.
func (o *Office) print() string {
	c, p := o.calendar(), o.policy
	if r := o.ruled.Load(); r != nil && r.days == c {
		return r.print
	}
	h := sha256.New()
	fmt.Fprintf(h, "%+v %+v %+v %+v %+v %+v", p.Watch, p.Urge, p.Supervise, p.Escalation, p.OnCall, c.Rules())
	for _, year := range c.Years() {
		for day := time.Date(year, 1, 1, 0, 0, 0, 0, Place); day.Year() == year; day = day.AddDate(0, 0, 1) {
			working, _ := c.WorkingDay(day)
			fmt.Fprint(h, year, working)
		}
	}
	r := &ruled{c, hex.EncodeToString(h.Sum(nil))}
	o.ruled.Store(r)
	return r.print
}

// mark leaves word that a sweep came to its end.
func (s *sweep) mark(ctx context.Context) error {
	return s.do(ctx, func(u *unit) error { return u.Mark(markSwept, "", u.now) })
}

// look finds out when something is due next for the orders that changed. Nothing is done
// yet: over all orders what is due first goes first.
func (s *sweep) look(ctx context.Context) error {
	for {
		n := 0
		err := s.do(ctx, func(u *unit) error {
			list, err := u.Watch(time.Time{}, lookBatch, "")
			if err != nil {
				return err
			}
			n = len(list)
			looks := make([]Look, n)
			for i := range list {
				if err := u.urgency(&list[i]); err != nil {
					return err
				}
				looks[i] = Look{list[i].Number, nextLook(s.agenda(&list[i]))}
			}
			return u.LookAgain(looks)
		})
		if err != nil {
			return fmt.Errorf("look at orders that changed: %w", err)
		}
		if s.done.Looked += n; n < lookBatch {
			return nil
		}
	}
}

// act does what is due, a few orders at a time and of those what is due before anything of
// the others is.
func (s *sweep) act(ctx context.Context) error {
	until := s.now()
	for {
		more, err := s.acts(ctx, until, actBatch, "")
		if err == nil && !more {
			return nil
		}
		if err == nil {
			continue
		}
		if err := s.oneByOne(ctx, until, err); err != nil {
			return err
		}
	}
}

// acts is one transaction's worth; more says that there may be others.
func (s *sweep) acts(ctx context.Context, until time.Time, limit int, number string) (more bool, err error) {
	var done Swept
	err = s.do(ctx, func(u *unit) error {
		done = Swept{Acts: map[ActKind]int{}}
		list, err := u.Watch(until, limit, number)
		if err != nil {
			return err
		}
		if more = number == "" && len(list) == limit; more {
			until = list[limit-1].LookAt // what the others wait for is not before
		}
		looks := make([]Look, len(list))
		for i := range list {
			if err := u.urgency(&list[i]); err != nil {
				return err
			}
		}
		for {
			i, it := s.first(list)
			if i < 0 || it.at.After(until) {
				break
			}
			if err := u.perform(&list[i], it); err != nil {
				return fmt.Errorf("%s of %s: %w", it.kind, list[i].Number, err)
			}
			done.Acts[it.kind]++
			done.Lag = max(done.Lag, u.now.Sub(it.at))
		}
		for i := range list {
			looks[i] = Look{list[i].Number, nextLook(s.agenda(&list[i]))}
		}
		return u.LookAgain(looks)
	})
	if err != nil {
		return false, err
	}
	for kind, n := range done.Acts {
		s.done.Acts[kind] += n
	}
	s.done.Lag = max(s.done.Lag, done.Lag)
	return more, nil
}

// first is what is due first over some orders, and for which of them; below 0 there is nothing.
func (s *sweep) first(list []Watched) (at int, first item) {
	at = -1
	for i := range list {
		if all := s.agenda(&list[i]); len(all) > 0 && (at < 0 || all[0].at.Before(first.at)) {
			at, first = i, all[0]
		}
	}
	return at, first
}

// oneByOne goes on after a transaction failed: each of its orders has one of its own, and
// one that fails alone is tried again later. It fails where all of them do: that is the store.
func (s *sweep) oneByOne(ctx context.Context, until time.Time, cause error) error {
	var numbers []string
	err := s.do(ctx, func(u *unit) error {
		list, err := u.Watch(until, actBatch, "")
		numbers = nil
		for _, w := range list {
			numbers = append(numbers, w.Number)
		}
		return err
	})
	if err != nil || len(numbers) == 0 {
		return errors.Join(cause, err)
	}
	for _, number := range numbers {
		if _, err := s.acts(ctx, until, 1, number); err != nil {
			s.log.Error("an order's due acts are not done, trying again later", "order", number, "err", err)
			s.done.Failed++
			later := func(u *unit) error { return u.LookAgain([]Look{{number, u.now.Add(retryIn)}}) }
			if err := s.do(ctx, later); err != nil {
				return errors.Join(cause, err)
			}
		}
	}
	return nil
}

// SweepStood is for how long no sweep has come to its end, and how late the oldest act is
// that is due; zero is neither.
func (o *Office) SweepStood(ctx context.Context) (stood, lag time.Duration, err error) {
	_, swept, err := o.store.Marked(ctx, markSwept)
	if err != nil {
		return 0, 0, fmt.Errorf("last sweep: %w", err)
	}
	due, err := o.store.NextLook(ctx)
	if err != nil {
		return 0, 0, fmt.Errorf("oldest act that is due: %w", err)
	}
	now := o.now()
	if !swept.IsZero() {
		stood = max(0, now.Sub(swept))
	}
	if !due.IsZero() {
		lag = max(0, now.Sub(due))
	}
	return stood, lag, nil
}
