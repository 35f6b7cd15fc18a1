package ivr

import (
	"fmt"
	"strings"
	"time"

	"hotline/dispatch"
	"hotline/sms"
)

// Question is a call that somebody asks about: what would happen to it, and why?
type Question struct {
	From, To string
	At       time.Time
	Shift    dispatch.Shift // who is on duty then
}

// Reason is one line of the answer.
type Reason struct {
	Depth int    // how far down the way
	Text  string // Chinese
	Rule  string // the clause it follows; may be empty
}

// String is the line as it is shown, indented.
func (r Reason) String() string {
	s := strings.Repeat("  ", r.Depth) + r.Text
	if r.Rule != "" {
		s += " [" + r.Rule + "]"
	}
	return s
}

// Explain answers a question without making the call: the way through the flow at
// that moment, choice by choice, with the rules each step follows (D9).
func Explain(f *Flow, p *Profile, q Question) []Reason {
	e := &explainer{flow: f, profile: p, q: q, told: map[string]bool{}}
	from := sms.Mask(q.From)
	if q.From == "" {
		from = "未显示号码"
	}
	e.add(0, "", "%s 于 %s(%s)拨打 %s,由“%s”接听", from,
		q.At.In(shanghai).Format("2006-01-02 15:04"), weekdays[q.At.In(shanghai).Weekday()], q.To, p.Name)
	if q.To != p.Number {
		e.add(0, "", "注意:%s 不是本热线的号码(%s),总机不会把它接进来", q.To, p.Number)
	}
	e.emergency()
	e.node(f.Start, 0, "接通后")
	return e.reasons
}

// weekdays in Chinese, by time.Weekday.
var weekdays = [...]string{"周日", "周一", "周二", "周三", "周四", "周五", "周六"}

// explainer walks the flow on paper.
type explainer struct {
	flow    *Flow
	profile *Profile
	q       Question
	told    map[string]bool
	reasons []Reason
}

func (e *explainer) add(depth int, rule, format string, args ...any) {
	e.reasons = append(e.reasons, Reason{Depth: depth, Text: fmt.Sprintf(format, args...), Rule: rule})
}

// emergency tells what the key does, first, because it comes before everything.
func (e *explainer) emergency() {
	var services []string
	for _, s := range e.profile.Emergency.Services {
		services = append(services, fmt.Sprintf("%c 转 %s", s.Key, s.Number))
	}
	e.add(0, "ZZ-10.3", "任何时刻按 %c:%s;两次不按键转 %s;* 返回", e.profile.Emergency.Key,
		strings.Join(services, ","), e.profile.Emergency.Services[0].Number)
	e.add(1, "ZZ-10.3", "向接警方显示来电人本人的号码;忙或不通换第二条中继一次;再不通,提示直接拨打,并呼叫带班领导 %s", e.people(e.q.Shift.Leader))
}

// node tells one node and what follows; one told before is only named.
func (e *explainer) node(name string, depth int, by string) {
	n, ok := e.flow.Node(name)
	if !ok {
		return
	}
	if e.told[name] {
		e.add(depth, "", "%s → %s(见上)", by, n.Title)
		return
	}
	e.told[name] = true
	prefix := by + " → " + n.Title
	switch verb := n.verb.(type) {
	case *sayNode:
		e.add(depth, "", "%s", prefix)
		e.node(verb.then.To, depth, "然后")
	case *menuNode:
		e.menu(verb, prefix, depth)
	case *hoursNode:
		e.hours(verb, prefix, depth)
	case *transferNode:
		e.transfer(verb, prefix, depth)
	case *agentsNode:
		e.agents(verb, prefix, depth)
	case *dutyNode:
		e.duty(verb, prefix, depth)
	case *voicemailNode:
		e.voicemail(prefix, depth)
	case *queryNode:
		e.add(depth, "ZZ-18.3", "%s:输入工单号和 %d 位查询码,错 %d 次锁定并转人工;保密工单只答保密用语", prefix, e.profile.Query.PIN, e.profile.Query.Tries)
		e.node(verb.human.To, depth+1, "转人工")
	default:
		e.add(depth, "", "%s", prefix)
	}
}

