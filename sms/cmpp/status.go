package cmpp

import (
	"errors"
	"strconv"

	"hotline/sms"
)

// Results we give, and those of a submit that are not the text's fault.
const (
	resultOK        uint32 = 0
	resultStructure uint32 = 1
	resultCommand   uint32 = 2
	resultRepeated  uint32 = 3
	resultLength    uint32 = 4
	resultFlow      uint32 = 8
	resultNotServed uint32 = 9
)

// result is what a result of a submit means.
type result struct {
	fault sms.Fault
	words string
}

// results are what a Result of a submit means to us, as far as the standard knows it; all
// others, such as the carriers' own from 100 on, are for good. That the states of receipts
// mean the same in all protocols is told once (sms.StatusOf).
var results = map[uint32]result{
	resultStructure: {sms.Permanent, "malformed"},
	resultCommand:   {sms.Permanent, "unknown command"},
	resultRepeated:  {sms.Temporary, "number of the request used twice"},
	resultLength:    {sms.Permanent, "wrong length"},
	5:               {sms.Permanent, "wrong fee code"},
	6:               {sms.Permanent, "text too long"},
	7:               {sms.Permanent, "wrong service"},
	resultFlow:      {sms.Throttled, "too fast"},
	// It speaks of the number that is charged. We always have the SP pay, so that nothing is
	// known of the receiver, who must not be taken to have gone to another carrier: another
	// link may try, and this one again when the account is mended.
	resultNotServed: {sms.Temporary, "charged number not served by this gateway"},
	10:              {sms.Permanent, "wrong Src_Id"},
	11:              {sms.Permanent, "wrong Msg_src"},
	12:              {sms.Permanent, "wrong Fee_terminal_Id"},
	13:              {sms.Permanent, "wrong Dest_terminal_Id"},
}

// refusal is what a result other than success means.
func refusal(code uint32) *sms.SendError {
	r, ok := results[code]
	if !ok {
		r = result{sms.Permanent, "refused by the carrier's own rule"}
	}
	return &sms.SendError{Fault: r.fault, Code: strconv.FormatUint(uint64(code), 10), Err: errors.New(r.words)}
}
