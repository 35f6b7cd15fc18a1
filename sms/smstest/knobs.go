package smstest

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Knobs say how a carrier behaves. The zero value is a carrier in good health: a receipt
// follows each submit at once. [KnobTable] has them by name.
type Knobs struct {
	Latency       time.Duration // before a submit is answered
	ReceiptAfter  time.Duration // from submit to receipt
	ReceiptState  string        // DELIVRD (also when empty), UNDELIV, EXPIRED, REJECTD ...
	ManualReceipt bool          // none by itself; see SendReceipt
	ReceiptFirst  bool          // the receipt is sent before the submit is answered
	PlainReceipts bool          // SMPP: no TLVs; the text says all
	NoTransmitter bool          // SMPP: a transmitter may not bind
	NoReceiver    bool          // SMPP: a receiver may not bind
	HexReceipts   bool          // SMPP: the receipt gives in hexadecimal the id that the answer gave in decimal
	ReportOctets  int           // CMPP: a status report has that many; zero: 60 in 2.0, 71 in 3.0
	DropAnswers   int           // that many submits are taken but not answered
	Throttle      int           // that many submits are refused as too fast
	Refuse        uint32        // not zero: every submit is refused with this status of the protocol
	Twice         bool          // everything is delivered to us twice
	Silent        bool          // reads, and answers nothing at all
	Deliveries    int           // so many may wait for our answer at once, receipts and texts; zero: 1
	RetryAfter    time.Duration // a delivery refused for now comes again; zero: 60 s
	Unanswered    time.Duration // so does one that nobody answers; zero: 60 s
	Poison        int           // before the answers to that many submits comes a PDU that makes no sense
	Ported        bool          // receipts say that the number is another carrier's now
	StripExt      int           // that many digits are cut off the number a handset's text is sent to
	Skew          time.Duration // the carrier's clock is ahead by it, or behind
	Outage        time.Duration // for so long every connection is cut; it ends by itself
}

// portedState is what receipts say of a number that went to another carrier.
const portedState = "MB:1047"

// state is what receipts say.
func (k Knobs) state() string {
	if k.Ported {
		return portedState
	}
	return k.ReceiptState
}

// Knob is one of the [Knobs] as people and programs turn it.
type Knob struct {
	Name string
	Unit string // what its value is, in words
	Does string
	get  func(*Knobs) string
	set  func(k *Knobs, value string) error
}

// Get is its value; the empty string is that of a carrier in good health.
func (k Knob) Get(all Knobs) string { return k.get(&all) }

// Set turns it; the empty string turns it back. The error says what the value should be.
func (k Knob) Set(all *Knobs, value string) error {
	if err := k.set(all, strings.TrimSpace(value)); err != nil {
		return fmt.Errorf("%s: %q is no value: %s", k.Name, value, k.Unit)
	}
	return nil
}

// KnobTable are the knobs of every carrier there is, SMSC, ISMG and Cloud alike.
func KnobTable() []Knob {
	return []Knob{
		duration("latency", "a submit is answered so much later", func(k *Knobs) *time.Duration { return &k.Latency }),
		count("lost-response", "so many submits are taken and not answered", func(k *Knobs) *int { return &k.DropAnswers }),
		count("throttled", "so many submits are refused as too fast (CMPP Result 8, SMPP 0x58)", func(k *Knobs) *int { return &k.Throttle }),
		status("refuse", "every submit is refused with this status of the protocol", func(k *Knobs) *uint32 { return &k.Refuse }),
		duration("receipt-after", "a receipt follows its submit so much later", func(k *Knobs) *time.Duration { return &k.ReceiptAfter }),
		words("receipt-state", "what receipts say", func(k *Knobs) *string { return &k.ReceiptState }),
		yes("receipt-first", "the receipt comes before the answer to its submit", func(k *Knobs) *bool { return &k.ReceiptFirst }),
		count("report-octets", "a status report has so many, 60 or 71 (CMPP; an SMPP receipt has no fixed length)", func(k *Knobs) *int { return &k.ReportOctets }),
		yes("ported", "receipts say that the number went to another carrier ("+portedState+")", func(k *Knobs) *bool { return &k.Ported }),
		yes("duplicate-deliver", "texts and receipts are delivered twice", func(k *Knobs) *bool { return &k.Twice }),
		count("strip-extension", "so many digits are cut off the number a handset answers to", func(k *Knobs) *int { return &k.StripExt }),
		duration("clock-skew", "the carrier's clock, in receipts and ids, is so much ahead; with - behind", func(k *Knobs) *time.Duration { return &k.Skew }),
		count("poison", "so many submits are answered after a PDU that makes no sense", func(k *Knobs) *int { return &k.Poison }),
		yes("silent", "connections stay open and nothing is answered on them", func(k *Knobs) *bool { return &k.Silent }),
		duration("outage", "all connections are cut and none is taken for so long", func(k *Knobs) *time.Duration { return &k.Outage }),
	}
}

var errValue = errors.New("no value")

// typed is a knob of a type whose zero value is good health.
func typed[T comparable](knob Knob, of func(*Knobs) *T, read func(string) (T, error)) Knob {
	knob.get = func(k *Knobs) string {
		var well T
		switch v := any(*of(k)); v {
		case any(well):
			return ""
		case true:
			return "on"
		default:
			return fmt.Sprint(v)
		}
	}
	knob.set = func(k *Knobs, value string) (err error) {
		var v T
		if value != "" {
			v, err = read(value)
		}
		if err == nil {
			*of(k) = v
		}
		return err
	}
	return knob
}

func duration(name, does string, of func(*Knobs) *time.Duration) Knob {
	return typed(Knob{Name: name, Unit: "a time such as 50ms, 2s or 1h", Does: does}, of, func(s string) (time.Duration, error) {
		d, err := time.ParseDuration(s)
		if err == nil && (d < 0 && name != "clock-skew" || d.Abs() > 100*time.Hour) {
			err = errValue
		}
		return d, err
	})
}

func count(name, does string, of func(*Knobs) *int) Knob {
	return typed(Knob{Name: name, Unit: "a number", Does: does}, of, func(s string) (int, error) {
		n, err := strconv.ParseUint(s, 10, 31)
		return int(n), err
	})
}

func status(name, does string, of func(*Knobs) *uint32) Knob {
	return typed(Knob{Name: name, Unit: "a number such as 8 or 0x0B", Does: does}, of, func(s string) (uint32, error) {
		n, err := strconv.ParseUint(s, 0, 32)
		return uint32(n), err
	})
}

func words(name, does string, of func(*Knobs) *string) Knob {
	return typed(Knob{Name: name, Unit: "DELIVRD, UNDELIV, EXPIRED, REJECTD, MA:0001 or the like, at most 7 characters", Does: does}, of,
		func(s string) (string, error) {
			if len(s) > 7 || strings.ContainsAny(s, " \t\r\n\x00") {
				return "", errValue
			}
			return s, nil
		})
}

func yes(name, does string, of func(*Knobs) *bool) Knob {
	return typed(Knob{Name: name, Unit: "on or off", Does: does}, of, func(s string) (bool, error) {
		if s != "on" && s != "off" {
			return false, errValue
		}
		return s == "on", nil
	})
}
