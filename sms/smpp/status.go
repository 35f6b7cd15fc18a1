package smpp

import (
	"errors"
	"fmt"

	"github.com/linxGnu/gosmpp/data"

	"hotline/sms"
)

// faults is what a status of a submit means to us; every other is for good, such as a wrong
// number, and the carriers' own from 0x400 on. That the states of receipts mean the same in
// all protocols is told once (sms.StatusOf).
var faults = map[uint64]sms.Fault{
	statusNotBound:  sms.Temporary,
	statusSystem:    sms.Temporary,
	statusQueueFull: sms.Temporary,
	statusThrottled: sms.Throttled,
	statusNotNow:    sms.Temporary,
}

// refusal is what a status other than success means.
func refusal(f sms.Frame) *sms.SendError {
	fault, ok := faults[f.Status]
	if !ok {
		fault = sms.Permanent
	}
	return &sms.SendError{Fault: fault, Code: fmt.Sprintf("0x%02X", f.Status), Err: errors.New(meaning(f.Status))}
}

// meaning is a status in words.
func meaning(status uint64) string { return data.CommandStatusType(int32(uint32(status))).String() }
