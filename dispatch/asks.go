package dispatch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"hotline/deploy/fault"
	"hotline/dispatch/calendar"
)

// What the hotline's own people put to somebody who decides. Only what the policy's asks
// name can be put.
const (
	ForLeader  ReviewKind = "duty_leader" // what is important, difficult or complex: the leader on duty (KF-3.1.3)
	ForScope   ReviewKind = "scope"       // an agent cannot tell whether it is accepted (XZ-11.2)
	ForMeeting ReviewKind = "meeting"     // the joint meeting (SQ-2.1, SQ-3.4)
	ForRecheck ReviewKind = "recheck"     // whether an earlier order was really done (XZ-27.1)
	ForDispute ReviewKind = "dispute"     // which unit leads (ZQ-9.4, XZ-27.2)
	ForReport  ReviewKind = "report_back" // to the leader whose order it is (KF-3.5.2)
	ForSlip    ReviewKind = "slip"        // 呈批件处理签 of what is urgent or major: made by itself (KF-3.1.6)
)

// askKinds are these, and what each is called.
var askKinds = map[ReviewKind]string{ForLeader: "呈值班领导", ForScope: "请示是否受理", ForMeeting: "提交联席会议", ForRecheck: "回访复核", ForReport: "向批办领导汇报",
	ForSlip: "呈批件处理签", ForDispute: "协调定牵头"}

// AskPolicy is how something is put to others.
type AskPolicy struct {
	Within calendar.Span `yaml:"within"` // how long it may wait: then the duty officer is told, and again its leader
	Chain  []string      `yaml:"chain"`  // of ForDispute: names of who settles it, the first one in front (ZQ-9.4)
	Levels []string      `yaml:"levels"` // codes of why; empty: in words (SQ-3.4)
	Days   int           `yaml:"days"`   // of ForRecheck: how long after completion a request about the same asks for one by itself
	Holds  bool          `yaml:"holds"`  // the order is not completed while it waits
	From   []string      `yaml:"from"`   // orders of these sources are not completed before it was put (KF-3.5.2)
	Rule   string        `yaml:"rule"`
	Rec    string        `yaml:"rec"`
}

// Putting is something put to others about an order.
type Putting struct {
	Kind   ReviewKind
	Level  string // one of the policy's, where it has some
	Reason string
}

// askPolicy is how something of a kind is put to others here; what the policy does not name is refused.
func (o *Office) askPolicy(kind ReviewKind) (AskPolicy, error) {
	p, ok := o.policy.Life.Asks[kind]
	if !ok {
		return p, refuse(ErrInvalid, Refusal{Field: "kind", Rule: cmp.Or(askedRules[kind], "KF-3.1.3"), Text: "本热线没有这一种请示"})
	}
	return p, nil
}

// Ask puts something about an order to those who decide it; it waits on their list, and the
// leader on duty is texted at once. What the policy does not name, or what waits already, is
// refused, and nothing changed.
func (o *Office) Ask(ctx context.Context, number string, by By, q Putting) (Order, error) {
	q.Reason = cut(q.Reason, maxSummary)
	return o.command(ctx, number, deed{By: by, name: "ask-" + string(q.Kind), do: func(u *unit, order *Order) error {
		p, err := u.office.askPolicy(q.Kind)
		if err != nil {
			return err
		}
		if err := by.may(p.Rule, ByAgent, ByOffice, ByDuty, ByLeader); err != nil {
			return err
		}
		if err := needs(p.Rule, blank{"reason", "事由", q.Reason == ""},
			blank{"level", "级别", len(p.Levels) > 0 && !slices.Contains(p.Levels, q.Level)}); err != nil {
			return err
		}
		if !order.inHand() {
			return refuse(ErrIllegal, Refusal{Field: "state", Rule: p.Rule, Text: "工单已不在办理"})
		}
		if len(p.Chain) > 0 {
			q.Level = p.Chain[0]
		}
		return u.put(*order, by.Actor, q)
	}})
}

// put writes a question and tells of it.
func (u *unit) put(order Order, actor string, q Putting) error {
	p := u.office.policy.Life.Asks[q.Kind]
	r := Review{Order: order.Number, Attempt: order.attempt(), Kind: q.Kind, Rule: p.Rule, Code: q.Level, Reason: q.Reason, AskedBy: actor}
	parts, err := u.AssignmentsOf(order.Number)
	if err != nil {
		return fmt.Errorf("assignments of %s: %w", order.Number, err)
	}
	var units []string
	for _, a := range parts {
		if name := u.office.unitName(a.Unit); a.EndedAt.IsZero() && a.Copy == "" && !slices.Contains(units, name) {
			units = append(units, name)
		}
	}
	r.Suggestion = strings.Join(units, "、") // who comes to a meeting
	if err := u.insertAsked(r); err != nil {
		return err
	}
	text := askKinds[q.Kind]
	if len(p.Chain) > 0 {
		text += ",提交" + q.Level
	}
	switch {
	case order.Confidential:
		text += "(内容保密)"
	default:
		text += ":" + q.Reason
	}
	if r.Suggestion != "" {
		text += ";涉及" + r.Suggestion
	}
	if err := u.event(Event{Number: order.Number, Actor: actor, Kind: OnReviewAsked, Rule: p.Rule, Text: text}); err != nil {
		return err
	}
	if q.Kind == ForDispute {
		return u.tellRung(order, q.Level)
	}
	if q.Kind != ForLeader && q.Kind != ForSlip {
		return nil
	}
	var phones []string
	for _, l := range u.office.shift(u.now).Leader {
		phones = append(phones, l.Phone)
	}
	if q.Kind == ForSlip {
		return u.presentSlip(order, r, phones)
	}
	return u.textDuty("ask:"+string(q.Kind), order, u.office.policy.Texts.Duty, phones)
}

