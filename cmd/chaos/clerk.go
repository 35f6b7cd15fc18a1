package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"

	"hotline/cmd/rig"
)

// errand is an order that was completed during a round: its citizen is asked one question
// and answers it.
type errand struct {
	Order, Phone string
	Done         bool // a controller confirmed it
	Answered     bool // the carrier took the answer
}

// errandsPerRound is how many orders of earlier rounds are completed in one.
const errandsPerRound = 2

// surveyMark is what only the question has in it.
const surveyMark = "5非常不满意"

// clerk completes orders of earlier rounds at the consoles and answers for the citizens,
// again and again until it is confirmed, until ctx ends.
func (t *town) clerk(ctx context.Context, rng *rand.Rand) (all []*errand) {
	rows, err := t.db.Query(ctx, `SELECT number, phone FROM orders WHERE state = 'registered' AND type <> 'emergency' ORDER BY created_at LIMIT $1`, errandsPerRound)
	if err != nil {
		return nil
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[struct{ Number, Phone string }])
	if err != nil {
		return nil
	}
	for _, f := range found {
		all = append(all, &errand{Order: f.Number, Phone: f.Phone})
	}
	parts := t.controllers()
	for ; ctx.Err() == nil; _ = wait(ctx, 300*time.Millisecond) {
		left := 0
		for _, e := range all {
			if !e.Done {
				e.Done = t.complete(ctx, parts[rng.IntN(len(parts))], e.Order) == nil
			}
			if e.Done && !e.Answered {
				e.Answered = t.answer(ctx, e)
			}
			if !e.Answered {
				left++
			}
		}
		if left == 0 {
			break
		}
	}
	return all
}

// complete ends the work on an order at one controller's console.
func (t *town) complete(ctx context.Context, part, order string) error {
	token, err := t.logIn(ctx, part)
	if err != nil {
		return err
	}
	err = bearer(token).ask(ctx, "POST http://"+t.rig.Addr(part)+"/api/v1/orders/"+order+"/complete", map[string]string{"result": "已答复。"}, nil)
	if err != nil {
		t.forgetToken(part)
	}
	return err
}

// answer sends the citizen's answer once the question has come.
func (t *town) answer(ctx context.Context, e *errand) bool {
	for _, s := range t.tap.to(e.Phone) {
		if strings.Contains(s.Text, surveyMark) && strings.Contains(s.Text, e.Order) && !s.Answered.IsZero() {
			at := "http://" + t.rig.Addr(rig.Carrier) + "/api/handsets/" + e.Phone + "/reply"
			return postJSON(ctx, at, map[string]string{"to": s.From, "text": "2"}) == nil
		}
	}
	return false
}

// survey is a row of surveys.
type surveyRow struct {
	ID, Order, Outcome string
	Rating             int
}

// checkErrands looks what became of the completed orders: one survey each, and the rating
// that was sent.
func (t *town) checkErrands(ctx context.Context, o *outcome, x *injury) (wrong []string) {
	for _, e := range o.Errands {
		rows, err := t.db.Query(ctx, `SELECT id, order_number, outcome, rating FROM surveys WHERE order_number = $1`, e.Order)
		if err != nil {
			return []string{"surveys: " + err.Error()}
		}
		all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[surveyRow])
		switch {
		case err != nil:
			return []string{"surveys: " + err.Error()}
		case e.Done && len(all) != 1:
			wrong = append(wrong, fmt.Sprintf("%d surveys of %s, which was completed", len(all), e.Order))
		case e.Answered && !x.forgets && all[0].Rating != 2:
			wrong = append(wrong, fmt.Sprintf("the answer about %s is not known (%+v)", e.Order, all[0]))
		}
	}
	return append(wrong, t.staleWindows(ctx)...)
}

// staleWindows lists windows that are open in Redis although SQL has them settled.
func (t *town) staleWindows(ctx context.Context) (wrong []string) {
	keys, err := t.redis.Keys(ctx, "sv2:*:p:*").Result()
	if err != nil {
		return []string{"Redis: " + err.Error()}
	}
	for _, k := range keys {
		windows, err := t.redis.HGetAll(ctx, k).Result()
		if err != nil {
			return []string{"Redis: " + err.Error()}
		}
		for id, packed := range windows {
			if !strings.HasPrefix(packed, "o|") {
				continue
			}
			var outcome string
			if err := t.db.QueryRow(ctx, `SELECT outcome FROM surveys WHERE id = $1`, id).Scan(&outcome); err != nil || outcome != "" {
				wrong = append(wrong, fmt.Sprintf("window of survey %s is open in Redis, in SQL it is %q (%v)", id, outcome, err))
			}
		}
	}
	return wrong
}

// openRedis connects past the wires where there is one Redis; Sentinels know the way
// through them only.
func (t *town) openRedis() redis.UniversalClient {
	o := &redis.UniversalOptions{Addrs: []string{t.rig.Addr(rig.Redis)}, DialTimeout: time.Second, ReadTimeout: time.Second}
	if t.o.Sentinel {
		o.MasterName, o.Addrs = rig.MasterName, nil
		for _, p := range t.rig.Parts() {
			if strings.HasPrefix(p, rig.Sentinel) {
				o.Addrs = append(o.Addrs, t.rig.Addr(p))
			}
		}
	}
	return redis.NewUniversalClient(o)
}
