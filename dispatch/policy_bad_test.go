package dispatch

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"hotline/deploy"
)

// knownRules are the clauses of deploy/rules.yaml.
func knownRules(t testing.TB) []string {
	t.Helper()
	var all []string
	src := readDeploy(t, "rules.yaml")
	for _, m := range regexp.MustCompile(`\{id: ([A-Z]{2}-[A-Z0-9.]+),`).FindAllStringSubmatch(src, -1) {
		all = append(all, m[1])
	}
	for _, m := range regexp.MustCompile(`of: \[([^\]]*)\]`).FindAllStringSubmatch(src, -1) {
		all = append(all, strings.Split(m[1], ", ")...)
	}
	if len(all) < 200 {
		t.Fatalf("%d rules", len(all))
	}
	return all
}

// Every value of the five policies says by which clause, or why by none; the clauses exist.
func TestEveryValueIsLawOrChoice(t *testing.T) {
	known := knownRules(t)
	for _, id := range hotlines {
		p := loadPolicy(t, id)
		if problems := p.CheckRules(known); len(problems) > 0 {
			t.Errorf("%s:\n%v", id, problems)
		}
		law, choice := 0, 0
		for _, v := range p.Values {
			switch {
			case v.Source.None():
				t.Errorf("%s: %s has no source", id, v.Path)
			case v.Source.Rec != "":
				choice++
			default:
				law++
			}
		}
		if law < 10 || choice < 5 {
			t.Errorf("%s: %d values of the law, %d of our own", id, law, choice)
		}
	}
}

// head begins every policy.
const head = "hotline:\n"

// Each way to write a policy wrongly is told with line, column and caret.
func TestBadPolicies(t *testing.T) {
	for _, c := range []struct{ name, hotline, old, new, want string }{
		{"unknown section", "zz", "\nredo:\n", "\nreddo:\n", `did you mean "redo"?`},
		{"unknown field", "zz", "  window_h: 24", "  window_hours: 24", `unknown field "window_hours"`},
		{"unknown field of a term", "zz", "{workdays: 1, rule: ZZ-17.2}", "{workday: 1, rule: ZZ-17.2}", `did you mean "workdays"?`},
		{"unknown start of terms", "zz", head, "deadline: {start: registred, rec: 试}\n" + head, `did you mean "registered"?`},
		{"unknown start of windows", "zz", "  window_h: 24", "  start: sent\n  window_h: 24", `unknown word "sent"`},
		{"unknown moment that counts", "zz", "    fields_rule: ZZ-15.2", "    fields_rule: ZZ-15.2\n    on_time: {is: pased, rec: 试}", `did you mean "passed"?`},
		{"a route for no type", "zz", "  petition: {lead", "  petitions: {lead", `a route for "petitions"`},
		{"a route without a lead", "zz", "{lead: petitions,", "{assist: [petitions],", "a route needs a lead"},
		{"unknown field of life", "zz", "  refer_rule: ZZ-16.4", "  reffer_rule: ZZ-16.4", `did you mean "refer_rule"?`},
		{"unknown field beside is", "zz", "{is: true, rule: ZZ-18.4}", "{is: true, rulle: ZZ-18.4}", `did you mean "rule"?`},
		{"no source", "zz", ", rule: ZZ-2}", "}", "types has neither rule nor rec"},
		{"no rule and no rec", "sq", "  max_rounds: {is: 3, rec: 答复三轮仍不理解的由领导裁定}", "  max_rounds: 3", "life.max_rounds has neither rule nor rec"},
		{"no source of types", "zq", "{is: [consult, help, suggestion, complaint, report], rule: ZQ-7.1}", "[consult, help, suggestion, complaint, report]",
			"types has neither rule nor rec"},
		{"an empty reason", "zz", "rec: 防止猜号,次数与锁定时长原文没有", `rec: ""`, "an empty rec says nothing"},
		{"an empty rule", "zz", "{is: true, rule: ZZ-18.4}", `{is: true, rule: ""}`, "an empty rule says nothing"},
		{"a deadline without a rule", "zz", "{workdays: 1, rule: ZZ-17.2}", "{workdays: 1}", "a deadline names the rule"},
		{"two units", "zz", "{workdays: 1, rule: ZZ-17.2}", "{workdays: 1, hours: 2, rule: ZZ-17.2}", "exactly one of workdays, days, hours, minutes and work_hours"},
		{"two units in a window", "zq", "{workdays: 2, rule: ZQ-9.2}", "{workdays: 2, days: 2, rule: ZQ-9.2}", "exactly one of workdays, days, hours, minutes and work_hours"},
		{"two units in a way", "kf", "written: {workdays: 10,", "written: {workdays: 10, hours: 1,", "exactly one of workdays, days, hours, minutes and work_hours"},
		{"two units, one by the clock", "kf", "written: {workdays: 10,", "written: {workdays: 10, minutes: 30,", "exactly one of workdays, days, hours, minutes and work_hours"},
		{"working hours of no day", "kf", "written: {workdays: 10,", "written: {work_hours: 2,", "work_hours needs business_hours"},
		{"no unit", "kf", "written: {workdays: 10,", "written: {", "exactly one of workdays, days, hours, minutes and work_hours"},
		{"out of range", "kf", "written: {workdays: 10,", "written: {workdays: 1001,", "1001 is out of range"},
		{"not a number", "kf", "written: {workdays: 10,", "written: {workdays: ten,", `"ten" is not a whole number`},
		{"no clause at all", "zz", "rule: ZZ-17.2", "rule: 第十七条", `"第十七条" is no clause`},
		{"a clause of another regulation", "zz", "rule: ZZ-17.2", "rule: ZQ-11.1", "ZQ-11.1 is no clause of ZZ"},
		{"a clause in small letters", "zz", "rule: ZZ-17.2", "rule: zz-17.2", `"zz-17.2" is no clause`},
		{"a clause that is not there", "zz", "rule: ZZ-17.2", "rule: ZZ-17.9", "there is no clause ZZ-17.9"},
		{"and the one that was meant", "zz", "rule: ZZ-13.4", "rule: ZZ-13.44", "did you mean"},
		{"a field for clauses", "zq", "first_contact: ZQ-13.1", "first_contact: yes", `"yes" is no clause`},
		{"a rule field without a clause", "zq", "max_rule: ZQ-12.4", "max_rule: twice", `"twice" is no clause`},
		{"a list where a value is", "zz", "  window_h: 24", "  window_h: [24]", "a single value is expected"},
		{"a value where a list is", "zz", "not_for: [emergency]", "not_for: emergency", "a list is expected"},
		{"a value where fields are", "zz", "  refer_rule: ZZ-16.4", "  sign: soon", "fields like"},
		{"an unknown type", "zz", "sudden_difficulty: {", "sudden_dificulty: {", "which is not among the types"},
		{"a field twice", "zz", "  window_h: 24", "  window_h: 24\n  window_h: 48", "not YAML"},
		{"an unknown way", "zz", "no_text: voice", "no_text: vioce", `did you mean "voice"?`},
		{"an unknown exception", "zz", "ZQ-16.7]", "ZQ-16.8]", `unknown exception "ZQ-16.8"`},
		{"not YAML", "zz", "types: {", "types: {[", "not YAML"},
	} {
		t.Run(c.name, func(t *testing.T) {
			src := readDeploy(t, "hotlines/"+c.hotline+"/policy.yaml")
			if !strings.Contains(src, c.old) {
				t.Fatalf("no %q in the file", c.old)
			}
			p, err := ParsePolicy("policy.yaml", []byte(strings.Replace(src, c.old, c.new, 1)))
			if err == nil {
				err = p.CheckRules(knownRules(t)).Err()
			}
			var problems Problems
			if !errors.As(err, &problems) || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want %s", err, c.want)
			}
			if !regexp.MustCompile(`policy\.yaml:\d+:\d+: error: [^\n]*\n +\d+ \| [^\n]*\n +\| *\^`).MatchString(err.Error()) {
				t.Errorf("no line and caret in %v", err)
			}
		})
	}
}

