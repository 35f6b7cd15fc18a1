package dispatch

import (
	"context"
	"fmt"
	"strings"
	"time"

	"hotline/sms"
)

// Priorities of texts: officers first, questions last.
const (
	firstPriority  = 0
	replyPriority  = 1
	resultPriority = 2
	surveyPriority = 5
)

// replyValid is how long an answer to a text is worth sending.
const replyValid = 12 * time.Hour

// slots are what templates may be filled with from an order.
func (o Order) slots() map[string]string {
	phone := sms.Mask(o.Phone)
	switch {
	case o.Confidential:
		phone = "(保密)"
	case phone == "":
		phone = "(未显示号码)"
	}
	return map[string]string{
		"number": o.Number, "digits": o.Digits, "pin": o.PIN, "phone": phone,
		"due": o.Due.in(o.Language), "result": strings.TrimRight(o.Result, "。. \n"), // the template ends the sentence
	}
}

// in is Words in a language.
func (d Deadline) in(language string) string {
	t := d.At.In(Place)
	switch {
	case language != English:
		return d.Words()
	case d.At.IsZero():
		return "soon"
	case t.Hour() == 0 && t.Minute() == 0:
		return t.AddDate(0, 0, -1).Format("Jan 2")
	}
	return t.Format("Jan 2 15:04")
}

// Words is the deadline as people say it: the last day, or day and time.
func (d Deadline) Words() string {
	if d.At.IsZero() {
		return "尽快"
	}
	t := d.At.In(Place)
	if t.Hour() == 0 && t.Minute() == 0 {
		return t.AddDate(0, 0, -1).Format("1月2日")
	}
	return t.Format("1月2日15:04")
}

// fill puts values into a template's braces.
func fill(template string, slots map[string]string) string {
	pairs := make([]string, 0, 2*len(slots))
	for name, value := range slots {
		pairs = append(pairs, "{"+name+"}", value)
	}
	return strings.NewReplacer(pairs...).Replace(template)
}

// textDuty writes a text to each officer, at any hour. cause makes the key, so that
// two causes about one order are two texts.
func (u *unit) textDuty(cause string, order Order, template string, to []string) error {
	for _, number := range to {
		if err := u.send(dutyText(cause, order, template, number)); err != nil {
			return err
		}
	}
	return nil
}

func dutyText(cause string, order Order, template, number string) sms.Message {
	return sms.Message{
		Key: fmt.Sprintf("duty:%s:%s:%s", cause, order.Number, number), Kind: sms.KindDuty,
		Ref: order.Number, To: number, Text: fill(template, order.slots()), Priority: firstPriority,
	}
}

// AlertDuty texts officers about the hotline itself, once for each key however many
// controllers ask for it.
func (o *Office) AlertDuty(ctx context.Context, key, text string, to []string) error {
	return o.do(ctx, func(u *unit) error {
		for _, number := range to {
			m := sms.Message{Key: "alert:" + key + ":" + number, Kind: sms.KindDuty, To: number, Text: text, Priority: firstPriority}
			if err := u.send(m); err != nil {
				return err
			}
		}
		return nil
	})
}

// textCitizen writes a text to the requester, or notes why not (ZZ-18.4).
func (u *unit) textCitizen(order Order, m sms.Message, template string) error {
	reason, err := u.unreachable(order.Phone)
	if err != nil {
		return err
	}
	if reason != "" {
		return u.event(Event{Number: order.Number, Kind: OnTextSkipped, Rule: "ZZ-18.4",
			Text: fmt.Sprintf("未发短信(%s):%s", m.Kind, reason)})
	}
	m.Ref, m.To, m.Text = order.Number, order.Phone, fill(template, order.slots())
	return u.send(m)
}

// unreachable says why a phone gets no text; empty when it does.
func (u *unit) unreachable(phone string) (string, error) {
	if !isMobile(phone) {
		return "no_mobile", nil
	}
	out, err := u.OptedOut(phone)
	if err != nil {
		return "", fmt.Errorf("look up opt-out: %w", err)
	}
	if out {
		return "opted_out", nil
	}
	return "", nil
}

// isMobile says whether a normalised number can get texts.
func isMobile(phone string) bool {
	return len(phone) == 11 && phone[0] == '1' && phone[1] >= '3'
}

// hours is n hours, or fallback hours when n is not set.
func hours(n, fallback int) time.Duration {
	if n == 0 {
		n = fallback
	}
	return time.Duration(n) * time.Hour
}