func (e *explainer) menu(m *menuNode, prefix string, depth int) {
	t := e.profile.Menu
	e.add(depth, "ZZ-10.1", "%s:等 %s 首键,%d 次无键或 %d 次错键即转人工", prefix, seconds(t.FirstKey), t.NoKey, t.WrongKey)
	for _, k := range m.keys {
		if k.exit.To == toRepeat || k.exit.To == toEmergency {
			continue
		}
		label := k.exit.Label
		if k.class != "" {
			label += "(记为 " + string(k.class) + ")"
		}
		e.node(k.exit.To, depth+1, label)
	}
	e.node(m.noKey.To, depth+1, "无按键")
	e.node(m.wrongKey.To, depth+1, "按错键")
}

func (e *explainer) hours(h *hoursNode, prefix string, depth int) {
	open, why := e.profile.Hours.Open(e.q.At)
	e.add(depth, "ZZ-20.1", "%s:%s(与是否工作日无关)", prefix, why)
	if open {
		e.node(h.open.To, depth+1, "工作时间")
	} else {
		e.node(h.closed.To, depth+1, "非工作时间")
	}
}

func (e *explainer) transfer(t *transferNode, prefix string, depth int) {
	target, _ := e.profile.Transfers.Find(t.to)
	rule := "ZZ-10.5"
	if target.External {
		rule = "ZZ-10.4"
	}
	e.add(depth, rule, "%s:转接 %s %s,响铃 %s", prefix, target.Title, target.Number, seconds(e.profile.Transfers.Ring))
	e.node(t.failed.To, depth+1, "未接通")
}

func (e *explainer) agents(a *agentsNode, prefix string, depth int) {
	queue := ""
	if a.queue != "" {
		queue = "(" + a.queue + " 队列)"
	}
	e.add(depth, "ZZ-16.1", "%s%s:在席座席按空闲最久依次响铃,每席 %s;全忙排队至多 %s;接听即登记工单",
		prefix, queue, seconds(e.profile.Agents.Ring), seconds(e.profile.Agents.Wait))
	e.node(a.none.To, depth+1, "无人接听")
}

func (e *explainer) duty(d *dutyNode, prefix string, depth int) {
	if !e.profile.Duty.Officer {
		e.add(depth, "ZZ-20.2", "%s:不设值班电话,直接留言", prefix)
	} else {
		officers := append(append([]dispatch.Officer(nil), e.q.Shift.Duty...), e.q.Shift.Backup...)
		e.add(depth, "ZZ-20.2", "%s:依次呼叫 %s,各响 %s,接听者须按 1", prefix, e.people(officers), seconds(e.profile.Duty.Ring))
	}
	e.node(d.none.To, depth+1, "无人接听")
}

func (e *explainer) voicemail(prefix string, depth int) {
	v := e.profile.Voicemail
	e.add(depth, "ZZ-20.2", "%s:最长 %s,静音 %s 结束,挂机也保存,说话不超过 %s 不建单、记漏接;生成工单并短信通知值班人员",
		prefix, seconds(v.Max), seconds(v.Silence), seconds(v.Min))
	e.add(depth+1, "ZZ-20.3", "按 %c 标为紧急:依次呼叫带班领导 %s,直到有人按 1", v.UrgentKey, e.people(e.q.Shift.Leader))
}

// people names officers with masked numbers.
func (e *explainer) people(officers []dispatch.Officer) string {
	if len(officers) == 0 {
		return "(无人排班)"
	}
	names := make([]string, len(officers))
	for i, o := range officers {
		names[i] = fmt.Sprintf("%s(%s)", o.Name, sms.Mask(o.Phone))
	}
	return strings.Join(names, "、")
}

func seconds(d time.Duration) string { return fmt.Sprintf("%d 秒", int(d.Seconds())) }
