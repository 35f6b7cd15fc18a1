package dispatch

import (
	"context"
	"fmt"
	"time"

	"hotline/sms"
	"hotline/sms/survey"
)

// answer is a text that reads like an answer to a survey.
type answer struct {
	sms.Inbound
	survey.Parsed
}

// takeAnswer finds the survey a text answers and applies it. Redis is asked first,
// because it decides between controllers in one step; SQL has the last word, and the
// only one when Redis is away, cold or knows nothing. "" says that the phone has no
// survey the text could answer.
func (o *Office) takeAnswer(ctx context.Context, r reading) (string, error) {
	if r.asks || r.Kind != survey.Answer && r.Kind != survey.Wrong {
		return "", nil
	}
	a := r.answer
	hint := o.askWindows(ctx, a)
	alerted, err := o.mayConfirm(ctx, r)
	if err != nil {
		return "", err
	}
	var as string
	err = o.do(ctx, func(u *unit) error {
		as = ""
		s, guessed, err := u.surveyFor(a, hint)
		if err != nil || s.ID == "" {
			return err
		}
		if s.Outcome == Pending && s.OpenedAt.IsZero() {
			// A reply that overtook its receipt proves that the question arrived.
			if err := u.openSurvey(&s, opening{kind: OnSurveySent, text: "回复先于送达回执,自运营商受理起计"}); err != nil {
				return err
			}
		}
		if a.Words && survey.Over(a.EventAt, s.Deadline) {
			return nil // no question is open: by Q7 it is a request, however short
		}
		if as = a.judge(s); as == AsLate && alerted {
			as = "" // an officer means the alert that is open, not last week's question
			return nil
		}
		before, err := u.TakeInbound(a.Inbound, as)
		if err != nil || before != "" {
			as = before
			return err
		}
		u.tell(NoticeText, a.ID)
		return u.applyAnswer(s, a, guessed)
	})
	return as, err
}

// askWindows gives the id of the survey that Redis takes the text for; empty when it
// does not say.
func (o *Office) askWindows(ctx context.Context, a answer) string {
	if o.windows == nil {
		return ""
	}
	v, err := o.windows.Reply(ctx, survey.Reply{TextID: a.ID, Phone: a.From, Slot: a.Ext, Text: a.Text, At: a.EventAt})
	if err != nil {
		o.log.Warn("reply judged from sql alone", "text", a.ID, "from", sms.Mask(a.From), "err", err)
		return ""
	}
	return v.Window.ID
}

// surveyFor picks the survey that a text answers (ZQ-15.3): the order it names, else
// the extension it was sent to, else what Redis says if it is open here too, else the
// latest that is open, else the latest at all. guessed says that other open ones were passed over.
func (u *unit) surveyFor(a answer, hint string) (picked Survey, guessed bool, err error) {
	all, err := u.SurveysOf(a.From, a.EventAt.Add(-memory))
	if err != nil || len(all) == 0 {
		return Survey{}, false, err
	}
	asked, open := all[:0:0], 0
	for _, s := range all {
		was, err := u.wasAsked(s, a)
		if err != nil {
			return Survey{}, false, err
		}
		if was {
			asked = append(asked, s)
		}
		if was && s.Outcome == Pending {
			open++
		}
	}
	picked, sure := pick(asked, a, hint)
	if picked.ID == "" {
		return Survey{}, false, nil
	}
	picked, err = u.Survey(picked.ID) // held from here on
	return picked, !sure && open > 1, err
}

