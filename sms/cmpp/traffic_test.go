package cmpp_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"hotline/sms"
	"hotline/sms/cmpp"
	"hotline/sms/smstest"
)

// sendAll sends n texts at once and says how long it took.
func (l *line) sendAll(t *testing.T, n int) time.Duration {
	t.Helper()
	began := time.Now()
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			if _, err := l.Send(t.Context(), hello); err != nil {
				t.Error(err)
			}
		})
	}
	synctest.Wait()
	if free := l.Health().Free; free != 0 {
		t.Errorf("%d free while the window is full", free)
	}
	all.Wait()
	return time.Since(began)
}

func TestWindowHoldsBackAndDropsNothing(t *testing.T) {
	slow := func(k *smstest.Knobs) { k.Latency = time.Second }
	for connections, want := range map[int]time.Duration{1: 10 * time.Second, 2: 5 * time.Second} {
		change := func(c *cmpp.Config) { c.Connections = connections }
		onLine(t, setting{slow, change}, func(t *testing.T, l *line) {
			if took := l.sendAll(t, 50); took != want {
				t.Errorf("50 texts through %d windows of 5 at a second each took %s", connections, took)
			}
		})
	}
}

// A connection that the carrier cuts leaves the others at work, and comes back.
func TestSeveralConnections(t *testing.T) {
	two := func(c *cmpp.Config) { c.Connections = 2 }
	onLine(t, setting{change: two}, func(t *testing.T, l *line) {
		if h := l.Health(); l.ismg.Binds() != 2 || h.Free != 10 {
			t.Fatalf("%d logins, %+v", l.ismg.Binds(), h)
		}
		l.ismg.Disconnect()
		synctest.Wait()
		if h := l.Health(); h.Up {
			t.Errorf("cut: %+v", h)
		}
		pass(2 * time.Second)
		if h := l.Health(); l.ismg.Binds() != 4 || h.Free != 10 || h.Detail != "bound" {
			t.Errorf("%d logins, %+v", l.ismg.Binds(), h)
		}
		l.works(t)
		l.stop()
		if n := l.ismg.Unbinds(); n != 2 {
			t.Errorf("%d terminates", n)
		}
	})
}

// An account that is allowed fewer connections than we ask for works with those it gets.
func TestFewerConnectionsThanAskedFor(t *testing.T) {
	var dials int
	var mu sync.Mutex
	oneOnly := func(c *cmpp.Config) {
		dial := c.Dial
		c.Connections = 2
		c.Dial = func(ctx context.Context, addr string) (net.Conn, error) {
			mu.Lock()
			defer mu.Unlock()
			if dials++; dials > 1 {
				return nil, errors.New("too many connections")
			}
			return dial(ctx, addr)
		}
	}
	onLine(t, setting{change: oneOnly}, func(t *testing.T, l *line) {
		pass(10 * time.Minute)
		h := l.Health()
		if !h.Up || h.Free != 5 || !strings.Contains(h.Detail, "1 of 2 connections: ") || time.Since(h.Since) < 9*time.Minute {
			t.Errorf("%+v", h)
		}
		if dials < 8 || dials > 25 {
			t.Errorf("%d dials in ten minutes", dials)
		}
		l.works(t)
	})
}

func TestLateAnswerIsCounted(t *testing.T) {
	late := func(k *smstest.Knobs) { k.Latency = 70 * time.Second; k.ManualReceipt = true }
	onLine(t, setting{tune: late}, func(t *testing.T, l *line) {
		_, err := l.Send(t.Context(), hello)
		var fault *sms.SendError
		if !errors.As(err, &fault) || fault.Fault != sms.Unknown {
			t.Errorf("%v", err)
		}
		pass(20 * time.Second)
		if s := l.Health().Stats; s.Timeouts != 1 || s.Unasked != 1 {
			t.Errorf("%+v", s)
		}
		if !l.Health().Up {
			t.Error("a late answer brought the link down")
		}
	})
}

func TestResultsAreToldApart(t *testing.T) {
	onLine(t, setting{}, func(t *testing.T, l *line) {
		for code, want := range map[uint32]sms.Fault{
			1: sms.Permanent, 3: sms.Temporary, 4: sms.Permanent, 6: sms.Permanent, 8: sms.Throttled, 9: sms.Temporary,
			10: sms.Permanent, 13: sms.Permanent, 14: sms.Permanent, 101: sms.Permanent, 255: sms.Permanent,
		} {
			l.ismg.Tune(func(k *smstest.Knobs) { k.Refuse = code })
			_, err := l.Send(soon(t), hello)
			var fault *sms.SendError
			if !errors.As(err, &fault) || fault.Fault != want || fault.Code != fmt.Sprint(code) {
				t.Errorf("result %d: %v, want %s", code, err, want)
			}
		}
	})
}

// Flow control in the middle of a long text does not leave half of it on the handset.
func TestFlowControlBetweenSegments(t *testing.T) {
	onLine(t, setting{tune: func(k *smstest.Knobs) { k.Latency = time.Second }}, func(t *testing.T, l *line) {
		var taken sms.Taken
		done := make(chan error, 1)
		go func() {
			var err error
			taken, err = l.Send(soon(t), sms.Outgoing{ID: "m", To: "13800000001", Text: strings.Repeat("长", 200), Ref: 9})
			done <- err
		}()
		synctest.Wait() // the first segment is there and not answered yet
		l.ismg.Tune(func(k *smstest.Knobs) { k.Throttle = 2 })
		if err := <-done; err != nil || len(taken.CarrierIDs) != 3 || len(l.ismg.Submits()) != 3 {
			t.Errorf("%+v %v, %d submits", taken, err, len(l.ismg.Submits()))
		}
	})
}

func TestWrongSecretSaysSo(t *testing.T) {
	for name, c := range map[string]struct {
		gateway smstest.Options
		lax     bool
		want    string
	}{
		"refused by the gateway":    {smstest.Options{SystemID: "900001", Password: "other"}, false, "refused with status 3"},
		"unknown to the gateway":    {smstest.Options{SystemID: "900002", Password: "secret"}, false, "refused with status 3"},
		"a gateway without proof":   {smstest.Options{}, false, "does not prove"},
		"which we are told to take": {smstest.Options{}, true, "bound"},
	} {
		for _, v := range []cmpp.Version{cmpp.V20, cmpp.V30} {
			synctest.Test(t, func(t *testing.T) {
				g := smstest.NewISMG(c.gateway)
				defer func() { _ = g.Close() }()
				l := newLink(t, cmpp.Config{
					Name: "a", Addr: "memory:0", User: "900001", Secret: "secret", Version: v, Numbers: []string{"10690"},
					AnyISMG: c.lax, Clock: smstest.WallClock{},
					Dial: func(context.Context, string) (net.Conn, error) { return g.Connect(), nil },
				})
				run(t, l, smstest.NewSink())
				synctest.Wait()
				if d := l.Health().Detail; !strings.Contains(d, c.want) {
					t.Errorf("%s, %s: detail %q", name, v, d)
				}
			})
		}
	}
}

func TestFloodIsToldToComeAgain(t *testing.T) {
	onLine(t, setting{}, func(t *testing.T, l *line) {
		var flood []byte
		for i := range 500 {
			flood = append(flood, rawPDU(5, deliverBody(cmpp.Deliver{Content: []byte("text " + string(rune('A'+i%26)))}), 0)...)
		}
		l.ismg.Inject(flood)
		pass(time.Second)
		l.works(t)
		if l.ismg.Binds() != 1 {
			t.Errorf("%d logins", l.ismg.Binds())
		}
	})
}