// Decided is what somebody says to a question: the minutes of a meeting, an instruction,
// whether a request is accepted, what a check found.
type Decided struct {
	Kind    ReviewKind
	Approve bool
	Opinion string    // always needed
	Lead    string    // id of the unit that answers for it from now (SQ-2.1)
	Until   time.Time // by when
}

// Decide answers a question; the answer stands on the order. Who asked does not decide.
func (o *Office) Decide(ctx context.Context, number string, by By, d Decided) (Order, error) {
	d.Opinion = cut(d.Opinion, maxSummary)
	return o.command(ctx, number, deed{By: by, name: "decide-" + string(d.Kind), do: func(u *unit, order *Order) error {
		p, err := u.office.askPolicy(d.Kind)
		if err != nil {
			return err
		}
		if err := by.may(p.Rule, ByOffice, ByDuty, ByLeader); err != nil {
			return err
		}
		if err := needs(p.Rule, blank{"opinion", "处理意见", d.Opinion == ""}); err != nil {
			return err
		}
		if _, known := u.office.unitOf(d.Lead); d.Lead != "" && !known {
			return refuse(ErrInvalid, Refusal{Field: "lead", Rule: p.Rule, Text: "没有“" + d.Lead + "”这个单位"})
		}
		asked, err := u.WaitingReview(order.Number, order.attempt(), d.Kind)
		if errors.Is(err, ErrNotFound) {
			return refuse(ErrIllegal, Refusal{Field: "state", Rule: p.Rule, Text: "没有待答复的" + askKinds[d.Kind]})
		}
		if err != nil {
			return err
		}
		if err := u.decideAsked(*order, d.Kind, Decision{Actor: by.Actor, Approve: d.Approve, Opinion: d.Opinion, due: d.Until}); err != nil {
			return err
		}
		text := askKinds[d.Kind] + "的意见:" + d.Opinion
		if order.Confidential {
			text = askKinds[d.Kind] + "的意见(内容保密)"
		}
		if d.Lead != "" {
			text += ";牵头:" + u.office.unitName(d.Lead)
		}
		if !d.Until.IsZero() {
			text += ";时限" + moment(d.Until)
		}
		if err := u.event(Event{Number: order.Number, Actor: by.Actor, Kind: OnReviewDecided, Rule: p.Rule, Text: text}); err != nil {
			return err
		}
		switch {
		case d.Kind != ForDispute:
			return nil
		case d.Approve:
			return u.settleLead(order, by, d)
		}
		return u.climb(*order, by, asked.Code, d.Opinion)
	}})
}

// answeredAll says which question keeps an order from being completed.
func (u *unit) answeredAll(order Order) error {
	asks := u.office.policy.Life.Asks
	if len(asks) == 0 {
		return nil
	}
	all, err := u.ReviewsOf(order.Number, order.attempt())
	if err != nil {
		return fmt.Errorf("reviews: %w", err)
	}
	for kind, p := range asks {
		i := slices.IndexFunc(all, func(r Review) bool { return r.Kind == kind })
		if i < 0 && slices.Contains(p.From, order.Source) {
			return refuse(ErrIllegal, Refusal{Field: string(kind), Rule: p.Rule, Text: "尚未" + askKinds[kind]})
		}
		if p.Holds && slices.ContainsFunc(all, func(r Review) bool { return r.Kind == kind && r.DecidedAt.IsZero() }) {
			return refuse(ErrIllegal, Refusal{Field: string(kind), Rule: p.Rule, Text: askKinds[kind] + "尚无结果"})
		}
	}
	return nil
}

// before is the order of the same number about the same that was completed of late: whether
// it was really done is to be checked (XZ-27.1). Confidential ones are never looked at, or a
// number would tell who informed. The zero Order: there is none.
func (o *Office) before(ctx context.Context, in Intake, now time.Time) (Order, error) {
	p, ok := o.policy.Life.Asks[ForRecheck]
	phone := knownNumber(in.Phone)
	written := in.CallID == "" && in.Voicemail == nil // else the words are the program's own, all alike
	if !ok || p.Days == 0 || phone == "" || !written || in.Confidential || in.Type == Report {
		return Order{}, nil
	}
	all, err := o.store.Orders(ctx, Filter{Phone: phone, Limit: maxHistory})
	if err != nil {
		return Order{}, fmt.Errorf("earlier orders of the number: %w", err)
	}
	for _, x := range all {
		late := x.CompletedAt.AddDate(0, 0, p.Days)
		if !x.Confidential && !x.inHand() && !x.Withdrawn && x.Parent == "" && !x.CompletedAt.IsZero() && now.Before(late) && alike(in.Summary, x.Summary) {
			return x, nil
		}
	}
	return Order{}, nil
}

// checkAsks looks at what may be put to others.
func (p *Policy) checkAsks(d *fault.Document) {
	kinds := []string{}
	for kind := range askKinds {
		kinds = append(kinds, string(kind))
	}
	slices.Sort(kinds)
	for kind, a := range p.Life.Asks {
		path := "life.asks." + string(kind)
		if askKinds[kind] == "" {
			d.Unknown(path, string(kind), "nothing called %q is put to others", kinds)
		}
		a.checkChain(d, path, kind)
		if a.Days < 0 || a.Days > 0 && kind != ForRecheck {
			d.Fault(path+".days", "days are of %s alone, and not negative", ForRecheck)
		}
	}
}
