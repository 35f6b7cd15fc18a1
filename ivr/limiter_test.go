package ivr_test

import (
	"context"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"hotline/ivr"
)

var (
	elsewhere = netip.MustParseAddr("198.51.100.7")
	trunkAddr = netip.MustParseAddr("192.0.2.1")
)

// counting is a limiter and its clock.
type counting struct {
	*ivr.Limiter
	now time.Time
}

func newCounting(l ivr.Limits) *counting {
	c := &counting{now: time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)}
	c.Limiter = ivr.NewLimiter(l, func() time.Time { return c.now })
	return c
}

// admitted is how many of n calls were let in.
func (c *counting) admitted(n int, caller string, source netip.Addr) (in int) {
	for range n {
		if c.Admit(context.Background(), caller, source) {
			in++
		}
	}
	return in
}

func TestLimiter(t *testing.T) {
	limits := ivr.Limits{Caller: ivr.Rate{PerMinute: 6, Burst: 10}, Source: ivr.Rate{PerMinute: 60, Burst: 30}, Trusted: []netip.Addr{trunkAddr}}
	c := newCounting(limits)
	want := func(what string, got, want int) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %d let in, want %d", what, got, want)
		}
	}
	want("a burst", c.admitted(15, "13800000001", trunkAddr), 10)
	want("another number", c.admitted(1, "13800000002", trunkAddr), 1)
	c.now = c.now.Add(10 * time.Second)
	want("ten seconds later", c.admitted(3, "13800000001", trunkAddr), 1)
	c.now = c.now.Add(-time.Hour)
	want("the clock set back", c.admitted(3, "13800000001", trunkAddr), 0)
	c.now = c.now.Add(10 * time.Second)
	want("it goes on from there", c.admitted(3, "13800000001", trunkAddr), 1)
	c.now = c.now.Add(2 * time.Hour)
	want("long after", c.admitted(15, "13800000001", trunkAddr), 10)
	want("numbers withheld, from a trunk", c.admitted(99, "", trunkAddr), 99)
	want("numbers withheld, from elsewhere", c.admitted(99, "", elsewhere), 30)
	want("over the source's limit", c.admitted(1, "13800000003", elsewhere), 0)
	want("which used up nothing of the number's", c.admitted(15, "13800000003", trunkAddr), 10)
	want("from nowhere", c.admitted(99, "", netip.Addr{}), 99)
	a, b := netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::2")
	want("one IPv6 network", c.admitted(30, "", a)+c.admitted(30, "", b), 30)
	want("without limits", newCounting(ivr.Limits{}).admitted(99, "13800000001", elsewhere), 99)
}

// However many numbers call, what is kept is bounded, and nobody is refused for it.
func TestLimiterIsBounded(t *testing.T) {
	c := newCounting(ivr.Limits{Caller: ivr.Rate{PerMinute: 6, Burst: 1}})
	for i := range 25_000 {
		if !c.Admit(t.Context(), fmt.Sprint(i), netip.Addr{}) {
			t.Fatalf("call %d refused", i)
		}
	}
	if n := c.Tracked(); n != 10_000 {
		t.Errorf("%d numbers kept", n)
	}
	c.now = c.now.Add(time.Minute) // they are forgotten as others come
	if c.admitted(2, "13800000001", netip.Addr{}) != 1 || c.Tracked() != 1 {
		t.Errorf("%d numbers kept", c.Tracked())
	}
}

// A caller who calls too often hears so, has the emergency key from the first moment, and
// no way round through it.
func TestZZ_10_3_EmergencyIsOpenToWhoCallsTooOften(t *testing.T) {
	limited := func(c *ivr.Config) {
		c.Limiter = ivr.NewLimiter(ivr.Limits{Caller: ivr.Rate{PerMinute: 1, Burst: 1}}, c.Clock.Now)
		c.Limiter.Admit(t.Context(), citizen, netip.Addr{})
	}
	refusedThen(t, limited, "calls-too-often")
}

// mute is a tally that does not answer.
type mute struct{}

