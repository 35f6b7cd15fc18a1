package dispatch

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"hotline/sms"
)

// Completion is the handler's answer to an order.
type Completion struct {
	Actor   string
	Result  string // read and texted to the citizen; not empty
	Version int    // of the order as the actor saw it; 0 does not check
}

// maxResult is how many runes of an answer are kept.
const maxResult = 4000

// Complete ends the handling of an order: the move, the result's text (ZZ-18.4) and
// the survey's text (ZQ-15.1) in one transaction. Doing it again with the same result
// changes nothing and returns the order; an order has one survey per attempt however
// often this is called. Where nobody can be asked (no mobile number, opted out, no
// survey in the policy) the reason is noted and the order archived.
//
// Errors: ErrInvalid (empty result), ErrIllegal (type still unset, ZZ-10.1; or
// completed before with another result), ErrConflict (Version), ErrNotFound.
func (o *Office) Complete(ctx context.Context, number string, c Completion) (Order, error) {
	c.Result = cut(c.Result, maxResult)
	if c.Result == "" {
		return Order{}, fmt.Errorf("complete %s: a result is needed: %w", number, ErrInvalid)
	}
	var done Order
	err := o.do(ctx, func(u *unit) error {
		order, err := u.Order(number)
		if err != nil {
			return err
		}
		done = order
		if !order.inHand() && order.Result == c.Result {
			return nil
		}
		if err := c.allowed(order); err != nil {
			return err
		}
		done, err = u.complete(order, c)
		return err
	})
	if err != nil {
		return Order{}, fmt.Errorf("complete %s: %w", number, err)
	}
	return done, nil
}

// allowed says why an order cannot be completed this way.
func (c Completion) allowed(order Order) error {
	switch {
	case c.Version != 0 && c.Version != order.Version:
		return fmt.Errorf("version %d, stored %d: %w", c.Version, order.Version, ErrConflict)
	case order.inHand() && order.Type == Unset:
		return fmt.Errorf("its type must be set first (ZZ-10.1): %w", ErrIllegal)
	}
	return nil
}

// complete does the work of Complete inside a transaction.
func (u *unit) complete(order Order, c Completion) (Order, error) {
	if !order.withHotline() && order.inHand() {
		return Order{}, refuse(ErrIllegal, Refusal{Field: "state", Rule: "ZQ-14.1",
			Text: "工单在承办单位(" + StateWords[order.State] + "),由其提交、经审核后办结"})
	}
	if err := u.mayAnswer(order); err != nil && order.State == Registered {
		return Order{}, err
	}
	order, err := u.completed(order, c)
	if err != nil {
		return Order{}, err
	}
	return order, u.SaveOrder(&order)
}

// completed ends the handling of an order; the caller saves it.
func (u *unit) completed(order Order, c Completion) (Order, error) {
	if err := u.answeredAll(order); err != nil {
		return Order{}, err
	}
	if err := u.office.quotable("result", c.Result); err != nil {
		return Order{}, err
	}
	if err := order.move(Completed); err != nil {
		return Order{}, err
	}
	order.Result, order.CompletedAt = c.Result, u.now
	text := "办结:" + c.Result
	if order.Confidential {
		text = "办结(内容保密)"
	}
	if err := u.event(Event{Number: order.Number, Actor: c.Actor, Kind: OnCompleted, Rule: order.Due.Rule, Text: text}); err != nil {
		return Order{}, err
	}
	if err := u.endAssignments(order.Number, "completed"); err != nil {
		return Order{}, err
	}
	if err := u.textResult(order); err != nil {
		return Order{}, err
	}
	return order, u.askOrArchive(&order)
}

