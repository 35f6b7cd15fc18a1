package ivr

import (
	"context"
	"errors"

	"hotline/dispatch"
)

// SurveyCall is one citizen who is asked by a call of ours how they were served.
type SurveyCall struct {
	Task   string // the office's id of the call that is to be made
	Order  string
	Digits string // the order's number for the ear
	Phone  string
}

// outbound is a phone that we called: whoever is on it is known by the number we dialled, to
// the emergency services too.
type outbound struct {
	Phone
	number string
}

func (o outbound) Caller() string { return o.number }

// Rater takes what was pressed; it says which rating it was, 0 for none of the five keys.
type Rater func(ctx context.Context, keys string) (rating int, err error)

// surveyRounds is how often the question is put to somebody who presses nothing, or
// something else.
const surveyRounds = 2

const outcomeSurvey = "survey"

// Ask puts the survey's question to a citizen who has answered a call of ours (ZQ-15.1,
// XZ-12.5.1): five keys, read by who reads the texts (ZQ-15.2). It returns when the call is
// over and its record written, where From is the citizen, and says whether there was a rating; a machine, which
// presses nothing, gives none. The emergency key works as in any call (ZZ-10.3).
func (r *Runner) Ask(ctx context.Context, phone Phone, q SurveyCall, rate Rater) (rated bool) {
	phone = outbound{phone, q.Phone}
	rec := r.newRecord(phone)
	rec.To, rec.Order, rec.AnsweredAt = r.cfg.Profile.Number, q.Order, rec.StartedAt
	v := r.admit(ctx, phone, rec)
	v.mem.Survey = q.Task
	defer v.end()
	v.conduct(func() (err error) {
		rated, err = v.askRating(q, rate)
		return err
	})
	return rated
}

// askRating asks until one of the five keys is pressed.
func (v *visit) askRating(q SurveyCall, rate Rater) (rated bool, err error) {
	v.step("survey", "热线呼出,语音询问评价")
	if err := v.speak(phrase{id: promptSurveyOrder, slots: Slots{"ticket": q.Digits}}); err != nil {
		return false, err
	}
	for range surveyRounds {
		g, err := v.gather(ask{prompts: []string{promptSurveyQuestion}, max: 1})
		if err != nil {
			return false, err
		}
		if g.Digits == "" {
			if err := v.say(promptNoKey); err != nil {
				return false, err
			}
			continue
		}
		rating, err := v.rate(g.Digits, rate)
		if err != nil {
			return true, v.say(promptSurveyThanks) // pressed is pressed: it is written when it can be
		}
		if rating != 0 {
			return true, v.thank(rating)
		}
		if err := v.say(promptWrongKey); err != nil {
			return false, err
		}
	}
	return false, v.say(promptGoodbye)
}

// rate hands in what was pressed, while the citizen waits for it and presses nothing more
// urgent. What cannot be written so is written beside the call.
func (v *visit) rate(keys string, rate Rater) (rating int, err error) {
	v.step("key", keys)
	once := func(ctx context.Context) (int, error) {
		n, err := rate(ctx, keys)
		if errors.Is(err, dispatch.ErrIllegal) { // rated before, or by this call in a try that was left behind
			return 0, nil
		}
		return n, err
	}
	rating, err = whileHere(v, budgetCaller, once)
	if err != nil {
		what := "rating of " + v.record().Order
		v.r.errands.Go(func() {
			_ = v.r.errand(what, func(ctx context.Context) error { // it logs what it cannot do
				_, err := once(ctx)
				return err
			})
		})
	}
	return rating, err
}

// thank ends the call of a citizen who rated; the dissatisfied hear that a person calls.
func (v *visit) thank(rating int) error {
	v.step("survey", dispatch.RatingWords[rating])
	v.note(func(c *dispatch.Call) { c.Outcome, c.Detail = outcomeSurvey, dispatch.RatingWords[rating] })
	v.r.cfg.Observe(Happening{What: "survey", Outcome: "rated"})
	if rating > 3 {
		return v.say(promptSurveyCallback)
	}
	return v.say(promptSurveyThanks)
}
