package main

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// playQuery makes an order by text, hears what became of it, and locks it by three
// wrong codes (ZZ-18.3).
func playQuery(ctx context.Context, w *world) error {
	r, err := w.request(ctx, textNumber, "人民路与建设街路口的路灯坏了三天,请派人修理。")
	if err != nil {
		return err
	}
	o, err := w.console.order(ctx, r.Number, func(o orderSeen) error { return want("channel", o.Channel, "sms") })
	if err != nil {
		return err
	}
	if err := w.ask(ctx, o.Digits, []string{r.PIN}, "query-result-registered.1"); err != nil {
		return err
	}
	wrong := wrongCodes(r.PIN)
	if err := w.ask(ctx, o.Digits, wrong, "query-locked"); err != nil {
		return err
	}
	w.says("锁定期间正确的查询码也不行 / while it is locked the right code fails too")
	if err := w.ask(ctx, o.Digits, []string{r.PIN}, "query-locked"); err != nil {
		return err
	}
	return w.forward(ctx, 11*time.Minute)
}

// wrongCodes are three codes that are not pin.
func wrongCodes(pin string) []string {
	var codes []string
	for d := '1'; len(codes) < 3; d++ {
		if c := strings.Repeat(string(d), 4); c != pin {
			codes = append(codes, c)
		}
	}
	return codes
}

// ask calls the query with these codes one after the other and waits for a prompt.
func (w *world) ask(ctx context.Context, digits string, codes []string, expect string) error {
	s, err := w.dial(ctx, citizenNumber)
	if err != nil {
		return err
	}
	defer hangUp(s)
	if err := w.press(ctx, s, "8"); err != nil {
		return err
	}
	for i, code := range codes {
		if i > 0 {
			if err := w.hears(ctx, s, "query-wrong"); err != nil {
				return err
			}
		}
		if err := w.hears(ctx, s, "query-number"); err != nil {
			return err
		}
		if err := w.press(ctx, s, digits+"#"); err != nil {
			return err
		}
		if err := w.hears(ctx, s, "query-pin"); err != nil {
			return err
		}
		s.Ear().Mark() // what is heard from here on is the answer to this code
		if err := s.Press(ctx, code+"#"); err != nil {
			return err
		}
		w.says("按查询码 / presses the code")
	}
	return w.hears(ctx, s, expect)
}

// playConfidential asks about an informant's order: one sentence, nothing else.
func playConfidential(ctx context.Context, w *world) error {
	var made orderSeen
	err := w.console.post(ctx, "/api/v1/orders", map[string]any{"type": "report", "phone": citizenNumber,
		"channel": "phone", "summary": "反映某单位违规收费"}, &made)
	if err != nil {
		return err
	}
	if err := w.tellsOneSentence(ctx, citizenNumber, made); err != nil {
		return err
	}
	if strings.Contains(made.Phone, citizenNumber[7:]) {
		return fmt.Errorf("the API shows an informant's number: %s", made.Phone)
	}
	return nil
}

// tellsOneSentence asks by phone about an informant's order, number and code in one go.
func (w *world) tellsOneSentence(ctx context.Context, from string, o orderSeen) error {
	s, err := w.dial(ctx, from)
	if err != nil {
		return err
	}
	defer hangUp(s)
	if err := s.Press(ctx, "8"); err != nil {
		return err
	}
	if err := w.hears(ctx, s, "query-number"); err != nil { // else these were keys of the menu
		return err
	}
	if err := s.Press(ctx, o.Digits+"#"+o.PIN+"#"); err != nil {
		return err
	}
	if err := w.hears(ctx, s, "query-confidential", "goodbye"); err != nil {
		return err
	}
	if heard := transcript(s); strings.Contains(heard, "query-result") || strings.Contains(heard, "tok-") {
		return fmt.Errorf("an informant's order told more than the confidentiality sentence: %s", heard)
	}
	return nil
}