// textResult tells the citizen the answer, where the policy says so (ZZ-18.4). What
// stays confidential is not written into a text.
func (u *unit) textResult(order Order) error {
	p := u.office.policy
	if !p.Result.Text {
		return nil
	}
	template := p.in(order.Language).Result
	if order.Confidential {
		template = p.in(order.Language).ResultTo
	}
	order.Result = p.shown(order.Result)
	return u.textCitizen(order, sms.Message{
		Key: again("result:"+order.Number, order.attempt()), Kind: sms.KindResult, Priority: resultPriority,
		NotBefore: p.SendTime(sms.KindResult, u.now),
	}, template)
}

// askOrArchive writes the survey, or ends the order where nobody can be asked.
func (u *unit) askOrArchive(order *Order) error {
	reason, err := u.notAsked(*order)
	if err != nil {
		return err
	}
	if reason == "" {
		return u.ask(*order)
	}
	if way := order.way(u.office.policy.Survey.without(reason)); order.Phone != "" && way != ByNobody {
		return u.askWithoutText(order, way)
	}
	if err := u.event(Event{Number: order.Number, Kind: OnTextSkipped, Rule: "ZQ-15.1", Text: "未发评价短信:" + reason}); err != nil {
		return err
	}
	order.Outcome = Skipped
	return u.archive(order, Event{Rule: "ZQ-15.4", Text: "办结即归档(未评价)"})
}

// notAsked says why there is no survey; empty when there is one.
func (u *unit) notAsked(order Order) (string, error) {
	p := u.office.policy.Survey
	switch {
	case !p.Enabled:
		return "survey_disabled", nil
	case slices.Contains(p.NotFor, order.Type):
		return "type_not_asked", nil
	case order.NoReply != "":
		return "no_reply_" + order.NoReply, nil // ZQ-13.2: not asked, and in no share of the satisfied
	}
	return u.unreachable(order.Phone)
}

// without is how a citizen is asked whom for a reason no text may ask.
func (p SurveyPolicy) without(reason string) Way {
	switch reason {
	case "no_mobile":
		return p.NoText
	case "opted_out":
		return p.OptedOut
	}
	return ByNobody
}

// ask writes one survey and its text (ZQ-15.1): once per attempt, by the store's
// unique key.
func (u *unit) ask(order Order) error {
	attempt := order.attempt()
	slot, err := u.NextSlot(order.Phone)
	if err != nil {
		return fmt.Errorf("next slot: %w", err)
	}
	s := Survey{
		ID: u.id(), Order: order.Number, Attempt: attempt, Phone: order.Phone,
		Slot: slot, MessageID: u.id(), CreatedAt: u.now, Version: 1,
	}
	if err := u.InsertSurvey(s); errors.Is(err, ErrConflict) {
		return nil
	} else if err != nil {
		return fmt.Errorf("insert survey: %w", err)
	}
	p := u.office.policy
	at := p.SendTime(sms.KindSurvey, u.now)
	if err := u.send(sms.Message{
		ID: s.MessageID, Key: fmt.Sprintf("survey:%s:%d", order.Number, attempt), Kind: sms.KindSurvey, Ref: s.ID,
		To: order.Phone, Ext: slot, Text: fill(p.in(order.Language).Survey, order.slots()), Priority: surveyPriority,
		NotBefore: at, ValidUntil: at.Add(hours(p.Survey.ValidHours, 12)),
	}); err != nil {
		return err
	}
	u.tell(NoticeSurvey, s.ID)
	return u.event(Event{Number: order.Number, Kind: OnSurveyQueued, Rule: "ZQ-15.1",
		Text: "评价短信待发," + at.In(Place).Format("1月2日15:04") + "起"})
}

// again is the key of a text about a handling after the first.
func again(key string, attempt int) string {
	if attempt == 1 {
		return key
	}
	return fmt.Sprintf("%s:%d", key, attempt)
}

// archive is the end of an order; why says who ended it, by which rule. The caller saves it.
func (u *unit) archive(order *Order, why Event) error {
	if err := order.move(Archived); err != nil {
		return err
	}
	order.ArchivedAt = u.now
	why.Number, why.Kind = order.Number, OnArchived
	return u.event(why)
}
