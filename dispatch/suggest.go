package dispatch

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// topicRule is the clause by which a topic leads to its unit: the catalogue of matters (ZZ-8).
const topicRule = "ZZ-8"

// Hint is what a request may be, or whose, and why: a person decides.
type Hint struct {
	ID     string // of a unit, or a type
	Name   string
	Reason string
	Rule   string // the clause; empty: our own choice (rec)
}

// Hints are what may be said of a request before anybody decided, the best first.
type Hints struct {
	Types   []Hint
	Units   []Hint // whose business the type is, then whose topics are spoken of
	Repeats []Repeat
}

// Repeat is an order that a request may repeat (ZQ-17).
type Repeat struct {
	Order  Order
	Reason string
}

// Asked is a request as far as it is known; Number is its order's, if it has one. Without a
// Type it is taken for the first that is suggested.
type Asked struct {
	Number, Phone, Summary string
	Type                   Type
}

// maxHistory is how many earlier orders of a number are looked at.
const maxHistory = 20

// Suggest says what a request may be, who may handle it, and which open orders of the same
// number it may repeat. It goes by words of the request, the units' topics (ZZ-8) and the
// number's other orders. Confidential orders are never part of that, or a number would tell
// who informed (KF-3.1.5). It changes nothing.
func (o *Office) Suggest(ctx context.Context, a Asked) (Hints, error) {
	var history []Order
	if phone := knownNumber(a.Phone); phone != "" {
		all, err := o.store.Orders(ctx, Filter{Phone: phone, Limit: maxHistory})
		if err != nil {
			return Hints{}, fmt.Errorf("suggest: orders of the number: %w", err)
		}
		history = slices.DeleteFunc(all, func(x Order) bool { return x.Confidential || x.Number == a.Number })
	}
	types := o.suggestTypes(a, history)
	if (a.Type == "" || a.Type == Unset) && len(types) > 0 {
		a.Type = Type(types[0].ID)
	}
	return Hints{Types: types, Units: o.suggestUnits(a, history), Repeats: repeatsOf(a, history)}, nil
}

// SuggestFor is Suggest for an order that is registered. Of a confidential one the number's
// other orders are not looked at.
func (o *Office) SuggestFor(ctx context.Context, number string) (Hints, error) {
	order, err := o.store.OrderBy(ctx, number)
	if err != nil {
		return Hints{}, fmt.Errorf("suggest for %s: %w", number, err)
	}
	a := Asked{Number: order.Number, Phone: order.Phone, Summary: order.Summary, Type: order.Type}
	if order.Confidential {
		a.Phone = ""
	}
	return o.Suggest(ctx, a)
}

// typeSigns are words that speak for a type (rec): the first type that is spoken for comes
// first, so that a report is never taken for less.
var typeSigns = []struct {
	t     Type
	words []string
}{
	{Report, []string{"举报", "受贿", "吃拿卡要", "索要"}},
	{Complaint, []string{"投诉", "不作为", "推诿", "态度恶劣", "拖欠"}},
	{Petition, []string{"信访", "上访"}},
	{InvestorCase, []string{"招商", "投资项目", "落户"}},
	{Criticism, []string{"批评"}},
	{Suggestion, []string{"建议", "希望增设", "希望增加"}},
	{Opinion, []string{"意见"}},
	{Consult, []string{"咨询", "请问", "怎么办", "如何办", "几点", "多少钱", "需要什么材料", "在哪里"}},
	{Help, []string{"求助", "坏了", "不亮", "停水", "停电", "漏水", "堵塞", "堵了", "噪音", "噪声", "塌陷", "没有暖气"}},
}

func (o *Office) suggestTypes(a Asked, history []Order) []Hint {
	var all []Hint
	for _, s := range typeSigns {
		if !o.policy.Accepts(s.t) {
			continue
		}
		for _, w := range s.words {
			if strings.Contains(a.Summary, w) {
				all = append(all, Hint{ID: string(s.t), Name: TypeWords[s.t], Reason: "诉求提到“" + w + "”"})
				break
			}
		}
	}
	for _, h := range history {
		if alike(a.Summary, h.Summary) && h.Type != Unset && !has(all, string(h.Type)) {
			all = append(all, Hint{ID: string(h.Type), Name: TypeWords[h.Type], Reason: "同一号码内容相近的" + h.Number + "是此类型"})
		}
	}
	return all
}

func (o *Office) suggestUnits(a Asked, history []Order) []Hint {
	var all []Hint
	r, known := o.policy.Routing[a.Type]
	rule := topicRule
	if known && r.Lead == "" {
		rule = r.Rule
	}
	for _, u := range o.units {
		if topics := u.spoken(a.Summary); len(topics) > 0 && !r.Alone {
			all = append(all, Hint{ID: u.ID, Name: u.Name, Reason: "诉求提到“" + strings.Join(topics, "、") + "”,属该单位事项", Rule: rule})
		}
	}
	slices.SortStableFunc(all, func(a, b Hint) int { return len(b.Reason) - len(a.Reason) }) // more words, better
	if routed := o.routed(a.Type); len(routed) > 0 {
		all = append(routed, slices.DeleteFunc(all, func(h Hint) bool { return has(routed, h.ID) })...)
	}
	for _, h := range history {
		if _, known := o.unitOf(h.Unit); known && alike(a.Summary, h.Summary) && !has(all, h.Unit) {
			all = append(all, Hint{ID: h.Unit, Name: o.unitName(h.Unit), Reason: "同一号码内容相近的" + h.Number + "由该单位办理"})
		}
	}
	return all
}

func has(all []Hint, id string) bool {
	return slices.ContainsFunc(all, func(s Hint) bool { return s.ID == id })
}

// repeatsOf are the number's orders that somebody still handles, those alike first.
func repeatsOf(a Asked, history []Order) []Repeat {
	var same, others []Repeat
	for _, h := range history {
		switch {
		case !h.inHand():
		case alike(a.Summary, h.Summary):
			same = append(same, Repeat{h, "同一号码、内容相近的在办工单,可能重复"})
		default:
			others = append(others, Repeat{h, "同一号码的在办工单"})
		}
	}
	return append(same, others...)
}

// alike says whether two requests may be of one matter: a third of the shorter one's pairs of
// runes stand in the other (rec).
func alike(a, b string) bool {
	x, y := pairs(a), pairs(b)
	if len(x) > len(y) {
		x, y = y, x
	}
	common := 0
	for p := range x {
		if y[p] {
			common++
		}
	}
	return len(x) > 0 && 3*common >= len(x)
}

func pairs(s string) map[[2]rune]bool {
	all, r := map[[2]rune]bool{}, []rune(s)
	for i := 1; i < len(r); i++ {
		all[[2]rune{r[i-1], r[i]}] = true
	}
	return all
}

// topics are those of a unit's that a text speaks of.
func (o *Office) topics(id, text string) []string {
	unit, _ := o.unitOf(id)
	return unit.spoken(text)
}

// spoken are the unit's topics that a text names.
func (u Unit) spoken(text string) []string {
	var found []string
	for _, topic := range u.Topics {
		if topic != "" && strings.Contains(text, topic) && !slices.Contains(found, topic) {
			found = append(found, topic)
		}
	}
	return found
}
