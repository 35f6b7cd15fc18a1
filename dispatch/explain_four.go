package dispatch

import (
	"cmp"
	"fmt"
	"strings"
)

// four says of every order who answers for it where, until when, who watches over it and what
// it counts for (ZQ-3): none of the four is ever empty, whatever became of the order.
func (x *explaining) four() []Reason {
	return []Reason{x.territory(), x.limit(), x.supervision(), x.assessed()}
}

// territory is 属地: the unit that answers for the order, and the one above it.
func (x *explaining) territory() Reason {
	r := Reason{Text: "属地:由" + x.o.policy.Hotline.Name + "自办", Rule: "ZZ-16.2"}
	if x.order.Unit == "" {
		return r
	}
	r = Reason{Text: "属地:由" + x.o.unitName(x.order.Unit) + "主办", Rule: ruleOf("", Dispatched)}
	if u, ok := x.o.unitOf(x.order.Unit); ok && u.Parent != "" {
		r.Text += "," + x.o.unitName(u.Parent) + "负责"
	}
	return r
}

// limit is 限时: the deadline, and whether it was kept.
func (x *explaining) limit() Reason {
	r := Reason{At: x.order.Due.At, Text: "限时:" + x.order.Due.Words(), Rule: x.order.Due.Rule}
	switch late := x.order.Overdue(x.o.now()); {
	case late:
		r.Text += ",超期"
	case !x.order.SubmittedAt.IsZero() || !x.order.CompletedAt.IsZero():
		r.Text += ",按时"
	default:
		r.Text += ",在期限内"
	}
	return r
}

// supervision is 督办: what there was of it, or what would begin it.
func (x *explaining) supervision() Reason {
	urged, supervised := 0, Event{}
	for _, e := range x.events {
		switch e.Kind {
		case OnUrged:
			urged++
		case OnSupervised:
			supervised = e
		}
	}
	r := Reason{Text: "督办:未列入", Rule: cmp.Or(x.o.policy.Supervise.Overdue, x.o.policy.Supervise.UrgesRule, "KF-3.3.1")}
	switch {
	case x.order.Supervised:
		r.At, r.Text, r.Rule = supervised.At, "督办:已列入", cmp.Or(supervised.Rule, r.Rule)
	case x.o.policy.Supervise.Overdue != "":
		r.Text += ",逾期即列入"
	default:
		r.Text += ",由热线管理机构决定"
	}
	if urged > 0 {
		r.Text += fmt.Sprintf(",催办%d次", urged)
	}
	return r
}

// assessed is 考核: what the order counts for with the unit that has it.
func (x *explaining) assessed() Reason {
	o := x.order
	share := "计入" + x.o.unitName(o.Unit) + "按期办结率"
	if o.Unit == "" {
		share = "计入热线自办件"
	}
	parts := []string{share}
	switch {
	case o.Parent != "":
		parts[0] = "并入他单计"
	case o.Withdrawn:
		parts[0] = "诉求人已撤回,不计满意率"
	case o.State == OutOfScope:
		parts[0] = "不予受理,不计期限"
	}
	for _, n := range []struct {
		times int
		what  string
	}{{o.Returns, "退单"}, {o.Redos, "重办"}} {
		if n.times > 0 {
			parts = append(parts, fmt.Sprintf("%s%d次", n.what, n.times))
		}
	}
	if o.Rating > 0 {
		parts = append(parts, "评价"+RatingWords[o.Rating])
	}
	return Reason{Text: "考核:" + strings.Join(parts, ","), Rule: "KF-A4.3.1"}
}
