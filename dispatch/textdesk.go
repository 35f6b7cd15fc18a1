package dispatch

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"hotline/sms"
)

// Letter is a text that a person sends by hand, such as an engineer who tries a link.
type Letter struct {
	Key   string // idempotency: the same key of the same actor is one text; empty is never the same
	Actor string
	To    string // a mobile number, in any form
	Text  string // without the signature
}

// maxLetter is how many characters a person may send at once: some six segments.
const maxLetter = 400

// Signed is a text as it goes out, with the signature, and how many segments it takes.
func (o *Office) Signed(text string) (signed string, segments int) {
	signed = sms.Sign("【"+o.policy.Hotline.Signature+"】", text)
	return signed, sms.Segments(signed)
}

// CheckLetter says who would get a letter, and writes nothing. It fails with ErrInvalid for
// what cannot be sent, and with ErrIllegal if the receiver wants no texts.
func (o *Office) CheckLetter(ctx context.Context, l Letter) (to string, err error) {
	err = o.do(ctx, func(u *unit) error {
		to, err = u.receiver(l)
		return err
	})
	return to, err
}

// receiver checks a letter and normalises its number.
func (u *unit) receiver(l Letter) (string, error) {
	to, err := sms.Normalize(l.To)
	text := strings.TrimSpace(l.Text)
	switch n := utf8.RuneCountInString(text); {
	case err != nil || !isMobile(to):
		return "", refuse(ErrInvalid, Refusal{Field: "to", Rule: "rec", Text: "只能发给手机号码"})
	case n == 0 || n > maxLetter:
		return "", refuse(ErrInvalid, Refusal{Field: "text", Rule: "rec", Text: fmt.Sprintf("内容 1 至 %d 字,现有 %d 字", maxLetter, n)})
	case strings.ContainsAny(text, "【】"):
		return "", refuse(ErrInvalid, Refusal{Field: "text", Rule: "rec", Text: "内容不含【】,签名自动加"})
	}
	if err := u.office.quotable("text", text); err != nil {
		return "", err
	}
	return to, u.mustWant(to)
}

// mustWant fails with ErrIllegal for a phone that wants no texts.
func (u *unit) mustWant(phone string) error {
	out, err := u.OptedOut(phone)
	if err != nil {
		return fmt.Errorf("look up opt-out: %w", err)
	}
	if out {
		return refuse(ErrIllegal, Refusal{Field: "to", Rule: "rec", Text: "对方已退订"})
	}
	return nil
}

// SendLetter writes a notice to the outbox, with a line in the audit. Errors are those of
// CheckLetter.
func (o *Office) SendLetter(ctx context.Context, l Letter) (m sms.Message, err error) {
	err = o.do(ctx, func(u *unit) error {
		to, err := u.receiver(l)
		if err != nil {
			return err
		}
		m = sms.Message{ID: u.id(), Kind: sms.KindNotice, To: to, Text: strings.TrimSpace(l.Text), Priority: resultPriority}
		m.Key = "letter:" + m.ID
		if l.Key != "" {
			m.Key = "letter:" + l.Actor + ":" + l.Key
		}
		m, err = u.sendOnce(m, Audit{Actor: l.Actor, Act: ActSend})
		return err
	})
	if err != nil {
		return sms.Message{}, fmt.Errorf("send a notice: %w", err)
	}
	return m, nil
}

// sendOnce is send with a line in the audit, or gives back what was sent by the same key.
func (u *unit) sendOnce(m sms.Message, a Audit) (sms.Message, error) {
	before, err := u.TextByKey(m.Key)
	if err == nil || !errors.Is(err, ErrNotFound) {
		return before, err
	}
	if err := u.send(m); err != nil {
		return sms.Message{}, err
	}
	if a.Subject == "" {
		a.Subject = m.ID
	}
	if err := u.audit(a); err != nil {
		return sms.Message{}, err
	}
	return u.Text(m.ID)
}

