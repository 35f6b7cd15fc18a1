package dispatch

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// FigureKind is one table of figures.
type FigureKind string

// The tables.
const (
	FigureTypes       FigureKind = "types"       // what came in, by type, category and unit (KF-3.6.2)
	FigureUnits       FigureKind = "units"       // each unit's orders on time, and its points (KF-A4.3.1)
	FigureSuggestions FigureKind = "suggestions" // every suggestion, for those above (ZZ-10.10)
	FigureCalls       FigureKind = "calls"       // calls answered and registered (SQ-4.2)
	FigureSeats       FigureKind = "seats"       // six figures of each agent's desk (KF-3.6.1)
	FigureHot         FigureKind = "hot"         // what was asked about most, beside the span before and a year before (KF-3.2.1)
)

// FigureKinds are all of them, for those who ask.
var FigureKinds = []FigureKind{FigureTypes, FigureUnits, FigureSuggestions, FigureCalls, FigureSeats, FigureHot}

// mostFigured is how many orders or calls a table is made of at most.
const mostFigured = 50_000

// Figures is a table of a span of time, its first row the header. It is what stood at the
// span's end: what was completed since changes nothing, so that the same span is the same table
// again. Confidential orders are counted and never listed. A span with more than 50,000 orders
// or calls, or one that ends before it begins or in the future, fails with ErrInvalid.
func (o *Office) Figures(ctx context.Context, kind FigureKind, from, to time.Time) ([][]string, error) {
	if !from.Before(to) || to.After(o.now()) {
		return nil, refuse(ErrInvalid, Refusal{Field: "until", Rule: "KF-3.6.2", Text: "时段须有先后,且已经过去"})
	}
	f := Filter{Since: from, Until: to}
	if kind == FigureCalls {
		all, err := paged(ctx, f, o.store.Calls)
		if err != nil {
			return nil, fmt.Errorf("figures: calls: %w", err)
		}
		return CountCalls(all).Rows(), nil
	}
	switch kind {
	case FigureSeats:
		return o.seatRows(ctx, from, to)
	case FigureHot:
		h, err := o.hot(ctx, from, to)
		return h.rows(), err
	}
	all, err := paged(ctx, f, o.store.Orders)
	if err != nil {
		return nil, fmt.Errorf("figures: orders: %w", err)
	}
	for i := range all {
		all[i] = all[i].asOf(to)
	}
	slices.SortFunc(all, func(a, b Order) int { return cmp.Compare(a.Number, b.Number) })
	switch kind {
	case FigureTypes:
		return o.typeRows(all, to), nil
	case FigureUnits:
		return o.unitRows(all, to), nil
	case FigureSuggestions:
		return o.suggestionRows(all), nil
	}
	return nil, refuse(ErrInvalid, Refusal{Field: "table", Rule: "KF-3.6.2", Text: "没有这张表"})
}

// paged reads a whole list, of as much as a table is made of at most.
func paged[T any](ctx context.Context, f Filter, read func(context.Context, Filter) ([]T, error)) ([]T, error) {
	var all []T
	for row, err := range Whole(ctx, f, read) {
		if err != nil {
			return nil, err
		}
		if len(all) == mostFigured {
			return nil, refuse(ErrInvalid, Refusal{Field: "until", Rule: "KF-3.6.2", Text: "超过 50000 件,请缩小时段"})
		}
		all = append(all, row)
	}
	return all, nil
}

// asOf forgets what came after a moment.
func (o Order) asOf(at time.Time) Order {
	if !o.SubmittedAt.Before(at) {
		o.SubmittedAt = time.Time{}
	}
	if !o.CompletedAt.Before(at) {
		o.CompletedAt = time.Time{}
	}
	return o
}

// tallied is what is counted of some orders.
type tallied struct{ registered, completed, due, onTime int }

func (n *tallied) add(o Order, at time.Time) {
	n.registered++
	done := !o.CompletedAt.IsZero() || !o.SubmittedAt.IsZero()
	if !o.CompletedAt.IsZero() {
		n.completed++
	}
	if late := o.Overdue(at); done || late {
		n.due++
		if !late {
			n.onTime++
		}
	}
}

