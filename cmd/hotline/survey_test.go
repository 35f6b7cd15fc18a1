package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
)

// landline gets no texts.
const landline = "037167980000"

// phoned is a call of ours to a number, as the carrier has it.
type phoned struct {
	ID         string
	From, To   string
	AnsweredAt string `json:"answered_at"`
	EndedAt    string `json:"ended_at"`
	Heard      []struct{ ID string }
}

// TestSurveyByPhone_ZQ15_1 completes the order of a landline: the hotline calls, over the
// real Asterisk, the citizen hears the question and presses 2, and the order is archived
// with that rating (ZQ-15.1, ZQ-15.4, XZ-12.5.1). Who is busy is called again later.
func TestSurveyByPhone_ZQ15_1(t *testing.T) {
	t.Parallel()
	c := newCalm(t, testRig(t))
	c.must(c.carrier.set(c.ctx, landline, line{Behaviour: "answer"}))
	number := c.completedFor(landline)
	call := c.hearsFrom(landline, 1, "survey-question")
	if call.From != c.rig.House.Profile.Number {
		t.Errorf("the citizen sees %q", call.From)
	}
	c.must(c.carrier.post(c.ctx, "/api/calls/"+call.ID+"/keys", map[string]string{"keys": "2"}, nil))
	c.hearsFrom(landline, 1, "survey-thanks")
	_, err := c.console.order(c.ctx, number, func(o orderSeen) error {
		return errors.Join(want("state", o.State, "archived"), want("rating", o.Rating, 2))
	})
	c.must(err)
	c.freed(landline)

	c.must(c.carrier.set(c.ctx, landline, line{Behaviour: "busy"}))
	number = c.completedFor(landline)
	c.must(eventually(c.ctx, func(ctx context.Context) error {
		return c.console.happened(ctx, number, "callback_tried")
	}))
}

// completedFor registers a request of a number by hand and completes it.
func (c *calm) completedFor(phone string) string {
	c.t.Helper()
	var o orderSeen
	c.must(c.console.post(c.ctx, "/api/v1/orders", map[string]string{"type": "help", "phone": phone, "summary": "路灯不亮"}, &o))
	c.must(c.console.complete(c.ctx, o.Number, "已派人修复。"))
	return o.Number
}

// hearsFrom waits until the nth call of ours to a number has let it hear a prompt.
func (c *calm) hearsFrom(number string, nth int, prompt string) (call phoned) {
	c.t.Helper()
	_, err := c.carrier.rung(c.ctx, number, nth)
	c.must(err)
	c.must(eventually(c.ctx, func(ctx context.Context) error {
		var all, to []phoned
		if err := c.carrier.get(ctx, "/api/calls", &all); err != nil {
			return err
		}
		for _, k := range all {
			if k.To == number {
				to = append(to, k)
			}
		}
		if len(to) < nth {
			return fmt.Errorf("%s was called %d times", number, len(to))
		}
		call = to[nth-1]
		if !slices.ContainsFunc(call.Heard, func(h struct{ ID string }) bool { return h.ID == prompt }) {
			return fmt.Errorf("%s heard %v, not %s", number, call.Heard, prompt)
		}
		return nil
	}))
	return call
}

// surveyedOver completes an order whose citizen is asked, and answers, by text: rated and
// archived, with every text over that protocol.
func (c *calm) surveyedOver(protocol string) {
	c.t.Helper()
	r, q, err := c.finish(c.ctx, textNumber, "小区门口积水,请疏通。")
	c.must(err)
	c.must(c.answer(c.ctx, textNumber, q, "２"))
	_, err = c.console.order(c.ctx, r.Number, func(o orderSeen) error {
		return errors.Join(want("rating", o.Rating, 2), want("outcome", o.Outcome, "rated"), want("state", o.State, "archived"))
	})
	c.must(err)
	var submits []struct{ Over, To string }
	c.must(c.carrier.get(c.ctx, "/api/submits", &submits))
	for _, s := range submits {
		if s.Over != protocol {
			c.t.Errorf("a text to %s went over %s", s.To, s.Over)
		}
	}
}
