package dispatch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"hotline/sms"
	"hotline/sms/survey"
)

// resendAfter is how long after a question did not arrive it is sent again: a phone that
// was off or out of reach is given some time.
const resendAfter = time.Hour

// notDelivered goes on with a survey whose text never arrived: it is sent again once, then
// the citizen is asked by phone, as the policy says (ZQ-15.2). Without either the survey
// ends; that is not "unrated", since nobody was asked. News of a text that was replaced
// changes nothing.
func (o *Office) notDelivered(ctx context.Context, m sms.Message) error {
	return o.do(ctx, func(u *unit) error {
		s, err := u.Survey(m.Ref)
		if err != nil {
			return err
		}
		if s.Outcome != Pending || !s.OpenedAt.IsZero() || s.MessageID != m.ID {
			return nil // a reply or a silence has shown otherwise before
		}
		note := fmt.Sprintf("评价短信未送达(%s %s)", m.Status, m.Raw)
		reason, err := u.unreachable(s.Phone)
		if err != nil {
			return err
		}
		if u.mayResend(s, m) && reason == "" {
			return u.resend(&s, m, note)
		}
		return u.askOtherwise(&s, note)
	})
}

// mayResend says whether a text that did not arrive may go again: not what the carrier
// refused for good, and not what may be on the phone after all.
func (u *unit) mayResend(s Survey, m sms.Message) bool {
	return u.office.policy.Survey.Resend > 0 && !s.Resent && m.Status != sms.Failed && !m.MaybeTwice
}

// resend writes the question once more; it is the same survey.
func (u *unit) resend(s *Survey, m sms.Message, note string) error {
	p := u.office.policy
	at := p.SendTime(sms.KindSurvey, u.now.Add(resendAfter))
	again := sms.Message{ID: u.id(), Key: m.Key + ":again", Kind: m.Kind, Ref: m.Ref, To: m.To, Ext: m.Ext, Text: m.Text,
		Priority: m.Priority, NotBefore: at, ValidUntil: at.Add(hours(p.Survey.ValidHours, 12))}
	s.MessageID, s.Resent = again.ID, true
	if err := u.SaveSurvey(s); err != nil {
		return fmt.Errorf("save survey: %w", err)
	}
	u.tell(NoticeSurvey, s.ID)
	if err := u.send(again); err != nil {
		return err
	}
	return u.event(Event{Number: s.Order, Kind: OnSurveyQueued, Rule: "ZQ-15.2", Text: note + ",重发一次,最早" + at.In(Place).Format("1月2日15:04")})
}

// askOtherwise has a citizen called whom no text reached, or ends the survey.
func (u *unit) askOtherwise(s *Survey, note string) error {
	order, err := u.Order(s.Order)
	if err != nil {
		return err
	}
	way := order.way(u.office.policy.Survey.Undelivered)
	if order.State == CallBack {
		return nil // told again: the call is to be made already
	}
	if way == ByNobody || order.State == Archived {
		return u.settle(s, ending{outcome: Undelivered, note: note})
	}
	if err := u.event(Event{Number: s.Order, Kind: OnNotDelivered, Rule: "ZQ-15.2", Text: note}); err != nil {
		return err
	}
	if err := u.newCallback(&order, Callback{Voice: way == ByVoice}, way.words()); err != nil {
		return err
	}
	return u.SaveOrder(&order)
}

// askWithoutText makes the survey of a citizen whose number gets no texts, and the call
// that asks. The caller saves the order.
func (u *unit) askWithoutText(order *Order, way Way) error {
	s := Survey{ID: u.id(), Order: order.Number, Attempt: order.attempt(), Phone: order.Phone, CreatedAt: u.now, Version: 1}
	if err := u.InsertSurvey(s); errors.Is(err, ErrConflict) {
		return nil
	} else if err != nil {
		return fmt.Errorf("insert survey: %w", err)
	}
	u.tell(NoticeSurvey, s.ID)
	return u.newCallback(order, Callback{Voice: way == ByVoice}, way.words())
}

