package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// consoleClient is a person at the console, by its API.
type consoleClient struct {
	jsonClient
	password string
	account  string // admin if empty
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
	err := c.post(ctx, "/api/v1/login", map[string]any{"account": cmp.Or(c.account, "admin"), "password": c.password, "bearer": true}, &session)
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
