package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// line is how one number of the carrier behaves when it is rung; Trunks says otherwise
// for one of the trunks, "1" or "2".
type line struct {
	Behaviour     string          `json:"behaviour"` // answer, busy, noanswer, decline, unavailable, machine
	AnswerAfterMS int             `json:"answer_after_ms,omitempty"`
	Press         string          `json:"press,omitempty"`
	PressAfterMS  int             `json:"press_after_ms,omitempty"`
	ToneHz        float64         `json:"tone_hz,omitempty"`
	Trunks        map[string]line `json:"trunks,omitempty"`
}

// carried is one call as the carrier recorded it, on the machine's own clock.
type carried struct {
	Trunk    int    `json:"trunk"`
	From     string `json:"from"`
	PAI      string `json:"pai"`
	To       string `json:"to"`
	Codec    string `json:"codec"`
	Invited  string `json:"invited_at"`
	Answered string `json:"answered_at"`
	Tones    []int  `json:"tones_hz"`
	Status   int    `json:"status"`
}

// invitedAt is when the INVITE came; zero if the record cannot be read.
func (c carried) invitedAt() time.Time {
	t, err := time.Parse(time.RFC3339, c.Invited)
	if err != nil {
		return time.Time{}
	}
	return t
}

// heardTone reports whether the line heard a tone within 3 %.
func (c carried) heardTone(hz float64) bool {
	for _, t := range c.Tones {
		if float64(t) > hz*0.97 && float64(t) < hz*1.03 {
			return true
		}
	}
	return false
}

// submitted counts the segments that the hotline submitted about something.
func (c *carrierClient) submitted(ctx context.Context, words ...string) (n int, err error) {
	var all []struct{ Text string }
	if err := c.get(ctx, "/api/submits", &all); err != nil {
		return 0, err
	}
	for _, s := range all {
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(s.Text, w) }) {
			n++
		}
	}
	return n, nil
}

// texted is one text on a handset.
type texted struct {
	Peer string `json:"peer"` // the number it came from
	Text string `json:"text"`
	Out  bool   `json:"out"` // sent from the handset
}

// carrierClient scripts the phone company and reads its own record.
type carrierClient struct {
	jsonClient
	since time.Time // calls before this are forgotten
}

func (c *carrierClient) set(ctx context.Context, number string, l line) error {
	return c.do(ctx, "PUT /api/lines/"+number, l, nil)
}

// calls lists the calls that came to a number since the last forget.
func (c *carrierClient) calls(ctx context.Context, to string) ([]carried, error) {
	var all, wanted []carried
	if err := c.get(ctx, "/api/calls", &all); err != nil {
		return nil, err
	}
	for _, k := range all {
		if k.To == to && k.Trunk > 0 && !k.invitedAt().Before(c.since) {
			wanted = append(wanted, k)
		}
	}
	return wanted, nil
}

// forget makes calls count from now on.
func (c *carrierClient) forget() { c.since = time.Now().Truncate(time.Millisecond) }

// rung waits until a number was rung n times and gives the last of these calls.
func (c *carrierClient) rung(ctx context.Context, to string, n int) (last carried, err error) {
	err = eventually(ctx, func(ctx context.Context) error {
		calls, err := c.calls(ctx, to)
		if err != nil {
			return err
		}
		if len(calls) < n {
			return fmt.Errorf("%s was rung %d times, not %d", to, len(calls), n)
		}
		last = calls[n-1]
		return nil
	})
	return last, err
}

// texts lists what a handset received.
func (c *carrierClient) texts(ctx context.Context, number string) ([]texted, error) {
	var all, received []texted
	if err := c.get(ctx, "/api/handsets/"+number+"/texts", &all); err != nil {
		return nil, err
	}
	for _, t := range all {
		if !t.Out {
			received = append(received, t)
		}
	}
	return received, nil
}

// text waits for a text on a handset that contains what is asked for.
func (c *carrierClient) text(ctx context.Context, number, with string) (found texted, err error) {
	err = eventually(ctx, func(ctx context.Context) error {
		texts, err := c.texts(ctx, number)
		if err != nil {
			return err
		}
		for _, t := range texts {
			if strings.Contains(t.Text, with) {
				found = t
				return nil
			}
		}
		return fmt.Errorf("no text with %q on %s among %d", with, number, len(texts))
	})
	return found, err
}

// write sends a text from a handset.
func (c *carrierClient) write(ctx context.Context, from, to, text string) error {
	return c.post(ctx, "/api/handsets/"+from+"/reply", map[string]string{"to": to, "text": text}, nil)
}
