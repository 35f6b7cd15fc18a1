package sms

import (
	"math/rand/v2"
	"strings"
	"time"
)

// PhoneOf is a number in our form (see [Normalize]), or as it came where it is none.
func PhoneOf(raw string) string {
	if n, err := Normalize(raw); err == nil {
		return n
	}
	return raw
}

// Extension is the number a text was sent to, in our form, and what follows our own
// number in it. Carriers put 86 in front or leave the extension off as they like; with
// several numbers the longest that fits is the one meant.
func Extension(numbers []string, to string) (number, ext string) {
	to = PhoneOf(to)
	longest := -1
	for _, base := range numbers {
		if strings.HasPrefix(to, base) && len(base) > longest {
			longest = len(base)
		}
	}
	if longest < 0 {
		return to, ""
	}
	return to, to[longest:]
}

// statusOf is what the states of a receipt mean to us; SMPP 3.4 §5.2.28 and CMPP share
// the words. Unknown is not failure: the carrier does not know, and nobody may lose a
// right by that.
var statusOf = map[string]Status{
	"DELIVRD": Delivered, "EXPIRED": Undelivered, "DELETED": Undelivered,
	"UNDELIV": Undelivered, "REJECTD": Undelivered,
	"ENROUTE": Sent, "ACCEPTD": Sent, "UNKNOWN": Sent, "": Sent,
}

// StatusOf is what a receipt's state, in capitals, means. MA:0001, CB:0053 and whatever
// else the network writes there is its reason for giving up.
func StatusOf(state string) Status {
	if s, ok := statusOf[state]; ok {
		return s
	}
	return Undelivered
}

// ReceiptTime reads YYMMDDhhmm or YYMMDDhhmmss on the carrier's clock; zero if it is
// neither. A time without seconds is taken at the end of its minute, so that a window
// counted from it never costs the citizen a second (ZQ-15.2).
func ReceiptTime(s string, zone *time.Location) time.Time {
	switch len(s) {
	case 10:
		if t, err := time.ParseInLocation("0601021504", s, zone); err == nil {
			return t.Add(time.Minute).UTC()
		}
	case 12:
		if t, err := time.ParseInLocation("060102150405", s, zone); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}

// BackOff is the pause after so many failures in a row, counted from 0: it doubles from
// first to last, with a fifth of jitter, so that what failed together does not come back
// together.
func BackOff(failures int, first, last time.Duration) time.Duration {
	d := min(first<<min(failures, 20), last)
	return d - d/10 + rand.N(d/5+1)
}
