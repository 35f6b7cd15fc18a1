package dispatch

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"hotline/sms"
	"hotline/sms/survey"
)

// What a text is taken for, as sms.Inbound.HandledAs keeps it.
const (
	AsSurvey  = "survey"
	AsInvalid = "invalid"
	AsLate    = "late"
	AsOptOut  = "opt-out"
	AsOrder   = "order"
	AsEmpty   = "empty"
)

// memory is how long after a survey a text may still be about it.
const memory = 8 * 24 * time.Hour

// TakeText handles one text that came in and says what it was taken for. In order
// (Q7, ZZ-3.1): a word of refusal stops further texts; what reads like an answer, while
// the phone has a survey, is an answer or kept as late; everything else is a request
// and becomes an order with a receipt. The same text again gives the same word and
// changes nothing, whoever handles it.
//
// Texts of one phone must be given in the order they came.
func (o *Office) TakeText(ctx context.Context, in sms.Inbound) (string, error) {
	if in.HandledAs != "" {
		return in.HandledAs, nil
	}
	if in.EventAt.IsZero() {
		in.EventAt = in.ReceivedAt
	}
	parsed := survey.Parse(in.Text)
	as, err := "", error(nil)
	switch parsed.Kind {
	case survey.Refusal:
		as, err = o.optOut(ctx, in)
	case survey.Answer, survey.Wrong:
		as, err = o.takeAnswer(ctx, answer{Inbound: in, Parsed: parsed})
	}
	if as == "" && err == nil {
		as, err = o.takeRequest(ctx, in)
	}
	if err != nil {
		return "", fmt.Errorf("take text %s: %w", in.ID, err)
	}
	o.log.Info("text taken", "text", in.ID, "from", sms.Mask(in.From), "as", as)
	return as, nil
}

// optOut notes that a phone wants no more texts of ours, and takes back those that have
// not left, such as a question that waits for the morning. Officers' texts still go.
func (o *Office) optOut(ctx context.Context, in sms.Inbound) (string, error) {
	return o.once(ctx, in, AsOptOut, func(u *unit) error {
		if err := u.OptOut(in.From, in.EventAt); err != nil {
			return fmt.Errorf("note opt-out: %w", err)
		}
		if err := u.takeBack(in.From); err != nil {
			return err
		}
		surveys, err := u.SurveysOf(in.From, in.EventAt.Add(-memory))
		if err != nil || len(surveys) == 0 {
			return err
		}
		return u.event(Event{Number: surveys[0].Order, Actor: "citizen", Kind: OnOptOut, Text: "退订短信"})
	})
}

// takeBack ends what waits to be sent to a phone; a survey whose question is among it
// asks nobody.
func (u *unit) takeBack(phone string) error {
	left, err := u.Withdraw(phone, u.now)
	if err != nil {
		return fmt.Errorf("take texts back: %w", err)
	}
	for _, m := range left {
		u.tell(NoticeText, m.ID)
		if m.Kind != sms.KindSurvey {
			err = u.event(Event{Number: m.Ref, Kind: OnTextSkipped, Rule: "ZZ-18.4", Text: fmt.Sprintf("未发短信(%s):opted_out", m.Kind)})
		} else if err = u.askNobody(m.Ref); err != nil {
			err = fmt.Errorf("survey %s: %w", m.Ref, err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// askNobody ends a survey whose question will not be sent.
func (u *unit) askNobody(id string) error {
	s, err := u.Survey(id)
	if err != nil || s.Outcome != Pending || !s.OpenedAt.IsZero() {
		return err
	}
	return u.settle(&s, ending{outcome: Skipped, note: "未发评价短信:opted_out"})
}

// takeRequest makes an order of a text (ZZ-9.1) and answers with its number.
func (o *Office) takeRequest(ctx context.Context, in sms.Inbound) (string, error) {
	if strings.TrimSpace(in.Text) == "" {
		return o.once(ctx, in, AsEmpty, func(*unit) error { return nil })
	}
	return o.once(ctx, in, AsOrder, func(u *unit) error {
		_, err := u.open(Intake{Key: "sms:" + in.ID, Channel: BySMS, Phone: in.From,
			Summary: in.Text, Actor: "citizen", ReceiptText: true})
		if errors.Is(err, errRepeat) {
			return nil // its order is there; only the note of it was missing
		}
		return err
	})
}

// once runs f in one transaction with the note of what the text was taken for. If
// somebody handled it before, f does not run and their word is returned.
func (o *Office) once(ctx context.Context, in sms.Inbound, as string, f func(*unit) error) (string, error) {
	var before string
	err := o.do(ctx, func(u *unit) error {
		var err error
		if before, err = u.TakeInbound(in, as); err != nil || before != "" {
			return err
		}
		u.tell(NoticeText, in.ID)
		return f(u)
	})
	if before != "" {
		as = before
	}
	return as, err
}
