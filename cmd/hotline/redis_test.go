package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"hotline/cmd/rig"
)

// TestZZ_1_RedisGone kills Redis under a conversation and an open survey, and brings it back
// empty (D6): nobody on the phone notices, answers are judged from SQL, the windows are
// there again, and no citizen gets a text twice.
func TestZZ_1_RedisGone(t *testing.T) {
	r := testRig(t)
	c := newCalm(t, r)
	const before, after = "13812340003", "13812340004"
	a, qa, err := c.finish(c.ctx, before, "路口信号灯不亮。")
	c.must(err)
	b, qb, err := c.finish(c.ctx, after, "健身器材损坏。")
	c.must(err)
	first := talk{to: "8001", far: 620, near: 440}
	s := c.talks(citizenNumber, first)

	r.Kill(rig.Redis)
	c.lacks("Redis")
	c.stillTalks(s, first)
	hangUp(c.talks(secondCaller, talk{to: "8002", far: 660, near: 480}))
	c.must(c.answer(c.ctx, before, qa, "2"))
	c.rated(a.Number, 2)
	emergencies := slices.Repeat([]string{"emergency"}, c.emergencyWorks())
	hangUp(s)
	c.recorded(append(emergencies, "answered", "answered")...)
	d, err := c.request(c.ctx, "13812340005", "公园长椅损坏。")
	c.must(err)
	c.must(c.completed(c.ctx, d.Number))
	qd, err := c.question(c.ctx, "13812340005", d.Number)
	c.must(err)

	c.must(os.RemoveAll(filepath.Join(r.Dir, "redis", "appendonlydir")))
	c.must(r.StartPart(c.ctx, rig.Redis))
	c.lacks()
	c.must(c.forward(c.ctx, time.Minute)) // the windows look at a quiet Redis twice a minute
	for _, number := range []string{b.Number, d.Number} {
		c.windowKnown(number)
	}
	c.must(c.answer(c.ctx, after, qb, "1 2"))
	c.must(c.console.happened(c.ctx, b.Number, "invalid_attempt"))
	c.must(c.answer(c.ctx, after, qb, "3"))
	c.rated(b.Number, 3)
	c.must(c.answer(c.ctx, "13812340005", qd, "1"))
	c.rated(d.Number, 1)
	for phone, number := range map[string]string{before: a.Number, after: b.Number, "13812340005": d.Number} {
		c.textsAbout(phone, 1, surveyMark, number)
	}
	noNumbers(t, r, c.world)
}

// windowKnown waits until Redis knows the window of an order's survey.
func (c *calm) windowKnown(order string) {
	c.t.Helper()
	s, err := c.console.survey(c.ctx, order)
	c.must(err)
	client := redis.NewClient(&redis.Options{Addr: rig.Local(c.ports.Redis)})
	defer client.Close()
	c.must(eventually(c.ctx, func(ctx context.Context) error {
		phones, err := client.Keys(ctx, "sv2:*:p:*").Result()
		for _, key := range phones {
			if client.HExists(ctx, key, s.ID).Val() {
				return nil
			}
		}
		return errors.Join(err, fmt.Errorf("redis does not know the survey of %s", order))
	}))
}
