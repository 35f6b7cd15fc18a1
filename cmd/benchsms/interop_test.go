package main

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hotline/cmd/gauge"
	"hotline/cmd/rig"
	"hotline/sms"
	"hotline/sms/smpp"
	"hotline/sms/smstest"
)

// TestInterop holds our SMPP against programs that are not ours: `make interop` brings them
// in and asks for it by HOTLINE_INTEROP; elsewhere there is nothing to test against.
func TestInterop(t *testing.T) {
	strangers := map[string]func(*testing.T){
		"our link at an SMSC of the npm package smpp": atStrangeSMSC,
		"Kannel at our SMSC":                          kannelAtOurSMSC,
	}
	if os.Getenv("HOTLINE_INTEROP") == "" {
		clear(strangers)
	}
	for name, test := range strangers {
		t.Run(name, test)
	}
}

// seen is what the SMSC of smsc.js saw.
type seen struct {
	Saw, From, To, Text string
	Parts, Coding       int
	Status              int
}

// strangeSMSC runs smsc.js and returns where it listens, and how to wait for what it sees.
func strangeSMSC(t *testing.T) (addr string, await func(saw string) seen) {
	t.Helper()
	repo, err := gauge.Checkout()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", "testdata/smsc.js", filepath.Join(repo, ".cache", "npm", "node_modules", "smpp"))
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = t.Output()
	if err := cmd.Start(); err != nil {
		t.Fatalf("node, and npm's smpp in .cache/npm, are needed (make interop): %v", err)
	}
	t.Cleanup(func() { in.Close(); _ = cmd.Wait() })
	lines := make(chan seen)
	ctx := limited(t)
	go func() {
		defer close(lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			var line seen
			if err := json.Unmarshal(s.Bytes(), &line); err != nil {
				t.Errorf("%s: %v", s.Text(), err)
			}
			select {
			case lines <- line:
			case <-ctx.Done():
			}
		}
	}()
	await = func(saw string) seen {
		t.Helper()
		for {
			select {
			case line, ok := <-lines:
				t.Logf("it saw: %+v", line)
				if !ok || line.Saw == "error" {
					t.Fatalf("waiting for %q: %+v", saw, line)
				}
				if line.Saw == saw {
					return line
				}
			case <-ctx.Done():
				t.Fatalf("it never saw: %s", saw)
			}
		}
	}
	return await("listening").Text, await
}

func limited(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func atStrangeSMSC(t *testing.T) {
	addr, await := strangeSMSC(t)
	link, err := smpp.New(smpp.Config{Name: "smpp", Addr: addr, SystemID: user, Password: secret, Numbers: []string{number},
		Receipts: true, Enquire: 200 * time.Millisecond, Clock: wall{}})
	if err != nil {
		t.Fatal(err)
	}
	sink := smstest.NewSink()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- link.Run(ctx, sink) }()
	await("bind")
	if err := sink.Until(limited(t), func() bool { return link.Health().Up }); err != nil {
		t.Fatal(err)
	}
	send := func(text string) sms.Taken {
		t.Helper()
		taken, err := link.Send(limited(t), sms.Outgoing{ID: "m", To: handset(1), Ext: "07", Text: text, Ref: 9})
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		return taken
	}

	short := send("【热线】您的诉求已办结,请回复1-5评价。")
	if got := await("submit"); got.Text != "【热线】您的诉求已办结,请回复1-5评价。" || got.From != number+"07" || got.To != handset(1) || got.Coding != 8 {
		t.Errorf("submitted: %+v", got)
	}
	receipts, err := sink.Receipts(limited(t), 1)
	if err != nil || receipts[0].CarrierID != short.CarrierIDs[0] || receipts[0].Status != sms.Delivered || receipts[0].Raw != "DELIVRD" {
		t.Errorf("receipt: %+v for %v: %v", receipts, short.CarrierIDs, err)
	}
	if got := await("receipt answered"); got.Status != 0 {
		t.Errorf("receipt answered: %+v", got)
	}
	arrived, err := sink.Parts(limited(t), 1)
	if err != nil || arrived[0].Text != "满意" || arrived[0].Ext != "07" || arrived[0].From != handset(1) {
		t.Errorf("arrived: %+v: %v", arrived, err)
	}
	if got := await("text answered"); got.Status != 0 {
		t.Errorf("text answered: %+v", got)
	}

	long := send(strings.Repeat("办结", 60))
	if long.Segments != 2 || len(long.CarrierIDs) != 2 {
		t.Errorf("long text: %+v", long)
	}
	var whole strings.Builder
	for range 2 {
		got := await("submit")
		whole.WriteString(got.Text)
		if got.Parts == 0 {
			t.Errorf("segment without header: %+v", got)
		}
	}
	if whole.String() != strings.Repeat("办结", 60) {
		t.Errorf("long text: %q", whole.String())
	}
	stop()
	await("unbind")
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func kannelAtOurSMSC(t *testing.T) {
	repo, err := gauge.Checkout()
	if err != nil {
		t.Fatal(err)
	}
	ports, err := rig.FreePorts()
	if err != nil {
		t.Fatal(err)
	}
	centre := smstest.NewSMSC(smstest.Options{SystemID: user, Password: secret})
	if err := centre.Listen(rig.Local(ports.SMPP)); err != nil {
		t.Fatal(err)
	}
	defer centre.Close()
	dir := t.TempDir()
	k, err := startKannel(limited(t), repo, kannelSite{Dir: dir, SMPP: ports.SMPP, Admin: ports.ARI, Box: ports.Redis, HTTP: ports.HTTP})
	if err != nil {
		t.Fatal(err)
	}
	defer k.stop()
	if err := centre.WaitBound(limited(t)); err != nil {
		t.Fatal(err)
	}
	// Poison first: a PDU of an unknown command, which Kannel refuses by its number.
	centre.Inject([]byte{0, 0, 0, 16, 0, 0, 0x7F, 1, 0, 0, 0, 0, 0, 0, 0x30, 0x39})
	const texts = 50
	centre.Tune(func(k *smstest.Knobs) { k.Throttle = 1 }) // Kannel comes again
	if err := k.give(limited(t), texts, true); err != nil {
		t.Fatal(err)
	}
	got, err := centre.WaitTexts(limited(t), texts)
	if err != nil {
		t.Fatalf("%d texts of %d: %v", len(got), texts, err)
	}
	var to []string
	for _, one := range got {
		to = append(to, one.To)
		if one.Text != "【政务服务热线】"+words || one.From != number {
			t.Fatalf("text %+v", one)
		}
	}
	slices.Sort(to)
	if to = slices.Compact(to); len(to) != texts {
		t.Errorf("%d handsets have a text, want %d", len(to), texts)
	}
	if err := centre.WaitDelivered(limited(t), texts); err != nil {
		t.Errorf("receipts: %v", err)
	}
	if err := centre.Deliver(limited(t), handset(1), number, "满意"); err != nil {
		t.Errorf("a handset's answer: %v", err)
	}
	t.Logf("binds %d, files left in the spool %d", centre.Binds(), spooled(dir))
}
