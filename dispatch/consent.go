package dispatch

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"
)

// Consent is what a citizen said about one unit being told who they are (XZ-12.6).
type Consent struct {
	Unit     string // id of the unit that would be told
	Given    bool   // false: they do not want it, or not any more
	Evidence string // number of the recording or paper that shows it
}

// Consent notes what a citizen said about being made known to a unit: the last word counts.
// Where no clause of the policy asks citizens, who is confidential is made known to nobody
// (KF-3.1.5), and it fails as a [Refusal] with ErrIllegal. It is for the hotline's own people:
// who wants to know does not say that they may.
func (o *Office) Consent(ctx context.Context, number string, by By, c Consent) (Order, error) {
	c.Evidence = cut(c.Evidence, maxName)
	return o.command(ctx, number, deed{By: by, name: "consent", do: func(u *unit, order *Order) error {
		rule := o.policy.Life.ConsentRule
		if rule == "" {
			return refuse(ErrIllegal, Refusal{Field: "given", Rule: informantRule, Text: "本热线不向承办单位透露保密件诉求人的身份"})
		}
		if err := by.may(rule, ByAgent, ByDuty, ByOffice); err != nil {
			return err
		}
		if err := needs(rule, blank{"unit", "拟告知的单位", c.Unit == ""}, blank{"evidence", "诉求人表示的录音或书面编号", c.Evidence == ""}); err != nil {
			return err
		}
		if _, known := o.unitOf(c.Unit); !known {
			return refuse(ErrInvalid, Refusal{Field: "unit", Rule: rule, Text: "没有“" + c.Unit + "”这个单位"})
		}
		return u.consents(*order, by.Actor, c)
	}})
}

// informantRule is the clause by which units are not told who informed.
const informantRule = "KF-3.1.5"

// consentRule is the clause by which somebody is told who a citizen is, or is not.
func (p LifePolicy) consentRule() string { return cmp.Or(p.ConsentRule, informantRule) }

// consents writes down what was said, as a review whose second person is the citizen.
func (u *unit) consents(order Order, actor string, c Consent) error {
	rule, words := u.office.policy.Life.consentRule(), "诉求人不同意向"
	r := Review{ID: u.id(), Order: order.Number, Attempt: order.attempt(), Kind: ForConsent, Rule: rule, Unit: c.Unit, Evidence: c.Evidence,
		AskedBy: actor, AskedAt: u.now, Approved: c.Given, DecidedBy: "citizen", DecidedAt: u.now}
	switch {
	case c.Given:
		words = "诉求人同意向"
	case c.Evidence == "": // nobody asked
		r.DecidedBy, words = actor, "未征得同意,不向"
	}
	words += u.office.unitName(c.Unit) + "透露身份"
	if c.Evidence != "" {
		words += ",凭" + c.Evidence
	}
	if _, err := u.InsertReview(r); err != nil {
		return fmt.Errorf("consent: %w", err)
	}
	u.tell(NoticeReview, r.ID)
	return u.event(Event{Number: order.Number, Actor: actor, Kind: OnConsent, Rule: rule, Text: words})
}

// MayKnow says whether a unit may be told who an order's citizen is, by the order's reviews:
// that of a confidential order with consent alone; any other's unless it was given to the
// unit as to a party of the matter, or the citizen does not want it (XZ-12.6, KF-3.1.5).
func MayKnow(o Order, unit string, reviews []Review) bool {
	if given, asked := consentFor(unit, reviews); asked {
		return given
	}
	return !o.Confidential
}

// consentFor is the last word on telling a unit; of two at one moment the stricter.
func consentFor(unit string, reviews []Review) (given, asked bool) {
	var last time.Time
	for _, r := range reviews {
		switch {
		case r.Kind != ForConsent || r.Unit != unit || r.AskedAt.Before(last):
		case asked && r.AskedAt.Equal(last):
			given = given && r.Approved
		default:
			given, asked, last = r.Approved, true, r.AskedAt
		}
	}
	return given, asked
}

// mayDisclose says why an order cannot be given out as it is asked for: somebody would be
// told who the citizen is without consent (XZ-12.6).
func (u *unit) mayDisclose(order Order, g Giving) error {
	rule, units := u.office.policy.Life.consentRule(), append([]string{g.Lead}, g.Assist...)
	r, _ := u.office.route(order.Type)
	for _, id := range g.Interested {
		if r.Apart == "" && !slices.Contains(units, id) {
			return refuse(ErrInvalid, Refusal{Field: "interested", Rule: rule, Text: "“" + id + "”不是此次派发的单位"})
		}
	}
	if !g.Disclose {
		return nil
	}
	said, err := u.allReviews(order)
	if err != nil {
		return err
	}
	for _, id := range units {
		given, asked := consentFor(id, said)
		if needed := asked || order.Confidential || slices.Contains(g.Interested, id); needed && !given {
			return refuse(ErrIllegal, Refusal{Field: "disclose", Rule: rule, Text: "未经诉求人同意,不得向" + u.office.unitName(id) + "透露其身份"})
		}
	}
	return nil
}

// allReviews are those of every handling of an order.
func (u *unit) allReviews(order Order) ([]Review, error) {
	var all []Review
	for attempt := 1; attempt <= order.attempt(); attempt++ {
		part, err := u.ReviewsOf(order.Number, attempt)
		if err != nil {
			return nil, fmt.Errorf("reviews: %w", err)
		}
		all = append(all, part...)
	}
	return all, nil
}
