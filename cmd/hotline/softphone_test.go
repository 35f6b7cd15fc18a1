package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hotline/cmd/rig"
	"hotline/deploy/ports"
	"hotline/sms/smstest"
)

// deskLinks is a carrier for everybody and the duty officer's softphone.
const deskLinks = `links:
  - {name: carrier, kind: smpp, address: "127.0.0.1:%d", user: hotline, secret: hotline, secret-in-clear: true, numbers: ["10612345"]}
  - name: desks
    kind: sip
    address: %s
    numbers: ["10612345"]
    sip:
      phones: {"%s": "sip:%s@%s"}
`

// TestDutyTextsGoToASoftphone: an alert for the officer on duty goes by SIP MESSAGE, what
// the officer answers comes in, and while the phone is away the carrier brings the next.
func TestDutyTextsGoToASoftphone(t *testing.T) {
	t.Parallel() // it waits for other processes most of its time
	free, err := ports.Free(1)
	if err != nil {
		t.Fatal(err)
	}
	at := rig.Local(free[0])
	phone, err := smstest.NewSoftphone(smstest.SoftphoneOptions{Hotline: func() string { return at }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(phone.Close)
	c := newCalm(t, startRig(t, newTestRigOf(t, func(c *rig.Config) {
		file := filepath.Join(t.TempDir(), "links.yaml")
		links := fmt.Appendf(nil, deskLinks, c.Ports.SMPP, at, dutyNumber, dutyNumber, phone.Addr())
		if err := os.WriteFile(file, links, 0o600); err != nil {
			t.Fatal(err)
		}
		c.Env = append(c.Env, "HOTLINE_LINKS="+file)
	})))
	c.told(partPhones+"desks", true)
	c.must(c.clockTo(c.ctx, night))
	hangUp(c.leavesMessage(citizenNumber))
	texts, err := phone.WaitTexts(c.ctx, 1)
	c.must(err)
	order := c.messageOrder(1)
	if got := texts[0]; got.From != "10612345" || !strings.Contains(got.Text, order) {
		t.Errorf("the softphone shows %+v, not %s", got, order)
	}
	c.must(phone.Deliver(c.ctx, dutyNumber, "10612345", "收到,马上处理"))
	c.must(eventually(c.ctx, func(ctx context.Context) error {
		var rows page[struct{ Text, Link string }]
		if err := c.console.get(ctx, "/api/v1/inbound", &rows); err != nil {
			return err
		}
		if len(rows.Items) != 1 || rows.Items[0].Link != "desks" || rows.Items[0].Text != "收到,马上处理" {
			return fmt.Errorf("the inbox has %+v", rows.Items)
		}
		return nil
	}))
	c.textsAbout(dutyNumber, 0, order)

	phone.Tune(func(k *smstest.Knobs) { k.Silent = true })
	c.must(c.forward(c.ctx, 2*time.Minute)) // its last sign of life is old
	hangUp(c.leavesMessage(secondCaller))
	_, err = c.carrier.text(c.ctx, dutyNumber, c.messageOrder(2))
	c.must(err)
	c.lacks() // a phone that is away makes nothing unready
}

// messageOrder waits for the nth message and gives the order it became.
func (c *calm) messageOrder(n int) (order string) {
	c.t.Helper()
	c.must(eventually(c.ctx, func(ctx context.Context) error {
		rows, err := c.console.voicemails(ctx)
		if err != nil || len(rows) < n {
			return errors.Join(err, want("number of messages", len(rows), n))
		}
		if order = rows[0].Order; order == "" { // the newest comes first
			return errors.New("the message has no order")
		}
		return nil
	}))
	return order
}
