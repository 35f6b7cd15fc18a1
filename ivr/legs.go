package ivr

import (
	"context"

	"hotline/asterisk"
)

// drop hangs up a leg nobody waits for any more, whatever became of the call.
func (v *visit) drop(d asterisk.Dialed) {
	if d.Leg == nil {
		return
	}
	ctx, done := v.r.brief(v.call)
	defer done()
	if err := hangUpLeg(ctx, d.Leg); err != nil {
		v.log.Warn("leg not hung up", "err", err)
	}
}

// brief is a context for tidying up: it outlives the call and has a short budget.
func (r *Runner) brief(call context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(call))
	stop := r.cfg.Clock.AfterFunc(budgetHangup, func() { cancel(errBudget) })
	return ctx, func() { stop(); cancel(nil) }
}

// hangUpLeg ends a leg we rang.
func hangUpLeg(ctx context.Context, leg *asterisk.Call) error {
	if h, ok := any(leg).(interface {
		Hangup(ctx context.Context, reason string) error
	}); ok {
		return h.Hangup(ctx, "normal")
	}
	return nil
}

// playLeg plays to a leg we rang.
func playLeg(ctx context.Context, leg *asterisk.Call, o asterisk.PlayOptions) error {
	if len(o.Sounds) == 0 {
		return nil
	}
	if p, ok := any(leg).(interface {
		Play(ctx context.Context, o asterisk.PlayOptions) (asterisk.Playback, error)
	}); ok {
		_, err := p.Play(ctx, o)
		return err
	}
	return nil
}
