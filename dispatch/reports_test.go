package dispatch_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hotline/dispatch"
)

// hotTopics: what is ordinary the office gives out itself, nobody above asked, by order or by
// telephone; on Monday the week before is summed up, once, and its table stays as it is.
func hotTopics(h *hall) {
	h.staffed()
	h.config.Units[0].Topics = []string{"路灯", "停水"}
	h.Office = dispatch.NewOffice(h.config)
	count := func(n int, summary string, tier int) {
		for range n {
			o := h.open(func(in *dispatch.Intake) { in.Summary = summary })
			if tier > 0 {
				_, err := h.SetTier(h.ctx(), o.Number, desk, tier)
				h.ok(err)
			}
		}
	}
	h.now = h.at("2026-11-13 10:00:00") // the week before
	count(2, "停水两天", 0)
	h.now = h.at("2026-11-16 00:00:00")
	count(1, "路灯不亮", 0)
	h.swept()
	h.now = h.at("2026-11-18 10:00:00")
	count(4, "停水两天", 0)
	count(1, "停水,路灯也不亮", 2)
	h.open(func(in *dispatch.Intake) {
		in.Type, in.Name, in.Summary = dispatch.Report, "王五", "举报路灯采购"
	})
	byPhone := h.open(nil)
	_, err := h.SetTier(h.ctx(), byPhone.Number, desk, 1)
	h.ok(err)
	got, err := h.Dispatch(h.ctx(), byPhone.Number, desk, dispatch.Giving{Lead: "road", Way: "phone", Words: "电话交办,张三接听"})
	h.ok(err)
	h.same("given out by the office itself", []any{got.State, strings.Contains(h.words(byPhone.Number, dispatch.OnDispatched)[0], "电话交办,张三接听")},
		[]any{dispatch.Dispatched, true})
	weekly := func() (words []string) {
		acts, err := h.store.Acts(h.ctx(), dispatch.ActFilter{Kinds: []dispatch.ActKind{dispatch.ActWeekly}})
		h.ok(err)
		for _, a := range acts {
			h.same("clause", a.Rule, "KF-3.2.1")
			words = append(words, a.Words)
		}
		return words
	}
	want := []string{"热点问题专报(11月16日至11月22日):受理8件,上周2件;热点:停水5件、路灯3件、举报(其他)1件"}
	h.clock("2026-11-23 08:59:59")
	h.same("not before Monday at nine", len(weekly()), 0)
	for _, at := range []string{"2026-11-23 09:00:00", "2026-11-23 09:00:01", "2026-11-24 09:00:00"} {
		h.clock(at)
		h.same("once, on Monday", weekly(), want)
	}
	texted := 0
	all, err := h.store.Messages(h.ctx(), dispatch.Filter{})
	h.ok(err)
	for _, m := range all {
		if strings.HasPrefix(m.Text, want[0]) && m.To == leaderPhone {
			texted++
		}
	}
	h.same("to the leader", texted, 1)
	rows, err := h.Figures(h.ctx(), dispatch.FigureHot, h.at("2026-11-16 00:00:00"), h.at("2026-11-23 00:00:00"))
	h.ok(err)
	h.same("the table", rows, [][]string{{"项目", "名次", "名称", "本期", "上期", "比上期", "去年同期", "同比"},
		{"受理", "", "", "8", "2", "+300.00%", "0", ""},
		{"事项", "1", "停水", "5", "2", "+150.00%", "0", ""}, {"事项", "2", "路灯", "3", "0", "", "0", ""}, {"事项", "3", "举报(其他)", "1", "0", "", "0", ""},
		{"办理类别", "", "第1类", "7", "2", "+250.00%", "0", ""}, {"办理类别", "", "第2类", "1", "0", "", "0", ""}})
}

