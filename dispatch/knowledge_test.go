package dispatch_test

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"hotline/deploy"
	"hotline/dispatch"
	"hotline/sms"
)

// knowing is an office with knowledge; its internal entry is not to reach any citizen.
func knowing(t *testing.T, hotline string, more ...dispatch.Entry) *hall {
	h := newHall(t, hotline, filepath.Join(t.TempDir(), "h.db"))
	h.withUnits()
	h.config.Knowledge = dispatch.Knowledge{Entries: append([]dispatch.Entry{
		{ID: "open", Title: "停水怎么办", Words: "抢修期间请到临时取水点取水。", Audience: dispatch.External, Tags: []string{"供水", "小微"}},
		{ID: "inner", Title: "停水口径(内部)", Words: "第二水厂主管爆裂,预计三日修复。短句。", Audience: dispatch.Internal, Tags: []string{"供水", "小微"}},
	}, more...), Companies: []dispatch.Company{
		{ID: "small", Name: "小店", Phone: "13700000001", Tags: []string{"小微"}, Texts: true},
		{ID: "big", Name: "大厂", Phone: "13700000002", Tags: []string{"规上"}, Texts: true},
		{ID: "shy", Name: "未同意", Phone: "13700000003", Tags: []string{"小微"}},
		{ID: "out", Name: "已退订", Phone: citizen, Tags: []string{"小微"}, Texts: true},
		{ID: "desk", Name: "只有座机", Phone: landline, Tags: []string{"小微"}, Texts: true},
	}}
	h.Office = dispatch.NewOffice(h.config)
	return h
}

func ids(all []dispatch.Entry) (list []string) {
	for _, e := range all {
		list = append(list, e.ID)
	}
	return list
}

// TestInternalKnowledgeAnswersNobody_ZQ_22_2: agents find it, the public does not, and no way
// that words take to a citizen lets a sentence of it pass.
func TestInternalKnowledgeAnswersNobody_ZQ_22_2(t *testing.T) {
	h := knowing(t, "zq")
	h.same("agents", ids(h.Found("供水", false)), []string{"open", "inner"})
	h.same("the public", ids(h.Found("供水", true)), []string{"open"})
	h.same("by its own words", len(h.Found("第二水厂", true))+len(h.Found("短句", true)), 0)
	h.same("agents, by its own words", ids(h.Found("水厂 爆裂", false)), []string{"inner"})

	leak := "您好, 第二水厂 主管爆裂，预计三日修复！"
	o := h.open(nil)
	_, err := h.Complete(h.ctx(), o.Number, dispatch.Completion{Actor: "agent:8001", Result: leak})
	h.denies(err, dispatch.Refusal{Field: "result", Rule: "ZQ-22.2"}, dispatch.ErrInvalid)
	_, err = h.AnswerOnTheSpot(h.ctx(), o.Number, clerk, dispatch.Spot{Result: leak})
	h.denies(err, dispatch.Refusal{Field: "result", Rule: "ZQ-22.2"}, dispatch.ErrInvalid)
	_, err = h.AnswerOnTheSpot(h.ctx(), o.Number, clerk, dispatch.Spot{Result: "正在抢修", Source: "inner"})
	h.denies(err, dispatch.Refusal{Field: "source", Rule: "ZQ-22.2"}, dispatch.ErrInvalid)
	_, err = h.Reject(h.ctx(), o.Number, clerk, dispatch.Rejection{Code: "other", Told: leak})
	h.denies(err, dispatch.Refusal{Field: "told", Rule: "ZQ-22.2"}, dispatch.ErrInvalid)
	_, err = h.SendLetter(h.ctx(), dispatch.Letter{Actor: "admin", To: citizen, Text: leak})
	h.denies(err, dispatch.Refusal{Field: "text", Rule: "ZQ-22.2"}, dispatch.ErrInvalid)
	_, err = h.Push(h.ctx(), "inner", "admin")
	if err == nil {
		t.Error("an internal entry is pushed")
	}
	h.same("nothing changed", h.order(o.Number), o)
	sent := h.handled(dispatch.Help, h.now)
	s := h.full()
	s.Result = leak
	_, err = h.Submit(h.ctx(), sent.Number, water, s)
	if err == nil { // withUnits makes a new office of the same knowledge
		t.Error("a unit answers with an internal entry")
	}
	h.complete(o.Number) // what is not of it goes
	all, err := h.store.Messages(h.ctx(), dispatch.Filter{})
	h.ok(err)
	if slices.ContainsFunc(all, func(m sms.Message) bool { return strings.Contains(m.Text, "水厂") }) {
		t.Errorf("texts %+v", all)
	}
}

