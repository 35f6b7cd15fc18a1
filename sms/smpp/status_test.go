package smpp

import (
	"fmt"
	"testing"

	"hotline/sms"
)

// Every status of a submit that SMPP 3.4 (§5.1.3) knows, by its number.
func TestStatusesOfASubmit(t *testing.T) {
	want := map[uint64]sms.Fault{}
	for status := uint64(1); status <= 0xFF; status++ {
		want[status] = sms.Permanent
	}
	want[0x58] = sms.Throttled // ESME_RTHROTTLED
	for _, status := range []uint64{0x04, 0x08, 0x14, 0x64} {
		want[status] = sms.Temporary // not bound, system error, queue full, not now
	}
	want[0x45] = sms.Permanent // ESME_RSUBMITFAIL: Kannel has it so as well
	want[0x400] = sms.Permanent
	for status, fault := range want {
		got := refusal(sms.Frame{Status: status})
		if got.Fault != fault || got.Code != fmt.Sprintf("0x%02X", status) || got.Err == nil {
			t.Errorf("0x%02X: %+v, want %s", status, got, fault)
		}
	}
}

// Every message_state of a receipt (§5.2.28).
func TestStatesOfAReceipt(t *testing.T) {
	for state, want := range map[byte]sms.Status{
		1: sms.Sent, 2: sms.Delivered, 3: sms.Undelivered, 4: sms.Undelivered, 5: sms.Undelivered, 6: sms.Sent, 7: sms.Sent, 8: sms.Undelivered,
	} {
		if got := sms.StatusOf(stateNames[state]); got != want {
			t.Errorf("%d (%s) means %q, want %q", state, stateNames[state], got, want)
		}
	}
}
