package dispatch

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// What agents do at their desks, as the audit has it: subject is DeskSubject, text the agent.
const (
	ActDeskIn    = "desk_in"         // takes calls from now on
	ActDeskOut   = "desk_out"        // away: off duty, or at a break
	ActDeskAfter = "desk_after_call" // writes up a call: on duty, and not idle
)

// DeskSubject is a desk as the audit has it: a bare number would be taken for somebody's and
// hidden.
func DeskSubject(desk string) string { return deskPrefix + desk }

const deskPrefix = "座席 "

// longestShift is after how long a desk that nobody signed out of counts no more (rec): its
// program or its agent was gone.
const longestShift = 24 * time.Hour

// longestCall is how long before a span a call may have begun that reaches into it.
const longestCall = 12 * time.Hour

// seat is what is counted of one desk (KF-3.6.1).
type seat struct {
	calls, accepted, passed int
	talk, work, after       time.Duration
	talks                   []span
}

// seatRows are the six figures of each desk (座席) in a span: calls it answered, how long they
// lasted, how long it was signed in, how long of that it neither talked nor wrote up a call,
// the orders that these calls became, and those of them that went on to a unit or elsewhere.
// What reaches over an end of the span counts to there. Times are in seconds.
func (o *Office) seatRows(ctx context.Context, from, to time.Time) ([][]string, error) {
	seats := map[string]*seat{}
	at := func(desk string) *seat {
		if seats[desk] == nil {
			seats[desk] = &seat{}
		}
		return seats[desk]
	}
	calls, err := paged(ctx, Filter{Since: from.Add(-longestCall), Until: to}, o.store.Calls)
	if err != nil {
		return nil, fmt.Errorf("figures: calls: %w", err)
	}
	for _, c := range calls {
		if err := o.countTalks(ctx, c, span{from, to}, at); err != nil {
			return nil, err
		}
	}
	if err := o.countShifts(ctx, span{from, to}, at); err != nil {
		return nil, err
	}
	rows := [][]string{{"座席", "通话次数", "通话时间", "工作时间", "闲置时间", "受理量", "转办量"}}
	for _, desk := range slices.Sorted(maps.Keys(seats)) {
		s := seats[desk]
		rows = append(rows, []string{desk, strconv.Itoa(s.calls), seconds(s.talk), seconds(s.work), seconds(max(0, s.work-s.talk-s.after)),
			strconv.Itoa(s.accepted), strconv.Itoa(s.passed)})
	}
	return rows, nil
}

func seconds(d time.Duration) string { return strconv.Itoa(int(d / time.Second)) }

// span is a part of time.
type span struct{ from, to time.Time }

// of is how much of a time lies in the span.
func (s span) of(from, to time.Time) time.Duration {
	from, to = s.within(from, to)
	return max(0, to.Sub(from))
}

// within is the span as far as it lies in another; it ends before it begins where it does not.
func (s span) within(from, to time.Time) (time.Time, time.Time) {
	if s.from.After(from) {
		from = s.from
	}
	if s.to.Before(to) {
		to = s.to
	}
	return from, to
}

// talkWith and deskWords are how a call's steps tell of a desk that talks.
const (
	talkWith  = "bridge"
	deskWords = "与座席 "
	talkWords = "通话"
)

// countTalks counts one call at the desks that it was at, one after the other.
func (o *Office) countTalks(ctx context.Context, c Call, in span, at func(string) *seat) error {
	for i, step := range c.Steps {
		desk, ok := strings.CutPrefix(step.Text, deskWords)
		desk, whole := strings.CutSuffix(desk, talkWords)
		if step.What != talkWith || !ok || !whole {
			continue
		}
		ends := c.EndedAt
		if ends.IsZero() {
			ends = o.now()
		}
		if next := slices.IndexFunc(c.Steps[i+1:], func(s Step) bool { return s.What == talkWith }); next >= 0 {
			ends = c.Steps[i+1+next].At
		}
		long, here := in.of(step.At, ends), !step.At.Before(in.from) && step.At.Before(in.to)
		if long == 0 && !here {
			continue
		}
		s := at(desk)
		s.talk += long
		s.talks = append(s.talks, span{step.At, ends})
		if !here {
			continue
		}
		s.calls++
		if c.Order == "" {
			continue
		}
		order, err := o.store.OrderBy(ctx, c.Order)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return fmt.Errorf("figures: order of a call: %w", err)
		}
		s.accepted++
		if order.Unit != "" || order.State == Transferred {
			s.passed++
		}
	}
	return nil
}

// countShifts counts how long desks were signed in, by the audit.
func (o *Office) countShifts(ctx context.Context, in span, at func(string) *seat) error {
	var all []Audit
	for _, act := range []string{ActDeskIn, ActDeskOut, ActDeskAfter} {
		part, err := paged(ctx, Filter{Act: act, Since: in.from.Add(-longestShift), Until: in.to}, o.store.AuditLog)
		if err != nil {
			return fmt.Errorf("figures: who signed in: %w", err)
		}
		all = append(all, part...)
	}
	slices.SortFunc(all, func(a, b Audit) int { return int(a.Seq - b.Seq) })
	for i, a := range all {
		if a.Act == ActDeskOut {
			continue
		}
		ends := a.At.Add(longestShift)
		if next := slices.IndexFunc(all[i+1:], func(b Audit) bool { return b.Subject == a.Subject }); next >= 0 && all[i+1+next].At.Before(ends) {
			ends = all[i+1+next].At
		}
		long := in.of(a.At, ends)
		if long == 0 {
			continue
		}
		s := at(strings.TrimPrefix(a.Subject, deskPrefix))
		s.work += long
		if a.Act == ActDeskAfter {
			s.after += long
			for _, talk := range s.talks { // it was asked for while the call went on
				s.after -= in.of(talk.within(a.At, ends))
			}
		}
	}
	return nil
}
