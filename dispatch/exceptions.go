package dispatch

import "slices"

// Exception is one of the cases in which a first dissatisfied rating does not send an
// order back (ZQ-16.1 to ZQ-16.7).
type Exception struct {
	Rule  string
	Words string
	// Facts are what may be established about the matter, one of which makes it the case;
	// empty where the clause names none.
	Facts []Fact
	Type  Type // the only type of order it applies to; empty: all
	// Opinion says that the hotline's office must add its own to what the unit found, so a
	// second person decides.
	Opinion bool
	// ByItself says that nobody picks it: it follows from the call back.
	ByItself bool
}

// Fact is one thing that may be so, and how people say it.
type Fact struct{ Code, Words string }

// Exceptions are the seven, as article 16 has them.
var Exceptions = []Exception{
	{Rule: "ZQ-16.1", Words: "不需要回复的事项,不满意原因是未收到回复",
		Facts: []Fact{{"anonymous", "隐匿信息"}, {"declined", "明确不需要回复"}, {"withdrawn", "办结前撤回诉求"}}},
	{Rule: "ZQ-16.2", Words: "建议未得到采纳", Type: Suggestion},
	{Rule: "ZQ-16.3", Words: "行政调解、执法办案类已依法依规处理",
		Facts: []Fact{{"mediation", "行政调解类"}, {"enforcement", "执法办案类"}}},
	{Rule: "ZQ-16.4", Words: "已调解成功或终止调解",
		Facts: []Fact{{"success", "调解成功"}, {"terminated", "终止调解"}}},
	{Rule: "ZQ-16.5", Words: "诉求人未提供不满意原因", ByItself: true},
	{Rule: "ZQ-16.6", Words: "经核实属虚假、恶意投诉", Opinion: true,
		Facts: []Fact{{"false", "虚假投诉"}, {"malicious", "恶意投诉"}}},
	{Rule: "ZQ-16.7", Words: "因自然灾害或其他不可抗力导致不满意"},
}

// Claim is what a clerk says who takes a matter for an exception.
type Claim struct {
	Rule     string // ZQ-16.1 ...; empty: none
	Fact     string // code of what was established, where the case names some
	Evidence string // what shows it; the clerk's words, a document's or a call's number
}

// exception finds the case of a claim, or says why it does not apply: the
// policy does not know it, the order is of another type, the fact or the evidence is
// missing, or the order was redone, since article 16 is about first ratings.
func (u *unit) exception(order Order, c *Claim) (Exception, error) {
	c.Evidence = cut(c.Evidence, maxSummary)
	i := slices.IndexFunc(Exceptions, func(e Exception) bool { return e.Rule == c.Rule })
	if i < 0 || !slices.Contains(u.office.policy.Redo.Exceptions, c.Rule) {
		return Exception{}, refuse(ErrInvalid, Refusal{Field: "exception.rule", Rule: "ZQ-16", Text: "没有这种除外情形"})
	}
	e := Exceptions[i]
	why := Refusal{Field: "exception.rule", Rule: e.Rule}
	switch {
	case order.Redos > 0:
		why.Text = "除外情形只适用于首次评价"
	case e.ByItself:
		why.Text = "此情形由回访结果直接认定"
	case e.Type != "" && e.Type != order.Type:
		why.Text = "只适用于" + TypeWords[e.Type] + "类事项"
	case len(e.Facts) > 0 && e.fact(c.Fact) == "":
		why.Field, why.Text = "exception.fact", "请选择认定的情形"
	case c.Evidence == "":
		why.Field, why.Text = "exception.evidence", "请填写依据"
	default:
		return e, nil
	}
	return e, refuse(ErrInvalid, why)
}

// fact is how people say one of an exception's facts.
func (e Exception) fact(code string) string {
	for _, f := range e.Facts {
		if f.Code == code {
			return f.Words
		}
	}
	return ""
}

// claim takes a matter for an exception: at once, or where the clause asks for the opinion
// of the hotline's office, when a second person has decided.
func (u *unit) claim(order *Order, c Called) error {
	e, err := u.exception(*order, &c.Exception)
	if err != nil {
		return err
	}
	if !e.Opinion {
		return u.except(order, e, Event{Actor: c.Actor, Text: e.because(c.Exception)})
	}
	_, err = u.askReview(Review{Order: order.Number, Attempt: order.attempt(), Kind: ForException, Rule: e.Rule, Fact: c.Exception.Fact,
		Reason: c.Reason, Evidence: c.Exception.Evidence, AskedBy: c.Actor})
	return err
}

// because is what shows that a matter is the exception.
func (e Exception) because(c Claim) string {
	if len(e.Facts) == 0 {
		return ";依据:" + c.Evidence
	}
	return "(" + e.fact(c.Fact) + ");依据:" + c.Evidence
}

// except ends an order that is not sent back, with its reason.
func (u *unit) except(order *Order, e Exception, why Event) error {
	order.Exception = e.Rule
	why.Number, why.Kind, why.Rule = order.Number, OnException, e.Rule
	why.Text = "不予重办:" + e.Words + why.Text
	if err := u.event(why); err != nil {
		return err
	}
	return u.archive(order, Event{Actor: why.Actor, Rule: e.Rule, Text: "除外情形,归档"})
}

// afterReason decides what becomes of an order once the reason of its dissatisfied rating
// is known or known to be missing: an exception archives it (ZQ-16.1 to ZQ-16.7), else it
// is sent back once (ZQ-16.0), else it is archived as it was rated.
func (u *unit) afterReason(order *Order, c Called) error {
	p := u.office.policy.Redo
	switch {
	case c.Exception.Rule != "":
		return u.claim(order, c)
	case order.Redos > 0 && order.Redos >= p.Max:
		return u.final(order, c.Actor)
	case c.NoReason && slices.Contains(p.Exceptions, "ZQ-16.5"):
		return u.except(order, Exceptions[4], Event{Actor: c.Actor})
	case p.Max == 0 || c.NoReason || p.When == UnitFault && !c.UnitFault:
		return u.archive(order, Event{Actor: c.Actor, Rule: "ZQ-15.5", Text: "回访完成,归档"})
	}
	return u.sendBack(order, back{rule: p.rule(), actor: c.Actor, reason: c.Reason})
}

// final archives an order whose second rating does not satisfy either; whether somebody
// supervises it is for people to say (ZQ-17).
func (u *unit) final(order *Order, actor string) error {
	if err := u.event(Event{Number: order.Number, Kind: OnSuperviseOffer, Rule: "ZQ-17", Text: "重办后仍不满意,列为督办候选"}); err != nil {
		return err
	}
	return u.archive(order, Event{Actor: actor, Rule: "ZQ-16.0", Text: "重办以一次为限,以第二次评价为准,归档"})
}
