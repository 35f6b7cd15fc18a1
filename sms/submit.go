package sms

import (
	"context"
	"errors"
	"slices"
	"time"
)

// Retries of a later segment, when the first is out already and giving up would leave
// half a text on the handset.
const (
	segmentTries = 5
	segmentPause = time.Second
)

// Send is Transport. The segments of a long text go one after another; if the carrier took
// the first and not a later one, the outcome is unknown.
func (l *Line) Send(ctx context.Context, out Outgoing) (Taken, error) {
	submits, err := l.proto.Submits(out)
	if err != nil {
		return Taken{}, &SendError{Fault: Permanent, Err: err}
	}
	taken := Taken{Segments: len(submits)}
	for i, f := range submits {
		id, fault := l.sendSegment(ctx, f, i > 0)
		if fault != nil {
			if i > 0 {
				fault.Fault, fault.Taken = Unknown, taken
			}
			return Taken{}, fault
		}
		if id != "" { // a carrier that sends no receipts may give no ids either
			taken.CarrierIDs = append(taken.CarrierIDs, id)
		}
	}
	return taken, nil
}

// sendSegment submits one segment; a later one of a long text is tried several times.
func (l *Line) sendSegment(ctx context.Context, f Frame, later bool) (string, *SendError) {
	for n := 1; ; n++ {
		id, fault := l.submit(ctx, f)
		again := fault != nil && fault.Fault != Permanent && fault.Fault != Unknown
		if !again || !later || n == segmentTries || ctx.Err() != nil {
			return id, fault
		}
		l.wait(ctx, segmentPause*time.Duration(n))
	}
}

// submit waits for room in a window, writes one submit and waits for its answer.
func (l *Line) submit(ctx context.Context, f Frame) (string, *SendError) {
	s, err := l.seat(ctx)
	if err != nil {
		return "", &SendError{Fault: Unreachable, Err: err}
	}
	defer l.leave(s)
	began := l.cfg.Clock.Now()
	answer, err := s.request(ctx, f, l.cfg.Response)
	if errors.Is(err, errUnwritten) {
		return "", &SendError{Fault: Unreachable, Err: err}
	}
	l.meter.Count(func(st *LinkStats) { st.Submits++ })
	if err != nil {
		s.suspect()
		return "", &SendError{Fault: Unknown, Err: err}
	}
	id, fault := l.proto.Taken(answer)
	l.meter.Answered(l.cfg.Clock.Now().Sub(began), fault)
	if fault != nil && fault.Fault == Unknown { // an answer that makes no sense
		s.suspect()
	}
	return id, fault
}

// errDown says that there is no connection to send on.
var errDown = errors.New("link is down")

// seat waits for room in a window and takes it on the connection that has the most. Who
// came first is seated first.
func (l *Line) seat(ctx context.Context) (*session, error) {
	l.mu.Lock()
	best := l.roomiest()
	switch {
	case best == nil:
		l.mu.Unlock()
		return nil, errDown
	case best.waiting < l.cfg.Window:
		best.waiting++
		l.mu.Unlock()
		return best, nil
	}
	turn := make(chan *session, 1)
	l.queue = append(l.queue, turn)
	l.mu.Unlock()
	select {
	case s := <-turn:
		if s == nil {
			return nil, errDown
		}
		return s, nil
	case <-ctx.Done():
		l.unqueue(turn)
		return nil, context.Cause(ctx)
	}
}

// unqueue takes back a wish for a seat; one that was given already goes to the next.
func (l *Line) unqueue(turn chan *session) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if i := slices.Index(l.queue, turn); i >= 0 {
		l.queue = slices.Delete(l.queue, i, i+1)
		return
	}
	if s := <-turn; s != nil {
		s.waiting--
		l.callUp()
	}
}

// leave gives a seat back.
func (l *Line) leave(s *session) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s.waiting--
	l.callUp()
}

// roomiest is the connection that sends with the fewest submits under way; nil without
// one. mu is held.
func (l *Line) roomiest() (best *session) {
	for _, s := range l.up {
		if s.role.sends() && (best == nil || s.waiting < best.waiting) {
			best = s
		}
	}
	return best
}

// callUp seats those who wait while there is room, and sends them away when there is no
// connection. mu is held.
func (l *Line) callUp() {
	for len(l.queue) > 0 {
		s := l.roomiest()
		if s != nil {
			if s.waiting >= l.cfg.Window {
				return
			}
			s.waiting++
		}
		l.queue[0] <- s
		l.queue = l.queue[1:]
	}
}
