package cmpp

import (
	"strconv"
	"testing"

	"hotline/sms"
)

// Every Result of a submit: 1 to 13 as the standards have them, the carriers' own from 100
// on, and what nobody has told of.
func TestResultsOfASubmit(t *testing.T) {
	for code := uint32(1); code <= 255; code++ {
		want := sms.Permanent
		switch code {
		case 3, 9: // our number of the request was used twice; the account is not served there
			want = sms.Temporary
		case 8:
			want = sms.Throttled
		}
		got := refusal(code)
		if got.Fault != want || got.Code != strconv.Itoa(int(code)) || got.Err == nil {
			t.Errorf("%d: %+v, want %s", code, got, want)
		}
	}
}

// Every Stat of a report, and what the network writes there.
func TestStatesOfAReport(t *testing.T) {
	for stat, want := range map[string]sms.Status{
		"DELIVRD": sms.Delivered, "EXPIRED": sms.Undelivered, "DELETED": sms.Undelivered, "UNDELIV": sms.Undelivered,
		"ACCEPTD": sms.Sent, "UNKNOWN": sms.Sent, "REJECTD": sms.Undelivered,
		"MA:0001": sms.Undelivered, "MB:1041": sms.Undelivered, "MB:1047": sms.Undelivered, "CA:0051": sms.Undelivered, "CB:0053": sms.Undelivered,
	} {
		if got := sms.StatusOf(stat); got != want {
			t.Errorf("%s means %q, want %q", stat, got, want)
		}
	}
	for stat, want := range map[string]bool{"MB:1046": false, "MB:1047": true, "MB:1048": true, "MB:1049": true, "MB:1050": false, "NP_OUT": true, "DELIVRD": false} {
		if got := sms.Ported(stat); got != want {
			t.Errorf("%s: ported %v, want %v", stat, got, want)
		}
	}
}
