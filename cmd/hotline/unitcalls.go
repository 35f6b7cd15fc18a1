package main

import (
	"context"
	"fmt"

	"hotline/dispatch"
	"hotline/dispatch/crew"
	"hotline/ivr"
)

// unitRounds is how often a unit's people on call are rung. The leaders know by then.
const unitRounds = 10

// callUnits rings the people on call of units that have a sudden matter outside business hours
// (XZ-14). What it rings for already it knows; an alarm of another controller it waits for. While
// Redis is away each controller rings: better twice than never.
func (a *app) callUnits(ctx context.Context) {
	calls, err := a.office.UnitCalls(ctx)
	if err != nil {
		a.log.Warn("units to be called not looked for, trying again", "err", err)
		return
	}
	for _, c := range calls {
		a.unitAlarm.Raise(unitAlert(c, a.crew.Standing() != crew.Cut))
	}
}

// unitAlert is the alarm for one unit and one matter; who asks is not told by phone.
func unitAlert(c dispatch.UnitCall, waits bool) ivr.Alert {
	return ivr.Alert{CallID: fmt.Sprintf("%s:%d", c.Order.Number, c.Since.Unix()), Order: c.Order.Number, Why: ivr.SuddenMatter,
		People: c.People, Unit: c.Unit.ID, Waits: waits}
}

// unitCalls keeps what came of ringing a unit's people in the order's timeline, apart from what
// the leaders know.
type unitCalls struct{ *dispatch.Office }

// EndAlarm is part of ivr.Noter.
func (u unitCalls) EndAlarm(ctx context.Context, number, actor, text string) error {
	return u.EndUnitCall(ctx, number, actor, text)
}

// AlarmOver is part of ivr.Noter.
func (u unitCalls) AlarmOver(ctx context.Context, number string) (bool, error) {
	return u.UnitCallOver(ctx, number)
}
