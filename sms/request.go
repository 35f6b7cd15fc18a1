package sms

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// answered gives an answer to whoever waits for it. The answer to our login is judged
// before anything behind it is read: carriers empty their queues as soon as they answered.
func (s *session) answered(f Frame) {
	s.state.Lock()
	ch, ok := s.pending[f.Seq]
	delete(s.pending, f.Seq)
	s.state.Unlock()
	if !ok {
		s.meter.Count(func(st *LinkStats) { st.Unasked++ })
		return
	}
	ch <- f
	select {
	case <-s.welcome:
	case <-s.gone:
	}
}

// register gives a request its number, before it is written: a fast answer must find it.
func (s *session) register() (seq uint32, answer chan Frame) {
	answer = make(chan Frame, 1)
	s.state.Lock()
	defer s.state.Unlock()
	for taken := true; taken; _, taken = s.pending[s.seq] {
		s.seq = s.seq%0x7FFFFFFF + 1
	}
	s.pending[s.seq] = answer
	return s.seq, answer
}

func (s *session) forget(seq uint32) {
	s.state.Lock()
	defer s.state.Unlock()
	delete(s.pending, seq)
}

// request writes a PDU and waits for its answer. An error that is errUnwritten means
// that the peer cannot have got it whole.
func (s *session) request(ctx context.Context, f Frame, within time.Duration) (Frame, error) {
	seq, answer := s.register()
	defer s.forget(seq)
	f.Seq = seq
	if err := s.write(f); err != nil {
		return Frame{}, err
	}
	late := make(chan struct{})
	stop := s.cfg.Clock.AfterFunc(within, func() { close(late) })
	defer stop()
	select {
	case f := <-answer:
		return f, nil
	case <-late:
		s.meter.Count(func(st *LinkStats) { st.Timeouts++ })
		return Frame{}, errSilent
	case <-ctx.Done():
		return Frame{}, context.Cause(ctx)
	case <-s.gone:
	}
	select { // the answer may have come just before the end
	case f := <-answer:
		return f, nil
	default:
		return Frame{}, s.reason()
	}
}

// write sends one PDU whole. A peer that does not read for LineConfig.Write is dropped.
func (s *session) write(f Frame) error {
	b := s.cfg.Bytes(f)
	s.writing.Lock()
	defer s.writing.Unlock()
	stop := s.cfg.Clock.AfterFunc(s.cfg.Write, func() { s.close(errStuck) })
	defer stop()
	n, err := s.conn.Write(b)
	if err == nil {
		return nil
	}
	s.close(fmt.Errorf("%w: %w", errGone, err))
	if n < len(b) {
		return fmt.Errorf("%w: %w", errUnwritten, err)
	}
	return fmt.Errorf("%w: %w", errGone, err)
}

// arrival reads a delivery.
func (s *session) arrival(ctx context.Context, d delivered) (Arrival, error) {
	a, err := s.proto.Arrival(d.Frame)
	if err != nil {
		s.meter.Count(func(st *LinkStats) { st.Malformed++ })
		s.cfg.Log.WarnContext(ctx, "delivery refused", "err", err, "octets", len(d.Body))
	}
	return a, err
}

// take hands a delivery on. Its error is nil only after the sink has stored it, or when
// coming again would not help.
func (s *session) take(ctx context.Context, d delivered, a Arrival) (err error) {
	var counter func(*LinkStats)
	switch {
	case a.Receipt != nil:
		a.Receipt.Link, a.Receipt.Phone = s.cfg.Name, PhoneOf(a.Receipt.Phone)
		counter = func(st *LinkStats) { st.Receipts++ }
		err = s.sink.Receipt(ctx, *a.Receipt)
	case a.Part != nil:
		p := a.Part
		p.Link, p.At, p.From = s.cfg.Name, d.at, PhoneOf(p.From)
		p.To, p.Ext = Extension(s.cfg.Numbers, p.To)
		p.Text = strings.TrimRight(p.Text, "\x00")
		counter = func(st *LinkStats) { st.Texts++ }
		err = s.sink.Arrived(ctx, *p)
	default:
		counter = func(st *LinkStats) { st.Malformed++ }
	}
	if err != nil {
		s.meter.Count(func(st *LinkStats) { st.Again++ })
		s.cfg.Log.ErrorContext(ctx, "carrier must come again", "err", err)
		return ErrAgain
	}
	s.meter.Count(counter)
	return nil
}
