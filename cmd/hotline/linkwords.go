package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"hotline/dispatch"
	"hotline/sms"
)

// explainTexts prints when a survey's text would go, and of every link what it carries and
// how the answer to a survey is matched there.
func explainTexts(out io.Writer, h house, at time.Time) error {
	lines := []string{"短信:"}
	for _, k := range []struct {
		kind sms.Kind
		word string
	}{{sms.KindDuty, "值班"}, {sms.KindReceipt, "受理回执"}, {sms.KindResult, "办理结果"}, {sms.KindSurvey, "评价邀请"}} {
		when := "随时"
		if next := h.policy.SendTime(k.kind, at); next.After(at) {
			when = next.In(dispatch.Place).Format("01-02 15:04") + " 起"
		}
		lines = append(lines, fmt.Sprintf("  %s%s(%s)", padded(k.word, 14), when, k.kind.Class()))
	}
	if len(h.links) == 0 {
		lines = append(lines, "  没有通道:短信留在发件箱(links.yaml、--links 或 --smpp、--cmpp)")
	}
	for _, l := range ordered(h.links) {
		lines = append(lines, l.words()...)
	}
	_, err := fmt.Fprintln(out, strings.Join(lines, "\n"))
	if err != nil {
		return fmt.Errorf("print: %w", err)
	}
	return nil
}

// ordered is links in the order they are tried.
func ordered(links []linkSpec) []linkSpec {
	links = slices.Clone(links)
	slices.SortStableFunc(links, func(a, b linkSpec) int { return cmp.Compare(a.Order, b.Order) })
	return links
}

// words says what a link carries, how fast, and how answers are matched.
func (l linkSpec) words() []string {
	carries := "全部号码"
	if len(l.Prefixes) > 0 {
		carries = "号段 " + strings.Join(l.Prefixes, "、")
	}
	if n := len(l.SIP.Phones); n > 0 {
		carries = fmt.Sprintf("值班软电话 %d 部", n)
	}
	classes := "全部类别"
	if len(l.Classes) > 0 {
		var names []string
		for _, c := range l.Classes {
			names = append(names, c.String())
		}
		classes = "类别 " + strings.Join(names, "、")
	}
	rate := "不限速"
	if l.Rate > 0 {
		rate = fmt.Sprintf("每秒 %d 段", l.Rate)
	}
	turn := fmt.Sprintf("次序 %d", l.Order)
	if l.Weight > 0 {
		turn += fmt.Sprintf("、权重 %d", l.Weight)
	}
	return []string{
		fmt.Sprintf("  %s%s %s,%s", padded("通道 "+l.Name, 14), l.Kind, l.Address, turn),
		fmt.Sprintf("  %s%s,%s,%s", padded("", 14), carries, classes, rate),
		fmt.Sprintf("  %s评价回复:%s", padded("", 14), l.matching()),
	}
}

// matching says how an answer that comes in by a link finds its survey (ZQ-15.3).
func (l linkSpec) matching() string {
	if l.Extension.digits >= 2 {
		return "按扩展码(两位,每个号码同时可有一百问) [ZQ-15.3]"
	}
	return "无扩展码:按回复中的工单号;没有写的归唯一待评的一单,待评不止一单时归最近的并发短信确认 [ZQ-15.3]"
}
