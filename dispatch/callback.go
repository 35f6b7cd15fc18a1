package dispatch

import (
	"context"
	"fmt"
	"time"
)

// Called is what came of calling a dissatisfied citizen (ZQ-15.5).
type Called struct {
	Actor   string
	Reached bool
	Rating  int    // where the call was to ask for it: 1 to 5
	Reason  string // why the citizen is dissatisfied; needed when Reached
	// NoReason says that the citizen was reached and gives no reason (ZQ-16.5), or no rating.
	NoReason bool
	// UnitFault says that the unit handled the matter wrongly; it counts where the policy
	// asks for that (XZ-12.5.2).
	UnitFault bool
	// Exception is the case of ZQ-16 that the matter is, if it is one.
	Exception Claim
}

// The reasons of citizens who gave none.
const (
	unreachableReason = "unreachable" // nobody could reach them; counts as none given (ZQ-16.5)
	noReason          = "no_reason"
)

// claimFor is how long a task is left to who claimed it.
const claimFor = 30 * time.Minute

// claimedFrom says whether somebody other than actor is at the task.
func (c Callback) claimedFrom(actor string, now time.Time) bool {
	return c.ClaimedBy != "" && c.ClaimedBy != actor && now.Before(c.ClaimedUntil)
}

// early says whether it is too early for another try.
func (c Callback) early(now time.Time) error {
	if now.Before(c.NextAt) {
		return refuse(ErrEarly, Refusal{Rule: "ZQ-15.5", Text: c.NextAt.In(Place).Format("1月2日15:04") + "以后再拨"})
	}
	return nil
}

// ClaimCallback gives a task to an agent for half an hour, so that two do not call one
// citizen; again it gives it for longer. It fails with ErrConflict while somebody else
// has it, with ErrEarly before its next try, with ErrIllegal when it is done.
func (o *Office) ClaimCallback(ctx context.Context, id, actor string) (Callback, error) {
	return o.callback(ctx, id, func(u *unit, task *Callback) error {
		return u.claimTask(task, actor)
	}, actor)
}

// claimTask writes who is at a task, unless it is too early.
func (u *unit) claimTask(task *Callback, actor string) error {
	if err := task.early(u.now); err != nil {
		return err
	}
	task.ClaimedBy, task.ClaimedUntil = actor, u.now.Add(claimFor)
	return u.saveCallback(*task)
}

// FinishCallback notes one call back. Reached, with the reason: the task is done, and the
// order is sent back to be redone (ZQ-16.0) or archived as the policy and the exceptions
// say. Not reached: the try is counted and the next one set, at least so many days in all
// as the policy says; after its number of tries the task ends as "unreachable", which is
// giving no reason. A task that is done fails with ErrIllegal, one that another agent is
// at with ErrConflict, and a try before its time with ErrEarly: the same answer sent twice
// is one try.
func (o *Office) FinishCallback(ctx context.Context, id string, c Called) (Callback, error) {
	c.Reason = cut(c.Reason, maxSummary)
	return o.callback(ctx, id, func(u *unit, task *Callback) error {
		switch {
		case !c.Reached:
			return u.notReached(task, c)
		case task.Rating == 0:
			return u.asked(task, c)
		}
		return u.reached(task, c)
	}, c.Actor)
}

// callback changes a task that is not done and that nobody else is at.
func (o *Office) callback(ctx context.Context, id string, f func(*unit, *Callback) error, actor string) (Callback, error) {
	var task Callback
	err := o.do(ctx, func(u *unit) error {
		var err error
		if task, err = u.Callback(id); err != nil {
			return err
		}
		switch {
		case !task.DoneAt.IsZero():
			return refuse(ErrIllegal, Refusal{Rule: "ZQ-15.5", Text: "这次回访已经完成"})
		case task.claimedFrom(actor, u.now):
			return refuse(ErrConflict, Refusal{Rule: "ZQ-15.5", Text: task.ClaimedBy + "正在回访,至" + task.ClaimedUntil.In(Place).Format("15:04")})
		}
		return f(u, &task)
	})
	if err != nil {
		return Callback{}, fmt.Errorf("callback %s: %w", id, err)
	}
	return task, nil
}

