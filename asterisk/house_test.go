package asterisk_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"hotline/asterisk"
	"hotline/asterisk/asterisktest"
	"hotline/asterisk/conf"
	"hotline/asterisk/sipphone"
)

// house is a real Asterisk with real SIP phones around it: a citizen who calls, two
// trunks and a desk that are called.
type house struct {
	ast      *asterisktest.Server
	citizen  *sipphone.Phone
	carrier  *sipphone.Phone
	carrier2 *sipphone.Phone
	sounds   string
}

// The sounds of the house: random speech that no two share, by length.
var soundLengths = map[string]time.Duration{
	"welcome": 2 * time.Second, "menu": time.Second, "ringback": 600 * time.Millisecond, "accept": 400 * time.Millisecond,
	"sorry": 500 * time.Millisecond, "emergency-menu": time.Second, "leave-message": 500 * time.Millisecond, "dial-directly": time.Second,
}

func newHouse(t *testing.T) *house {
	return newHouseOf(t, func(*conf.Config) {})
}

// newHouseOf is newHouse with another configuration.
func newHouseOf(t *testing.T, change func(*conf.Config)) *house {
	t.Parallel() // a house mostly waits for speech
	h := &house{sounds: t.TempDir()}
	index := sipphone.NewIndex()
	for name, length := range soundLengths {
		writeSound(t, h.sound(name), length)
		if err := index.AddFile(name, h.sound(name)); err != nil {
			t.Fatal(err)
		}
	}
	h.citizen = listen(t, "13800138000", index)
	h.carrier = listen(t, "carrier", index)
	h.carrier2 = listen(t, "carrier2", index)
	h.ast = asterisktest.Start(t, asterisktest.Options{Configure: func(c *conf.Config) { h.configure(c); change(c) }})
	return h
}

func (h *house) configure(c *conf.Config) {
	c.Trunks = []conf.Trunk{{Name: "carrier", Addr: h.carrier.Addr()}, {Name: "carrier2", Addr: h.carrier2.Addr()}}
	c.Fallback = conf.Fallback{
		Emergency: map[string]string{
			"1": "PJSIP/110@carrier,PJSIP/110@carrier2", "2": "PJSIP/120@carrier,PJSIP/120@carrier2",
		},
		Duty:        []string{"PJSIP/13900139000@carrier"},
		RingSeconds: 20, // longer than a test stands still
		Prompts: map[string]string{
			"sorry": h.sound("sorry"), "emergency-menu": h.sound("emergency-menu"), "dial-directly": h.sound("dial-directly"),
			"leave-message": h.sound("leave-message"), "duty-accept": h.sound("accept"),
		},
	}
}

func (h *house) sound(name string) string { return filepath.Join(h.sounds, name) }

func (h *house) hotline() string { return "sip:12345@" + h.ast.SIP }

// writeSound writes noise as alaw and ulaw; loud enough never to pass for silence.
func writeSound(t *testing.T, path string, length time.Duration) {
	t.Helper()
	random := rand.New(rand.NewPCG(uint64(length), uint64(len(path))+uint64(path[len(path)-1])))
	noise := make([]byte, length/sipphone.FrameTime*sipphone.FrameBytes)
	for i := range noise {
		noise[i] = byte(random.IntN(0x30)) ^ 0x95 ^ byte(random.IntN(2)<<7)
	}
	for _, suffix := range []string{".alaw", ".ulaw"} {
		if err := os.WriteFile(path+suffix, noise, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func listen(t *testing.T, number string, index *sipphone.Index) *sipphone.Phone {
	t.Helper()
	p, err := sipphone.Listen(context.Background(), sipphone.Config{Addr: "127.0.0.1:0", Number: number, Index: index})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// desk is a Switch at work, and what became of it.
type desk struct {
	*asterisk.Switch
	clock *shiftClock
	stop  func()
}

// work runs a Switch on the house's Asterisk until the test ends. adjust may be nil.
func (h *house) work(t *testing.T, handle asterisk.Handler, adjust func(*asterisk.Config)) *desk {
	t.Helper()
	d := &desk{clock: &shiftClock{}}
	cfg := asterisk.Config{
		URL: h.ast.ARI, User: h.ast.Config.ARIUser, Password: h.ast.Config.ARIPass, Clock: d.clock,
		Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelInfo})),
	}
	if adjust != nil {
		adjust(&cfg)
	}
	sw, err := asterisk.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	sw.Handle(handle)
	d.Switch = sw
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- sw.Run(ctx) }()
	d.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	t.Cleanup(d.stop)
	soon(t, sw.Ready(), "the switch to be ready")
	return d
}

// dial calls the hotline and fails the test when nobody answers.
func (h *house) dial(t *testing.T) *sipphone.Session { return h.dialOn(t, h.ast) }

// dialOn is dial by another Asterisk.
func (h *house) dialOn(t *testing.T, ast *asterisktest.Server) *sipphone.Session {
	t.Helper()
	s, err := h.citizen.Call(within(t, patience), "sip:12345@"+ast.SIP, sipphone.CallOptions{From: "13800138000"})
	if err != nil {
		t.Fatalf("call: %v", err)
	}
	t.Cleanup(func() { s.Hangup(context.Background()) })
	return s
}

func within(t *testing.T, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

// patience is how long a test waits for what has to happen: a machine that does a lot beside
// it is slow, and only a test that fails waits so long.
const patience = time.Minute

// soon waits for a channel.
func soon[T any](t *testing.T, c <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		t.Fatalf("waited %s for %s", patience, what)
		panic("unreachable")
	}
}

func press(t *testing.T, s *sipphone.Session, keys string) {
	t.Helper()
	if err := s.Press(within(t, patience), keys); err != nil {
		t.Fatalf("press %s: %v", keys, err)
	}
}

func hears(t *testing.T, s *sipphone.Session, prompt string) {
	t.Helper()
	if _, err := s.Ear().WaitPrompt(within(t, patience), prompt); err != nil {
		t.Fatalf("prompt %s: %v; heard %v", prompt, err, s.Ear().Heard())
	}
}

// shiftClock is the machine's clock with a hand to move it forward.
type shiftClock struct {
	mu     sync.Mutex
	shift  time.Duration
	timers map[*shiftTimer]struct{}
}

type shiftTimer struct {
	due  time.Time
	real *time.Timer
}

func (c *shiftClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.shift)
}

func (c *shiftClock) AfterFunc(d time.Duration, f func()) (stop func() bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.timers == nil {
		c.timers = map[*shiftTimer]struct{}{}
	}
	timer := &shiftTimer{due: time.Now().Add(c.shift + d)}
	timer.real = time.AfterFunc(d, func() {
		c.mu.Lock()
		_, waiting := c.timers[timer]
		delete(c.timers, timer)
		c.mu.Unlock()
		if waiting {
			f()
		}
	})
	c.timers[timer] = struct{}{}
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		_, waiting := c.timers[timer]
		delete(c.timers, timer)
		timer.real.Stop()
		return waiting
	}
}

func (c *shiftClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.shift += d
	for timer := range c.timers {
		timer.real.Reset(max(0, time.Until(timer.due.Add(-c.shift))))
	}
}

// waiting is how many timers wait.
func (c *shiftClock) waiting() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.timers)
}

func answering(next asterisk.Handler) asterisk.Handler {
	return func(ctx context.Context, c *asterisk.Call) {
		if err := c.Answer(ctx); err != nil {
			panic(fmt.Sprint("answer: ", err))
		}
		next(ctx, c)
	}
}
