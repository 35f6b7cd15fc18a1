package dispatch

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"hotline/dispatch/calendar"
)

// Explanation is every decision about one order, with its clause and time, in Chinese that
// its citizen can read. It names units, but nobody of the staff and nobody who calls; of a
// confidential order it says which decisions were made and nothing that somebody wrote
// (KF-3.1.5).
type Explanation struct {
	Order    Order
	Sections []ExplainedPart
}

// ExplainedPart is one question and its answers, in the order of time.
type ExplainedPart struct {
	Title   string
	Reasons []Reason
}

// Reason is one answer.
type Reason struct {
	At    time.Time // when it was decided; of what is still to come, until when. Zero: not said
	Text  string
	Rule  string   // the clause it follows, if one does
	Steps []string // how a deadline was counted, day by day
}

// explaining is one explanation at work.
type explaining struct {
	o      *Office
	days   *calendar.Calendar
	order  Order
	events []Event
	parts  []Assignment
	asked  []Review
	call   Call
	survey Survey // of the present handling
}

// Explain says why an order is where it is: its type, its units, each deadline and how it
// was counted, what was decided, and what may happen next and until when. An unknown number
// fails with ErrNotFound. It changes nothing.
func (o *Office) Explain(ctx context.Context, number string) (Explanation, error) {
	x := explaining{o: o, days: o.calendar()}
	if err := x.read(ctx, number); err != nil {
		return Explanation{}, fmt.Errorf("explain order %s: %w", number, err)
	}
	return Explanation{Order: x.order, Sections: []ExplainedPart{
		{"为什么是这个类型", x.whyType()}, {"为什么由这个单位办", x.whyUnits()}, {"期限怎样算出", x.deadlines()},
		{"属地、限时、督办、考核", x.four()}, {"作过哪些决定", x.decisions()}, {"接下来可能怎样", x.next()},
	}}, nil
}

// read collects what is known of the order.
func (x *explaining) read(ctx context.Context, number string) error {
	s := x.o.store
	var err error
	if x.order, err = s.OrderBy(ctx, number); err != nil {
		return err
	}
	if x.events, err = s.Events(ctx, x.order.Number); err != nil {
		return err
	}
	if x.parts, err = s.Assignments(ctx, AssignmentFilter{Order: x.order.Number, Limit: maxExplained}); err != nil {
		return err
	}
	sortParts(x.parts)
	if x.asked, err = s.Reviews(ctx, Filter{Order: x.order.Number, Open: true, Limit: maxExplained}); err != nil {
		return err
	}
	surveys, err := s.Surveys(ctx, Filter{Order: x.order.Number, Limit: maxExplained})
	if err != nil {
		return err
	}
	for _, v := range surveys {
		if v.Attempt == x.order.attempt() {
			x.survey = v
		}
	}
	if x.order.CallID == "" {
		return nil
	}
	if x.call, err = s.CallBy(ctx, x.order.CallID); errors.Is(err, ErrNotFound) {
		return nil // the record of the call is written later than the order
	}
	return err
}

// maxExplained is how many of each kind are looked at.
const maxExplained = 1000

// whyType says how the order came to its type.
func (x *explaining) whyType() []Reason {
	var all []Reason
	for _, e := range x.events {
		switch e.Kind {
		case OnRegistered:
			text := x.who(e.Actor) + "登记" + ChannelWords[x.order.Channel] + "诉求"
			if x.call.Class != "" && x.call.Class != Unset {
				text += ",来电人在语音菜单选择“" + TypeWords[x.call.Class] + "”"
			}
			all = append(all, Reason{At: e.At, Text: text, Rule: "ZZ-16.1"})
		case OnTyped:
			all = append(all, Reason{At: e.At, Text: x.who(e.Actor) + "将" + e.Text, Rule: e.Rule})
		}
	}
	last := Reason{Text: "现为“" + TypeWords[x.order.Type] + "”,期限随类型而定", Rule: x.o.policy.Term(x.order.Type).Rule}
	if x.order.Type == Unset {
		last = Reason{Text: "尚未分类,办结前须补录", Rule: "ZZ-10.1"}
	}
	all = append(all, last)
	if x.order.Confidential {
		all = append(all, Reason{Text: "按保密件办理:不显示诉求人,往来文字不公开", Rule: "KF-3.1.5"})
	}
	return all
}

// whyUnits says who handles the order and why.
func (x *explaining) whyUnits() []Reason {
	var all []Reason
	for _, a := range x.parts {
		r := Reason{At: a.DispatchedAt, Text: fmt.Sprintf("第%d次办理,%s交%s", a.Attempt, x.who(a.By), x.o.unitName(a.Unit))}
		switch p := x.o.policy.Life; {
		case a.Copy == CopyDual:
			r.Text, r.Rule = r.Text+"监督(副本)", p.Dual.Rule
		case a.Copy != "":
			r.Text, r.Rule = r.Text+"知悉(副本)", p.CrossRule
		case !a.Lead:
			r.Text, r.Rule = r.Text+"协办", "ZZ-11.2"
		default:
			r.Text += "主办"
			if topics := x.o.topics(a.Unit, x.order.Summary); len(topics) > 0 {
				r.Text, r.Rule = r.Text+":诉求提到“"+strings.Join(topics, "、")+"”,属该单位事项", topicRule
			} else {
				r.Text, r.Rule = r.Text+":由派单人判定", ruleOf("", Dispatched)
			}
		}
		if a.Coordinated {
			r.Text += ",经上级协调确定,不得退单(ZQ-9.4)"
		}
		if a.Ended != "" {
			r.Text += ";" + a.EndedAt.In(Place).Format("1月2日15:04") + endedWords[a.Ended]
		}
		all = append(all, r)
	}
	if x.order.withHotline() && x.order.Unit == "" {
		all = append(all, Reason{Text: "现由热线自己办理,未交任何单位"})
	}
	return all
}

// endedWords are why a unit's part ended.
var endedWords = map[string]string{"completed": "办结", "returned": "退单获准", "redispatched": "改派他单位", "closed": "了结",
	OnWithdrawn: "因诉求人撤回而止", OnMerged: "因并入他单而止"}

// decisions are what people decided, as the timeline has it.
func (x *explaining) decisions() []Reason {
	var all []Reason
	for _, e := range x.events {
		words, decided := decisionWords[e.Kind]
		if !decided {
			continue
		}
		text := words
		switch {
		case x.order.Confidential || e.Text == "":
		case strings.HasPrefix(e.Text, words):
			text = inWords(e.Text)
		default:
			text += ":" + inWords(e.Text)
		}
		all = append(all, Reason{At: e.At, Text: strings.TrimRight(text, ":;, ") + "(" + x.who(e.Actor) + ")", Rule: e.Rule})
	}
	return all
}

// who is somebody of a timeline as a citizen knows them: never a person's name.
func (x *explaining) who(actor string) string {
	kind, rest, _ := strings.Cut(actor, ":")
	if words, ok := actorWords[kind]; ok {
		return words
	}
	if kind == "unit" || kind == "head" {
		id := rest
		if i := strings.IndexAny(rest, "/:"); i >= 0 {
			id = rest[:i]
		}
		return x.o.unitName(id)
	}
	return "热线工作人员"
}

// actorWords are those who act, by the beginning of how they stand in timelines.
var actorWords = map[string]string{"": "系统", "system": "系统", "citizen": "诉求人", "duty": "值班人员", "leader": "领导"}
