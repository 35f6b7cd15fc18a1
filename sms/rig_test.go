package sms_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/sms"
	"hotline/sms/smpp"
	"hotline/sms/smstest"
)

// house is a gateway with everything real around it but the network and the time: a
// store, an SMPP link, a carrier.
type house struct {
	t     *testing.T
	clock *steppedClock
	store *faultyStore
	smsc  *smstest.SMSC
	links []sms.Transport
	cfg   sms.Config
	gw    *sms.Gateway
	stop  func() // ends the gateway and waits for it

	mu        sync.Mutex
	moves     []string // told to OnMoved
	seen      []string // told to OnInbound
	tellFails int      // so many tellings fail
	takeFails map[string]int
}

// steppedClock is the machine's clock, which a test may set back or forward.
type steppedClock struct {
	smstest.WallClock
	shift atomic.Int64
}

func (c *steppedClock) Now() time.Time { return time.Now().Add(time.Duration(c.shift.Load())) }

// faultyStore is a store that is away when a test says so.
type faultyStore struct {
	*smstest.MemoryStore
	mu       sync.Mutex
	failures map[string]int
	pause    time.Duration // of Claim
	dropping time.Duration // of Drop
}

func (s *faultyStore) fail(op string, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failures[op] = n
}

func (s *faultyStore) try(op string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failures[op] > 0 {
		s.failures[op]--
		return errors.New(op + ": store is away")
	}
	return nil
}

func (s *faultyStore) Advance(ctx context.Context, c sms.Change) (sms.Message, bool, error) {
	if err := s.try("advance"); err != nil {
		return sms.Message{}, false, err
	}
	return s.MemoryStore.Advance(ctx, c)
}

func (s *faultyStore) Keep(ctx context.Context, k sms.Kept) error {
	if err := s.try("keep"); err != nil {
		return err
	}
	return s.MemoryStore.Keep(ctx, k)
}

// Drop takes its time when a test says so.
func (s *faultyStore) Drop(ctx context.Context, before time.Time, of ...sms.Kept) error {
	s.mu.Lock()
	pause := s.dropping
	s.mu.Unlock()
	if pause > 0 { // see Claim
		<-time.After(pause)
	}
	return s.MemoryStore.Drop(ctx, before, of...)
}

func (s *faultyStore) Receive(ctx context.Context, in sms.Inbound) (bool, error) {
	if err := s.try("receive"); err != nil {
		return false, err
	}
	return s.MemoryStore.Receive(ctx, in)
}

// inHouse runs a test in a bubble whose time jumps when everybody waits.
func inHouse(t *testing.T, test func(t *testing.T, h *house)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t)
		defer func() {
			h.stop()
			if err := h.smsc.Close(); err != nil {
				t.Error(err)
			}
		}()
		test(t, h)
	})
}

func newHouse(t *testing.T) *house {
	h := &house{
		t: t, clock: &steppedClock{}, smsc: smstest.NewSMSC(smstest.Options{}), stop: func() {}, takeFails: map[string]int{},
		store: &faultyStore{MemoryStore: smstest.NewStore(), failures: map[string]int{}},
	}
	h.links = []sms.Transport{h.link("a", h.smsc, nil)}
	h.cfg = sms.Config{
		Outbox: h.store, Inbox: h.store, Clock: h.clock,
		Signature: "【热线】", OnMoved: h.onMoved, OnInbound: h.onInbound,
		Policy: sms.Policy{Poll: time.Minute},
	}
	return h
}

// link is an SMPP link to a carrier over memory.
func (h *house) link(name string, to *smstest.SMSC, change func(*smpp.Config)) *sms.Line {
	cfg := smpp.Config{
		Name: name, Addr: "memory:0", SystemID: "hotline", Numbers: []string{"1069012345"},
		Receipts: true, Clock: h.clock,
		Dial: func(context.Context, string) (net.Conn, error) { return to.Connect(), nil },
	}
	if change != nil {
		change(&cfg)
	}
	l, err := smpp.New(cfg)
	if err != nil {
		h.t.Fatal(err)
	}
	return l
}

// start sets the gateway going and waits until its links are up.
func (h *house) start() {
	h.t.Helper()
	h.cfg.Transports = h.links
	gw, err := sms.NewGateway(h.cfg)
	if err != nil {
		h.t.Fatal(err)
	}
	h.gw = gw
	ctx, cancel := context.WithCancel(context.WithoutCancel(h.t.Context()))
	done := make(chan error, 1)
	go func() { done <- gw.Run(ctx) }()
	h.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			h.t.Errorf("Run: %v", err)
		}
	})
	synctest.Wait()
}

// restart ends the gateway and starts another on the same store.
func (h *house) restart(links ...sms.Transport) {
	h.t.Helper()
	h.stop()
	h.links = links
	h.start()
}

func (h *house) onMoved(_ context.Context, m sms.Message) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.tellFails > 0 {
		h.tellFails--
		return errors.New("nobody listens")
	}
	h.moves = append(h.moves, m.ID+" "+string(m.Status))
	return nil
}

func (h *house) onInbound(_ context.Context, in sms.Inbound) (string, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.takeFails[in.Text] > 0 {
		h.takeFails[in.Text]--
		return "", errors.New("cannot take it")
	}
	h.seen = append(h.seen, in.From+" "+in.Ext+" "+in.Text)
	return "order", nil
}

// put queues a text and wakes the gateway, which knows what happened before: a text that is
// written into a break would wait for its outcome.
func (h *house) put(id string, change func(*sms.Message)) {
	h.t.Helper()
	synctest.Wait()
	now := time.Now()
	m := sms.Message{ID: id, Key: id, Kind: sms.KindNotice, To: "13800000001", Text: "您好", NotBefore: now, CreatedAt: now}
	if change != nil {
		change(&m)
	}
	if err := h.store.PutText(h.t.Context(), m); err != nil {
		h.t.Fatal(err)
	}
	if h.gw != nil {
		h.gw.Wake()
	}
	synctest.Wait()
}

// pass lets time go by.
func (h *house) pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func (h *house) status(id string) sms.Status {
	h.t.Helper()
	return h.text(id).Status
}

func (h *house) text(id string) sms.Message {
	h.t.Helper()
	m, err := h.store.Text(id)
	if err != nil {
		h.t.Fatal(err)
	}
	return m
}

// wants compares the moves told so far.
func (h *house) wantMoves(want ...string) {
	h.t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	if diff := cmp.Diff(want, h.moves); diff != "" {
		h.t.Errorf("moves told (-want +got):\n%s", diff)
	}
}

func (h *house) wantSeen(want ...string) {
	h.t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	if diff := cmp.Diff(want, h.seen); diff != "" {
		h.t.Errorf("texts handled (-want +got):\n%s", diff)
	}
}

func (h *house) wantSubmits(n int) {
	h.t.Helper()
	if got := len(h.smsc.Submits()); got != n {
		h.t.Errorf("carrier's record has %d submits, want %d", got, n)
	}
}

// reply sends a citizen's text and waits until it was acknowledged.
func (h *house) reply(text string) {
	h.t.Helper()
	if err := h.smsc.Deliver(h.t.Context(), "13800000001", "106901234507", text); err != nil {
		h.t.Errorf("Deliver: %v", err)
	}
	synctest.Wait()
}

func ids(n int) (out []string) {
	for i := range n {
		out = append(out, fmt.Sprintf("text-%d", i))
	}
	return out
}
