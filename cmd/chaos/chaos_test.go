package main

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/linxGnu/gosmpp/data"
	"github.com/linxGnu/gosmpp/pdu"
)

// TestSmoke plays three rounds with faults that are always the same. `make chaos` plays
// two hundred with others.
func TestSmoke(t *testing.T) {
	o := options{Nodes: 3, Switches: 2, Sentinel: true, Seed: 3, Repo: filepath.Join("..", "..")}
	bin := t.TempDir()
	if out, err := exec.Command("go", "build", "-o", bin+"/", "hotline/cmd/hotline", "hotline/cmd/carrier").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	o.Hotline, o.Carrier = filepath.Join(bin, "hotline"), filepath.Join(bin, "carrier")
	c, err := openTown(t.Context(), o, testWriter{t})
	if c != nil {
		defer c.shut()
	}
	if err != nil {
		t.Fatal(err)
	}
	for n, name := range []string{"kill-hotline-b", "cut-hotline-a>postgres", "dead-asterisk-2>trunk"} {
		c.o.Only = name
		f, err := c.chosen()
		if err != nil {
			t.Fatal(err)
		}
		r := c.round(t.Context(), n+1, f[0], rand.New(rand.NewPCG(o.Seed, uint64(n))))
		c.tell(r)
		if len(r.Findings) > 0 {
			t.Errorf("%s: %s", name, strings.Join(r.Findings, "\n"))
		}
		if len(r.Calls) < len(firstWants) {
			t.Errorf("%s: only %d calls", name, len(r.Calls))
		}
	}
}

// testWriter puts what is told into the test's log.
type testWriter struct{ t *testing.T }

func (w testWriter) Write(b []byte) (int, error) {
	w.t.Log(strings.TrimRight(string(b), "\n"))
	return len(b), nil
}

// echo answers everything with itself.
func echo(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				_, _ = io.Copy(c, c)
			}()
		}
	}()
	return l.Addr().String()
}

func TestWire(t *testing.T) {
	ctx, end := context.WithCancel(t.Context())
	defer end()
	w := newWire(ctx, "wire", echo(t))
	near, err := w.tcp()
	if err != nil {
		t.Fatal(err)
	}
	c, err := net.Dial("tcp", near)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ask := func() (time.Duration, error) {
		began := time.Now()
		_ = c.SetDeadline(began.Add(time.Minute))
		if _, err := c.Write([]byte("x")); err != nil {
			return 0, err
		}
		_, err := io.ReadFull(c, make([]byte, 1))
		return time.Since(began), err
	}
	if _, err := ask(); err != nil {
		t.Fatalf("in order: %v", err)
	}
	w.set(condition{Delay: 60 * time.Millisecond})
	if took, err := ask(); err != nil || took < 120*time.Millisecond {
		t.Errorf("slow: %v, %v; want 60 ms each way", took, err)
	}
	w.set(condition{Dead: true})
	mended := time.AfterFunc(time.Second, func() { w.set(condition{}) })
	defer mended.Stop()
	if took, err := ask(); err != nil || took < 100*time.Millisecond {
		t.Errorf("dead and mended: %v, %v; want what was sent, late", took, err)
	}
	w.set(condition{Cut: true})
	if _, err := ask(); err == nil {
		t.Error("a cut wire answers")
	}
}

// frame is a PDU as bytes.
func frame(p pdu.PDU, seq int32) []byte {
	p.SetSequenceNumber(seq)
	b := pdu.NewBuffer(nil)
	p.Marshal(b)
	return b.Bytes()
}

func TestTapTellsRepeats(t *testing.T) {
	submit := func(to, text string) *pdu.SubmitSM {
		s := pdu.NewSubmitSM().(*pdu.SubmitSM)
		if err := s.DestAddr.SetAddress(to); err != nil {
			t.Fatal(err)
		}
		if err := s.Message.SetMessageWithEncoding(text, data.GSM7BIT); err != nil {
			t.Fatal(err)
		}
		return s
	}
	tp := newTap()
	send := func(conn int, text string, seq int32, answered bool) {
		b := frame(submit("13800000001", text), seq)
		tp.pass(conn, true, b[:10]) // in pieces, as TCP likes
		tp.pass(conn, true, b[10:])
		if answered {
			tp.pass(conn, false, frame(pdu.NewSubmitSMResp(), seq))
		}
	}
	send(1, "once", 1, true)
	send(1, "doubled", 2, true)
	send(1, "doubled", 3, true)
	send(1, "unanswered", 4, false)
	tp.pass(1, false, nil)
	send(2, "unanswered", 1, true)
	doubled, uncertain := tp.repeats(0)
	count := map[string]int{}
	for _, d := range doubled {
		count["doubled: "+d[strings.LastIndex(d, " ")+1:]]++
	}
	for _, u := range uncertain {
		count["uncertain: "+u[strings.LastIndex(u, " ")+1:]]++
	}
	if diff := cmp.Diff(map[string]int{"doubled: doubled": 1, "uncertain: unanswered": 1}, count); diff != "" {
		t.Error(diff)
	}
}

// The tone that is no silence, as A-law of known samples.
func TestALaw(t *testing.T) {
	for v, want := range map[int]byte{0: 0xD5, -1: 0x55, 16: 0xD4, 5000: 0x86, -5000: 0x06, 32767: 0xAA, -32768: 0x2A} {
		if got := alaw(v); got != want {
			t.Errorf("%d is %#x, want %#x", v, got, want)
		}
	}
	if b := ringback(20); !loud(b) {
		t.Error("the ring-back tone counts as silence")
	}
	if loud(bytes.Repeat([]byte{0xD5}, 160)) {
		t.Error("silence counts as loud")
	}
}
