package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"hotline/asterisk/sipphone"
)

// order is a test call somebody asks for.
type order struct {
	From string `json:"from"`
	To   string `json:"to"`   // digits; empty dials the hotline
	Keys string `json:"keys"` // pressed once answered, "," being half a second
}

var errNotUp = errors.New("the call is not up")

func (o *order) check(number string) error {
	if o.To == "" {
		o.To = number
	}
	for _, s := range []string{o.From, o.To} {
		if s == "" || len(s) > 20 || strings.Trim(s, "0123456789") != "" {
			return fmt.Errorf("%q is not a number: up to 20 digits, and only those", s)
		}
	}
	return checkKeys(o.Keys)
}

func checkKeys(keys string) error {
	if len(keys) > 200 || strings.Trim(keys, "0123456789*#ABCD,") != "" {
		return fmt.Errorf("keys %q: up to 200 of 0-9 * # A-D and a comma for a pause", keys)
	}
	return nil
}

// place rings the hotline as a citizen and returns the record of the call at once.
func (c *carrier) place(o order) (*call, error) {
	if err := o.check(c.cfg.Number); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(c.ctx, longestRing)
	rec := c.record.open(call{Kind: "citizen", From: o.From, To: o.To, live: &live{cancel: cancel}})
	c.handsets.know(o.From)
	c.start(func() {
		defer cancel()
		c.ring(ctx, rec, o)
	})
	return rec, nil
}

// longestRing is how long a citizen lets it ring.
const longestRing = time.Minute

// ring is a test call from INVITE to end; ctx ends the ringing, not the call.
func (c *carrier) ring(ctx context.Context, rec *call, o order) {
	s, err := c.citizens.Call(ctx, "sip:"+o.To+"@"+c.cfg.Hotline, sipphone.CallOptions{
		From: o.From,
		Progress: func(int) {
			c.record.note(rec, func(r *call) {
				if r.RingingAt == "" {
					r.RingingAt = c.record.at()
				}
			})
		},
	})
	if err != nil {
		c.failed(rec, err)
		return
	}
	c.record.note(rec, func(r *call) {
		r.AnsweredAt, r.Codec, r.SIP, r.live = c.record.at(), string(s.Codec()), s.ID(), &live{session: s}
	})
	if o.Keys != "" {
		c.start(func() { c.press(rec, s, o.Keys) })
	}
	c.start(func() {
		if pause(s.Context(), longestCall) {
			c.hangup(s)
		}
	})
	c.watch(rec, s)
}

func (c *carrier) failed(rec *call, err error) {
	var r *sipphone.Rejected
	c.record.note(rec, func(rec *call) {
		rec.EndedAt, rec.EndedBy, rec.Error = c.record.at(), "us", err.Error()
		if errors.As(err, &r) {
			rec.EndedBy, rec.Status, rec.Cause = "hotline", r.Status, r.Cause
		}
	})
}

// up finds a call that can be spoken on.
func (c *carrier) up(id string) (*sipphone.Session, *call, error) {
	c.record.mu.Lock()
	defer c.record.mu.Unlock()
	for _, rec := range c.record.calls {
		if rec.ID == id && rec.live != nil && rec.live.session != nil && rec.live.session.Context().Err() == nil {
			return rec.live.session, rec, nil
		}
	}
	return nil, nil, errNotUp
}

// giveUp ends a test call, answered or not.
func (c *carrier) giveUp(id string) error {
	if s, _, err := c.up(id); err == nil {
		c.hangup(s)
		return nil
	}
	rec, ok := c.record.get(id)
	if !ok || rec.EndedAt != "" || rec.live == nil || rec.live.session != nil || rec.live.cancel == nil {
		return errNotUp
	}
	rec.live.cancel()
	return nil
}

// say speaks a tone on a call for a while, so that there is something to record.
func (c *carrier) say(s *sipphone.Session, hz float64, d time.Duration) {
	s.Say(sipphone.Tone(hz))
	if pause(s.Context(), d) {
		s.Hush()
	}
}
