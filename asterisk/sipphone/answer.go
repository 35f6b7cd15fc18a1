package sipphone

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// AnswerOptions say how a call is taken.
type AnswerOptions struct {
	OnKey func(KeyHeard) // told of every key the far end presses; must not block
}

// Answer takes the call and returns once the far end has acknowledged that. It
// fails with ErrCancelled when the caller was faster, or with ErrNoACK.
func (in *Incoming) Answer() (*Session, error) { return in.AnswerWith(AnswerOptions{}) }

// AnswerWith is Answer with options.
func (in *Incoming) AnswerWith(o AnswerOptions) (*Session, error) {
	if err := in.decide(); err != nil {
		return nil, err
	}
	defer in.settle()
	p := in.phone
	m, err := openMedia(p.addr.Addr(), p.cfg)
	if err != nil {
		_ = in.tx.Respond(in.dialog.response(in.req, 500, "Server Internal Error")) // the caller asks again if lost
		return nil, err
	}
	m.onKey = o.OnKey
	s := newSession(p, in.dialog, m)
	s.local = description{addr: m.addr(), codecs: []Codec{in.Codec}, keys: in.offer.keys, others: in.offer.others}
	if err := m.start(agreed{codec: in.Codec, keys: []uint8{in.offer.keys}, remote: in.offer.addr}, p.cfg); err != nil {
		m.close()
		return nil, err
	}
	p.keep(s)
	if err := in.confirm(s); err != nil {
		return nil, err
	}
	return s, nil
}

// Answers are repeated after T1, doubling up to T2, until the ACK is here; after
// 64 T1 the far end is gone (RFC 3261, 13.3.1.4).
const (
	timerT1 = 500 * time.Millisecond
	timerT2 = 4 * time.Second
)

// confirm sends 200 until it is acknowledged.
func (in *Incoming) confirm(s *Session) error {
	res := in.dialog.response(in.req, 200, "OK")
	withSDP(res, s.local.write(1))
	every := timerT1
	end := time.NewTimer(64 * timerT1)
	defer end.Stop()
	for {
		if err := in.tx.Respond(res); err != nil && in.ctx.Err() == nil {
			s.end(&Ended{By: Us, Cause: 41, Text: "answer not sent"})
			return fmt.Errorf("sipphone: answer: %w", err)
		}
		repeat := time.NewTimer(every)
		select {
		case <-s.acked:
			repeat.Stop()
			return nil
		case <-s.ctx.Done(): // BYE came before the ACK
			repeat.Stop()
			return context.Cause(s.ctx)
		case <-in.ctx.Done(): // cancelled as we answered
			repeat.Stop()
			s.end(&Ended{By: Them, Cause: 16, Text: "cancelled"})
			return context.Cause(in.ctx)
		case <-end.C:
			repeat.Stop()
			return in.unacknowledged(s)
		case <-repeat.C:
			every = min(2*every, timerT2)
		}
	}
}

func (in *Incoming) unacknowledged(s *Session) error {
	ctx, cancel := context.WithTimeout(context.Background(), giveUpTime)
	defer cancel()
	return errors.Join(ErrNoACK, s.Hangup(ctx))
}
