package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"hotline/deploy"
	"hotline/dispatch"
	"hotline/dispatch/calendar"
	"hotline/dispatch/sqlstore"
	"hotline/sms"
)

// house is a hotline's office on a database.
type house struct {
	*dispatch.Office
	o        options
	store    *sqlstore.Store
	db       *sql.DB // the same database, for what the store has no words for
	postgres bool
	policy   *dispatch.Policy
	units    []dispatch.Unit
	now      atomic.Int64 // UnixNano; zero: the machine's
	made     int          // orders that were registered one by one
}

// profile is the hotline whose rules all this follows: the one with most steps to an order.
const profile = "zq"

func openHouse(ctx context.Context, url string, o options) (*house, error) {
	h := &house{o: o}
	var err error
	if h.policy, err = dispatch.LoadPolicy(deploy.Files, "hotlines/"+profile+"/policy.yaml"); err != nil {
		return nil, err
	}
	days, err := calendar.LoadDir(deploy.Files, "calendar")
	if err != nil {
		return nil, err
	}
	for i := range o.Units {
		h.units = append(h.units, dispatch.Unit{ID: fmt.Sprintf("unit%02d", i+1), Name: fmt.Sprintf("第%d局", i+1),
			Handlers: []dispatch.Handler{{ID: "1", Name: "承办人", Mobile: fmt.Sprintf("139000%05d", i)}}})
	}
	if h.store, err = sqlstore.Open(ctx, url); err != nil {
		return nil, err
	}
	driver := "sqlite"
	if h.postgres = strings.HasPrefix(url, "postgres:"); h.postgres {
		driver = "pgx"
	}
	if h.db, err = sql.Open(driver, url); err != nil {
		return nil, err
	}
	h.Office = dispatch.NewOffice(dispatch.Config{Store: h.store, Policy: h.policy, Calendar: days, Now: h.clock, Units: h.units})
	return h, nil
}

func (h *house) close() { _ = errors.Join(h.db.Close(), h.store.Close()) } // nothing is kept

func (h *house) clock() time.Time {
	if at := h.now.Load(); at != 0 {
		return time.Unix(0, at)
	}
	return time.Now()
}

// Those who command.
var (
	agent = dispatch.By{Actor: "agent:1", Role: dispatch.ByAgent}
	desk  = dispatch.By{Actor: "office:1", Role: dispatch.ByOffice}
)

func (h *house) handler(unit string) dispatch.By {
	return dispatch.By{Actor: "unit:" + unit + "/1", Role: dispatch.ByUnit, Unit: unit}
}

func (h *house) head(unit string) dispatch.By {
	return dispatch.By{Actor: "unit:" + unit + "/9", Role: dispatch.ByHead, Unit: unit}
}

// register takes a request as a call brings it, its record included.
func (h *house) register(ctx context.Context) (dispatch.Order, error) {
	h.made++
	in := dispatch.Intake{Channel: dispatch.ByPhone, Type: dispatch.Help, Phone: fmt.Sprintf("138%08d", h.made*7919%100_000_000), Name: "王先生",
		CallID: fmt.Sprintf("01CALL%012d00000000", h.made), Actor: agent.Actor,
		Summary: "中山路与人民路交叉口东北角路灯连续三晚不亮,夜间行人看不清路面,希望尽快派人查看并维修,来电人愿意在现场配合。"}
	order, err := h.Open(ctx, in)
	if err != nil {
		return order, err
	}
	call := dispatch.Call{ID: in.CallID, Channel: fmt.Sprintf("1795349920.%d", h.made), From: in.Phone, To: "12345", Class: dispatch.Help, Outcome: "answered",
		Detail: "座席 8001", Order: order.Number, StartedAt: order.CreatedAt, AnsweredAt: order.CreatedAt, EndedAt: order.CreatedAt.Add(3 * time.Minute), Hangup: "caller: hung up"}
	for i, what := range []string{"say", "key", "ring", "talk", "end"} {
		call.Steps = append(call.Steps, dispatch.Step{At: order.CreatedAt.Add(time.Duration(i) * time.Second), What: what, Text: "座席 8001"})
	}
	return order, h.RecordCall(ctx, call)
}

// give gives an order to a unit.
func (h *house) give(ctx context.Context, number, unit string) (dispatch.Order, error) {
	return h.Dispatch(ctx, number, desk, dispatch.Giving{Lead: unit, Words: "请尽快处理"})
}

// lives takes an order through its life up to a stage: 0 registered, 1 with its unit, 2
// signed, 3 its citizen spoken to, 4 answered, 5 completed, asked and archived.
func (h *house) lives(ctx context.Context, stage int) error {
	order, err := h.register(ctx)
	if err != nil {
		return err
	}
	n, unit := order.Number, h.units[h.made%len(h.units)].ID
	steps := []func() (dispatch.Order, error){
		func() (dispatch.Order, error) { return h.give(ctx, n, unit) },
		func() (dispatch.Order, error) { return h.Sign(ctx, n, h.handler(unit)) },
		func() (dispatch.Order, error) {
			return h.Contacted(ctx, n, h.handler(unit), dispatch.Contact{How: "phone", Evidence: "rec", Due: true})
		},
		func() (dispatch.Order, error) { return h.Submit(ctx, n, h.handler(unit), h.answer()) },
		func() (dispatch.Order, error) { return h.pass(ctx, n, unit) },
	}
	for _, step := range steps[:stage] {
		if _, err := step(); err != nil {
			return fmt.Errorf("order %s of unit %s: %w", n, unit, err)
		}
	}
	return nil
}

func (h *house) answer() dispatch.Submission {
	return dispatch.Submission{HandledAt: h.clock(), Process: "接单后两小时内到现场查看,更换损坏的灯具和线缆,夜间复查正常", Result: "路灯已修好,当晚恢复照明",
		Basis: "市政设施管理办法第十二条", Outcome: "resolved"}
}

// pass is the head, where there must be one, and the office agreeing.
func (h *house) pass(ctx context.Context, n, unit string) (dispatch.Order, error) {
	if h.policy.Life.Review.HeadRule != "" {
		if order, err := h.ReviewPass(ctx, n, h.head(unit), dispatch.Pass{}); err != nil {
			return order, err
		}
	}
	return h.ReviewPass(ctx, n, desk, dispatch.Pass{Checks: h.policy.Life.Review.Checks})
}

// delivered takes all texts that wait to their receivers.
func (h *house) delivered(ctx context.Context) error {
	for {
		list, err := h.store.Messages(ctx, dispatch.Filter{State: dispatch.State(sms.Queued), Limit: 1000})
		if err != nil || len(list) == 0 {
			return err
		}
		for _, m := range list {
			for _, to := range []sms.Status{sms.Sent, sms.Delivered} {
				moved, _, err := h.store.Advance(ctx, sms.Change{ID: m.ID, Status: to, At: h.clock(), Link: "bench", Segments: 1})
				if err == nil {
					err = errors.Join(h.TextMoved(ctx, moved), h.store.Told(ctx, m.ID, to))
				}
				if err != nil {
					return fmt.Errorf("text %s: %w", m.ID, err)
				}
			}
		}
	}
}
