package main

import (
	"context"
	"errors"
	"testing"
	"time"

	"hotline/cmd/rig"
	"hotline/dispatch"
)

// TestKilledAndFlushedInAWindow_ZQ15_2 kills the hotline (kill -9) while two windows are open
// and empties Redis: they are built again from SQL, end at their own time and not before, and
// nothing is sent again (scenario 11).
func TestKilledAndFlushedInAWindow_ZQ15_2(t *testing.T) {
	t.Parallel()
	const onTime, tooLate = "13812340003", "13812340004"
	c := newCalm(t, testRig(t))
	// The clock of a new process is the machine's: the windows must not be over by that.
	tomorrow := time.Now().In(dispatch.Place).AddDate(0, 0, 1)
	c.must(c.clockTo(c.ctx, time.Date(tomorrow.Year(), tomorrow.Month(), tomorrow.Day(), 10, 0, 0, 0, dispatch.Place)))
	a, qa, err := c.finish(c.ctx, onTime, "路口信号灯不亮。")
	c.must(err)
	b, qb, err := c.finish(c.ctx, tooLate, "健身器材损坏。")
	c.must(err)
	first, err := c.console.survey(c.ctx, a.Number)
	c.must(err)
	second, err := c.console.survey(c.ctx, b.Number)
	c.must(err)

	c.rig.Kill(rig.Hotline)
	c.must(c.flushRedis(c.ctx))
	c.must(c.rig.StartPart(c.ctx, rig.Hotline))
	c.must(c.console.logIn(c.ctx))
	c.lacks() // its links are up: what is answered arrives
	c.must(c.clockTo(c.ctx, first.Deadline.Add(-time.Minute)))
	again, err := c.console.survey(c.ctx, a.Number)
	c.must(err)
	if !again.Deadline.Equal(first.Deadline) {
		t.Errorf("the window ends at %v, it was to end at %v", again.Deadline, first.Deadline)
	}
	c.must(c.answer(c.ctx, onTime, qa, "3"))
	_, err = c.console.order(c.ctx, a.Number, func(o orderSeen) error {
		return errors.Join(want("rating", o.Rating, 3), want("state", o.State, "archived"))
	})
	c.must(err)
	c.must(c.clockTo(c.ctx, second.Deadline.Add(2*time.Second)))
	c.must(c.answer(c.ctx, tooLate, qb, "1"))
	c.must(c.tooLate(c.ctx, b.Number, tooLate))
	for _, number := range []string{a.Number, b.Number} {
		c.must(eventually(c.ctx, func(ctx context.Context) error {
			n, err := c.carrier.submitted(ctx, surveyMark, number)
			return errors.Join(err, want("submits of the question about "+number, n, 1))
		}))
	}
}
