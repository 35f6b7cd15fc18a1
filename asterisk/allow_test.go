package asterisk_test

import (
	"errors"
	"net"
	"testing"

	"hotline/asterisk/asterisktest"
	"hotline/asterisk/conf"
	"hotline/asterisk/sipphone"
)

// TestOnlyWhoIsAllowedGetsThrough: a call from an address that is not let in ends with 403
// before the dialplan; one that is let in is answered (by the fallback, nobody else is there).
func TestOnlyWhoIsAllowedGetsThrough(t *testing.T) {
	ast := asterisktest.Start(t, asterisktest.Options{Configure: func(c *conf.Config) {
		c.Allow = []string{"127.0.0.3"}
		c.Trunks = []conf.Trunk{{Name: "carrier", Addr: "127.0.0.4:5070"}}
	}})
	_, port, err := net.SplitHostPort(ast.SIP)
	if err != nil {
		t.Fatal(err)
	}
	for from, allowed := range map[string]bool{"127.0.0.2": false, "127.0.0.1": false, "127.0.0.3": true, "127.0.0.4": true} {
		t.Run(from, func(t *testing.T) {
			phone, err := sipphone.Listen(t.Context(), sipphone.Config{Addr: from + ":0"})
			if err != nil {
				t.Fatal(err)
			}
			defer phone.Close()
			s, err := phone.Call(t.Context(), "sip:12345@127.0.0.1:"+port, sipphone.CallOptions{From: "13800000001"})
			if err == nil {
				defer s.Hangup(t.Context())
			}
			var r *sipphone.Rejected
			if allowed != (err == nil) || !allowed && (!errors.As(err, &r) || r.Status != 403) {
				t.Errorf("call: %v", err)
			}
		})
	}
}
