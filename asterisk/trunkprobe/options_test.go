package trunkprobe

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"runtime"
	"testing"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"

	"hotline/deploy/ports"
)

// peer is a SIP server on loopback that answers OPTIONS with a status.
func peer(t *testing.T, status int) (addr string) {
	t.Helper()
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	quiet := slog.New(slog.DiscardHandler)
	ua, err := sipgo.NewUA(sipgo.WithUserAgentTransportLayerOptions(sip.WithTransportLayerLogger(quiet)))
	if err != nil {
		t.Fatal(err)
	}
	srv, err := sipgo.NewServer(ua, sipgo.WithServerLogger(quiet))
	if err != nil {
		t.Fatal(err)
	}
	srv.OnOptions(func(req *sip.Request, tx sip.ServerTransaction) {
		if err := tx.Respond(sip.NewResponseFromRequest(req, status, "", nil)); err != nil {
			t.Errorf("answer: %v", err)
		}
	})
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = ua.TransportLayer().ServeUDP(conn) // ends with the socket
	}()
	t.Cleanup(func() {
		_ = ua.Close()
		_ = conn.Close()
		<-served
	})
	return conn.LocalAddr().String()
}

// watch runs a prober on real sockets and gives the changes it tells of.
func watch(t *testing.T, trunks map[string]string) (<-chan Health, *Prober) {
	t.Helper()
	changes := make(chan Health, 10)
	p, err := New(Config{Trunks: trunks, Now: time.Now,
		After:   func(time.Duration) <-chan time.Time { return time.After(time.Millisecond) },
		Changed: func(_ context.Context, h Health) { changes <- h }})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- p.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return changes, p
}

// By real OPTIONS: one trunk answers, one does not know OPTIONS, one has no room, one's
// port is closed.
func TestOptions(t *testing.T) {
	closed, err := ports.Free(1)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]State{"up": Up, "odd": Up, "full": Down, "gone": Down}
	changes, p := watch(t, map[string]string{"up": peer(t, 200), "odd": peer(t, 405), "full": peer(t, 503), "gone": fmt.Sprintf("127.0.0.1:%d", closed[0])})
	for got := map[string]State{}; !maps.Equal(got, want); {
		h := <-changes
		if got[h.Trunk] = h.State; h.State == Slow {
			continue // a machine that stands still for a moment; it is asked again
		}
		if want[h.Trunk] != h.State {
			t.Errorf("%s is %s: %s", h.Trunk, h.State, h.Detail)
		}
		if h.State == Up && (h.RTT <= 0 || h.RTT > Patience) {
			t.Errorf("%s answers after %v", h.Trunk, h.RTT)
		}
	}
	for _, h := range p.List() {
		if h.State != want[h.Trunk] && h.State != Slow {
			t.Errorf("listed %+v", h)
		}
	}
}

// No goroutine and no socket outlives Run.
func TestRunLeavesNothing(t *testing.T) {
	addr := peer(t, 200)
	before := runtime.NumGoroutine()
	t.Run("probed", func(t *testing.T) {
		changes, _ := watch(t, map[string]string{"a": addr, "b": addr})
		<-changes
		<-changes
	})
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for end := time.Now().Add(time.Minute); runtime.NumGoroutine() > before; <-ticker.C {
		if time.Now().After(end) {
			buf := make([]byte, 1<<20)
			t.Fatalf("%d goroutines more than before:\n%s", runtime.NumGoroutine()-before, buf[:runtime.Stack(buf, true)])
		}
	}
}
