package asterisk

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"
)

// sent is a request that was written, or why it was not.
type sent struct {
	client   *client
	ctx      context.Context
	deadline time.Time
	q        outgoing
	inside   bool   // has a slot
	kept     bool   // went over a connection that was used before
	reply    *reply // what is to come
	err      error
}

// begin writes a request and leaves the rest of send to answer, which has to be called.
func (c *client) begin(ctx context.Context, deadline time.Time, q outgoing) sent {
	if d, ok := ctx.Deadline(); ok && (deadline.IsZero() || d.Before(deadline)) {
		deadline = d
	}
	s := sent{client: c, ctx: ctx, deadline: deadline, q: q}
	if s.err = c.enter(ctx, deadline); s.err != nil {
		return s
	}
	s.inside = true
	s.write()
	return s
}

// write sends it over a kept connection, or else over a new one.
func (s *sent) write() {
	if l := s.client.kept(); l != nil {
		s.kept = true
		s.reply, s.err = s.client.write(s.ctx, s.deadline, l, s.q)
		return
	}
	s.anew()
}

// anew sends it over a new connection.
func (s *sent) anew() {
	s.kept = false
	var l *link
	if l, s.err = s.client.dial(s.ctx, s.deadline); s.err == nil {
		s.reply, s.err = s.client.write(s.ctx, s.deadline, l, s.q)
	}
}

// answer waits until the answer begins.
func (s *sent) answer() (*reply, error) {
	limit := time.Now().Add(fullFor)
	for pause := fullPause; s.inside; pause = min(2*pause, mostPause) {
		s.read()
		if !errors.Is(s.err, errFull) || time.Now().After(limit) || !s.client.breathe(s.ctx, s.deadline, pause) {
			break
		}
		s.write()
	}
	if s.err == nil {
		return s.reply, nil
	}
	if s.inside {
		<-s.client.slots
	}
	return nil, why(s.ctx, s.err)
}

// read waits for the answer to what write has sent, and sends what a kept connection did
// not carry once more.
func (s *sent) read() {
	if s.err == nil {
		s.err = s.reply.begin()
	}
	if s.kept && errors.Is(s.err, errUnanswered) {
		s.client.forget() // whatever closed this one has closed the others
		if s.anew(); s.err == nil {
			s.err = s.reply.begin()
		}
	}
	if errors.Is(s.err, errUnanswered) && !s.kept {
		s.err = fmt.Errorf("%w: %w", errFull, s.err)
	}
}

// breathe waits until one of our connections is free again, at most for so long, and says
// whether there is still time.
func (c *client) breathe(ctx context.Context, deadline time.Time, pause time.Duration) bool {
	if !deadline.IsZero() {
		pause = min(pause, time.Until(deadline))
	}
	t := time.NewTimer(pause)
	defer t.Stop()
	select {
	case <-c.freed:
	case <-t.C:
	case <-ctx.Done():
		return false
	}
	return deadline.IsZero() || time.Now().Before(deadline)
}

// begin waits for the answer's first byte and reads its head. An error closes the
// connection.
func (r *reply) begin() (err error) {
	defer r.closeOn(&err)
	if _, err := r.link.in.Peek(1); err != nil {
		return unanswered(err)
	}
	return r.readHead(r.link.in)
}

// closeOn closes the connection when there is an error.
func (r *reply) closeOn(err *error) {
	if *err != nil {
		r.stop()
		r.link.conn.Close()
	}
}

// unanswered tells a connection that ended from an answer that is late.
func unanswered(err error) error {
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return err
	}
	return fmt.Errorf("%w: %w", errUnanswered, err)
}
