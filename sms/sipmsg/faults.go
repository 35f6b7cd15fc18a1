package sipmsg

import (
	"strconv"

	"hotline/sms"
)

// faults is what final answers to a text mean to us (RFC 3261 §21, RFC 3428). What is not
// here is read by its hundred: 4xx and 6xx refuse for good, 3xx and 5xx for now. A refusal
// for good speaks of the phone's SIP address, not of its number: the gateway then asks
// the next link that reaches the number.
var faults = map[int]sms.Fault{
	404: sms.Unreachable, // what registrars say of a phone that is switched off
	408: sms.Unknown,     // a proxy passed it on and heard nothing
	410: sms.Permanent,
	423: sms.Temporary,
	430: sms.Unreachable, // flow failed
	480: sms.Unreachable, // not there at the moment
	486: sms.Temporary,
	487: sms.Temporary,
	491: sms.Temporary,
	502: sms.Unreachable,
	504: sms.Unknown, // as 408
	505: sms.Permanent,
	501: sms.Permanent,
	513: sms.Permanent, // too large
	600: sms.Temporary,
	604: sms.Unreachable, // nowhere to be found
}

// faultOf is what a final answer that is no success means.
func faultOf(status int) sms.Fault {
	if f, ok := faults[status]; ok {
		return f
	}
	switch status / 100 {
	case 3, 5:
		return sms.Temporary
	}
	return sms.Permanent
}

// raw is a status as it goes with a text.
func raw(status int) string { return strconv.Itoa(status) }
