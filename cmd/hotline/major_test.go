package main

import (
	"testing"
	"time"
)

// TestMajorMatterZZ_16_5 marks the order of a call major while the caller still talks: the
// leader on duty is rung within 30 s, does not answer, the next one confirms with 1, and
// both have a text.
func TestMajorMatterZZ_16_5(t *testing.T) {
	c := newCalm(t, testRig(t))
	c.must(c.lines(c.ctx, map[string]line{
		leaderNumber: {Behaviour: "decline"},
		deputyNumber: {Behaviour: "answer", AnswerAfterMS: 200, Press: "1", PressAfterMS: 500},
	}))
	s := c.talks(citizenNumber, talk{to: "8001", far: 620, near: 440})
	o, err := newest(c.ctx, c.console, "/api/v1/orders", func(o orderSeen) error { return want("channel", o.Channel, "phone") })
	c.must(err)
	path := "/api/v1/orders/" + o.Number + "/major"
	if err := c.console.post(c.ctx, path, map[string]string{"reason": " "}, nil); err == nil {
		t.Error("major without a reason")
	}
	began := time.Now()
	c.must(c.console.post(c.ctx, path, map[string]string{"reason": "燃气泄漏,多人受伤"}, nil))
	c.must(c.console.post(c.ctx, path, map[string]string{"reason": "再按一次"}, nil))
	_, err = c.carrier.rung(c.ctx, leaderNumber, 1)
	c.must(err)
	if after := time.Since(began); after > 30*time.Second {
		t.Errorf("the leader was rung after %v", after)
	}
	_, err = c.carrier.rung(c.ctx, deputyNumber, 1)
	c.must(err)
	c.must(c.console.happened(c.ctx, o.Number, "urgent_confirmed"))
	for _, number := range []string{leaderNumber, deputyNumber} {
		_, err = c.carrier.text(c.ctx, number, o.Number)
		c.must(err)
	}
	var events page[struct{ Kind, Rule string }]
	c.must(c.console.get(c.ctx, "/api/v1/orders/"+o.Number+"/events", &events))
	marked := 0
	for _, e := range events.Items {
		if e.Kind == "major" {
			marked++
			c.must(want("clause", e.Rule, "ZZ-16.5"))
		}
	}
	c.must(want("marked", marked, 1))
	hangUp(s)
}
