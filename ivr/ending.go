package ivr

import (
	"context"
	"errors"
	"fmt"
	"time"

	"hotline/asterisk"
	"hotline/dispatch"
)

// promise is an order that is being registered while the call goes on.
type promise struct {
	done  chan struct{}
	order dispatch.Order // valid once done is closed
}

// kept reports the order if it is registered by now.
func (p *promise) kept() (dispatch.Order, bool) {
	if p == nil {
		return dispatch.Order{}, false
	}
	select {
	case <-p.done:
		return p.order, true
	default:
		return dispatch.Order{}, false
	}
}

// register starts registering a request and returns at once: nobody who talks with a
// caller waits for a database.
func (v *visit) register(in dispatch.Intake) *promise {
	p := &promise{done: make(chan struct{})}
	if v.r.cfg.Orders == nil {
		return p
	}
	once := make(chan struct{}, 1) // a try that was left behind may still succeed, beside its retry
	once <- struct{}{}
	v.r.errands.Go(func() {
		_ = v.r.errand("order "+in.Key, func(ctx context.Context) error { // it logs what it cannot do
			order, err := v.r.open(ctx, in)
			if err != nil {
				return err
			}
			select {
			case <-once:
				p.order = order
				close(p.done)
			default:
			}
			return nil
		})
	})
	return p
}

// open registers a request. A type that this hotline does not accept becomes unset,
// for the agent to say (ZZ-10.1): the request itself must not be lost.
func (r *Runner) open(ctx context.Context, in dispatch.Intake) (dispatch.Order, error) {
	save := r.cfg.Orders.Open
	if in.Voicemail != nil {
		save = r.cfg.Orders.LeaveVoicemail
	}
	order, err := save(ctx, in)
	if errors.Is(err, dispatch.ErrInvalid) && in.Type != dispatch.Unset {
		r.cfg.Log.Warn("type not accepted, registered as unset", "type", in.Type, "err", err)
		in.Type = dispatch.Unset
		order, err = save(ctx, in)
	}
	if err != nil {
		return dispatch.Order{}, fmt.Errorf("register %s: %w", in.Key, err)
	}
	return order, nil
}

// await waits for an order no longer than d, and not after gone is closed: whoever
// presses the emergency key while a database is slow does not wait for it (ZZ-10.3).
func (v *visit) await(p *promise, d time.Duration, gone <-chan struct{}) (dispatch.Order, bool) {
	if p == nil || v.r.cfg.Orders == nil {
		return dispatch.Order{}, false
	}
	late := make(chan struct{})
	stop := v.r.cfg.Clock.AfterFunc(d, func() { close(late) })
	defer stop()
	select {
	case <-p.done:
	case <-late:
	case <-gone:
	}
	return p.kept()
}

// saveSoFar writes the record as it stands, beside the call: with the worst ending when
// the call comes in, and again when it gets better. If the program dies the call is not
// forgotten (ZZ-16.1), nor that it was an emergency.
func (v *visit) saveSoFar() {
	if v.r.cfg.Book == nil {
		return
	}
	before, over, c := v.saved, make(chan struct{}), v.record()
	v.saved = over
	v.r.errands.Go(func() {
		defer close(over)
		if before != nil {
			<-before
		}
		_, err := within(v.r, budgetRecord, func(ctx context.Context) (struct{}, error) {
			return struct{}{}, v.r.cfg.Book.RecordCall(ctx, c)
		})
		if err != nil { // the ending writes it again
			v.log.Warn("call not recorded yet", "err", err)
		}
	})
}

// end hangs up and writes the record. It was deferred before anything else happened,
// so that a call is recorded however it ended (ZZ-16.1), and it has its own time
// budget because the call's context is over.
func (v *visit) end() {
	if p := recover(); p != nil { // conduct recovers; this is for what stands around it
		v.log.Error("panic", "panic", p)
	}
	if v.takenOver() != nil { // the call, and its record, are another controller's
		v.disarm()
		v.r.forget(v)
		return
	}
	hangup := v.hangUp()
	v.disarm()
	v.conclude(hangup)
}

// conclude writes the record of a call that is over, and the order of an emergency.
func (v *visit) conclude(hangup string) {
	order, ok := v.await(v.order, budgetCaller, nil)
	if after, registered := v.await(v.registerEmergency(), budgetCaller, nil); registered && !ok {
		order = after
	}
	v.note(func(c *dispatch.Call) {
		c.EndedAt = v.r.cfg.Clock.Now()
		if c.EndedAt.Before(c.StartedAt) { // the clock was set back
			c.EndedAt = c.StartedAt
		}
		c.Hangup = hangup
		if order.Number != "" {
			c.Order = order.Number
		}
		if c.Outcome == outcomeAbandoned && v.mem.Sought {
			c.Outcome = outcomeMissed
		}
		c.Missed = c.Outcome == outcomeMissed
	})
	c := v.record()
	v.r.forget(v)
	v.r.cfg.Observe(Happening{What: "call", Outcome: c.Outcome, Took: c.EndedAt.Sub(c.StartedAt)})
	v.log.Info("call ended", "outcome", c.Outcome, "detail", c.Detail, "order", c.Order, "hangup", c.Hangup,
		"took", c.EndedAt.Sub(c.StartedAt).Round(time.Millisecond))
	if v.r.cfg.Book != nil {
		if v.saved != nil {
			<-v.saved // or an old record could overwrite the new one; each has its own budget
		}
		// The background goes on trying; what it could not do it says itself.
		_ = v.r.errand("call "+c.ID, func(ctx context.Context) error { return v.r.cfg.Book.RecordCall(ctx, c) })
	}
}

// hangUp ends the call if it is still up and tells who ended it.
func (v *visit) hangUp() string {
	var h *asterisk.Hangup
	if v.call.Err() != nil {
		if cause := context.Cause(v.call); errors.As(cause, &h) {
			return string(h.By) + ": " + h.Text
		} else if v.phone.Context().Err() != nil {
			return cause.Error()
		}
	}
	ctx, done := v.r.brief(v.call)
	defer done()
	if err := v.phone.Hangup(ctx, "normal"); err != nil {
		v.log.Warn("hang-up failed", "err", err)
	}
	return string(asterisk.CutOff) + ": flow ended"
}

// registerEmergency writes the order of an emergency after the fact (ZZ-10.3), once
// however often it is asked. One that reached nobody is urgent.
func (v *visit) registerEmergency() *promise {
	c := v.record()
	if !c.Emergency {
		return nil
	}
	return v.register(dispatch.Intake{
		Key: "emergency:" + c.ID, Channel: dispatch.ByPhone, Type: dispatch.EmergencyCase,
		Phone: c.From, CallID: c.ID, Actor: "system", Summary: "紧急求助转接:" + c.Detail,
		Urgent: v.mem.Unserved,
	})
}