// way is how the citizen of an order may be asked by phone. Who informed in confidence is
// not called: whoever picks up would learn of it (KF-3.1.5).
func (o Order) way(w Way) Way {
	if o.Confidential {
		return ByNobody
	}
	return w
}

func (w Way) words() string {
	if w == ByVoice {
		return "语音询问评价"
	}
	return "人工询问评价"
}

// handToPerson gives a task to the agents, with its tries anew: the rating is known and the
// reason is not, or, with rating 0, the hotline's own calls had no answer.
func (u *unit) handToPerson(task *Callback, rating int) error {
	task.Rating, task.Voice, task.Attempts, task.Days = rating, false, 0, 0
	task.ClaimedBy, task.ClaimedUntil = "", time.Time{}
	u.office.policy.Survey.schedule(task, u.now)
	if err := u.saveCallback(*task); err != nil {
		return err
	}
	what := "登记原因"
	if rating == 0 {
		what = ByPerson.words()
	}
	return u.opened(*task, what)
}

// ratedByPhone writes the rating a citizen gave in a call, as the one survey's; what
// follows is the caller's.
func (u *unit) ratedByPhone(task *Callback, rating int, actor string) (Order, error) {
	s, err := u.SurveyOf(task.Order, task.Attempt)
	if err != nil {
		return Order{}, err
	}
	task.Rating = rating
	return u.end(&s, ending{outcome: Rated, rating: rating, actor: actor})
}

// asked ends the call of an agent who was to ask for a rating: with it, and its reason
// where it does not satisfy, or with the citizen's refusal to give one.
func (u *unit) asked(task *Callback, c Called) error {
	dissatisfied := slices.Contains(u.office.policy.Survey.CallbackOn, c.Rating)
	switch {
	case c.Rating == 0 && c.NoReason:
		task.try(u.now)
		return u.unanswered(task, ending{outcome: Unrated, note: "电话询问,诉求人不评价", actor: c.Actor})
	case c.Rating < 1 || c.Rating > 5:
		return refuse(ErrInvalid, Refusal{Field: "rating", Rule: "ZQ-15.1", Text: "请填写评价,1到5"})
	case dissatisfied && c.Reason == "":
		return refuse(ErrInvalid, Refusal{Field: "reason", Rule: "ZQ-15.5", Text: "评价不满意时请登记原因"})
	}
	order, err := u.ratedByPhone(task, c.Rating, c.Actor)
	if err != nil {
		return err
	}
	if dissatisfied {
		if err := u.SaveOrder(&order); err != nil {
			return err
		}
		return u.reached(task, c)
	}
	task.try(u.now)
	return u.satisfied(&order, task, c.Actor)
}

// satisfied archives an order whose citizen said in a call that they are (ZQ-15.4).
func (u *unit) satisfied(order *Order, task *Callback, actor string) error {
	task.Reason, task.DoneAt, task.DoneBy = RatingWords[task.Rating], u.now, actor
	if err := u.saveCallback(*task); err != nil {
		return err
	}
	if err := u.archive(order, Event{Actor: actor, Rule: "ZQ-15.4", Text: "电话评价" + RatingWords[task.Rating] + ",归档"}); err != nil {
		return err
	}
	return u.SaveOrder(order)
}

// unanswered ends a task that was to ask for a rating, and its survey without one.
func (u *unit) unanswered(task *Callback, e ending) error {
	s, err := u.SurveyOf(task.Order, task.Attempt)
	if err != nil {
		return err
	}
	task.Reason, task.DoneAt, task.DoneBy = e.note, u.now, e.actor
	if err := u.saveCallback(*task); err != nil {
		return err
	}
	if s.Invalid > 0 {
		e.outcome = Invalid
	}
	return u.settle(&s, e)
}

