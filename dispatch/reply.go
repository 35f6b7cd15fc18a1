package dispatch

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"hotline/deploy/fault"
)

// ReplyPolicy is how answers get to people beside the one who asked. The zero value is a
// hotline that publishes nothing.
type ReplyPolicy struct {
	// Modes are those that there are: some of the Reply... constants (ZZ-9.2).
	Modes []string `yaml:"modes"`
	Rule  string   `yaml:"rule"`
	// PrivateRule is the clause by which some answers are for their citizen alone (ZZ-25).
	PrivateRule string `yaml:"private_rule"`
}

// How an order is answered.
const (
	ReplyDirect  = "direct"  // to its citizen, which is so without a word too
	ReplyPublic  = "public"  // on the public site
	ReplyBoth    = "both"    // to its citizen and there
	ReplyPrivate = "private" // to its citizen alone: it is not fit to be public (ZZ-25)
)

// replyWords are they, as people say them.
var replyWords = map[string]string{ReplyDirect: "直接回复", ReplyPublic: "公开回复", ReplyBoth: "直接并公开回复", ReplyPrivate: "不宜公开,只回复本人"}

// Replying is how an order is to be answered, and why.
type Replying struct {
	Mode   string
	Reason string // needed for what is private, and to lift that
}

// SetReply says how an order is answered. Anybody who handles it may keep it from the public;
// to make an answer public is for those who review it, and refused for a confidential order and
// for one that is marked unfit, until they lift the mark (ZZ-9.2, ZZ-25).
func (o *Office) SetReply(ctx context.Context, number string, by By, r Replying) (Order, error) {
	r.Reason = cut(r.Reason, maxSummary)
	return o.command(ctx, number, deed{By: by, name: "reply", do: func(u *unit, order *Order) error {
		if err := u.mayReply(*order, by, r); err != nil {
			return err
		}
		p := o.policy.Life.Reply
		rule, text := p.Rule, "答复方式:"+replyWords[r.Mode]
		if r.Mode == ReplyPrivate {
			rule = p.PrivateRule
		}
		if r.Reason != "" {
			text += ",因" + r.Reason
		}
		order.ReplyMode = r.Mode
		return u.event(Event{Number: order.Number, Actor: by.Actor, Kind: OnReplyMode, Rule: rule, Text: text})
	}})
}

// mayReply says why an order is not answered so.
func (u *unit) mayReply(order Order, by By, r Replying) error {
	p := u.office.policy.Life.Reply
	rule := cmp.Or(p.Rule, "ZZ-9.2")
	if len(p.Modes) == 0 {
		return refuse(ErrInvalid, Refusal{Field: "mode", Rule: rule, Text: "本热线只直接答复,不在网上公开"})
	}
	if !slices.Contains(p.Modes, r.Mode) {
		return refuse(ErrInvalid, Refusal{Field: "mode", Rule: rule, Text: "本热线的答复方式只有" + strings.Join(p.words(), "、")})
	}
	public, lifts := r.Mode == ReplyPublic || r.Mode == ReplyBoth, order.ReplyMode == ReplyPrivate && r.Mode != ReplyPrivate
	nobody := order.Phone == "" && order.Channel == ByWeb
	switch {
	case public && order.Confidential:
		return refuse(ErrInvalid, Refusal{Field: "mode", Rule: p.PrivateRule, Text: "保密件只回复本人,不得公开"})
	case public && lifts:
		return refuse(ErrInvalid, Refusal{Field: "mode", Rule: p.PrivateRule, Text: "已标记不宜公开,只回复本人,不得公开"})
	case nobody && (r.Mode == ReplyDirect || r.Mode == ReplyBoth):
		return refuse(ErrInvalid, Refusal{Field: "mode", Rule: rule, Text: "匿名的网站留言没有联系方式,只能公开回复"})
	case r.Mode == ReplyPrivate || lifts:
		if err := needs(p.PrivateRule, blank{"reason", "不宜公开或解除的理由", r.Reason == ""}); err != nil {
			return err
		}
	}
	if public || lifts {
		return by.may(rule, officeDesk...)
	}
	return by.may(rule, ByAgent, ByOffice, ByDuty, ByLeader, ByUnit, ByHead)
}

// checkReply looks at how answers get to people.
func (p *Policy) checkReply(d *fault.Document) {
	r := p.Life.Reply
	for _, m := range r.Modes {
		if replyWords[m] == "" {
			d.Unknown("life.reply.modes", m, "nothing is answered as %q", slices.Sorted(maps.Keys(replyWords)))
		}
	}
	if len(r.Modes) > 0 && (r.Rule == "" || r.PrivateRule == "") {
		d.Fault("life.reply", "modes need rule and private_rule, the clauses that they follow")
	}
}

// words are the modes that there are.
func (p ReplyPolicy) words() (all []string) {
	for _, m := range p.Modes {
		all = append(all, replyWords[m]+"("+m+")")
	}
	return all
}

// Public says whether an order's answer is for everybody: nothing of another one may be on a
// public page, list or feed (ZZ-25).
func (o Order) Public() bool {
	return (o.ReplyMode == ReplyPublic || o.ReplyMode == ReplyBoth) && !o.Confidential && !o.Withdrawn && !o.CompletedAt.IsZero() && o.Result != ""
}

// Published is an answer as everybody may read it: nothing in it says whose it was.
type Published struct {
	Type    Type
	Summary string
	Result  string
	At      time.Time // when it was completed
}

// Published lists what is public, the newest first. The requester's name is taken out of the
// words; phone numbers in them are for who shows them to mask.
func (o *Office) Published(ctx context.Context, limit, offset int) ([]Published, error) {
	all, err := o.store.Orders(ctx, Filter{Public: true, Limit: limit, Offset: offset})
	if err != nil {
		return nil, err
	}
	list := []Published{}
	for _, order := range all {
		if !order.Public() { // whatever the store says
			continue
		}
		p := Published{Type: order.Type, Summary: order.Summary, Result: order.Result, At: order.CompletedAt}
		if order.Name != "" {
			p.Summary, p.Result = strings.ReplaceAll(p.Summary, order.Name, "来话人"), strings.ReplaceAll(p.Result, order.Name, "来话人")
		}
		list = append(list, p)
	}
	return list, nil
}
