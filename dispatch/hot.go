package dispatch

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// WeeklyPolicy is the week's report on hot topics for those above (KF-3.2.1).
type WeeklyPolicy struct {
	At   Clock  `yaml:"at"` // on Mondays, about the week before; not given: there is none
	Rule string `yaml:"rule"`
}

// weeklies sums the week before up every Monday, and texts the leader on duty how it was; the
// table is [FigureHot] of that week. Of a pause every week is caught up with.
func (s *sweep) weeklies(ctx context.Context) error {
	return s.daily(ctx, ActWeekly, s.policy.Weekly.At, func(ctx context.Context, _, at time.Time) error {
		y, m, d := at.In(Place).Date()
		to := time.Date(y, m, d, 0, 0, 0, 0, Place)
		if to.Weekday() != time.Monday {
			return nil
		}
		from := to.AddDate(0, 0, -7)
		h, err := s.hot(ctx, from, to)
		if err != nil {
			return err
		}
		words := fmt.Sprintf("热点问题专报(%s日至%s日):", from.Format("1月2"), to.AddDate(0, 0, -1).Format("1月2")) + h.words()
		_, err = s.today(ctx, Act{Kind: ActWeekly, About: at.UTC(), Rule: s.policy.Weekly.Rule, Words: words}, func(*unit) error { return nil })
		return err
	})
}

// hotTop is how many topics a report has (rec), and hotNamed how many its text names.
const (
	hotTop   = 10
	hotNamed = 3
)

// aYearOfWeeks is how far back "a year before" is: a week is compared with a week (rec).
const aYearOfWeeks = 364

// hotness is what a span of time was about, beside the span before and that a year before.
type hotness struct {
	spans  [3]heat
	topics []string // the most frequent ones
	tiers  []string
}

// heat counts the orders of one span.
type heat struct {
	all    int
	topics map[string]int
	tiers  map[string]int
}

// hot counts what orders of a span were about (KF-3.2.1). An order counts once for each topic
// of the units that it speaks of; without one for its category, else its type. Of confidential
// orders nothing but the type counts.
func (o *Office) hot(ctx context.Context, from, to time.Time) (h hotness, err error) {
	begins := [3]time.Time{from, from.Add(-to.Sub(from)), from.AddDate(0, 0, -aYearOfWeeks)}
	for i, since := range begins {
		n := heat{topics: map[string]int{}, tiers: map[string]int{}}
		for x, err := range o.ordersOf(ctx, Filter{Since: since, Until: since.Add(to.Sub(from))}) {
			if err != nil {
				return h, fmt.Errorf("hot topics: %w", err)
			}
			o.heats(&n, x)
		}
		h.spans[i] = n
	}
	h.topics = slices.SortedFunc(maps.Keys(h.spans[0].topics), func(a, b string) int {
		return cmp.Or(h.spans[0].topics[b]-h.spans[0].topics[a], cmp.Compare(a, b))
	})
	h.topics = h.topics[:min(len(h.topics), hotTop)]
	tiers := map[string]bool{}
	for _, s := range h.spans {
		for tier := range s.tiers {
			tiers[tier] = true
		}
	}
	h.tiers = slices.Sorted(maps.Keys(tiers))
	return h, nil
}

// heats counts one order.
func (o *Office) heats(n *heat, x Order) {
	n.all++
	for _, topic := range o.about(x) {
		n.topics[topic]++
	}
	if len(o.policy.Life.Tiers) > 0 {
		n.tiers[fmt.Sprintf("第%d类", max(x.Tier, 1))]++ // what nobody put higher the office gives out itself
	}
}

// about is what an order counts for.
func (o *Office) about(x Order) []string {
	var found []string
	for _, u := range o.units {
		if x.Confidential {
			break
		}
		for _, topic := range u.spoken(x.Summary) {
			if !slices.Contains(found, topic) {
				found = append(found, topic)
			}
		}
	}
	if len(found) > 0 {
		return found
	}
	if x.Category != "" && !x.Confidential {
		return []string{o.policy.Life.categoryWords(x.Category)}
	}
	return []string{TypeWords[x.Type] + "(其他)"}
}

// rows is the report as a table.
func (h hotness) rows() [][]string {
	rows := [][]string{{"项目", "名次", "名称", "本期", "上期", "比上期", "去年同期", "同比"}}
	add := func(what, rank, name string, count func(heat) int) {
		now, before, year := count(h.spans[0]), count(h.spans[1]), count(h.spans[2])
		rows = append(rows, []string{what, rank, name, strconv.Itoa(now), strconv.Itoa(before), change(now, before), strconv.Itoa(year), change(now, year)})
	}
	add("受理", "", "", func(n heat) int { return n.all })
	for i, topic := range h.topics {
		add("事项", strconv.Itoa(i+1), topic, func(n heat) int { return n.topics[topic] })
	}
	for _, tier := range h.tiers {
		add("办理类别", "", tier, func(n heat) int { return n.tiers[tier] })
	}
	return rows
}

// words is the report in a line.
func (h hotness) words() string {
	parts := []string{fmt.Sprintf("受理%d件,上周%d件", h.spans[0].all, h.spans[1].all)}
	if n := h.spans[2].all; n > 0 {
		parts[0] += ",同比" + change(h.spans[0].all, n)
	}
	var named []string
	for _, topic := range h.topics[:min(len(h.topics), hotNamed)] {
		named = append(named, fmt.Sprintf("%s%d件", topic, h.spans[0].topics[topic]))
	}
	if len(named) > 0 {
		parts = append(parts, "热点:"+strings.Join(named, "、"))
	}
	return strings.Join(parts, ";")
}

// change is how much more or less there is, in per cent of before; without a before it is
// empty.
func change(now, before int) string {
	if before == 0 {
		return ""
	}
	return fmt.Sprintf("%+.2f%%", 100*float64(now-before)/float64(before))
}
