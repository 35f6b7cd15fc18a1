package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
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
	return c.do(ctx, "PUT", "/api/lines/"+number, l, nil)
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

// consoleClient is a person at the console, by its API.
type consoleClient struct {
	jsonClient
	password string
}

// The parts of the API's answers that the story reads.
type (
	orderSeen struct {
		Number, Digits, Type, Channel, State, Outcome, Phone, PIN string
		Rating, Version                                           int
		Urgent                                                    bool
	}
	callSeen struct {
		ID, Outcome, Detail, Order, Class string
		Emergency, Missed                 bool
	}
	surveySeen struct {
		ID, Order, Outcome string
		Rating, Invalid    int
		Deadline           time.Time
	}
	eventSeen   struct{ Kind, Text string }
	page[T any] struct{ Items []T }
)

// logIn asks for a token, which lasts until the hotline is restarted.
func (c *consoleClient) logIn(ctx context.Context) error {
	var session struct{ Token string }
	err := c.post(ctx, "/api/v1/login", map[string]any{"account": "admin", "password": c.password, "bearer": true}, &session)
	if err != nil {
		return fmt.Errorf("log in: %w", err)
	}
	c.header = map[string][]string{"Authorization": {"Bearer " + session.Token}}
	return nil
}

// newest waits until the newest row of a list satisfies ok.
func newest[T any](ctx context.Context, c *consoleClient, path string, ok func(T) error) (row T, err error) {
	err = eventually(ctx, func(ctx context.Context) error {
		var rows page[T]
		if err := c.get(ctx, path, &rows); err != nil {
			return err
		}
		if len(rows.Items) == 0 {
			return errors.New("nothing in " + path)
		}
		row = rows.Items[0]
		return ok(row)
	})
	return row, err
}

// order waits until an order is as it should be.
func (c *consoleClient) order(ctx context.Context, number string, ok func(orderSeen) error) (o orderSeen, err error) {
	err = eventually(ctx, func(ctx context.Context) error {
		if err := c.get(ctx, "/api/v1/orders/"+url.PathEscape(number), &o); err != nil {
			return err
		}
		return ok(o)
	})
	return o, err
}

// events lists an order's timeline.
func (c *consoleClient) events(ctx context.Context, number string) ([]eventSeen, error) {
	var rows page[eventSeen]
	return rows.Items, c.get(ctx, "/api/v1/orders/"+url.PathEscape(number)+"/events", &rows)
}

// happened waits for an event of a kind on an order.
func (c *consoleClient) happened(ctx context.Context, number, kind string) error {
	return eventually(ctx, func(ctx context.Context) error {
		events, err := c.events(ctx, number)
		if err != nil {
			return err
		}
		var kinds []string
		for _, e := range events {
			if e.Kind == kind {
				return nil
			}
			kinds = append(kinds, e.Kind)
		}
		return fmt.Errorf("no event %s on %s; there is %s", kind, number, strings.Join(kinds, " "))
	})
}

// complete ends the work on an order, as an agent does.
func (c *consoleClient) complete(ctx context.Context, number, result string) error {
	return c.post(ctx, "/api/v1/orders/"+url.PathEscape(number)+"/complete", map[string]any{"result": result}, nil)
}

// survey waits for the survey of an order to be open and gives it.
func (c *consoleClient) survey(ctx context.Context, order string) (found surveySeen, err error) {
	err = eventually(ctx, func(ctx context.Context) error {
		var rows page[surveySeen]
		if err := c.get(ctx, "/api/v1/surveys", &rows); err != nil {
			return err
		}
		for _, s := range rows.Items {
			if s.Order == order && !s.Deadline.IsZero() {
				found = s
				return nil
			}
		}
		return fmt.Errorf("no open survey of %s", order)
	})
	return found, err
}

// requested is an order as the citizen knows it: by its number and code.
type requested struct{ Number, PIN string }

var receiptText = regexp.MustCompile(`工单([A-Z]{2}[0-9-]+[0-9]),查询码([0-9]{4})`)

// request makes an order by a text from a handset and reads the receipt.
func (w *world) request(ctx context.Context, from, text string) (requested, error) {
	before, err := w.carrier.texts(ctx, from)
	if err != nil {
		return requested{}, err
	}
	if err := w.carrier.write(ctx, from, hotlineTexts, text); err != nil {
		return requested{}, err
	}
	w.says("%s 发短信 / texts: %s", from, text)
	var r requested
	err = eventually(ctx, func(ctx context.Context) error {
		texts, err := w.carrier.texts(ctx, from)
		if err != nil {
			return err
		}
		for _, t := range texts[min(len(before), len(texts)):] {
			if m := receiptText.FindStringSubmatch(strings.ReplaceAll(t.Text, "，", ",")); m != nil {
				r = requested{Number: m[1], PIN: m[2]}
				w.says("收到 / receives: %s", t.Text)
				return nil
			}
		}
		return fmt.Errorf("no receipt among %d texts on %s", len(texts), from)
	})
	return r, err
}
