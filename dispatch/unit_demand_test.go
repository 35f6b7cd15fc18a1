package dispatch

import (
	"strings"
	"testing"
	"testing/fstest"

	"hotline/deploy"
)

// Every hotline's list is as its regulation asks; what a hotline has yet to fill in is no fault.
func TestUnitsAreAsTheRegulationsAsk(t *testing.T) {
	for id, want := range map[string]string{"zz": "[ZZ-6]", "sq": "[SQ-5.2]", "kf": "[KF-4.1]", "zq": "[ZQ-5.1]", "xz": ""} {
		problems, err := loadPolicy(t, id).CheckUnits(deploy.Files, "hotlines/"+id+"/units.yaml")
		if err != nil || problems.Failed() || !strings.Contains(problems.Error(), want) {
			t.Errorf("%s: %v, %v", id, err, problems)
		}
	}
}

// The groups of Kaifeng's annex, and who answers for whom.
func TestUnitsOfKaifeng_KF_A2(t *testing.T) {
	all, err := LoadUnits(deploy.Files, "hotlines/kf/units.yaml")
	if err != nil || len(all) != 59 {
		t.Fatalf("%d units, %v", len(all), err)
	}
	parents := map[string]string{}
	for _, u := range all {
		parents[u.ID] = u.Parent
	}
	t.Run("KF-A12 KF-B", func(t *testing.T) {
		for unit, parent := range map[string]string{"water-supply": "urban", "traffic-police": "police", "unicom": "industry",
			"bus": "transport", "new-area": "demonstration", "medical-insurance": "medical", "power": "", "post": ""} {
			if parents[unit] != parent {
				t.Errorf("%s answers to %q, want %q", unit, parents[unit], parent)
			}
		}
	})
}

// What a list lacks is told at its line with the clause that asks for it.
func TestUnitDemands(t *testing.T) {
	const fault, warning = "error: ", "warning: "
	for _, c := range []struct{ name, hotline, old, new, level, want string }{
		{"ZZ-5 a unit that is named is missing", "zz", "name: 信访办", "name: 信访局", fault, "信访办 is not on the list [ZZ-5]"},
		{"ZZ-6 no phone", "zz", "name: 招商局", `name: 招商局, handlers: [{id: "1", name: 甲}, {id: "2", name: 乙}]`, warning,
			`unit "merchants" has no phone [ZZ-6]`},
		{"ZZ-7.1 one handler", "zz", "name: 招商局", `name: 招商局, phone: "0371-12345678", handlers: [{id: "1", name: 甲}]`, warning,
			`unit "merchants" has 1 handlers beside its head, at least 2 are asked for [ZZ-7.1]`},
		{"SQ-5.2 no administrator", "sq", "name: 科委,", `name: 科委, phone: "021-12345678",`, fault,
			`unit "science" has 0 handlers beside its head, exactly 1 are asked for [SQ-5.2]`},
		{"SQ-5.2 two administrators", "sq", "name: 科委,", `name: 科委, phone: "021-12345678", handlers: [{id: "1", name: 甲}, {id: "2", name: 乙}],`,
			fault, `unit "science" has 2 handlers beside its head, exactly 1 are asked for [SQ-5.2]`},
		{"SQ-5.2 no phone", "sq", "name: 科委,", `name: 科委, handlers: [{id: "1", name: 甲}],`, fault, `unit "science" has no phone [SQ-5.2]`},
		{"KF-4.1 no head", "kf", "name: 市林业局,", `name: 市林业局, handlers: [{id: "1", name: 甲}],`, fault, `unit "forestry" has no head [KF-4.1]`},
		{"KF-A2 a county too many", "kf", "kind: provincial", "kind: county", fault, `11 units are of the kind "county", 10 are asked for [KF-A2]`},
		{"KF-A12 nobody answers", "kf", "parent: labour, ", "", fault, `unit "social-insurance" has no parent that answers for it`},
		{"KF-B unknown parent", "kf", "parent: labour", "parent: labor", fault, `did you mean "labour"?`},
		{"ZQ-9.4 who settles is missing", "zq", "name: 协管办", "name: 协管", fault, "协管办 is not on the list [ZQ-9.4]"},
		{"ZQ-5.1 nobody", "zq", "name: 协管办", `name: 协管办, phone: "0758-1234567"`, fault, `unit "coordination" has 0 handlers`},
		{"XZ-2.2 who gets copies is missing", "xz", "id: enterprise", "id: enterprize", fault, `unit "enterprise" gets copies and is not on the list [XZ-2.2]`},
		{"ZZ-10.7 who complaints go to is missing", "zz", "id: audit", "id: audits", fault, `unit "audit", to whom complaint goes, is not on the list [ZZ-10.7]`},
		{"a kind there is not", "zq", "kind: office", "kind: offise", fault, `did you mean "office"?`},
		{"a phone that is none", "zq", "name: 协管办", `name: 协管办, phone: "12ab"`, fault, "12ab"},
		{"two heads", "zq", "name: 协管办", `name: 协管办, handlers: [{id: "1", name: 甲, head: true}, {id: "2", name: 乙, head: true}]`, fault,
			`unit "coordination" has 2 heads`},
		{"a handler twice", "zq", "name: 协管办", `name: 协管办, handlers: [{id: "1", name: 甲}, {id: "1", name: 乙}]`, fault, `handler "1" is listed twice`},
	} {
		t.Run(c.name, func(t *testing.T) {
			src := readDeploy(t, "hotlines/"+c.hotline+"/units.yaml")
			if !strings.Contains(src, c.old) {
				t.Fatalf("no %q in the file", c.old)
			}
			files := fstest.MapFS{"units.yaml": {Data: []byte(strings.Replace(src, c.old, c.new, 1))}}
			problems, err := loadPolicy(t, c.hotline).CheckUnits(files, "units.yaml")
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range problems {
				if s := p.String(); strings.Contains(s, c.want) && strings.Contains(s, c.level) && p.Line > 2 {
					return
				}
			}
			t.Errorf("got %v, want %s%s", problems, c.level, c.want)
		})
	}
}

