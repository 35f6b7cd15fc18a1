package conform

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// The list has what the five regulations ask: 234 rules, 163 of them now.
func TestTheListIsWhole(t *testing.T) {
	b := shipped(t)
	count := map[string][3]int{}
	for _, reg := range b.Regulations {
		for _, r := range reg.Rules {
			n := count[reg.Profile]
			n[r.P]++
			count[reg.Profile] = n
		}
	}
	want := map[string][3]int{"zz": {21, 32, 15}, "sq": {6, 14, 3}, "kf": {5, 20, 22}, "zq": {9, 27, 16}, "xz": {6, 23, 15}}
	for id, n := range want {
		if count[id] != n {
			t.Errorf("%s has %v rules of P0, P1 and P2, want %v", id, count[id], n)
		}
	}
	if n := len(b.Asked()); n != 163 {
		t.Errorf("%d rules are asked now", n)
	}
	if !b.HasGroup("ZQ-16") || b.HasGroup("ZQ-9.9") || b.HasGroup("ZQ-1") {
		t.Error("ZQ-16 is an article with clauses, ZQ-9.9 and ZQ-1 are none")
	}
}

const smallList = `regulations:
  - id: ZZ
    profile: zz
    name: 办法
    rules:
      - {id: ZZ-1, p: 0, kind: [ops], clause: 一}
      - {id: ZZ-2, p: 1, kind: [ops], clause: 二}
      - {id: ZZ-3/4, p: 1, kind: [ops], of: [ZZ-3, ZZ-4], clause: 三}
      - {id: ZZ-5, p: 2, kind: [ops], clause: 四}
`

func small(t *testing.T, list string) (*Book, error) {
	t.Helper()
	return Load(fstest.MapFS{"rules.yaml": {Data: []byte(list)}}, "rules.yaml")
}

func TestAFaultyListTellsAllItsFaults(t *testing.T) {
	bad := strings.NewReplacer("id: ZZ-2, p: 1", "id: ZZ-1, p: 3", "clause: 四", "clauze: 四", "of: [ZZ-3,", "of: [KF-3,").Replace(smallList)
	_, err := small(t, bad)
	if err == nil {
		t.Fatal("taken")
	}
	for _, want := range []string{"listed twice", "3 is not 0, 1 or 2", `unknown field "clauze"`, `did you mean "clause"`, `"KF-3" is no id of ZZ`, "rules.yaml:7"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not told:\n%v", want, err)
		}
	}
	if _, err := small(t, "regulations: 5"); err == nil {
		t.Error("no list, and taken")
	}
}

// lines is what go test -json prints of tests of hotline/p: name=outcome.
func lines(tests ...string) string {
	b := strings.Builder{}
	b.WriteString("make: something else\n{\"Action\":\"start\",\"Package\":\"hotline/p\"}\n")
	for _, t := range tests {
		name, outcome, _ := strings.Cut(t, "=")
		fmt.Fprintf(&b, "{\"Action\":\"run\",\"Package\":\"hotline/p\",\"Test\":%q}\n", name)
		if outcome != "" {
			fmt.Fprintf(&b, "{\"Action\":%q,\"Package\":\"hotline/p\",\"Test\":%q}\n", outcome, name)
		}
	}
	return b.String()
}

const packageFailed = `{"Action":"fail","Package":"hotline/p"}` + "\n"

func TestReport(t *testing.T) {
	all := []string{"TestZZ_1=pass", "TestA/ZZ-2_b=pass", "TestA=pass", "TestB/ZZ-3=pass", "TestB/ZZ-4=pass"}
	for _, tt := range []struct {
		what, out string
		tally     Tally
		ok        bool
		says      string
	}{
		{"all proven", lines(all...), Tally{All: 3, Proven: 3}, true, "通过  一\n                       p TestZZ_1"},
		{"a later rule may be missing, not fail", lines(append(all, "TestZZ_5=fail")...), Tally{All: 3, Proven: 3}, false, "1 条,通过 0,失败 1"},
		{"one of several clauses is missing", lines(all[:4]...), Tally{All: 3, Proven: 2, Missing: 1}, false, "缺 ZZ-4"},
		{"a failed test beside a passing one", lines(append(all, "TestC/ZZ-1=fail")...), Tally{All: 3, Proven: 2, Failed: 1}, false, "p TestC/ZZ-1 (+1)"},
		{"skipped proves nothing", lines(append(all[1:], "TestZZ_1=skip")...), Tally{All: 3, Proven: 2, Missing: 1}, false, "缺    一"},
		{"begun and never ended", lines(append(all[1:], "TestZZ_1=")...), Tally{All: 3, Proven: 2, Failed: 1}, false, "失败  一"},
		{"the id of a part does not count for the whole", lines("TestA/ZZ-1/b=pass", "TestA=pass"), Tally{All: 3, Missing: 3}, false, "缺    一"},
		{"an id that no rule has", lines(append(all, "TestZZ_9=pass")...), Tally{All: 3, Proven: 3}, false, "没有这一条 ZZ-9: p TestZZ_9"},
		{"a package that did not build", lines(all...) + packageFailed, Tally{All: 3, Proven: 3}, false, "没有跑完 p"},
	} {
		t.Run(tt.what, func(t *testing.T) {
			b, err := small(t, smallList)
			if err != nil {
				t.Fatal(err)
			}
			run, err := Read(strings.NewReader(tt.out), "hotline/")
			if err != nil {
				t.Fatal(err)
			}
			rep := b.Report(run)
			var text bytes.Buffer
			rep.Print(&text, "zz")
			if rep.Tally != tt.tally || rep.OK() != tt.ok || !strings.Contains(text.String(), tt.says) {
				t.Errorf("%+v, ok %v, no %q in\n%s", rep.Tally, rep.OK(), tt.says, &text)
			}
		})
	}
}

func TestReadRefusesWhatIsNoTestOutput(t *testing.T) {
	for _, s := range []string{"", "ok  \thotline/p\t0.1s\n", "{}\n{\"a\":1}\n"} {
		if run, err := Read(strings.NewReader(s), "hotline/"); err == nil {
			t.Errorf("%q was read as %+v", s, run)
		}
	}
}

func TestThePageShowsEveryRuleAndEscapes(t *testing.T) {
	b, err := small(t, smallList)
	if err != nil {
		t.Fatal(err)
	}
	run, err := Read(strings.NewReader(lines("TestA/ZZ-1_<b>=pass", "TestZZ_2=fail")), "hotline/")
	if err != nil {
		t.Fatal(err)
	}
	var page bytes.Buffer
	if err := b.Report(run).Page(&page, time.Date(2026, 11, 28, 3, 0, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"2026-11-28 03:00", "ZZ(1/3)", "TestA/ZZ-1_&lt;b&gt;", `class="failed"`, `class="missing later"`, "缺 ZZ-3、ZZ-4"} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("no %q in\n%s", want, &page)
		}
	}
}

func TestCovered(t *testing.T) {
	b, err := small(t, smallList)
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, id := range []string{"ZZ-1", "ZZ-3", "ZZ-5"} {
		named[id] = true
	}
	if got := b.Covered(named); !slices.Equal(got, []string{"ZZ-1"}) {
		t.Errorf("covered: %q", got)
	}
}
