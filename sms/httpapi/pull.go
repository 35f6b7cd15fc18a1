package httpapi

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"hotline/sms"
)

// Bounds of what is asked for one by one.
const (
	maxExpected = 50_000         // texts remembered without a receipt; above it callbacks must do
	maxAsked    = 200            // asked about in one round
	longestWait = 6 * time.Hour  // between two questions about one text
	forgetAfter = 72 * time.Hour // no carrier reports later
)

// expected is a text whose receipt has not come.
type expected struct {
	id, carrierID, to string // carrierID is empty for one of unknown outcome
	sent, next        time.Time
	wait              time.Duration
}

// expect remembers a text until its receipt comes, if a pull can ask for it. Of one of
// unknown outcome it can only where the carrier gives our own id back.
func (l *Link) expect(out sms.Outgoing, carrierID string) {
	p := l.asking()
	if p == nil || !l.cfg.Receipts || carrierID == "" && p.Receipts.Mine == "" {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.cfg.Clock.Now()
	e := &expected{id: out.ID, carrierID: carrierID, to: out.To, sent: now, next: now.Add(p.Each), wait: p.Each}
	delete(l.expected, doubtOf(out.ID)) // a try before was answered no better
	if len(l.expected) < maxExpected {
		l.expected[e.known()] = e
	}
}

// asking is the pull that asks for one text at a time, or nil.
func (l *Link) asking() *Pull {
	for i := range l.cfg.API.Pulls {
		if p := &l.cfg.API.Pulls[i]; p.Each > 0 && p.Receipts != nil {
			return p
		}
	}
	return nil
}

// received forgets a text whose receipt came, under the carrier's id or ours.
func (l *Link) received(carrierID, id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.expected, carrierID)
	delete(l.expected, doubtOf(id))
}

// known is the id a receipt for the text has. The gateway takes one it has never heard of
// for that of the phone's one text in doubt.
func (e *expected) known() string { return cmp.Or(e.carrierID, doubtOf(e.id)) }

// doubtOf stands for the carrier's id of a text of unknown outcome.
func doubtOf(id string) string { return "out-" + id }

// due are texts to ask about now, oldest first.
func (l *Link) due() []expected {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.cfg.Clock.Now()
	var out []expected
	for known, e := range l.expected {
		switch {
		case now.Sub(e.sent) > forgetAfter:
			delete(l.expected, known)
		case !e.next.After(now):
			out = append(out, *e)
		}
	}
	slices.SortFunc(out, func(a, b expected) int { return a.next.Compare(b.next) })
	return out[:min(len(out), maxAsked)]
}

// later has a text asked about again after twice the time.
func (l *Link) later(e expected) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if kept := l.expected[e.known()]; kept != nil {
		kept.wait = min(2*kept.wait, longestWait)
		kept.next = l.cfg.Clock.Now().Add(kept.wait)
	}
}

// pull asks again and again. What an answer brought and the sink did not take is kept and
// offered again before the carrier is asked for more: asking takes it away there.
func (l *Link) pull(ctx context.Context, p *Pull) {
	every := cmp.Or(p.Every, time.Minute)
	for failed := 0; ctx.Err() == nil; {
		l.wait(ctx, every, nil)
		if ctx.Err() != nil {
			return
		}
		err := l.round(ctx, p)
		every = cmp.Or(p.Every, time.Minute)
		if err == nil {
			failed = 0
			continue
		}
		every = max(every, sms.BackOff(failed, every, 10*every))
		failed++
		l.cfg.Log.WarnContext(ctx, "pull failed", "err", err, "again_in", every)
	}
}

// mostFailed is after how many failures in a row the carrier, and not a text of ours, is
// taken to be the reason.
const mostFailed = 3

// round brings all there is, or asks about each text that is due. It fails where nothing
// came of it: a text that cannot be asked about does not hold up the others.
func (l *Link) round(ctx context.Context, p *Pull) error {
	if p.Each == 0 {
		return l.drain(ctx, p)
	}
	var wrong []error
	answered, row := 0, 0
	for _, e := range l.due() {
		if row == mostFailed || ctx.Err() != nil {
			break
		}
		l.later(e)
		if err := l.askAbout(ctx, p, e); err != nil {
			wrong, row = append(wrong, err), row+1
			continue
		}
		answered, row = answered+1, 0
	}
	if len(wrong) > 0 && answered > 0 {
		l.cfg.Log.WarnContext(ctx, "some texts could not be asked about", "failed", len(wrong), "answered", answered, "err", wrong[0])
		return nil
	}
	return errors.Join(wrong...)
}

// askAbout brings the receipt of one text, if there is one.
func (l *Link) askAbout(ctx context.Context, p *Pull, e expected) error {
	s := l.accountSlots()
	s["number"], s["e164"], s["id"], s["carrier_id"] = e.to, e164(e.to), e.id, e.carrierID
	zone, _ := p.Receipts.Time.zone() // checked when the link was made
	s["date"] = e.sent.In(zone).Format("20060102")
	things, err := l.question(ctx, p, s)
	if err != nil {
		return err
	}
	for _, thing := range things {
		if mine, ok := word(thing, p.Receipts.Mine); ok && mine != e.id || !ok && e.carrierID == "" {
			continue
		}
		l.count(func(st *Stats) { st.Pulled++ })
		if err := l.take(ctx, p.Receipts, thing, e.known()); err != nil && !errors.Is(err, errSense) {
			return err
		}
	}
	return nil
}

// drain asks until nothing is left.
func (l *Link) drain(ctx context.Context, p *Pull) error {
	reading := cmp.Or(p.Texts, p.Receipts)
	for more := true; more; {
		asked := l.cfg.Clock.Now()
		things, err := l.question(ctx, p, l.accountSlots())
		if err != nil {
			return err
		}
		more = p.Limit > 0 && len(things) >= p.Limit
		for _, thing := range things {
			l.count(func(st *Stats) { st.Pulled++ })
			l.keep(ctx, reading, thing)
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if !more && p.Texts != nil {
			l.drained(asked)
		}
	}
	return nil
}

// keep offers a thing to the sink until it takes it: the carrier does not have it any more.
// When the link is told to stop it is offered once more, and that is all.
func (l *Link) keep(ctx context.Context, reading *Reading, thing any) {
	for tries := 0; ; tries++ {
		err := l.take(context.WithoutCancel(ctx), reading, thing, "")
		if err == nil || errors.Is(err, errSense) {
			return
		}
		l.cfg.Log.ErrorContext(ctx, "pulled and not stored", "err", err, "tries", tries+1, "lost", ctx.Err() != nil)
		if ctx.Err() != nil {
			return
		}
		l.wait(ctx, sms.BackOff(tries, l.cfg.FirstPause, l.cfg.LastPause), nil)
	}
}

// question is one question and its answer.
func (l *Link) question(ctx context.Context, p *Pull, s slots) ([]any, error) {
	req, err := l.request(&p.Request, s)
	if err != nil {
		return nil, err
	}
	a, _, err := l.exchange(ctx, req)
	if err != nil {
		return nil, err
	}
	code := first(a.body, p.Code)
	refused := len(p.Code) > 0 && code != "" && !slices.Contains(p.OK, code)
	if a.status/100 != 2 || refused || a.body == nil {
		return nil, fmt.Errorf("answered %d %s %s", a.status, code, hide(first(a.body, p.Words)))
	}
	return cmp.Or(p.Texts, p.Receipts).items(a.body)
}
