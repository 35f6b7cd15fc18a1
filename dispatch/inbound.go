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

// memory is how long after a survey a text may still be about it.
const memory = 8 * 24 * time.Hour

// TakeText handles one text that came in and says what it was taken for, in the order of
// meanings. The same text again gives the same word and changes nothing, whoever handles
// it.
//
// Texts of one phone must be given in the order they came.
func (o *Office) TakeText(ctx context.Context, in sms.Inbound) (string, error) {
	if in.HandledAs != "" {
		return in.HandledAs, nil
	}
	if in.EventAt.IsZero() {
		in.EventAt = in.ReceivedAt
	}
	r := read(in)
	for _, meaning := range meanings {
		as, err := meaning.take(o, ctx, r)
		if err != nil {
			return "", fmt.Errorf("take text %s as %s: %w", in.ID, meaning.name, err)
		}
		if as != "" {
			o.log.Info("text taken", "text", in.ID, "from", sms.Mask(in.From), "as", as)
			return as, nil
		}
	}
	return "", fmt.Errorf("take text %s: it has no meaning: %w", in.ID, ErrInvalid)
}

// takeRefusal notes that a phone wants no more texts of ours, and takes back those that
// have not left, such as a question that waits for the morning. It asks nobody whether
// they are sure. Officers' texts still go.
func (o *Office) takeRefusal(ctx context.Context, in reading) (string, error) {
	if in.Kind != survey.Refusal {
		return "", nil
	}
	return o.once(ctx, in.Inbound, AsOptOut, func(u *unit) error {
		fresh, err := u.InsertOptOut(OptOut{ID: u.id(), Phone: in.From, At: in.EventAt, TextID: in.ID})
		if err != nil {
			return fmt.Errorf("note opt-out: %w", err)
		}
		if err := u.takeBack(in.From); err != nil || !fresh {
			return err
		}
		if err := u.audit(Audit{Actor: "citizen", Act: ActOptOut, Subject: in.From, Text: in.ID}); err != nil {
			return err
		}
		if err := u.onLatestOrder(in.Inbound, Event{Actor: "citizen", Kind: OnOptOut, Text: "退订短信"}); err != nil {
			return err
		}
		return u.reply(in.Inbound, "", o.policy.in(o.policy.languageOf(in.Text)).OptOut, nil)
	})
}

// takeReturn ends a refusal: the phone gets texts again.
func (o *Office) takeReturn(ctx context.Context, in reading) (string, error) {
	if !in.returns {
		return "", nil
	}
	return o.once(ctx, in.Inbound, AsOptIn, func(u *unit) error {
		fresh, err := u.DeleteOptOut(in.From)
		if err != nil || !fresh {
			return err
		}
		if err := u.audit(Audit{Actor: "citizen", Act: ActOptIn, Subject: in.From, Text: in.ID}); err != nil {
			return err
		}
		if err := u.onLatestOrder(in.Inbound, Event{Actor: "citizen", Kind: OnOptIn, Text: "恢复接收短信"}); err != nil {
			return err
		}
		return u.reply(in.Inbound, "", o.policy.in(o.policy.languageOf(in.Text)).OptIn, nil)
	})
}

// onLatestOrder puts an event on the order that a phone was last asked about, if any.
func (u *unit) onLatestOrder(in sms.Inbound, e Event) error {
	surveys, err := u.SurveysOf(in.From, in.EventAt.Add(-memory))
	if err != nil || len(surveys) == 0 {
		return err
	}
	e.Number = surveys[0].Order
	return u.event(e)
}

// reply answers a text at once, at any hour and even a phone that wants no others: it has
// asked for this one. Who cannot get texts gets none. About an order it is hidden where that is.
func (u *unit) reply(in sms.Inbound, order, template string, slots map[string]string) error {
	if template == "" || !isMobile(in.From) {
		return nil
	}
	return u.send(sms.Message{Key: "reply:" + in.ID, Kind: sms.KindNotice, Ref: order, To: in.From, Priority: replyPriority,
		Text: fill(template, slots), ValidUntil: u.now.Add(replyValid)})
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

// takeNothing drops a text that says nothing.
func (o *Office) takeNothing(ctx context.Context, in reading) (string, error) {
	if strings.TrimSpace(in.Text) != "" {
		return "", nil
	}
	return o.once(ctx, in.Inbound, AsEmpty, func(*unit) error { return nil })
}

// takeRequest makes an order of a text (ZZ-9.1) and answers with its number in the same
// transaction, at any hour (ZZ-3.1).
func (o *Office) takeRequest(ctx context.Context, in reading) (string, error) {
	return o.once(ctx, in.Inbound, AsOrder, func(u *unit) error {
		_, err := u.open(Intake{Key: "sms:" + in.ID, Channel: BySMS, Phone: in.From,
			Summary: in.Text, Actor: "citizen", ReceiptText: true,
			Language: o.policy.languageOf(in.Text)})
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