// TestPoliciesGoToThoseTheyAreFor_XZ_6_1: by tag, once, to who agreed; and companies' orders
// are the enterprises' own queue.
func TestPoliciesGoToThoseTheyAreFor_XZ_6_1(t *testing.T) {
	h := knowing(t, "xz", dispatch.Entry{ID: "old", Title: "旧政策", Words: "已失效", Audience: dispatch.External, Tags: []string{"小微"}, Until: "2026-11-19"})
	h.same("refuses texts", h.text("TD", ""), "opt-out")
	want := []dispatch.Pushed{{Company: "小店"}, {Company: "未同意", Skipped: "no_consent"}, {Company: "已退订", Skipped: "opted_out"}, {Company: "只有座机", Skipped: "no_mobile"}}
	for range 2 {
		got, err := h.Push(h.ctx(), "open", "admin")
		h.ok(err)
		h.same("pushed", got, want)
	}
	all, err := h.store.Messages(h.ctx(), dispatch.Filter{Kind: sms.KindBulk})
	h.ok(err)
	h.same("one text", []any{len(all), all[0].To, strings.Contains(all[0].Text, "停水怎么办")}, []any{1, "13700000001", true})
	_, err = h.Push(h.ctx(), "inner", "admin")
	h.denies(err, dispatch.Refusal{Field: "id", Rule: "ZQ-22.2"}, dispatch.ErrInvalid)
	_, err = h.Push(h.ctx(), "old", "admin")
	h.denies(err, dispatch.Refusal{Field: "id", Rule: "XZ-6.1"}, dispatch.ErrIllegal)
	if _, err = h.Push(h.ctx(), "none", "admin"); !errors.Is(err, dispatch.ErrNotFound) {
		t.Errorf("no such entry: %v", err)
	}

	o := h.open(nil)
	h.open(func(in *dispatch.Intake) { in.Phone = landline })
	_, err = h.Classify(h.ctx(), o.Number, clerk, dispatch.Facts{Enterprise: true})
	h.ok(err)
	work, err := h.store.Work(h.ctx(), dispatch.WorkFilter{Enterprise: true})
	h.ok(err)
	h.same("the enterprises' queue", []any{len(work), work[0].Number}, []any{1, o.Number})
}

// TestKnowledgeIsStrict: every fault is told at its line; what hotlines have is right.
func TestKnowledgeIsStrict(t *testing.T) {
	for _, id := range []string{"zz", "sq", "kf", "zq", "xz"} {
		if _, err := dispatch.LoadKnowledge(deploy.Files, "hotlines/"+id+"/knowledge.yaml"); err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
	for entry, want := range map[string]string{
		`{id: a, title: 甲, words: 乙, audience: internl}`:                                           `did you mean "internal"?`,
		`{id: a, title: 甲, audience: external}`:                                                    "needs id, title and words",
		`{id: a, title: 甲, words: 乙, audience: external, form: "2026-11-01"}`:                      `form`,
		`{id: a, title: 甲, words: 乙, audience: external, from: 2026/11/01}`:                        "not a day",
		`{id: a, title: 甲, words: 乙, audience: external, from: "2026-11-02", until: "2026-11-01"}`: "ends before it begins",
	} {
		files := fstest.MapFS{"k.yaml": {Data: []byte("# 知识\nentries:\n  - " + entry + "\n")}}
		_, err := dispatch.LoadKnowledge(files, "k.yaml")
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "k.yaml:3:") || !strings.Contains(err.Error(), "^") {
			t.Errorf("%s: %v; want %q with its line", entry, err, want)
		}
	}
	for file, want := range map[string]string{
		"entries:\n  - {id: a, title: 甲, words: 乙, audience: external}\n  - {id: a, title: 甲, words: 乙, audience: external}\n": "listed twice",
		"companies:\n  - {id: a, name: 甲, phone: 12ab}\n":                                                                      "12ab",
		"companies:\n  - {id: a, phone: \"13700000001\"}\n":                                                                    "an id of its own and a name",
	} {
		if _, err := dispatch.LoadKnowledge(fstest.MapFS{"k.yaml": {Data: []byte(file)}}, "k.yaml"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want %q", file, err, want)
		}
	}
}
