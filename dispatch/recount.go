package dispatch

import (
	"context"
	"fmt"
)

// Recount makes provisional deadlines final once the missing calendar year is loaded
// (T9, T10): of orders not completed yet whose deadline is still to come. The old date
// stays in the timeline. It returns how many changed; call it at start-up.
func (o *Office) Recount(ctx context.Context) (int, error) {
	changed := 0
	for _, state := range []State{Registered, Redone} {
		n, err := o.recountAll(ctx, state)
		if changed += n; err != nil {
			return changed, err
		}
	}
	return changed, nil
}

// recountAll looks at the orders of one state.
func (o *Office) recountAll(ctx context.Context, state State) (int, error) {
	changed := 0
	for offset := 0; ; {
		page, err := o.store.Orders(ctx, Filter{State: state, Limit: 500, Offset: offset})
		if err != nil {
			return changed, fmt.Errorf("recount deadlines: %w", err)
		}
		for _, order := range page {
			if !order.Due.Provisional || order.Overdue(o.now()) {
				continue
			}
			done, err := o.recount(ctx, order.Number)
			if err != nil {
				return changed, fmt.Errorf("recount deadlines: %w", err)
			}
			if done {
				changed++
			}
		}
		if offset += len(page); len(page) == 0 {
			return changed, nil
		}
	}
}

// recount counts one deadline again and says whether it is final now.
func (o *Office) recount(ctx context.Context, number string) (done bool, err error) {
	_, err = o.change(ctx, number, func(u *unit, order *Order) error {
		done = false
		due := o.policy.Term(order.Type).Deadline(o.calendar(), order.since())
		if !order.inHand() || !order.Due.Provisional || due.Provisional {
			return nil
		}
		was := order.Due
		order.Due, done = due, true
		return u.event(Event{Number: order.Number, Kind: OnRecounted, Rule: due.Rule,
			Text: "工作日历补齐,期限由暂定" + was.Words() + "改为" + due.Words()})
	})
	return done, err
}
