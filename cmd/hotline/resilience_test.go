package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"hotline/asterisk/sipphone"
	"hotline/cmd/rig"
	"hotline/dispatch/console"
)

// secondCaller calls while the citizen of the story is talking.
const secondCaller = "13812349999"

// calm is a rig on an ordinary morning, with everybody at their phones.
type calm struct {
	*world
	t   *testing.T
	rig *rig.Rig
	ctx context.Context
}

// testLimit bounds what a test does with its rig, so that one that hangs says where.
const testLimit = 12 * time.Minute

// newCalm connects to a running rig and gives its lines ordinary people.
func newCalm(t *testing.T, r *rig.Rig) *calm {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), testLimit)
	t.Cleanup(cancel)
	c := &calm{world: testWorld(t, r), t: t, rig: r, ctx: ctx}
	c.must(c.clockTo(ctx, storyDay))
	c.must(c.lines(ctx, map[string]line{
		"8001": {Behaviour: "answer", AnswerAfterMS: 200, ToneHz: 620},
		"8002": {Behaviour: "answer", AnswerAfterMS: 200, ToneHz: 660},
		"120":  {Behaviour: "answer", AnswerAfterMS: 200, ToneHz: 800},
	}))
	return c
}

func (c *calm) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

// talks calls, asks for a person and comes into conversation with one.
func (c *calm) talks(from string, t talk) *sipphone.Session {
	c.t.Helper()
	s, err := c.dial(c.ctx, from)
	c.must(err)
	c.t.Cleanup(func() { hangUp(s) })
	c.must(c.press(c.ctx, s, "0"))
	c.must(c.converse(c.ctx, s, t))
	return s
}

// stillTalks proves that a conversation goes on, both ways.
func (c *calm) stillTalks(s *sipphone.Session, t talk) {
	c.t.Helper()
	s.Ear().Mark()
	c.must(c.converse(c.ctx, s, t))
}

// emergencyWorks calls, presses 9 and 2 in the welcome and talks with the ambulance,
// which has to ring within 300 ms of the key (ZZ-10.3). It tells in how many calls.
func (c *calm) emergencyWorks() (calls int) {
	c.t.Helper()
	_, calls = c.ambulance(promptly)
	return calls
}

// readiness is what /readyz says is not up, but for what is only foreseen.
func (w *world) readiness(ctx context.Context) (lacking []string, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.console.base+"/readyz", nil)
	if err != nil {
		return nil, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	var parts []console.Part
	if err := json.NewDecoder(res.Body).Decode(&parts); err != nil {
		return nil, err
	}
	lacking = missing(parts)
	if ok := res.StatusCode == http.StatusOK; ok != (len(lacking) == 0) {
		return lacking, fmt.Errorf("/readyz answers %s with %v down", res.Status, lacking)
	}
	return lacking, nil
}

// lacks waits until /readyz misses exactly these parts.
func (c *calm) lacks(names ...string) {
	c.t.Helper()
	c.must(eventually(c.ctx, func(ctx context.Context) error {
		missing, err := c.readiness(ctx)
		if err == nil && !slices.Equal(missing, names) {
			err = fmt.Errorf("/readyz misses %v, want %v", missing, names)
		}
		return err
	}))
}

// recorded waits until the newest calls have these outcomes, newest first.
func (c *calm) recorded(outcomes ...string) []callSeen {
	c.t.Helper()
	var calls page[callSeen]
	c.must(eventually(c.ctx, func(ctx context.Context) error {
		if err := c.console.get(ctx, "/api/v1/calls", &calls); err != nil {
			return err
		}
		var got []string
		for _, k := range calls.Items {
			got = append(got, k.Outcome)
		}
		if len(got) < len(outcomes) || !slices.Equal(got[:len(outcomes)], outcomes) {
			return fmt.Errorf("calls were %v, want %v", got, outcomes)
		}
		return nil
	}))
	return calls.Items[:len(outcomes)]
}

// leavesMessage calls at night, when nobody on duty can take it, and speaks.
func (c *calm) leavesMessage(from string) *sipphone.Session {
	c.t.Helper()
	c.must(c.lines(c.ctx, map[string]line{dutyNumber: {Behaviour: "decline"}, backupNumber: {Behaviour: "decline"}}))
	s, err := c.dial(c.ctx, from)
	c.must(err)
	c.t.Cleanup(func() { hangUp(s) })
	c.must(c.press(c.ctx, s, "0"))
	c.must(c.hears(c.ctx, s, "voicemail-intro", "tone-beep"))
	c.must(c.speak(c.ctx, s, 3*time.Second))
	return s
}

// becameOrder waits until n messages have become orders, with sound, and the officer on
// duty has one text about each.
func (c *calm) becameOrder(n int) {
	c.t.Helper()
	var rows page[voicemailSeen]
	c.must(eventually(c.ctx, func(ctx context.Context) error {
		if err := c.console.get(ctx, "/api/v1/voicemails", &rows); err != nil {
			return err
		}
		return want("number of voicemails", len(rows.Items), n)
	}))
	for _, v := range rows.Items {
		length, err := c.console.audio(c.ctx, v.ID)
		c.must(err)
		if length < 2*time.Second || v.Order == "" {
			c.t.Errorf("message of %v, order %q", length, v.Order)
		}
		_, err = c.carrier.text(c.ctx, dutyNumber, v.Order)
		c.must(err)
		c.textsAbout(dutyNumber, 1, v.Order)
	}
}

// textsAbout counts the texts on a handset that have all these words.
func (c *calm) textsAbout(number string, n int, words ...string) {
	c.t.Helper()
	texts, err := c.carrier.texts(c.ctx, number)
	c.must(err)
	got := 0
	for _, t := range texts {
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(t.Text, w) }) {
			got++
		}
	}
	c.must(want(fmt.Sprintf("texts with %v on %s", words, number), got, n))
}

// rated waits for an order's rating and its archive.
func (c *calm) rated(number string, rating int) {
	c.t.Helper()
	_, err := c.console.order(c.ctx, number, func(o orderSeen) error {
		return errors.Join(want("rating", o.Rating, rating), want("state", o.State, "archived"))
	})
	c.must(err)
}