func (u *unit) saveCallback(task Callback) error {
	if err := u.SaveCallback(task); err != nil {
		return fmt.Errorf("save: %w", err)
	}
	u.tell(NoticeCallback, task.ID)
	return nil
}

// try counts one call.
func (c *Callback) try(now time.Time) {
	if c.TriedAt.IsZero() || c.TriedAt.In(Place).Format(time.DateOnly) != now.In(Place).Format(time.DateOnly) {
		c.Days++
	}
	c.Attempts++
	c.TriedAt, c.ClaimedBy, c.ClaimedUntil = now, "", time.Time{}
}

// notReached counts a call that nobody answered, and ends the task after the last.
func (u *unit) notReached(task *Callback, c Called) error {
	if err := task.early(u.now); err != nil {
		return err
	}
	task.try(u.now)
	p := u.office.policy.Survey
	last := task.Attempts >= p.tries() && task.Days >= p.days()
	switch {
	case last && task.Rating == 0:
		return u.noAnswer(task, c.Actor)
	case last:
		c.Reason, c.NoReason = unreachableReason, true
		return u.calledBack(task, c, fmt.Sprintf("%d 次回访未接通,按未提供原因处理", task.Attempts))
	}
	p.schedule(task, u.now)
	if err := u.saveCallback(*task); err != nil {
		return err
	}
	return u.event(Event{Number: task.Order, Actor: c.Actor, Kind: OnCallbackTried, Rule: "ZQ-15.5",
		Text: fmt.Sprintf("第 %d 次回访未接通,%s后再拨", task.Attempts, task.NextAt.In(Place).Format("1月2日15:04"))})
}

// reached ends the task with what the citizen said.
func (u *unit) reached(task *Callback, c Called) error {
	text := "回访原因:" + c.Reason
	switch {
	case c.NoReason:
		c.Reason, text = noReason, "回访接通,诉求人未提供原因"
	case c.Reason == "":
		return refuse(ErrInvalid, Refusal{Field: "reason", Rule: "ZQ-15.5", Text: "已接通时请登记原因"})
	}
	task.try(u.now)
	return u.calledBack(task, c, text)
}

// calledBack writes the end of a task and moves its order on.
func (u *unit) calledBack(task *Callback, c Called, text string) error {
	task.Reason, task.DoneAt, task.DoneBy = c.Reason, u.now, c.Actor
	if err := u.saveCallback(*task); err != nil {
		return err
	}
	if err := u.event(Event{Number: task.Order, Actor: c.Actor, Kind: OnCallbackDone, Rule: "ZQ-15.5", Text: text}); err != nil {
		return err
	}
	order, err := u.Order(task.Order)
	if err != nil {
		return err
	}
	if err := u.afterReason(&order, c); err != nil {
		return err
	}
	return u.SaveOrder(&order)
}

// schedule sets when a citizen is called next: at once the first time, then not before
// the gap, and on another day when the tries that are left are only just enough for the
// days there must be. It is due within the policy's time from then.
func (p SurveyPolicy) schedule(c *Callback, now time.Time) {
	next := now
	if c.Attempts > 0 {
		next = now.Add(hours(p.CallbackGap, 3))
	}
	if c.Attempts > 0 && p.days()-c.Days >= p.tries()-c.Attempts {
		y, m, d := now.In(Place).Date()
		if tomorrow := time.Date(y, m, d+1, 0, 0, 0, 0, Place); next.Before(tomorrow) {
			next = tomorrow
		}
	}
	c.NextAt = p.callHours().Next(next).UTC()
	c.DueAt = c.NextAt.Add(hours(p.CallbackDue, 24))
}

// The policy's numbers, or the rule's recommendations.
func (p SurveyPolicy) tries() int {
	if p.CallbackTries == 0 {
		return 3
	}
	return p.CallbackTries
}

func (p SurveyPolicy) days() int {
	if p.CallbackDays == 0 {
		return 2
	}
	return p.CallbackDays
}

func (p SurveyPolicy) callHours() Hours {
	if p.CallbackHours == (Hours{}) {
		return Hours{From: 9 * 60, To: 20 * 60}
	}
	return p.CallbackHours
}
