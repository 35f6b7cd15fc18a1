package dispatch

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"hotline/sms"
)

// SpotPolicy is the day's 抽查 by the leader on duty (ZZ-11.1).
type SpotPolicy struct {
	At      Clock  `yaml:"at"`      // the time of day; not given: there is none
	Orders  int    `yaml:"orders"`  // so many of the day's orders at least
	Percent int    `yaml:"percent"` // or so many in a hundred of them, where that is more
	Rule    string `yaml:"rule"`
}

// of is how many of a day's orders are looked at.
func (p SpotPolicy) of(n int) int { return min(n, max(p.Orders, (n*p.Percent+99)/100)) }

// spotAnswer is how long the leader has to sign what was drawn.
const spotAnswer = 24 * time.Hour

// spotChecks draws some of the day's orders for the leader on duty to look at, once for each
// day (ZZ-11.1). Each is a task of its own that the leader signs; what was not signed by the
// next drawing is said there.
func (s *sweep) spotChecks(ctx context.Context) error {
	return s.daily(ctx, ActSpots, s.policy.SpotCheck.At, s.spotCheck)
}

func (s *sweep) spotCheck(ctx context.Context, from, at time.Time) error {
	drawn, err := s.draw(ctx, from, at)
	if err != nil {
		return err
	}
	open, err := s.store.Acts(ctx, ActFilter{Kinds: []ActKind{ActSpot}, Open: true, Limit: mostActs})
	if err != nil {
		return err
	}
	late := 0
	for _, a := range open {
		if !a.AnswerBy.After(at) {
			late++
		}
	}
	words := ""
	if len(drawn)+late > 0 {
		words = fmt.Sprintf("%s日抽查%d件,请签注;此前未签注%d件", at.In(Place).Format("1月2"), len(drawn), late)
	}
	done, err := s.today(ctx, Act{Kind: ActSpots, About: at.UTC(), Rule: s.policy.SpotCheck.Rule, Words: words}, func(u *unit) error {
		for _, order := range drawn {
			a := Act{ID: u.id(), Order: order.Number, Attempt: order.attempt(), Kind: ActSpot, About: at.UTC(), Step: 1, Rule: s.policy.SpotCheck.Rule,
				Actor: "system", DueAt: at.UTC(), At: u.now, AnswerBy: at.Add(spotAnswer).UTC()}
			if _, err := u.InsertAct(a); err != nil {
				return err
			}
			if err := u.event(Event{Number: order.Number, Kind: OnSpot, Rule: a.Rule, Text: "列入" + at.In(Place).Format("1月2") + "日抽查"}); err != nil {
				return err
			}
		}
		return nil
	})
	if done {
		s.done.Acts[ActSpot] += len(drawn)
	}
	return err
}

// mostActs is how many are read at a time.
const mostActs = 1000

// draw takes orders that were registered in a span of time by lot.
func (s *sweep) draw(ctx context.Context, from, to time.Time) ([]Order, error) {
	var all []Order
	for order, err := range s.ordersOf(ctx, Filter{Since: from, Until: to}) {
		if err != nil {
			return nil, err
		}
		all = append(all, order)
	}
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:s.policy.SpotCheck.of(len(all))], nil
}

// daily does what is done once a day at a time of day, for days that were missed first. What
// is done is from the one before it on, so that nothing falls between two; the first is about
// its own day.
func (s *sweep) daily(ctx context.Context, kind ActKind, clock Clock, do func(ctx context.Context, from, at time.Time) error) error {
	if clock == 0 {
		return nil
	}
	now := s.now()
	var last time.Time
	err := s.do(ctx, func(u *unit) error {
		all, err := u.HotlineActs(kind, now.AddDate(0, 0, -mostDigests-1))
		last = time.Time{}
		if len(all) > 0 {
			last = all[len(all)-1].About
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("%s of the days before: %w", kind, err)
	}
	if last.IsZero() {
		y, m, d := now.In(Place).Date()
		last = time.Date(y, m, d, 0, 0, 0, 0, Place)
	}
	for _, at := range clock.since(last, now) {
		if err := do(ctx, last, at); err != nil {
			return fmt.Errorf("%s of %s: %w", kind, at.In(Place).Format(time.DateOnly), err)
		}
		last = at
	}
	return nil
}

// today keeps a day's act and what goes with it, and texts its words to the leader on duty;
// where another sweep did, it is not done here.
func (s *sweep) today(ctx context.Context, a Act, also func(*unit) error) (done bool, err error) {
	err = s.do(ctx, func(u *unit) error {
		done = false
		a.ID, a.Attempt, a.Step, a.Actor, a.DueAt, a.At = u.id(), 1, 1, "system", a.About, u.now
		fresh, err := u.InsertAct(a)
		if err != nil || !fresh {
			return err
		}
		for _, phone := range u.phones(leaders, "") {
			if a.Words == "" {
				break // there is nothing to say
			}
			m := sms.Message{Key: "act:" + a.ID + ":" + phone, Kind: sms.KindNotice, To: phone, Text: a.Words + "。", Priority: replyPriority}
			u.notBefore(&m)
			if err := u.send(m); err != nil {
				return err
			}
			break // the leader on duty; the others stand by
		}
		done = true
		return also(u)
	})
	if err == nil && done {
		s.done.Acts[a.Kind]++
		s.done.Lag = max(s.done.Lag, s.now().Sub(a.About))
	}
	return done && err == nil, err
}
