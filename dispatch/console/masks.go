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
	// introduced are names by which people who write in say who they are (KF-3.1.5, rec: what
	// is left of names in their words the office looks for before it gives the order out).
	introduced = regexp.MustCompile(`(我是|我叫|我的名字是|我名叫|本人是|本人叫|本人|姓名[:：]?|名字[:：]?)(\p{Han}{2,4})([^\p{Han}]|$)`)
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
	if hidden {
		text = introduced.ReplaceAllString(text, "${1}"+hiddenWord+"${3}")
		// The order became confidential later; four digits are enough to know somebody by.
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
func words(text string, hidden bool, matter dispatch.Order) string {
	if hidden {
		return hiddenWord
	}
	return conceal(text, matter)
}

// unknown is the order of what cannot be found out: all of it is hidden.
var unknown = dispatch.Order{Confidential: true}

// hider knows which requesters must not be shown (KF-3.1.5): those of confidential
// orders, wherever they turn up. It asks each order once and serves one answer.
// What it cannot find out it hides.
type hider struct {
	record Record
	orders map[string]dispatch.Order
	phones map[string]dispatch.Order
}

func (c *Console) hider() *hider {
	return &hider{record: c.cfg.Record, orders: map[string]dispatch.Order{}, phones: map[string]dispatch.Order{}}
}

// order is the order of what is shown: who is hidden in it, and by which name. "" is no
// order, in which nobody is hidden.
func (h *hider) order(ctx context.Context, number string) dispatch.Order {
	if number == "" {
		return dispatch.Order{}
	}
	o, known := h.orders[number]
	if !known {
		var err error
		if o, err = h.record.OrderBy(ctx, number); err != nil && !errors.Is(err, dispatch.ErrNotFound) {
			o = unknown
		}
		h.orders[number] = o
	}
	return o
}

// phone says whether a number is that of any hidden requester, as the order by which it is.
// It is asked for texts, which name no order. It is not asked for a person's other orders: a
// name beside a hidden number would tell that this person informed.
func (h *hider) phone(ctx context.Context, number string) dispatch.Order {
	if number == "" {
		return dispatch.Order{}
	}
	by, known := h.phones[number]
	if !known {
		orders, err := h.record.Orders(ctx, dispatch.Filter{Phone: number, Limit: 1000})
		if err != nil {
			by = unknown
		}
		for _, o := range orders {
			if o.Confidential && by.Name == "" {
				by = o
			}
		}
		h.phones[number] = by
	}
	return by
}

// spoken is scrub of a text about nobody in particular: numbers of informants are hidden.
func (h *hider) spoken(ctx context.Context, text string) string {
	return scrub(numbers.ReplaceAllStringFunc(text, func(n string) string {
		if known, err := sms.Normalize(n); err == nil && h.phone(ctx, known).Confidential {
			return hiddenWord
		}
		return n
	}), false)
}

// call is who is hidden in a call. One of no order, such as one that asks how an order
// stands, is hidden with every informant's number: nothing in it says who called.
func (h *hider) call(ctx context.Context, call dispatch.Call) dispatch.Order {
	if call.Order != "" {
		return h.order(ctx, call.Order)
	}
	return h.phone(ctx, call.From)
}

// message says whether the receiver of a text is hidden, and who is spoken of in it. A
// survey's text refers to its survey, others to their order; officers are nobody's secret.
func (h *hider) message(ctx context.Context, m sms.Message) (receiver bool, matter dispatch.Order) {
	switch m.Kind {
	case sms.KindDuty:
		return false, h.order(ctx, m.Ref)
	case sms.KindSurvey:
		s, err := h.record.SurveyBy(ctx, m.Ref)
		if matter = unknown; err == nil {
			matter = h.order(ctx, s.Order)
		}
		return matter.Confidential, matter
	}
	if matter = h.order(ctx, m.Ref); !matter.Confidential {
		if by := h.phone(ctx, m.To); by.Confidential {
			matter = by
		}
	}
	return matter.Confidential, matter
}