// typeRows counts by type, category, unit and whether a company asks.
func (o *Office) typeRows(all []Order, at time.Time) [][]string {
	type key struct{ t, category, unit, who string }
	counts := map[key]*tallied{}
	for _, x := range all {
		k := key{TypeWords[x.Type], o.policy.Life.categoryWords(x.Category), o.unitName(x.Unit), "群众"}
		if x.Enterprise {
			k.who = "企业"
		}
		if counts[k] == nil {
			counts[k] = &tallied{}
		}
		counts[k].add(x, at)
	}
	rows := [][]string{}
	for k, n := range counts {
		rows = append(rows, []string{k.t, k.category, k.unit, k.who, strconv.Itoa(n.registered), strconv.Itoa(n.completed), strconv.Itoa(n.due), strconv.Itoa(n.onTime)})
	}
	slices.SortFunc(rows, slices.Compare)
	return slices.Insert(rows, 0, []string{"类型", "类别", "主办单位", "诉求人", "受理", "办结", "应办结", "按期"})
}

// unitRows counts by the unit that leads; what a unit gave back with leave is none of its own.
func (o *Office) unitRows(all []Order, at time.Time) [][]string {
	counts := map[string]*tallied{}
	for _, x := range all {
		if x.Unit == "" {
			continue
		}
		if counts[x.Unit] == nil {
			counts[x.Unit] = &tallied{}
		}
		counts[x.Unit].add(x, at)
	}
	rows := [][]string{}
	for unit, n := range counts {
		rows = append(rows, []string{o.unitName(unit), strconv.Itoa(n.registered), strconv.Itoa(n.due), strconv.Itoa(n.onTime), percent(n.onTime, n.due), strconv.Itoa(OnTimePoints(n.onTime, n.due))})
	}
	slices.SortFunc(rows, slices.Compare)
	return slices.Insert(rows, 0, []string{"单位", "受理", "应办结", "按期", "按期办结率", "得分(满分30)"})
}

// suggestionRows lists every suggestion with the unit that has it.
func (o *Office) suggestionRows(all []Order) [][]string {
	rows := [][]string{{"工单编号", "登记时间", "建议", "主办单位"}}
	for _, x := range all {
		if x.Type == Suggestion && !x.Confidential {
			rows = append(rows, []string{x.Number, x.CreatedAt.In(Place).Format("2006-01-02 15:04"), x.Summary, o.unitName(x.Unit)})
		}
	}
	return rows
}

// OnTimePoints are the points of KF-A4.3.1: 30, and one less for each whole percent below 95
// (the other reading, by fractions, is not built). Nothing due is 30.
func OnTimePoints(onTime, due int) int {
	if due == 0 || 100*onTime >= 95*due {
		return 30
	}
	return max(0, 30-(95*due-100*onTime)/due)
}

// percent is a share as people read it, to two places; without a whole it is empty.
func percent(part, whole int) string {
	if whole == 0 {
		return ""
	}
	return fmt.Sprintf("%.2f%%", 100*float64(part)/float64(whole))
}

// CallCount is what became of calls (SQ-4.2).
type CallCount struct {
	Offered    int
	Busy       int // turned away because there was no room: no part of the rate
	Answered   int // by a person
	Registered int // and became an order
}

// outcomeBusy are the outcomes of calls that were not let in.
var outcomeBusy = []string{"refused", "busy"}

// CountCalls counts calls.
func CountCalls(all []Call) (n CallCount) {
	for _, c := range all {
		n.Offered++
		switch {
		case slices.Contains(outcomeBusy, c.Outcome):
			n.Busy++
		case !c.AnsweredAt.IsZero():
			n.Answered++
			if c.Order != "" {
				n.Registered++
			}
		}
	}
	return n
}

// Rows is the count as a table.
func (n CallCount) Rows() [][]string {
	return [][]string{{"呼入", "忙音", "接通", "接通率", "登记", "登记率"},
		{strconv.Itoa(n.Offered), strconv.Itoa(n.Busy), strconv.Itoa(n.Answered), percent(n.Answered, n.Offered-n.Busy),
			strconv.Itoa(n.Registered), percent(n.Registered, n.Answered)}}
}
