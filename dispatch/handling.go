package dispatch

import (
	"context"
	"fmt"
	"time"
)

// change loads an order, lets f change it, and saves it with f's events.
func (o *Office) change(ctx context.Context, number string, f func(*unit, *Order) error) (Order, error) {
	var order Order
	err := o.do(ctx, func(u *unit) error {
		var err error
		if order, err = u.Order(number); err != nil {
			return err
		}
		before := order
		if err := f(u, &order); err != nil || order == before {
			return err
		}
		return u.SaveOrder(&order)
	})
	if err != nil {
		return Order{}, fmt.Errorf("order %s: %w", number, err)
	}
	return order, nil
}

// SetType sets or corrects what kind of request an order is, and with it the deadline,
// counted from the order's own beginning (ZQ-11.3). It is possible until completion
// (ErrIllegal). A report becomes confidential and stays so (KF-3.1.5).
func (o *Office) SetType(ctx context.Context, number, actor string, t Type) (Order, error) {
	if t == Unset || !o.policy.Accepts(t) {
		return Order{}, fmt.Errorf("order %s: type %q: %w", number, t, ErrInvalid)
	}
	return o.change(ctx, number, func(u *unit, order *Order) error {
		switch {
		case order.State != Registered:
			return fmt.Errorf("it is %s, its type stays: %w", order.State, ErrIllegal)
		case order.Type == t:
			return nil
		}
		if err := o.policy.named(t, order.Name); err != nil {
			return err
		}
		was := order.Type
		order.Type = t
		order.Confidential = order.Confidential || t == Report
		if order.Due.Rule == "" || order.Due.Rule != o.policy.PromiseRule { // a promise stands
			order.Due = o.policy.Term(t).Deadline(o.calendar(), order.CreatedAt)
		}
		return u.event(Event{Number: order.Number, Actor: actor, Kind: OnTyped, Rule: order.Due.Rule,
			Text: fmt.Sprintf("类型由%s改为%s,期限%s", TypeWords[was], TypeWords[t], order.Due.Words())})
	})
}

// TypeWords are the types as people say them.
var TypeWords = map[Type]string{
	Unset: "未分类", Consult: "咨询", Help: "求助", SuddenDifficulty: "突发困难", Opinion: "意见", Suggestion: "建议",
	Criticism: "批评", Demand: "要求", Complaint: "投诉", Report: "举报", Petition: "信访", InvestorCase: "招商跟踪", EmergencyCase: "紧急",
}

// Urgency says who found an order urgent and who is to be texted.
type Urgency struct {
	Actor  string
	Reason string
	Notify []string // numbers of leaders and units
}

// MarkUrgent marks an order urgent and texts those who must know, in one transaction
// (ZZ-20.3, ZZ-16.5). Ringing the leader is the phone's work. Again it changes nothing.
func (o *Office) MarkUrgent(ctx context.Context, number string, why Urgency) (Order, error) {
	return o.change(ctx, number, func(u *unit, order *Order) error {
		if order.Urgent {
			return nil
		}
		order.Urgent = true
		text := "标记为紧急"
		if why.Reason != "" {
			text += ":" + cut(why.Reason, 200)
		}
		if err := u.event(Event{Number: order.Number, Actor: why.Actor, Kind: OnUrgent, Rule: "ZZ-20.3", Text: text}); err != nil {
			return err
		}
		if err := u.slip(*order, why); err != nil {
			return err
		}
		return u.textDuty("urgent", *order, o.policy.Texts.Urgent, why.Notify)
	})
}

// Note adds a line of text to an order's timeline. Empty text fails with ErrInvalid.
func (o *Office) Note(ctx context.Context, number, actor, text string) error {
	if text = cut(text, maxSummary); text == "" {
		return fmt.Errorf("note on %s: empty: %w", number, ErrInvalid)
	}
	_, err := o.change(ctx, number, func(u *unit, order *Order) error {
		return u.event(Event{Number: order.Number, Actor: actor, Kind: OnNote, Text: text})
	})
	return err
}

// HeardVoicemail notes who listened to a voicemail. Each listening is an event; the
// first one is kept on the voicemail.
func (o *Office) HeardVoicemail(ctx context.Context, id, who string) error {
	err := o.do(ctx, func(u *unit) error {
		v, err := u.Voicemail(id)
		if err != nil {
			return err
		}
		if v.HeardAt.IsZero() {
			v.HeardAt, v.HeardBy = u.now, who
			if err := u.SaveVoicemail(v); err != nil {
				return err
			}
		}
		u.tell(NoticeVoicemail, id)
		if v.Order == "" {
			return nil
		}
		return u.event(Event{Number: v.Order, Actor: who, Kind: OnHeard, Text: "收听留言"})
	})
	if err != nil {
		return fmt.Errorf("voicemail %s: %w", id, err)
	}
	return nil
}

// Promise replaces the deadline by a moment that somebody promised the citizen
// (SQ-4.4, ZZ-17.3). Where the policy knows no promises, or after completion, it fails
// with ErrIllegal; a moment that is not in the future with ErrInvalid.
func (o *Office) Promise(ctx context.Context, number, actor string, at time.Time) (Order, error) {
	return o.change(ctx, number, func(u *unit, order *Order) error {
		switch {
		case o.policy.PromiseRule == "" || order.State != Registered:
			return fmt.Errorf("no promise for an order that is %s at %s: %w", order.State, o.policy.Hotline.ID, ErrIllegal)
		case !at.After(u.now):
			return fmt.Errorf("promised for the past: %w", ErrInvalid)
		}
		order.Due = Deadline{At: at.UTC(), Rule: o.policy.PromiseRule}
		return u.event(Event{Number: order.Number, Actor: actor, Kind: OnPromised, Rule: order.Due.Rule, Text: "承诺于" + order.Due.Words() + "前答复"})
	})
}
