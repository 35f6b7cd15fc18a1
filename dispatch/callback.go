package dispatch

import (
	"context"
	"fmt"
)

// Called is what came of calling a dissatisfied citizen (ZQ-15.5).
type Called struct {
	Actor   string
	Reached bool
	Reason  string // why the citizen is dissatisfied; needed when Reached
}

// unreachableReason is the reason of citizens nobody could reach; it counts as none
// given (ZQ-16.5).
const unreachableReason = "unreachable"

// FinishCallback notes one call back. Reached, with the reason: the task is done and
// the order archived. Not reached: the try is counted, and after the policy's number
// of tries the task ends as "unreachable". A task that is done fails with ErrIllegal.
func (o *Office) FinishCallback(ctx context.Context, id string, c Called) (Callback, error) {
	c.Reason = cut(c.Reason, maxSummary)
	if c.Reached && c.Reason == "" {
		return Callback{}, fmt.Errorf("callback %s: the reason is needed (ZQ-15.5): %w", id, ErrInvalid)
	}
	var task Callback
	err := o.do(ctx, func(u *unit) error {
		var err error
		if task, err = u.Callback(id); err != nil {
			return err
		}
		if !task.DoneAt.IsZero() {
			return fmt.Errorf("it is done: %w", ErrIllegal)
		}
		return u.called(&task, c)
	})
	if err != nil {
		return Callback{}, fmt.Errorf("callback %s: %w", id, err)
	}
	return task, nil
}

// called writes one try and, if it was the last, the end.
func (u *unit) called(task *Callback, c Called) error {
	task.Attempts++
	tries := u.office.policy.Survey.CallbackTries
	if tries == 0 {
		tries = 3
	}
	kind, text := OnCallbackTried, fmt.Sprintf("第 %d 次回访未接通", task.Attempts)
	switch {
	case c.Reached:
		task.Reason = c.Reason
		kind, text = OnCallbackDone, "回访原因:"+c.Reason
	case task.Attempts >= tries:
		task.Reason = unreachableReason
		kind, text = OnCallbackDone, fmt.Sprintf("%d 次回访未接通,按未提供原因处理", task.Attempts)
	}
	if kind == OnCallbackDone {
		task.DoneAt, task.DoneBy = u.now, c.Actor
	}
	if err := u.SaveCallback(*task); err != nil {
		return fmt.Errorf("save: %w", err)
	}
	u.tell(NoticeCallback, task.ID)
	if err := u.event(Event{Number: task.Order, Actor: c.Actor, Kind: kind, Rule: "ZQ-15.5", Text: text}); err != nil {
		return err
	}
	if kind != OnCallbackDone {
		return nil
	}
	order, err := u.Order(task.Order)
	if err != nil {
		return err
	}
	if err := u.archive(&order, "回访完成,归档"); err != nil {
		return err
	}
	return u.SaveOrder(&order)
}
