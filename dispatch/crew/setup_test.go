package crew_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"hotline/dispatch/crew"
	"hotline/sms/survey/redistest"
)

// The tests' measure: long enough for a busy machine, short enough to wait for.
const (
	beat = 50 * time.Millisecond
	dead = 3 * time.Second
)

// begin starts the Redis of a test, which waits most of its time.
func begin(t *testing.T) *redistest.Server {
	t.Helper()
	t.Parallel()
	return redistest.Start(t)
}

// processVar makes this test's own executable a member: the address of its Redis.
const processVar = "HOTLINE_CREW_MEMBER"

func TestMain(m *testing.M) {
	if addr := os.Getenv(processVar); addr != "" {
		os.Exit(process(addr))
	}
	os.Exit(m.Run())
}

// process is member "b" in a process of its own. It says when it lives, and how it ended.
func process(addr string) int {
	client := redis.NewClient(&redis.Options{Addr: addr, ContextTimeoutEnabled: true})
	m, err := crew.Join(context.Background(), config(client, "b"))
	if err != nil || m.Standing() != crew.Fresh {
		return 1
	}
	fmt.Println("fresh")
	if err := m.Run(context.Background()); !errors.Is(err, crew.ErrReplaced) {
		return 1
	}
	fmt.Println("replaced")
	return 0
}

func config(client redis.UniversalClient, node string) crew.Config {
	return crew.Config{Redis: client, Node: node, Beat: beat, Dead: dead}
}

// line is a client's way to Redis, which can be cut.
type line struct {
	mu    sync.Mutex
	off   bool
	conns []net.Conn
}

func (l *line) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.off {
		return nil, errors.New("the line is cut")
	}
	c, err := (&net.Dialer{}).DialContext(ctx, network, addr)
	if err == nil {
		l.conns = append(l.conns, c)
	}
	return c, err
}

func (l *line) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.off = true
	for _, c := range l.conns {
		c.Close()
	}
}

func (l *line) mend() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.off = false
}

// hand is one member at work, with its line.
type hand struct {
	*crew.Member
	t     *testing.T
	line  *line
	ended chan error // what Run returned
	stop  context.CancelFunc
}

// hire makes a member and lets it run until the test ends.
func hire(t *testing.T, server *redistest.Server, node string) *hand {
	t.Helper()
	h := &hand{t: t, line: &line{}, ended: make(chan error, 1)}
	client := redis.NewClient(&redis.Options{Addr: server.Addr, Dialer: h.line.dial, MaxRetries: -1, ContextTimeoutEnabled: true})
	cfg := config(client, node)
	cfg.Log = slog.New(slog.NewTextHandler(t.Output(), nil)).With("node", node)
	var err error
	if h.Member, err = crew.Join(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { h.ended <- h.Run(ctx) })
	h.stop = func() { stop(); running.Wait() }
	t.Cleanup(func() { h.stop(); client.Close() })
	return h
}

// insist asks Redis again where a machine that stood still made a member take it for away.
func insist[T any](ask func() (T, error)) (T, error) {
	for limit := time.Now().Add(time.Minute); ; {
		v, err := ask()
		if !errors.Is(err, context.DeadlineExceeded) || time.Now().After(limit) {
			return v, err
		}
	}
}

// Bury is the member's, who is told of the dead again when it failed.
func (h *hand) Bury(ctx context.Context, dead crew.Peer) ([]crew.Peer, error) {
	return insist(func() ([]crew.Peer, error) { return h.Member.Bury(ctx, dead) })
}

// Inherit is the member's, who asks again.
func (h *hand) Inherit(ctx context.Context, node, incarnation, place string) (bool, error) {
	return insist(func() (bool, error) { return h.Member.Inherit(ctx, node, incarnation, place) })
}

// Check is the member's, which beats again.
func (h *hand) Check(ctx context.Context) error {
	_, err := insist(func() (struct{}, error) { return struct{}{}, h.Member.Check(ctx) })
	return err
}

// dies is a kill as Redis sees it: not a word more.
func (h *hand) dies() {
	h.line.cut()
	h.stop()
}

// ends waits for Run.
func (h *hand) ends() error {
	h.t.Helper()
	return receive(h.t, h.ended, "end of Run")
}

// finds waits until a member is told of a dead peer.
func (h *hand) finds(node string) crew.Peer {
	h.t.Helper()
	for range 100 {
		for _, p := range receive(h.t, h.Dead(), "news of the dead") {
			if p.Node == node {
				return p
			}
		}
	}
	h.t.Fatalf("%s is not told of", node)
	return crew.Peer{}
}

// stands waits until the member stands so.
func (h *hand) stands(want crew.Standing) {
	h.t.Helper()
	until(h.t, fmt.Sprint("standing ", want), func() bool { return h.Standing() == want })
}

// leads lets a member do a role's work, and tells of its beginning and its end.
func (h *hand) leads(ctx context.Context, role string) (began, ended chan string) {
	began, ended = make(chan string, 10), make(chan string, 10)
	go h.Lead(ctx, role, func(ctx context.Context) error {
		began <- role
		<-ctx.Done()
		ended <- role
		return nil
	})
	return began, ended
}

// works is leads for who asks how it is now: whether the member works, and how often it
// stopped.
func (h *hand) works(ctx context.Context, role string) (at *atomic.Bool, stops *atomic.Int32) {
	at, stops = new(atomic.Bool), new(atomic.Int32)
	go h.Lead(ctx, role, func(ctx context.Context) error {
		at.Store(true)
		<-ctx.Done()
		stops.Add(1)
		at.Store(false)
		return nil
	})
	return at, stops
}

// stills tells, when asked, for how long at most this process stood still since, or one of
// its goroutines on a busy machine.
func stills(t *testing.T) (longest func() time.Duration) {
	t.Helper()
	var most atomic.Int64
	go func() {
		for last := time.Now(); t.Context().Err() == nil; {
			<-time.After(beat)
			now := time.Now()
			most.Store(max(most.Load(), int64(now.Sub(last))))
			last = now
		}
	}()
	return func() time.Duration { return time.Duration(most.Load()) }
}

func receive[T any](t *testing.T, c <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(time.Minute):
		t.Fatal("no ", what)
		panic("unreachable")
	}
}

// until waits for something that tells nobody.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for limit := time.After(time.Minute); !ok(); {
		select {
		case <-limit:
			t.Fatal("not: ", what)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// quiet fails if something comes within the time in which it would.
func quiet[T any](t *testing.T, c <-chan T, what string) {
	t.Helper()
	select {
	case v := <-c:
		t.Fatalf("%s: %v", what, v)
	case <-time.After(2 * dead):
	}
}

// spawn starts a member in a process of its own; said waits for its next word.
func spawn(t *testing.T, addr string) (p *os.Process, said func() string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), processVar+"="+addr)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	words := make(chan string, 10)
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			words <- lines.Text()
		}
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGKILL)
		_ = cmd.Wait()
	})
	return cmd.Process, func() string { t.Helper(); return receive(t, words, "word of the process") }
}
