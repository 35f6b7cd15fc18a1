package ivr

import (
	"context"

	"hotline/asterisk"
)

// The real call and the real switches are what flows and alarms are written for.
var (
	_ Phone   = (*asterisk.Call)(nil)
	_ Meeting = (*asterisk.Call)(nil)
	_ Ringer  = (*asterisk.Fleet)(nil)
)

// drop hangs up a leg nobody waits for any more, whatever became of the call.
func (v *visit) drop(d asterisk.Dialed) {
	if d.Leg == nil {
		return
	}
	ctx, done := v.r.brief(v.call)
	defer done()
	if err := d.Leg.Hangup(ctx, "normal"); err != nil {
		v.log.Warn("leg not hung up", "err", err)
	}
}

// brief is a context for tidying up: it outlives the call and has a short budget.
func (r *Runner) brief(call context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(call))
	stop := r.cfg.Clock.AfterFunc(budgetHangup, func() { cancel(errBudget) })
	return ctx, func() { stop(); cancel(nil) }
}
