package dispatch

import (
	"context"
	"fmt"

	"hotline/sms"
)

// Pushed is one company and what became of telling it of an entry.
type Pushed struct {
	Company string // its name
	Skipped string // why nobody texted it: no_consent, no_mobile or opted_out; empty: it is texted
}

// Push tells the companies that have a tag in common with an entry of it, by text, once each
// however often it is asked for (XZ-6.1). Who did not agree to texts, or refused them, is
// passed over and listed with the reason; others do not hear of it. An internal entry, or one
// that is not in force, is refused, and nothing was sent; one that is unknown fails with
// ErrNotFound.
func (o *Office) Push(ctx context.Context, id, actor string) ([]Pushed, error) {
	e, err := o.entry(id)
	if err != nil {
		return nil, err
	}
	if err := o.Pushable(e); err != nil {
		return nil, err
	}
	var all []Pushed
	err = o.do(ctx, func(u *unit) error {
		all = nil
		for _, c := range o.knowledge.Companies {
			if !c.wants(e) {
				continue
			}
			skipped, err := u.push(e, c)
			if err != nil {
				return err
			}
			all = append(all, Pushed{Company: c.Name, Skipped: skipped})
		}
		return u.audit(Audit{Actor: actor, Act: ActPush, Subject: e.ID, Rule: o.pushRule(), Text: fmt.Sprintf("推送政策“%s”,符合标签的企业%d家", e.Title, len(all))})
	})
	if err != nil {
		return nil, fmt.Errorf("push %s: %w", id, err)
	}
	return all, nil
}

// Pushable says why companies are not told of an entry: a Refusal, with ErrIllegal or ErrInvalid.
func (o *Office) Pushable(e Entry) error {
	switch {
	case o.policy.Life.PushRule == "":
		return refuse(ErrIllegal, Refusal{Rule: o.pushRule(), Text: "本热线不推送政策"})
	case e.Audience != External:
		return refuse(ErrInvalid, Refusal{Field: "id", Rule: "ZQ-22.2", Text: "内部条目不得对外推送"})
	case !e.inForce(o.now()):
		return refuse(ErrIllegal, Refusal{Field: "id", Rule: o.pushRule(), Text: "该条目不在有效期内"})
	}
	return nil
}

// push texts one company, or says why not.
func (u *unit) push(e Entry, c Company) (skipped string, err error) {
	phone := knownNumber(c.Phone)
	if !c.Texts {
		return "no_consent", nil
	}
	if skipped, err = u.unreachable(phone); err != nil || skipped != "" {
		return skipped, err
	}
	return "", u.send(sms.Message{Key: "push:" + e.ID + ":" + c.ID, Kind: sms.KindBulk, To: phone,
		Text: "政策提醒：" + e.Title + "。详询本热线，退订请回复TD。", Priority: surveyPriority,
		NotBefore: u.office.policy.SendTime(sms.KindBulk, u.now)})
}
