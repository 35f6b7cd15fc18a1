package windows

import (
	"context"
	"errors"
	"fmt"
	"time"

	"hotline/dispatch"
	"hotline/dispatch/sqlstore"
)

// overSQL measures the same over a database and the whole office: each settlement ends a
// survey, writes two lines of its order's timeline and archives the order.
func (c Config) overSQL(ctx context.Context, name, url string) (cell Cell, err error) {
	cell = Cell{Store: name, Windows: c.SQLWindows}
	store, err := sqlstore.Open(ctx, url)
	if err != nil {
		return cell, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if err := fill(ctx, store, c.SQLWindows); err != nil {
		return cell, err
	}
	s, err := c.startRedis(ctx)
	if err != nil {
		return cell, err
	}
	defer s.stop()
	t := task{Redis: s.addr, Ahead: opening, End: c.SQLWindows, DB: url}
	if err := c.flush(ctx, s, t, &cell); err != nil {
		return cell, err
	}
	t.Ahead = over
	team, err := c.gather(ctx, t)
	if err != nil {
		return cell, err
	}
	defer team.end()
	cell.Due = c.SQLWindows
	began := time.Now()
	team.say("go")
	for cell.SettledOf < cell.Due {
		if err := pause(ctx, 100*time.Millisecond); err != nil {
			return cell, err
		}
		open, err := store.OpenSurveys(ctx, dispatch.Survey{}, cell.Due)
		if err != nil {
			return cell, err
		}
		cell.SettledOf = cell.Due - len(open)
	}
	cell.Settled = time.Since(began)
	return cell, nil
}

// fill writes orders whose surveys are all open.
func fill(ctx context.Context, store *sqlstore.Store, surveys int) error {
	for from := 0; from < surveys; from += 500 {
		err := store.Tx(ctx, func(tx dispatch.Tx) error {
			for n := from; n < min(surveys, from+500); n++ {
				o := dispatch.Order{Number: orderOf(n), Digits: fmt.Sprintf("261127%05d7", n), PIN: "1234", Type: "consult", Channel: "phone",
					State: dispatch.Surveyed, Phone: phoneOf(n), Summary: "路灯不亮", Result: "已修复", CreatedAt: opened, CompletedAt: opened, Version: 1}
				if _, err := tx.InsertOrder(o, idOf(n)); err != nil {
					return err
				}
				s := dispatch.Survey{ID: idOf(n), Order: o.Number, Attempt: 1, Phone: o.Phone, Slot: "07", MessageID: "M" + idOf(n),
					OpenedAt: opened, Deadline: opened.Add(day), CreatedAt: opened}
				if err := tx.InsertSurvey(s); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("fill: %w", err)
		}
	}
	return nil
}
