package console

import (
	"context"
	"errors"
	"regexp"
	"strings"

	"hotline/dispatch"
	"hotline/sms"
)

// hiddenWord stands where a confidential order's requester would.
const hiddenWord = "(保密)"

var (
	// numbers are phone numbers within free text: mobiles, and land lines with their 0.
	numbers = regexp.MustCompile(`(?:\b|86)1[3-9]\d[ -]?\d{4}[ -]?\d{4}\b|\b0\d{2,3}-?\d{7,8}\b`)
	// masked are numbers that were masked when the text was written, as officers get them.
	masked = regexp.MustCompile(`\d{0,3}\*{3,}\d{2,4}`)
	// codes are the query codes of texts to citizens; they are the citizen's alone (ZZ-18.3).
	codes = regexp.MustCompile(`((?:码|PIN|pin)\D{0,3})\d{4}\b`)
)

// phone masks a number, or hides it.
func phone(number string, hidden bool) string {
	switch {
	case hidden:
		return hiddenWord
	case number == "":
		return ""
	}
	return sms.Mask(number)
}

// scrub masks or hides the phone numbers within a text, and its query codes.
func scrub(text string, hidden bool) string {
	text = numbers.ReplaceAllStringFunc(text, func(n string) string { return phone(n, hidden) })
	if hidden { // the order became confidential later; four digits are enough to know somebody by
		text = masked.ReplaceAllString(text, hiddenWord)
	}
	return codes.ReplaceAllString(text, "${1}****")
}

// conceal is scrub of a text about an order; the name of a hidden requester goes too, where
// somebody wrote it down.
func conceal(text string, o dispatch.Order) string {
	if o.Confidential && o.Name != "" {
		text = strings.ReplaceAll(text, o.Name, hiddenWord)
	}
	return scrub(text, o.Confidential)
}

// words is a text as it is shown: what was written with somebody hidden is not, for it may
// tell who that is.
func words(text string, hidden, matter bool) string {
	if hidden {
		return hiddenWord
	}
	return scrub(text, matter)
}

// hider knows which requesters must not be shown (KF-3.1.5): those of confidential
// orders, wherever they turn up. It asks each order once and serves one answer.
// What it cannot find out it hides.
type hider struct {
	record Record
	orders map[string]bool
	phones map[string]bool
}

func (c *Console) hider() *hider {
	return &hider{record: c.cfg.Record, orders: map[string]bool{}, phones: map[string]bool{}}
}

// order says whether the requester of an order is hidden; "" is no order.
func (h *hider) order(ctx context.Context, number string) bool {
	if number == "" {
		return false
	}
	hidden, known := h.orders[number]
	if !known {
		o, err := h.record.OrderBy(ctx, number)
		hidden = o.Confidential || err != nil && !errors.Is(err, dispatch.ErrNotFound)
		h.orders[number] = hidden
	}
	return hidden
}

// phone says whether a number is that of any hidden requester. It is asked for texts,
// which name no order. It is not asked for a person's other orders: a name beside a
// hidden number would tell that this person informed.
func (h *hider) phone(ctx context.Context, number string) bool {
	if number == "" {
		return false
	}
	hidden, known := h.phones[number]
	if !known {
		orders, err := h.record.Orders(ctx, dispatch.Filter{Phone: number, Limit: 1000})
		hidden = err != nil
		for _, o := range orders {
			hidden = hidden || o.Confidential
		}
		h.phones[number] = hidden
	}
	return hidden
}

// message says whether the receiver of a text, and who is spoken of in it, are hidden. A
// survey's text refers to its survey, others to their order; officers are nobody's secret.
func (h *hider) message(ctx context.Context, m sms.Message) (receiver, matter bool) {
	switch m.Kind {
	case sms.KindDuty:
		return false, h.order(ctx, m.Ref)
	case sms.KindSurvey:
		s, err := h.record.SurveyBy(ctx, m.Ref)
		hidden := err != nil || h.order(ctx, s.Order)
		return hidden, hidden
	}
	hidden := h.order(ctx, m.Ref) || h.phone(ctx, m.To)
	return hidden, hidden
}
