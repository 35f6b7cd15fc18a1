package redisrates_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"hotline/ivr"
	"hotline/ivr/redisrates"
	"hotline/sms/survey/redistest"
)

// controllers are limiters that count on one real Redis, with clocks of their own.
type controllers struct {
	t     *testing.T
	redis *redistest.Server
	all   []*ivr.Limiter
	past  atomic.Int64 // how far their clocks are moved
	back  atomic.Int64 // who found Redis again
}

// caller's rate never fills while a test runs.
var limits = ivr.Limits{Caller: ivr.Rate{PerMinute: 1, Burst: 40}, Source: ivr.Rate{PerMinute: 1, Burst: 60}}

func newControllers(t *testing.T, n int) *controllers {
	c := &controllers{t: t, redis: redistest.Start(t)}
	at := time.Now()
	for range n {
		opt := c.redis.Options()
		opt.MaxRetries, opt.ContextTimeoutEnabled = -1, true
		client := redis.NewClient(opt)
		t.Cleanup(func() { client.Close() })
		l := ivr.NewLimiter(limits, func() time.Time { return at.Add(time.Duration(c.past.Load())) })
		l.Share(ivr.Together{Tally: redisrates.New(client, "test", []byte("secret")), Wait: time.Minute, Log: slog.New(ear{slog.DiscardHandler, &c.back})})
		c.all = append(c.all, l)
	}
	return c
}

// agree has every controller ask Redis again until it answers. Its own clock says when it may.
func (c *controllers) agree() {
	c.t.Helper()
	limit := time.Now().Add(time.Minute)
	for _, l := range c.all {
		for c.back.Load() == 0 {
			if time.Now().After(limit) {
				c.t.Fatal("Redis is not asked again")
			}
			c.past.Add(int64(2 * time.Second))
			l.Admit(c.t.Context(), "13800000009", netip.Addr{})
			runtime.Gosched()
		}
		c.back.Add(-1)
	}
}

// ear hears of a limiter that counts together again.
type ear struct {
	slog.Handler
	back *atomic.Int64
}

func (e ear) Enabled(context.Context, slog.Level) bool { return true }

func (e ear) Handle(_ context.Context, r slog.Record) error {
	if r.Message == "calls are counted together again" {
		e.back.Add(1)
	}
	return nil
}

// admitted is how many of n calls, all at once and spread over all controllers, come in.
func (c *controllers) admitted(n int, caller string, source netip.Addr) int {
	var in atomic.Int64
	var calls sync.WaitGroup
	for i := range n {
		calls.Go(func() {
			if c.all[i%len(c.all)].Admit(c.t.Context(), caller, source) {
				in.Add(1)
			}
		})
	}
	calls.Wait()
	return int(in.Load())
}

// TestLimitsOfAllControllersAreOne: whichever controller has the call, its number and its
// source may call as often as one alone would let them; a Redis that is away leaves each
// with its own count, and is counted on again when it is back.
func TestLimitsOfAllControllersAreOne(t *testing.T) {
	c := newControllers(t, 3)
	want := func(what string, got, want int) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %d let in, want %d", what, got, want)
		}
	}
	source := netip.MustParseAddr("198.51.100.7")
	want("one number", c.admitted(90, "13800000001", netip.Addr{}), 40)
	want("another number, one source", c.admitted(30, "13800000002", source), 30)
	want("what is left of the source", c.admitted(60, "13800000003", source), 30)
	want("the source's limit used up nothing of the number's", c.admitted(30, "13800000003", netip.Addr{}), 10)

	c.redis.Kill()
	want("Redis away: each alone", c.admitted(150, "13800000004", netip.Addr{}), 120)
	c.redis.Restart()
	c.agree()
	want("Redis back", c.admitted(90, "13800000005", netip.Addr{}), 40)
}

// TestNoNumberIsInRedis: what is kept names nobody, and is forgotten once nobody needs it.
func TestNoNumberIsInRedis(t *testing.T) {
	c := newControllers(t, 1)
	c.admitted(1, "13800000001", netip.MustParseAddr("198.51.100.7"))
	client := c.redis.Client()
	keys, err := client.Keys(t.Context(), "*").Result()
	if err != nil || len(keys) != 2 {
		t.Fatalf("keys %v, %v", keys, err)
	}
	for _, k := range keys {
		held, err := client.HGetAll(t.Context(), k).Result()
		if said := fmt.Sprint(k, held); err != nil || strings.Contains(said, "138") && strings.Contains(said, "00000001") || strings.Contains(said, "198.51") {
			t.Errorf("%s, %v", said, err)
		}
		if left := client.PTTL(t.Context(), k).Val(); left <= 0 || left > time.Minute {
			t.Errorf("kept for %s, want the minute in which one call comes back", left)
		}
	}
}

// TestTake: a bucket fills with Redis's time, a clock that was set back fills nothing, and
// what is no rate is an error.
func TestTake(t *testing.T) {
	server := redistest.Start(t)
	client := server.Client()
	tally := redisrates.New(client, "test", []byte("secret"))
	of := func(minute, burst int) []ivr.Bucket {
		return []ivr.Bucket{{Of: "caller 1", Rate: ivr.Rate{PerMinute: minute, Burst: burst}}}
	}
	takes := func(what string, b []ivr.Bucket, want bool) {
		t.Helper()
		if got, err := tally.Take(t.Context(), b); got != want || err != nil {
			t.Errorf("%s: %v, %v", what, got, err)
		}
	}
	age := func(by time.Duration) {
		t.Helper()
		for _, k := range client.Keys(t.Context(), "*").Val() {
			if err := client.HIncrBy(t.Context(), k, "at", -by.Milliseconds()).Err(); err != nil {
				t.Fatal(err)
			}
		}
	}
	takes("the first", of(1, 2), true)
	takes("the second", of(1, 2), true)
	takes("the third", of(1, 2), false)
	age(70 * time.Second)
	takes("a minute later", of(1, 2), true)
	takes("at once again", of(1, 2), false)
	age(-time.Hour)
	takes("Redis's clock set back", of(1, 2), false)
	age(70 * time.Second)
	takes("a minute after that", of(1, 2), true)
	for _, no := range [][2]int{{0, 5}, {5, 0}} {
		if _, err := tally.Take(t.Context(), of(no[0], no[1])); err == nil {
			t.Errorf("%v is taken for a rate", no)
		}
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := tally.Take(over, of(1, 2)); err == nil {
		t.Error("no error after the end")
	}
}
