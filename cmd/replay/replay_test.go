package replay

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/deploy"
	"hotline/dispatch"
	"hotline/dispatch/calendar"
)

func play(t *testing.T, id string, year []Request) Figures {
	t.Helper()
	policy, err := dispatch.LoadPolicy(deploy.Files, "hotlines/"+id+"/policy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	days, err := calendar.LoadDir(deploy.Files, "calendar")
	if err != nil {
		t.Fatal(err)
	}
	f, err := Play(t.Context(), Hotline{Policy: policy, Calendar: days, File: filepath.Join(t.TempDir(), id+".db")}, year)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// One year under two regulations: the same people, other deadlines, other refusals.
func TestAYearUnderTwoRegulations(t *testing.T) {
	year := Year(7, 60, time.Date(2025, 9, 1, 0, 0, 0, 0, dispatch.Place))
	zq, xz := play(t, "zq", year), play(t, "xz", year)
	if zq.Orders != 60 || xz.Orders != 60 || !cmp.Equal(zq.Types, xz.Types) {
		t.Errorf("not the same requests: %v and %v", zq.Types, xz.Types)
	}
	for typ, rules := range map[dispatch.Type][2]string{dispatch.Consult: {"ZQ-11.1", "XZ-12.3.2"}, dispatch.Complaint: {"ZQ-11.3", "XZ-12.3.3"}} {
		if zq.Rules[typ] != rules[0] || xz.Rules[typ] != rules[1] {
			t.Errorf("%s follows %s and %s", typ, zq.Rules[typ], xz.Rules[typ])
		}
	}
	if zq.Days[dispatch.Complaint] <= xz.Days[dispatch.Complaint] || zq.Days[dispatch.Consult] >= xz.Days[dispatch.Consult] {
		t.Errorf("deadlines: %v and %v", zq.Days, xz.Days)
	}
	if zq.Acts[dispatch.ActOverdue] == 0 || zq.Overseen == 0 || zq.Acts[dispatch.ActUrge] != 0 || xz.Acts[dispatch.ActUrge] == 0 {
		t.Errorf("the clock did %v and %v, %d supervised", zq.Acts, xz.Acts, zq.Overseen)
	}
	if zq.Refused["ZQ-12.2"] == 0 || zq.Redos == 0 || zq.Surveys < zq.Rated || zq.Completed < 50 {
		t.Errorf("nothing was refused, or redone, or completed: %+v", zq)
	}
}

func TestTheSameSeedIsTheSameYear(t *testing.T) {
	from := time.Date(2025, 9, 1, 0, 0, 0, 0, dispatch.Place)
	one, two := Year(1, 500, from), Year(1, 500, from)
	if !slices.Equal(one, two) || slices.Equal(one, Year(2, 500, from)) {
		t.Error("a seed is not its year")
	}
	if !slices.IsSortedFunc(one, func(a, b Request) int { return a.At.Compare(b.At) }) || one[499].At.After(from.AddDate(1, 0, 0)) {
		t.Error("not in the order of one year")
	}
	short := Year(3, 12, from)
	if diff := cmp.Diff(play(t, "zz", short), play(t, "zz", short)); diff != "" {
		t.Errorf("played twice: %s", diff)
	}
}

func TestThePageHasTheTable(t *testing.T) {
	rows := Table([]Figures{{Name: "甲<", Orders: 3, Refused: map[string]int{"ZQ-12.2": 2}}, {Name: "乙", Orders: 3}})
	var text, page bytes.Buffer
	Print(&text, rows)
	if err := Page(&page, rows, "种子 1"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"甲&lt;", "种子 1", "依 ZQ-12.2 不准"} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("no %q in\n%s", want, &page)
		}
	}
	if !strings.Contains(text.String(), "依 ZQ-12.2 不准") || !strings.Contains(text.String(), "甲<") {
		t.Errorf("printed:\n%s", &text)
	}
}
