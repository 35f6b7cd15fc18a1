package smstest

import (
	"errors"
	"testing"

	"hotline/sms"
)

func comesBack(t *testing.T, r *rigged) {
	r.Disconnect()
	for {
		before := r.Health().Since
		_, err := r.Send(soon(t), sms.Outgoing{ID: "m", To: citizen, Text: "您好"})
		if err == nil {
			return
		}
		var fault *sms.SendError
		if !errors.As(err, &fault) || fault.Fault != sms.Unreachable && fault.Fault != sms.Unknown {
			t.Fatalf("on a line that was dropped: %v", err)
		}
		back := func() bool { h := r.Health(); return h.Up && h.Since.After(before) }
		if err := r.Until(soon(t), back); err != nil {
			t.Fatalf("after a disconnection: %v; %+v", err, r.Health())
		}
	}
}

func closes(t *testing.T, r *rigged) {
	r.stop()
	if h := r.Health(); h.Up || h.Detail == "" {
		t.Errorf("after the end: %+v", h)
	}
}