// sixFigures: 9:00 to 12:00 at the desk, 5400 s of talk and 600 s of writing up: 4800 s idle.
func sixFigures(h *hall) {
	h.staffed()
	day := h.at("2026-11-20 00:00:00")
	seat := func(clock, act, desk string) {
		h.now = h.at("2026-11-20 " + clock)
		h.ok(h.Audit(h.ctx(), dispatch.Audit{Actor: "agent:admin", Act: act, Subject: dispatch.DeskSubject(desk), Text: "张"}))
	}
	talk := func(id, clock, desk, order string, long time.Duration, then ...dispatch.Step) {
		at := h.at("2026-11-20 " + clock)
		c := dispatch.Call{ID: id, From: citizen, StartedAt: at.Add(-10 * time.Second), AnsweredAt: at, EndedAt: at.Add(long), Outcome: "answered", Order: order,
			Steps: append([]dispatch.Step{{At: at, What: "bridge", Text: "与座席 " + desk + "通话"}}, then...)}
		h.ok(h.store.Tx(h.ctx(), func(tx dispatch.Tx) error { return tx.SaveCall(c) }))
	}
	seat("09:00:00", dispatch.ActDeskIn, "8001")
	passed, kept := h.open(nil), h.open(nil)
	_, err := h.Dispatch(h.ctx(), passed.Number, desk, dispatch.Giving{Lead: "road"})
	h.ok(err)
	talk("c1", "09:10:00", "8001", passed.Number, time.Hour)
	seat("10:05:00", dispatch.ActDeskAfter, "8001") // while the citizen still talks: writing up is from the end
	seat("10:20:00", dispatch.ActDeskIn, "8001")
	talk("c2", "10:30:00", "8001", kept.Number, 20*time.Minute)
	// Ten minutes here, then the caller is put through: that time is no longer this desk's.
	talk("c3", "11:00:00", "8001", "", time.Hour, dispatch.Step{At: h.at("2026-11-20 11:10:00"), What: "bridge", Text: "与路政通话"})
	seat("12:00:00", dispatch.ActDeskOut, "8001")
	seat("23:00:00", dispatch.ActDeskIn, "8002") // past midnight, until the morning
	talk("c4", "23:50:00", "8002", "", 20*time.Minute)
	h.now = h.at("2026-11-21 07:00:00")
	h.ok(h.Audit(h.ctx(), dispatch.Audit{Actor: "agent:admin", Act: dispatch.ActDeskOut, Subject: dispatch.DeskSubject("8002")}))
	head := []string{"座席", "通话次数", "通话时间", "工作时间", "闲置时间", "受理量", "转办量"}
	rows, err := h.Figures(h.ctx(), dispatch.FigureSeats, day, day.AddDate(0, 0, 1))
	h.ok(err)
	h.same("the day", rows, [][]string{head, {"8001", "3", "5400", "10800", "4800", "2", "1"}, {"8002", "1", "600", "3600", "3000", "0", "0"}})
	h.now = h.at("2026-11-22 00:00:00")
	rows, err = h.Figures(h.ctx(), dispatch.FigureSeats, day.AddDate(0, 0, 1), day.AddDate(0, 0, 2))
	h.ok(err)
	h.same("the next day has the rest", rows, [][]string{head, {"8002", "0", "600", "25200", "24600", "0", "0"}})
}

// On the first of a month it is said, once, what its volume has to have; what is open waits.
func TestVolumeIsAskedFor_KF_3_7_1(t *testing.T) {
	h := newHall(t, "kf", filepath.Join(t.TempDir(), "h.db")).staffed()
	h.swept()
	var done []string
	for range 3 {
		done = append(done, h.complete(h.open(nil).Number).Number)
		h.now = h.now.Add(time.Minute)
	}
	h.open(nil)
	h.clock("2026-12-01 08:59:59")
	for range 2 {
		h.clock("2026-12-01 09:00:00")
	}
	h.complete(h.open(nil).Number) // of the next month
	acts, err := h.store.Acts(h.ctx(), dispatch.ActFilter{Kinds: []dispatch.ActKind{dispatch.ActVolume}})
	h.ok(err)
	if len(acts) != 1 || acts[0].Words != "2026年11月办结3件,请归档立卷" || acts[0].Rule != "KF-3.7.1" {
		t.Errorf("asked for %+v", acts)
	}
	list, err := h.Completed(h.ctx(), 2026, time.November)
	h.ok(err)
	got := []string{}
	for o, err := range list {
		h.ok(err)
		got = append(got, o.Number)
	}
	h.same("in their order", fmt.Sprint(got), fmt.Sprint(done))
	_, err = h.Completed(h.ctx(), 2026, time.December)
	h.denies(err, dispatch.Refusal{Field: "month", Rule: "KF-3.7.1"}, dispatch.ErrInvalid)
}