// noAnswer is what follows when nobody answered the last call that was to ask for a
// rating: a person tries after the hotline itself, or the survey ends.
func (u *unit) noAnswer(task *Callback, actor string) error {
	if task.Voice && u.office.policy.Survey.VoiceThen == ByPerson {
		return u.handToPerson(task, 0)
	}
	outcome := Undelivered
	if task.Voice {
		outcome = Unrated
	}
	return u.unanswered(task, ending{outcome: outcome, note: fmt.Sprintf("%d 次电话询问未接通", task.Attempts), actor: actor})
}

// Keyed is what a citizen pressed who was asked for a rating by the hotline's own call.
// One of the five keys is the answer; the others count as wrong ones and leave the task
// open (ZQ-15.2). It says which rating it was, 0 for none. A dissatisfied citizen is called
// back by a person, who asks why (ZQ-15.5).
func (o *Office) Keyed(ctx context.Context, id, actor, keys string) (int, error) {
	rating := 0
	_, err := o.callback(ctx, id, func(u *unit, task *Callback) error {
		rating = 0
		if task.Rating != 0 {
			return refuse(ErrIllegal, Refusal{Rule: "ZQ-15.2", Text: "已经评价"})
		}
		parsed := survey.Parse(keys)
		if parsed.Kind != survey.Answer {
			s, err := u.SurveyOf(task.Order, task.Attempt)
			if err != nil {
				return err
			}
			return u.invalidAttempt(&s, answer{Inbound: sms.Inbound{Text: keys}})
		}
		rating = parsed.Rating
		task.try(u.now)
		order, err := u.ratedByPhone(task, rating, "citizen")
		if err != nil {
			return err
		}
		if !slices.Contains(u.office.policy.Survey.CallbackOn, rating) {
			return u.satisfied(&order, task, actor)
		}
		if err := u.handToPerson(task, rating); err != nil {
			return err
		}
		return u.SaveOrder(&order)
	}, actor)
	return rating, err
}

// NextVoice claims the next task that the hotline itself has to call about, at an hour at
// which citizens may be called; ErrNotFound says that there is none now. Any number of
// controllers, and of lines of one, may ask at once: each gets another.
func (o *Office) NextVoice(ctx context.Context, actor string) (Callback, error) {
	now := o.now()
	if !o.policy.Survey.callHours().covers(now) {
		return Callback{}, fmt.Errorf("not an hour to call at: %w", ErrNotFound)
	}
	tasks, err := o.store.DueVoice(ctx, now, sweepBatch)
	if err != nil {
		return Callback{}, fmt.Errorf("calls that are due: %w", err)
	}
	for _, task := range tasks {
		task, err := o.claimVoice(ctx, task, actor)
		if errors.Is(err, ErrConflict) || errors.Is(err, ErrIllegal) || errors.Is(err, ErrEarly) {
			continue // somebody was faster
		}
		return task, err
	}
	return Callback{}, fmt.Errorf("no call is due: %w", ErrNotFound)
}

// claimVoice is ClaimCallback for the hotline's own calls: what is claimed is claimed, by
// whichever line, and so is its phone. All tasks of the phone are held meanwhile, or two
// controllers would claim one each.
func (o *Office) claimVoice(ctx context.Context, task Callback, actor string) (Callback, error) {
	var claimed Callback
	err := o.do(ctx, func(u *unit) error {
		calls, err := u.CallbacksTo(task.Phone)
		if err != nil {
			return err
		}
		mine := slices.IndexFunc(calls, func(c Callback) bool { return c.ID == task.ID && c.Voice })
		busy := slices.ContainsFunc(calls, func(c Callback) bool { return u.now.Before(c.ClaimedUntil) })
		if mine < 0 || busy {
			return refuse(ErrConflict, Refusal{Rule: "ZQ-15.5", Text: "正在回访"})
		}
		claimed = calls[mine]
		return u.claimTask(&claimed, actor)
	})
	if err != nil {
		return Callback{}, fmt.Errorf("callback %s: %w", task.ID, err)
	}
	return claimed, nil
}