func (mute) Take(ctx context.Context, _ []ivr.Bucket) (bool, error) {
	<-ctx.Done()
	return false, ctx.Err()
}

// A Redis that stands still lets in, is not waited for by the next caller, and keeps nobody
// from an emergency.
func TestZZ_10_3_ALimiterThatWaitsKeepsNobody(t *testing.T) {
	waiting := func(wait time.Duration) scene {
		return scene{at: daytime, change: func(c *ivr.Config) {
			c.Limiter = ivr.NewLimiter(ivr.Limits{Caller: ivr.Rate{PerMinute: 1, Burst: 1}}, c.Clock.Now)
			c.Limiter.Share(ivr.Together{Tally: mute{}, Wait: wait, Log: c.Log})
		}}
	}
	play(t, waiting(200*time.Millisecond), func(h *house) {
		h.call.Hears("welcome-zz").HangsUp()
		began := time.Now()
		other := h.secondCaller("13800000002")
		other.Hears("welcome-zz")
		if took := time.Since(began); took != 0 {
			t.Errorf("the next caller waited %s too", took)
		}
		other.HangsUp()
	})
	play(t, waiting(time.Hour), func(h *house) {
		h.call.Settle()
		began := time.Now()
		h.call.Presses("92")
		h.call.Rings("PJSIP/120@carrier").Answers()
		if took := time.Since(began); took != 0 {
			t.Errorf("%s from key to INVITE", took)
		}
		h.call.HangsUp()
	})
}

// blocked is a screen that knows one number.
type blocked string

func (b blocked) Blocked(number string) bool { return number == string(b) }

func TestZZ_10_3_EmergencyIsOpenToTheBlocked(t *testing.T) {
	refusedThen(t, func(c *ivr.Config) { c.Screen = blocked(citizen) }, "caller-blocked")
}

// faulty is a screen that fails.
type faulty struct{}

func (faulty) Blocked(string) bool { panic("no list") }

func TestNobodyIsRefusedForAFault(t *testing.T) {
	play(t, scene{at: daytime, change: func(c *ivr.Config) { c.Screen = faulty{} }}, func(h *house) {
		h.call.Hears("welcome-zz", "menu")
		h.call.HangsUp()
	})
}

// refusedThen plays all that a refused caller can do.
func refusedThen(t *testing.T, change func(*ivr.Config), prompt string) {
	s := scene{at: daytime, change: change}
	t.Run("one sentence and goodbye", func(t *testing.T) {
		play(t, s, func(h *house) {
			h.call.Hears(prompt, "goodbye").Ends()
			if c := h.outcome("refused"); c.Missed || c.Emergency || c.Detail == "" {
				t.Errorf("record %+v", c)
			}
		})
	})
	t.Run("no other key helps", func(t *testing.T) {
		play(t, s, func(h *house) {
			h.call.Hears(prompt).Presses("0")
			h.call.Hears("goodbye").Ends()
		})
	})
	for name, keys := range map[string]string{"in the sentence": "92", "in the silence after": "92"} {
		t.Run("emergency "+name, func(t *testing.T) {
			play(t, s, func(h *house) {
				h.call.Hears(prompt)
				if name == "in the silence after" {
					h.call.Passes(4 * time.Second)
				}
				began := h.clock.Now()
				h.call.Presses(keys)
				line := h.call.Rings("PJSIP/120@carrier")
				if took := h.clock.Now().Sub(began); took != 0 {
					t.Errorf("%s from key to INVITE", took)
				}
				line.Answers()
				h.call.Passes(time.Minute)
				h.call.HangsUp()
				if c := h.outcome("emergency"); !c.Emergency || c.Detail != "120" {
					t.Errorf("record %+v", c)
				}
			})
		})
	}
	t.Run("no way round through the emergency menu", func(t *testing.T) {
		play(t, s, func(h *house) {
			h.call.Hears(prompt).Presses("9")
			h.call.Hears("emergency-menu").Presses("*")
			h.call.Hears(prompt, "goodbye").Ends()
			h.outcome("refused")
		})
	})
}
