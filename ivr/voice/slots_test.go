package voice

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestValuesInWords(t *testing.T) {
	for _, c := range []struct {
		kind        SlotType
		value, next string
		zh, en      string
	}{
		{Phone, "13800001234", "", "幺三八|零零零零|幺二三四", "one three eight | zero zero zero zero | one two three four"},
		{Phone, "+8613800001234", "", "幺三八|零零零零|幺二三四", "one three eight | zero zero zero zero | one two three four"},
		{Phone, "12345", "", "幺二三四五", "one two three four five"},
		{Phone, "0371-67890123", "", "零三七幺|六七八九|零幺二三", "zero three seven one | six seven eight nine | zero one two three"},
		{Ticket, "261121000427", "", "二六幺幺|二幺零零|零四二七", "two six one one | two one zero zero | zero four two seven"},
		{Ticket, "ZZ20261121-00042-7", "", "ZZ二零|二六幺幺|二幺|零零零四二|七", "Z Z two zero | two six one one | two one | zero zero zero four two | seven"},
		{PIN, "4821", "", "四八二幺", "four eight two one"},
		{Number, "2", "位来电人", "两", "two"},
		{Number, "110", "", "一百一十", "one hundred ten"},
		{Number, "2.05", "", "二点零五", "two point zero five"},
		{Number, "-0.5", "", "负零点五", "minus zero point five"},
		{Date, "2026-11-21", "", "二零二六年十一月二十一日", "November twenty first | twenty twenty six"},
		{Date, "2026-11-20T20:00:00Z", "", "二零二六年十一月二十一日", "November twenty first | twenty twenty six"},
		{Time, "15:05", "", "下午三点零五分", "three oh five p m"},
		{DateTime, "2026-11-21 09:00", "", "二零二六年十一月二十一日 | 上午九点整", "November twenty first | twenty twenty six | nine a m"},
		{Duration, "90s", "", "一分钟三十秒", "one minute thirty seconds"},
		{Duration, "120", "", "两分钟", "two minutes"},
	} {
		for lang, want := range map[string]string{Chinese: c.zh, English: c.en} {
			s := speaking{lang: lang, kind: c.kind, value: c.value, next: c.next, yao: true}
			got, err := s.words()
			if err != nil || got != want {
				t.Errorf("%s %q in %s = %q, %v, want %q", c.kind, c.value, lang, got, err, want)
			}
			if _, err := newVocabulary(lang).tokens(got); err != nil {
				t.Errorf("%s %q in %s: %v", c.kind, c.value, lang, err)
			}
		}
	}
}

func TestValuesRefused(t *testing.T) {
	for _, s := range []speaking{
		{kind: Number, value: "many"}, {kind: Number, value: "1."}, {kind: Number, value: "1.x"}, {kind: Number, value: ""},
		{kind: Date, value: "21.11.2026"}, {kind: Time, value: "25:00"}, {kind: Duration, value: "-5s"},
		{kind: Duration, value: "99999h"}, {kind: Phone, value: "---"}, {kind: Digits, value: strings.Repeat("1", 65)},
		{kind: Digits, value: "\xff1"},
	} {
		for _, lang := range Languages() {
			s.lang = lang
			if got, err := s.words(); !errors.Is(err, errValue) {
				t.Errorf("%s %q = %q, %v, want a refusal", s.kind, s.value, got, err)
			}
		}
	}
}

func TestOneIsYaoByChoice(t *testing.T) {
	s := speaking{lang: Chinese, kind: Digits, value: "1101"}
	if got, _ := s.words(); got != "一一零一" {
		t.Errorf("without yao: %s", got)
	}
	s.yao = true
	if got, _ := s.words(); got != "幺幺零幺" {
		t.Errorf("with yao: %s", got)
	}
}

func TestWrittenIsMasked(t *testing.T) {
	for _, c := range []struct {
		kind        SlotType
		value, want string
	}{{Phone, "13812345678", "138****5678"}, {Phone, "12345", "12345"}, {Phone, "6789012", "678****9012"}, {PIN, "4821", "****"}, {Ticket, "ZZ1", "ZZ1"}} {
		if got := (speaking{kind: c.kind, value: c.value}).written(); got != c.want {
			t.Errorf("%s %s is written %s, want %s", c.kind, c.value, got, c.want)
		}
	}
}

func TestTokensAreTheLongest(t *testing.T) {
	for _, c := range []struct {
		lang, words string
		want        []string
	}{
		{Chinese, "一百一十五", []string{"tok-100", "tok-mid-15"}},
		{Chinese, "两千零五", []string{"tok-2000", "tok-0", "tok-5"}},
		{Chinese, "二十三万", []string{"tok-23", "tok-wan"}},
		{Chinese, "十一月二十一日", []string{"tok-month-11", "tok-day-21"}},
		{Chinese, "下午两点零五分", []string{"tok-afternoon", "tok-hour-2", "tok-0", "tok-5", "tok-minute"}},
		{English, "forty two | A", []string{"tok-42", pauseID, "tok-letter-a"}},
		{English, "nine a m", []string{"tok-9", "tok-am"}},
		{English, "sixteen", []string{"tok-16"}},
	} {
		got, err := newVocabulary(c.lang).tokens(c.words)
		if err != nil || !cmp.Equal(got, c.want) {
			t.Errorf("%q = %v, %v, want %v", c.words, got, err, c.want)
		}
	}
	if _, err := newVocabulary(Chinese).tokens("一个"); !errors.Is(err, errValue) {
		t.Errorf("words without a sound: %v", err)
	}
}

// Whatever a database or a caller hands in as a value: words that all have sounds, or
// a refusal, never a panic.
func FuzzValues(f *testing.F) {
	for _, v := range []string{"13800001234", "2026-11-21", "15:05", "-2.5", "1h30m", "ZZ20261121-00042-7", "", "\x00|"} {
		f.Add(v)
	}
	words := map[string]vocabulary{Chinese: newVocabulary(Chinese), English: newVocabulary(English)}
	f.Fuzz(func(t *testing.T, value string) {
		for _, kind := range SlotTypes() {
			for lang, v := range words {
				s := speaking{lang: lang, kind: kind, value: value, yao: true}
				text, err := s.words()
				_ = s.written()
				if err != nil {
					continue
				}
				if _, err := v.tokens(text); err != nil {
					t.Errorf("%s %q in %s: %q: %v", kind, value, lang, text, err)
				}
			}
		}
	})
}

func TestEveryDateAndTimeHasSounds(t *testing.T) {
	for _, lang := range Languages() {
		v := newVocabulary(lang)
		for at := time.Date(2024, 1, 1, 0, 0, 0, 0, cst); at.Year() < 2025; at = at.Add(6*time.Hour + 7*time.Minute) {
			s := speaking{lang: lang, kind: DateTime, value: at.Format(time.RFC3339)}
			text, err := s.words()
			if err == nil {
				_, err = v.tokens(text)
			}
			if err != nil {
				t.Fatalf("%s in %s: %v", at, lang, err)
			}
		}
	}
}