// Without a list there is nothing to ask of, unless the policy asks.
func TestNoListOfUnits(t *testing.T) {
	if problems, err := loadPolicy(t, "kf").CheckUnits(fstest.MapFS{}, "units.yaml"); err != nil || !problems.Failed() {
		t.Errorf("%v, %v", problems, err)
	}
	if problems, err := new(Policy).CheckUnits(fstest.MapFS{}, "units.yaml"); err != nil || len(problems) > 0 {
		t.Errorf("%v, %v", problems, err)
	}
}

// What a policy asks of units is itself checked.
func TestDemandsThatAskNothing(t *testing.T) {
	src := readDeploy(t, "hotlines/zz/policy.yaml")
	for _, c := range []struct{ old, new, want string }{
		{"{phone: true, warn: true, rule: ZZ-6}", "{rule: ZZ-6}", "it asks for nothing"},
		{"{phone: true, warn: true, rule: ZZ-6}", "{count: {officee: 1}, rule: ZZ-6}", `did you mean "office"`},
		{"{phone: true, warn: true, rule: ZZ-6}", "{parent: [companie], rule: ZZ-6}", `did you mean "company"`},
		{"handlers: 2, warn", "handlers: -2, warn", "-2 handlers cannot be asked for"},
	} {
		if _, err := ParsePolicy("policy.yaml", []byte(strings.Replace(src, c.old, c.new, 1))); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.new, err)
		}
	}
}

// What a policy says of types, questions and the form is itself checked.
func TestRoutesThatLeadNowhere(t *testing.T) {
	for _, c := range []struct{ hotline, old, new, want string }{
		{"zz", "{lead: petitions, alone", "{lead: \"\", alone", "needs a lead"},
		{"xz", "    scope: {", "    scoope: {", `did you mean "scope"`},
		{"xz", "scope: {within: {is: 30m, rec: 原文没有时长}", "scope: {days: 3, rec: 原文没有时长", "days are of recheck alone"},
		{"kf", "[on_spot, dispatch, duty_leader]", "[on_spot, dispach, duty_leader]", `did you mean "dispatch"`},
		{"kf", "    duty_leader: {within", "    meeting: {within", "duty_leader needs a line in life.asks"},
		{"kf", "runes: {is: 200,", "runes: {is: -1,", "-1 is not from 0"},
		{"kf", "{code: biz_env, words: 优化营商环境", "{code: biz_env, words: ''", "a category has a code and words"},
	} {
		src := readDeploy(t, "hotlines/"+c.hotline+"/policy.yaml")
		if !strings.Contains(src, c.old) {
			t.Fatalf("no %q in the file", c.old)
		}
		if _, err := ParsePolicy("policy.yaml", []byte(strings.Replace(src, c.old, c.new, 1))); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.new, err)
		}
	}
}