// ReplayText sends a text that failed or expired once more, as a new one that is valid as
// long as the old one was; again it returns the one it made. A survey's question is not sent
// again, since its survey has ended. It needs a reason, which goes into the audit and onto
// the order.
//
// Errors: ErrInvalid (no reason), ErrNotFound, ErrIllegal (it may have arrived or still
// may, it is a survey's, or its receiver wants no texts).
func (o *Office) ReplayText(ctx context.Context, id, actor, reason string) (again sms.Message, err error) {
	if reason = cut(reason, 200); reason == "" {
		return sms.Message{}, fmt.Errorf("replay text %s: a reason is needed: %w", id, ErrInvalid)
	}
	err = o.do(ctx, func(u *unit) error {
		dead, err := u.Text(id)
		if err != nil {
			return err
		}
		if err := u.replayable(dead); err != nil {
			return err
		}
		m := sms.Message{ID: u.id(), Key: "replay:" + dead.ID, Kind: dead.Kind, Ref: dead.Ref, To: dead.To, Ext: dead.Ext,
			Text: dead.Text, Priority: dead.Priority, NotBefore: o.policy.SendTime(dead.Kind, u.now)}
		if begin := later(dead.CreatedAt, dead.NotBefore); !dead.ValidUntil.IsZero() {
			m.ValidUntil = later(u.now, m.NotBefore).Add(dead.ValidUntil.Sub(begin))
		}
		again, err = u.sendOnce(m, Audit{Actor: actor, Act: ActReplay, Subject: dead.ID, Text: reason})
		if err != nil || again.ID != m.ID {
			return err
		}
		return u.noteReplay(dead, actor, reason)
	})
	if err != nil {
		return sms.Message{}, fmt.Errorf("replay text %s: %w", id, err)
	}
	return again, nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// replayable says why a text is not to be sent again.
func (u *unit) replayable(m sms.Message) error {
	switch {
	case m.Status != sms.Failed && m.Status != sms.Expired:
		return fmt.Errorf("it is %s, only one that failed or expired goes again: %w", m.Status, ErrIllegal)
	case m.MaybeTwice:
		return fmt.Errorf("it may have arrived: %w", ErrIllegal)
	case m.Kind == sms.KindSurvey:
		return fmt.Errorf("its survey has ended, call the citizen: %w", ErrIllegal)
	case m.Kind == sms.KindDuty:
		return nil
	}
	return u.mustWant(m.To)
}

// noteReplay puts a replay on the order the text is about, if it is about one.
func (u *unit) noteReplay(m sms.Message, actor, reason string) error {
	order, err := u.Order(m.Ref)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return u.event(Event{Number: order.Number, Actor: actor, Kind: OnNote, Text: fmt.Sprintf("重发短信(%s):%s", m.Kind, reason)})
}

// ReplayInbound hands a text that came in and that nobody could handle yet to its handler,
// before the gateway tries again, and says what it was taken for. Reasons are as for
// ReplayText.
//
// Errors: ErrInvalid (no reason), ErrNotFound, ErrIllegal (it was handled, is a part of a
// long text, or an earlier text of its phone must come first).
func (o *Office) ReplayInbound(ctx context.Context, id, actor, reason string) (as string, err error) {
	if reason = cut(reason, 200); reason == "" {
		return "", fmt.Errorf("replay inbound text %s: a reason is needed: %w", id, ErrInvalid)
	}
	in, err := o.store.InboundBy(ctx, id)
	if err == nil {
		err = o.handleable(ctx, in)
	}
	if err == nil {
		err = o.do(ctx, func(u *unit) error {
			return u.audit(Audit{Actor: actor, Act: ActReplay, Subject: in.ID, Text: reason})
		})
	}
	if err == nil {
		as, err = o.TakeText(ctx, in)
	}
	if err != nil {
		return "", fmt.Errorf("replay inbound text %s: %w", id, err)
	}
	return as, nil
}

// handleable says why a text that came in cannot be handled now.
func (o *Office) handleable(ctx context.Context, in sms.Inbound) error {
	switch {
	case in.HandledAs != "":
		return fmt.Errorf("it was handled as %s: %w", in.HandledAs, ErrIllegal)
	case in.IsPart():
		return fmt.Errorf("it is a part of a long text: %w", ErrIllegal)
	}
	earlier, err := o.store.Inbounds(ctx, Filter{Phone: in.From, Open: true, Until: in.ReceivedAt})
	if err != nil {
		return err
	}
	if len(earlier) > 0 {
		return fmt.Errorf("text %s of that phone came before it: %w", earlier[len(earlier)-1].ID, ErrIllegal)
	}
	return nil
}

// LiftOptOut ends a refusal of texts, because the citizen has asked for that otherwise
// than by text, such as by phone. The reason goes into the audit. Errors: ErrInvalid (no
// reason), ErrNotFound.
func (o *Office) LiftOptOut(ctx context.Context, id, actor, reason string) error {
	if reason = cut(reason, 200); reason == "" {
		return fmt.Errorf("lift opt-out %s: a reason is needed: %w", id, ErrInvalid)
	}
	err := o.do(ctx, func(u *unit) error {
		out, err := u.OptOut(id)
		if err != nil {
			return err
		}
		if _, err := u.DeleteOptOut(out.Phone); err != nil {
			return err
		}
		u.tell(NoticeText, out.TextID)
		return u.audit(Audit{Actor: actor, Act: ActOptIn, Subject: out.Phone, Text: reason})
	})
	if err != nil {
		return fmt.Errorf("lift opt-out %s: %w", id, err)
	}
	return nil
}