// All faults of a file come at once, in the order of its lines.
func TestAllFaultsOfAPolicyAtOnce(t *testing.T) {
	src := readDeploy(t, "hotlines/zz/policy.yaml")
	for _, c := range [][2]string{{"rule: ZZ-17.1", "rule: soon"}, {"{workdays: 1, rule: ZZ-17.2}", "{workdays: 1, days: 1, rule: ZZ-17.2}"},
		{"  rec: 防止猜号,次数与锁定时长原文没有\n", ""}, {"  refer_rule: ZZ-16.4", "  refer: ZZ-16.4"}} {
		src = strings.Replace(src, c[0], c[1], 1)
	}
	_, err := ParsePolicy("policy.yaml", []byte(src))
	var problems Problems
	if !errors.As(err, &problems) || len(problems) != 5 { // tries and lock_min each have no source
		t.Fatalf("%v", err)
	}
	for i := 1; i < len(problems); i++ {
		if problems[i].Line < problems[i-1].Line {
			t.Errorf("line %d after line %d", problems[i].Line, problems[i-1].Line)
		}
	}
}

// A clause that a hotline lists itself is as good as one of rules.yaml.
func TestClausesOfAHotlineOfItsOwn(t *testing.T) {
	src := strings.ReplaceAll(readDeploy(t, "hotlines/zz/policy.yaml"), "rule: ZZ-17.2", "rule: ZZ-99.1")
	p, err := ParsePolicy("policy.yaml", []byte(src+"clauses: {ZZ-99.1: 一日内办结}\n"))
	if err != nil || len(p.CheckRules(knownRules(t))) > 0 {
		t.Errorf("%v, %v", err, p.CheckRules(knownRules(t)))
	}
	if _, err := ParsePolicy("policy.yaml", []byte(src+"clauses: {\"1\": 一日内办结, ZZ-99.1: \"\"}\n")); err == nil ||
		!strings.Contains(err.Error(), `"1" is no clause of ZZ`) || !strings.Contains(err.Error(), "a clause says what it asks") {
		t.Errorf("%v", err)
	}
	if _, err := LoadPolicy(deploy.Files, "hotlines/zz/policy.yaml"); err != nil {
		t.Error(err)
	}
}
