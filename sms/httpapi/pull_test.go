package httpapi_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"hotline/sms"
	"hotline/sms/httpapi"
	"hotline/sms/smstest"
)

// often has every pull ask all the time.
func often(cfg *httpapi.Config) {
	for i := range cfg.API.Pulls {
		cfg.API.Pulls[i].Every = 10 * time.Millisecond
		if cfg.API.Pulls[i].Each > 0 {
			cfg.API.Pulls[i].Each = time.Millisecond
		}
	}
}

// Where callbacks cannot come in, pulls bring all there is.
func TestPullsBringWhatIsNotCalledBack(t *testing.T) {
	for _, style := range httpapi.ReadyNames() {
		t.Run(style, func(t *testing.T) {
			c := newCloud(t, style)
			cfg := configFor(t, c, style)
			c.CallBack("")
			often(&cfg)
			l, sink := up(t, cfg)
			taken, err := l.Send(soon(t), sms.Outgoing{ID: "m1", To: citizen, Text: "请评价"})
			if err != nil {
				t.Fatal(err)
			}
			receipts, err := sink.Receipts(soon(t), 1)
			if err != nil {
				t.Fatalf("receipt: %v", err)
			}
			if r := receipts[0]; r.CarrierID != taken.CarrierIDs[0] || r.Phone != citizen || r.Status != sms.Delivered || r.DoneAt.IsZero() {
				t.Errorf("receipt %+v of %v", r, taken)
			}
			if style != smstest.CloudTencent {
				return // the others do not let citizens' texts be pulled
			}
			if err := c.Deliver(soon(t), citizen, "1069012345", "2"); err != nil {
				t.Fatal(err)
			}
			parts, err := sink.Parts(soon(t), 1)
			if err != nil || parts[0].Text != "2" || parts[0].From != citizen {
				t.Errorf("%+v, %v", parts, err)
			}
			// The pull that brought it left nothing behind; the next one has begun by the
			// time it brings another.
			if err := c.Deliver(soon(t), citizen, "1069012345", "3"); err != nil {
				t.Fatal(err)
			}
			if _, err := sink.Parts(soon(t), 2); err != nil {
				t.Fatal(err)
			}
			if h := l.Health(); h.LastSeen.IsZero() || h.LastSeen.After(time.Now()) {
				t.Errorf("a pull that left nothing proves nothing: %+v", h)
			}
		})
	}
}

// What a pull brought and the store did not take is not lost: the carrier has it no more.
func TestPulledAndUnstoredIsOfferedAgain(t *testing.T) {
	c := newCloud(t, smstest.CloudTencent)
	cfg := configFor(t, c, smstest.CloudTencent)
	c.CallBack("")
	often(&cfg)
	_, sink := up(t, cfg)
	sink.FailNext(3)
	if err := c.Deliver(soon(t), citizen, "1069012345", "2"); err != nil {
		t.Fatal(err)
	}
	if parts, err := sink.Parts(soon(t), 1); err != nil || len(parts) != 1 {
		t.Errorf("%d stored, %v", len(parts), err)
	}
}

// A text whose answer was lost is asked about under our own id, and what became of it is
// known without sending it again.
func TestLostAnswerIsAskedAbout(t *testing.T) {
	c := newCloud(t, smstest.CloudAliyun)
	cfg := configFor(t, c, smstest.CloudAliyun)
	clock := smstest.NewHeldClock()
	cfg.Clock = clock
	c.CallBack("")
	often(&cfg)
	l, sink := up(t, cfg)
	c.Tune(func(k *smstest.Knobs) { k.DropAnswers = 1 })
	got := clock.Unanswered(t, l, citizen, func() {
		if _, err := c.WaitTexts(soon(t), 1); err != nil {
			t.Fatal(err)
		}
	})
	if got.Fault != sms.Unknown {
		t.Fatalf("%+v", got)
	}
	receipts, err := sink.Receipts(soon(t), 1)
	if err != nil || receipts[0].Status != sms.Delivered || receipts[0].Phone != citizen || receipts[0].CarrierID == "" {
		t.Errorf("%+v, %v", receipts, err)
	}
}

// Everything is called back twice and pulled as well; the gateway keeps each once.
func TestCallbacksAndPullsNeverDouble(t *testing.T) {
	for _, style := range httpapi.ReadyNames() {
		t.Run(style, func(t *testing.T) {
			c := newCloud(t, style)
			cfg := configFor(t, c, style)
			often(&cfg)
			c.Tune(func(k *smstest.Knobs) { k.Twice, k.RetryAfter = true, 10*time.Millisecond })
			neverDoubles(t, c, newLink(t, cfg))
		})
	}
}

// tally counts what a gateway tells. Safe for concurrent use.
type tally struct {
	mu          sync.Mutex
	moves, seen map[string]int
	changed     chan struct{}
}

func (c *tally) add(to map[string]int, what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	to[what]++
	c.changed <- struct{}{}
}

// full waits until there are so many moves and texts.
func (c *tally) full(t *testing.T, moves, texts int) {
	t.Helper()
	over := soon(t)
	for done := false; !done; {
		select {
		case <-c.changed:
		case <-over.Done():
			t.Fatalf("%d moves, %d texts: %v", len(c.moves), len(c.seen), over.Err())
		}
		c.mu.Lock()
		done = len(c.moves) == moves && len(c.seen) == texts
		c.mu.Unlock()
	}
}

// gatewayOver runs a gateway with one link until the test ends.
func gatewayOver(t *testing.T, l *httpapi.Link, store *smstest.MemoryStore) *tally {
	t.Helper()
	count := &tally{moves: map[string]int{}, seen: map[string]int{}, changed: make(chan struct{}, 1000)}
	gw, err := sms.NewGateway(sms.Config{
		Outbox: store, Inbox: store, Transports: []sms.Transport{l}, Clock: smstest.WallClock{}, Signature: "【热线】",
		Policy: sms.Policy{Poll: 20 * time.Millisecond},
		OnMoved: func(_ context.Context, m sms.Message) error {
			count.add(count.moves, m.ID+" "+string(m.Status))
			return nil
		},
		OnInbound: func(_ context.Context, in sms.Inbound) (string, error) {
			count.add(count.seen, in.From+" "+in.Text)
			return "survey", nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- gw.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return count
}

// neverDoubles sends and answers through a real gateway.
func neverDoubles(t *testing.T, c *smstest.Cloud, l *httpapi.Link) {
	const texts = 20
	store, now := smstest.NewStore(), time.Now()
	count := gatewayOver(t, l, store)
	phone := func(i int) string { return fmt.Sprintf("138000000%02d", i) }
	for i := range texts {
		m := sms.Message{ID: phone(i), Key: phone(i), Kind: sms.KindNotice, To: phone(i), Text: "您好", CreatedAt: now, NotBefore: now}
		if err := store.PutText(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.WaitTexts(soon(t), texts); err != nil {
		t.Fatal(err)
	}
	for i := range texts {
		if err := c.Deliver(soon(t), phone(i), "1069012345", "1"); err != nil {
			t.Fatal(err)
		}
	}
	count.full(t, 2*texts, texts)
	count.mu.Lock()
	defer count.mu.Unlock()
	for what, n := range count.seen {
		if n != 1 {
			t.Errorf("%s was handled %d times", what, n)
		}
	}
	if got := len(c.Submits()); got != texts {
		t.Errorf("the carrier has %d texts, want %d", got, texts)
	}
	if s := l.Health().Stats; s.Malformed != 0 {
		t.Errorf("%+v", s)
	}
}
