package main

import (
	"context"
	"fmt"
	"time"
)

// sweepEvery is how often SQL is asked what is due. Redis, where it is up, settles windows
// to the second; this is the net below it. Of a major matter the leaders are to be called
// within half a minute (ZZ-16.5).
const sweepEvery = 10 * time.Second

// sweep settles the surveys that ended by time and does what is due about orders.
func (a *app) sweep(ctx context.Context) error {
	for {
		if n, err := a.office.SweepDue(ctx, a.clock.Now(), a.gateway.InboundUpTo()); err != nil {
			a.log.Warn("sweep failed", "err", err)
		} else if n > 0 {
			a.log.Info("surveys settled from SQL", "count", n)
		}
		a.sweepOrders(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-a.clock.After(sweepEvery):
		}
	}
}

func (a *app) sweepOrders(ctx context.Context) {
	done, err := a.office.SweepOrders(ctx)
	a.metrics.swept(done)
	if err != nil && ctx.Err() == nil {
		a.log.Warn("what is due about orders is not done, trying again", "err", err)
	}
	if len(done.Acts) > 0 {
		a.log.Info("done because it was due", "acts", done.Acts, "latest by", done.Lag)
	}
}

// When somebody has to know that the sweep stands still: it is behind every 催办, 督办 and
// escalation.
const (
	sweepWatchEvery = time.Minute
	sweepStood      = 5 * time.Minute
	sweepLate       = 10 * time.Minute
)

// watchSweep runs on every controller, whoever sweeps, and tells the officers on duty when
// nobody does.
func (a *app) watchSweep(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-a.clock.After(sweepWatchEvery):
		}
		if err := a.lookAtSweep(ctx); err != nil && ctx.Err() == nil {
			a.log.Warn("sweep not looked at", "err", err)
		}
	}
}

// lookAtSweep raises the alarm, once in half an hour however many controllers see it.
func (a *app) lookAtSweep(ctx context.Context) error {
	stood, late, err := a.office.SweepStood(ctx)
	if err != nil || stood < sweepStood && late < sweepLate {
		return err
	}
	a.log.Error("the sweep stands still: nobody is reminded, urged or escalated to", "stood", stood, "late", late)
	key := fmt.Sprintf("sweep:%d", a.clock.Now().Truncate(alertEvery).Unix())
	text := fmt.Sprintf("热线告警:工单巡检已停%d分钟,最早一项迟%d分钟,催办、督办、升级均未执行,请联系运维。", int(stood.Minutes()), int(late.Minutes()))
	return a.office.AlertDuty(ctx, key, text, a.onDuty())
}
