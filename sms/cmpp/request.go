package cmpp

import (
	"context"
	"fmt"
	"time"
)

// answered gives an answer to whoever waits for it. The answer to our greeting is judged
// before anything behind it is read: gateways empty their queues as soon as they answered.
func (s *session) answered(f Frame) {
	s.mu.Lock()
	ch, ok := s.pending[f.Seq]
	delete(s.pending, f.Seq)
	s.mu.Unlock()
	if !ok {
		s.link.count(func(st *Stats) { st.Unasked++ })
		return
	}
	ch <- f
	select {
	case <-s.greeted:
	case <-s.gone:
	}
}

// register gives a request its number, before it is written: a fast answer must find it.
func (s *session) register() (seq uint32, answer chan Frame) {
	answer = make(chan Frame, 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	for taken := true; taken; _, taken = s.pending[s.seq] {
		s.seq++
	}
	s.pending[s.seq] = answer
	return s.seq, answer
}

func (s *session) forget(seq uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.pending, seq)
}

// call is a request of ours and how long its answer may take.
type call struct {
	command Command
	body    []byte
	within  time.Duration
}

// request writes a PDU and waits for its answer. An error that is errUnwritten means
// that the peer cannot have got it whole.
func (s *session) request(ctx context.Context, c call) (Frame, error) {
	seq, answer := s.register()
	defer s.forget(seq)
	if err := s.write(Frame{c.command, seq, c.body}); err != nil {
		return Frame{}, err
	}
	late := make(chan struct{})
	stop := s.link.cfg.Clock.AfterFunc(c.within, func() { close(late) })
	defer stop()
	select {
	case f := <-answer:
		return f, nil
	case <-late:
		s.link.count(func(st *Stats) { st.Timeouts++ })
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

// write sends one PDU whole. A peer that does not read for Config.Write is dropped.
func (s *session) write(f Frame) error {
	b := f.Bytes()
	s.writing.Lock()
	defer s.writing.Unlock()
	stop := s.link.cfg.Clock.AfterFunc(s.link.cfg.Write, func() { s.close(errStuck) })
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
