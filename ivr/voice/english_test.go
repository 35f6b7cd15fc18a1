package voice

import (
	"math"
	"strings"
	"testing"
	"time"
)

func TestEnglishCount(t *testing.T) {
	for n, want := range map[int64]string{
		0: "zero", 7: "seven", 13: "thirteen", 20: "twenty", 42: "forty two", 100: "one hundred", 110: "one hundred ten",
		2005: "two thousand five", 12345: "twelve thousand three hundred forty five", 1000000: "one million",
		-3: "minus three", 3000000001: "three billion one",
	} {
		if got := englishCount(n); got != want {
			t.Errorf("englishCount(%d) = %q, want %q", n, got, want)
		}
	}
	if got := englishCount(math.MinInt64); !strings.HasPrefix(got, "minus nine two two") {
		t.Errorf("the smallest number reads %q", got)
	}
}

func TestEnglishYear(t *testing.T) {
	for year, want := range map[int]string{
		1999: "nineteen ninety nine", 1905: "nineteen oh five", 1900: "nineteen hundred", 2000: "two thousand",
		2005: "two thousand five", 2010: "twenty ten", 2026: "twenty twenty six", 2105: "twenty one oh five",
	} {
		if got := englishYear(year); got != want {
			t.Errorf("englishYear(%d) = %q, want %q", year, got, want)
		}
	}
}

func TestEnglishMoments(t *testing.T) {
	at := time.Date(2026, 11, 21, 15, 5, 0, 0, cst)
	if got, want := englishDate(at), "November twenty first | twenty twenty six"; got != want {
		t.Errorf("date %q, want %q", got, want)
	}
	for clock, want := range map[[2]int]string{
		{15, 5}: "three oh five p m", {0, 0}: "twelve a m", {12, 0}: "twelve p m", {9, 30}: "nine thirty a m",
	} {
		if got := englishTime(time.Date(2026, 1, 1, clock[0], clock[1], 0, 0, cst)); got != want {
			t.Errorf("%v is %q, want %q", clock, got, want)
		}
	}
	if got, want := englishDuration(time.Hour+2*time.Minute+time.Second), "one hour two minutes one second"; got != want {
		t.Errorf("duration %q, want %q", got, want)
	}
}

// Every word English values are made of has a sound.
func FuzzEnglishCount(f *testing.F) {
	for _, n := range []int64{0, 19, 99, 110, 1e6, 1e15, -1} {
		f.Add(n)
	}
	words := newVocabulary(English)
	f.Fuzz(func(t *testing.T, n int64) {
		if _, err := words.tokens(englishCount(n)); err != nil {
			t.Errorf("%d: %v", n, err)
		}
	})
}
