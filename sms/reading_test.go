package sms_test

import (
	"testing"
	"time"

	"hotline/sms"
)

func TestExtension(t *testing.T) {
	for to, want := range map[string]string{
		"106901234507": "07", "1069012345": "", "1069007": "07", "86106901234507": "07",
		"+86106901234507": "07", "12345": "", "": "",
	} {
		if _, got := sms.Extension([]string{"10690", "1069012345"}, to); got != want {
			t.Errorf("extension of %q is %q, want %q", to, got, want)
		}
	}
}

func TestStatusOf(t *testing.T) {
	for state, want := range map[string]sms.Status{
		"DELIVRD": sms.Delivered, "UNDELIV": sms.Undelivered, "EXPIRED": sms.Undelivered, "MA:0001": sms.Undelivered,
		"CB:0053": sms.Undelivered, "ACCEPTD": sms.Sent, "UNKNOWN": sms.Sent, "": sms.Sent,
	} {
		if got := sms.StatusOf(state); got != want {
			t.Errorf("%q means %q, want %q", state, got, want)
		}
	}
}

// A carrier that tells only the minute is taken at its end (ZQ-15.2).
func TestReceiptTimeFavoursTheCitizen(t *testing.T) {
	zone := time.FixedZone("CST", 8*3600)
	for s, want := range map[string]time.Time{
		"2611201015":   time.Date(2026, 11, 20, 2, 16, 0, 0, time.UTC),
		"2612312359":   time.Date(2026, 12, 31, 16, 0, 0, 0, time.UTC),
		"261120101501": time.Date(2026, 11, 20, 2, 15, 1, 0, time.UTC),
		"2613991099":   {}, "": {}, "261120": {}, "26112010150": {},
	} {
		if got := sms.ReceiptTime(s, zone); !got.Equal(want) {
			t.Errorf("%q is %v, want %v", s, got, want)
		}
	}
}

func TestBackOffDoublesUpToItsLast(t *testing.T) {
	for failures, want := range map[int]time.Duration{0: time.Second, 1: 2 * time.Second, 3: 8 * time.Second, 9: time.Minute, 1000: time.Minute} {
		for range 50 {
			if d := sms.BackOff(failures, time.Second, time.Minute); d < want*9/10 || d > want*11/10+1 {
				t.Fatalf("after %d failures %v, want about %v", failures, d, want)
			}
		}
	}
}

func TestSplitUCS2OfWhatGSM7CouldHold(t *testing.T) {
	segments, err := sms.SplitUCS2("ab", 1)
	if err != nil || len(segments) != 1 || segments[0].Coding != sms.UCS2 || string(segments[0].Data) != "\x00a\x00b" {
		t.Errorf("%+v %v", segments, err)
	}
}