// wasAsked says whether a survey's text may have been on the citizen's phone when they
// wrote; a minute is left for the carrier's clock. A text that still counts as queued was
// there if a try had an unknown outcome, or if the answer came to its extension: then a
// crash, or a store that was away, has kept us from writing that the carrier took it.
func (u *unit) wasAsked(s Survey, a answer) (bool, error) {
	if s.CreatedAt.After(a.EventAt.Add(time.Minute)) {
		return false, nil
	}
	if !s.OpenedAt.IsZero() {
		return true, nil
	}
	if s.MessageID == "" {
		return false, nil // it was asked by phone
	}
	m, err := u.Text(s.MessageID)
	if err != nil {
		return false, fmt.Errorf("survey's text: %w", err)
	}
	answered := m.Status == sms.Queued && a.Ext != "" && a.Ext == s.Slot
	return m.Status == sms.Sent || m.Status == sms.Delivered || m.MaybeTwice || answered, nil
}

// pick chooses among surveys that were asked, newest first.
func pick(asked []Survey, a answer, hint string) (s Survey, sure bool) {
	first := func(fits func(Survey) bool) (Survey, bool) {
		for _, s := range asked {
			if fits(s) {
				return s, true
			}
		}
		return Survey{}, false
	}
	if s, ok := first(func(s Survey) bool { return survey.NamesOrder(a.Order, survey.OrderKey(s.Order)) }); ok {
		return s, true
	}
	if a.Ext != "" {
		if s, ok := first(func(s Survey) bool { return s.Slot == a.Ext }); ok {
			return s, true
		}
	}
	if s, ok := first(func(s Survey) bool { return hint != "" && s.ID == hint && s.Outcome == Pending }); ok {
		return s, false
	}
	if s, ok := first(func(s Survey) bool { return s.Outcome == Pending }); ok {
		return s, false
	}
	s, _ = first(func(Survey) bool { return true })
	return s, false
}

// judge says what a text is to a survey: the first valid answer in time counts, wrong
// ones leave the window open, everything after is late (ZQ-15.2, Q9 to Q11). An answer
// that names another order is a wrong one (ZQ-15.3); Redis judges by the same rules.
func (a answer) judge(s Survey) string {
	switch {
	case s.Outcome != Pending, !survey.InTime(a.EventAt, s.Deadline):
		return AsLate
	case a.Order != "" && !survey.NamesOrder(a.Order, survey.OrderKey(s.Order)):
		return AsInvalid
	case a.Kind == survey.Answer:
		return AsSurvey
	}
	return AsInvalid
}

// applyAnswer writes what judge found.
func (u *unit) applyAnswer(s Survey, a answer, guessed bool) error {
	as := a.judge(s)
	if as == AsLate {
		return u.late(s, a.Text)
	}
	if as == AsInvalid {
		return u.invalidAttempt(&s, a)
	}
	if err := u.settle(&s, ending{outcome: Rated, rating: a.Rating, actor: "citizen"}); err != nil {
		return err
	}
	if !guessed {
		return nil
	}
	return u.confirm(s, a)
}

// invalidAttempt counts a wrong answer; the window stays open, unless the first reply decides (Q10).
func (u *unit) invalidAttempt(s *Survey, a answer) error {
	s.Invalid++
	if err := u.SaveSurvey(s); err != nil {
		return fmt.Errorf("save survey: %w", err)
	}
	u.tell(NoticeSurvey, s.ID)
	err := u.event(Event{Number: s.Order, Actor: "citizen", Kind: OnInvalid, Rule: "ZQ-15.2", Text: "无效回复:" + cut(a.Text, 60)})
	if err != nil || !u.office.policy.Survey.OneReply {
		return err
	}
	return u.settle(s, ending{outcome: Invalid, actor: "citizen", note: "以首条回复为准,无效"})
}

// confirm tells the citizen which of several questions the answer was taken for (ZQ-15.3).
func (u *unit) confirm(s Survey, a answer) error {
	order, err := u.Order(s.Order)
	if err != nil {
		return err
	}
	slots := order.slots()
	slots["rating"] = ratingIn(order.Language, a.Rating)
	return u.textCitizen(order, sms.Message{Key: "confirm:" + a.ID, Kind: sms.KindNotice, Priority: resultPriority},
		fill(u.office.policy.in(order.Language).Confirm, slots))
}
