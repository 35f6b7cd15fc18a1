// Package redistest starts a real redis-server for tests, on a free port of
// 127.0.0.1, with nothing kept on disk, and stops it when the test ends.
package redistest

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"hotline/deploy/ports"
)

// startLimit is what a server may take until it answers: long, since a machine that tests
// much at once may stand still for a minute.
const startLimit = 3 * time.Minute

// patience is how long a client of a test waits.
const patience = time.Minute

// Server is one running redis-server. Its methods fail the test when they fail.
type Server struct {
	Addr string // 127.0.0.1:port; the same after Restart

	tb   testing.TB
	bin  string
	port string
	args []string // beside the port
	mu   sync.Mutex
	cmd  *exec.Cmd
	done chan struct{}
	out  *bytes.Buffer
}

// Start runs a server. It fails the test if the repository's executables have not
// been brought in (make bring).
func Start(tb testing.TB) *Server {
	tb.Helper()
	return start(tb, func() []string {
		return []string{"--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", tb.TempDir()}
	})
}

// start runs a server with arguments of its own beside the port.
func start(tb testing.TB, args func() []string) *Server {
	tb.Helper()
	s := &Server{tb: tb, bin: filepath.Join(root(tb), ".cache", "bin", "redis-server")}
	if _, err := os.Stat(s.bin); err != nil {
		tb.Fatalf("no redis-server: %v (make brings it in)", err)
	}
	tb.Cleanup(s.stop)
	for range 5 { // the free port may be taken before the server binds it
		s.port = strconv.Itoa(freePort(tb))
		s.Addr, s.args = net.JoinHostPort("127.0.0.1", s.port), args()
		if s.launch() == nil {
			return s
		}
	}
	tb.Fatalf("redis-server does not start:\n%s", s.out)
	return nil
}

// Client connects to the server, and waits a minute for it where a machine is slow; it is
// closed when the test ends.
func (s *Server) Client() *redis.Client {
	c := redis.NewClient(s.Options())
	s.tb.Cleanup(func() { _ = c.Close() })
	return c
}

// Options are those of a client that waits a minute where a machine is slow: what it asks
// for is done once, and a Redis that only stands still is not away.
func (s *Server) Options() *redis.Options {
	return &redis.Options{Addr: s.Addr, DialTimeout: patience, ReadTimeout: patience, WriteTimeout: patience, PoolTimeout: patience}
}

// FlushAll loses everything, as a restart without persistence does.
func (s *Server) FlushAll() {
	s.tb.Helper()
	c := redis.NewClient(s.Options())
	defer c.Close()
	if err := c.FlushAll(context.Background()).Err(); err != nil {
		s.tb.Fatalf("flush: %v", err)
	}
}

// Kill ends the server without a word to its clients.
func (s *Server) Kill() {
	s.tb.Helper()
	s.stop()
}

// Restart starts the killed server again, empty, on the same port.
func (s *Server) Restart() {
	s.tb.Helper()
	s.stop()
	if err := s.launch(); err != nil {
		s.tb.Fatalf("restart redis-server: %v\n%s", err, s.out)
	}
}

func (s *Server) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Kill()
	<-s.done
	s.cmd = nil
}

// launch starts the process and returns when it answers.
func (s *Server) launch() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.out = &bytes.Buffer{}
	s.cmd = exec.Command(s.bin, append(slices.Clone(s.args), "--port", s.port)...)
	s.cmd.Stdout, s.cmd.Stderr = s.out, s.out
	if err := s.cmd.Start(); err != nil {
		s.cmd = nil
		return err
	}
	done, cmd := make(chan struct{}), s.cmd
	s.done = done
	go func() { _ = cmd.Wait(); close(done) }()
	c := redis.NewClient(&redis.Options{Addr: s.Addr, MaxRetries: -1})
	defer c.Close()
	deadline := time.After(startLimit)
	for {
		if c.Ping(context.Background()).Err() == nil {
			return nil
		}
		select {
		case <-done:
			s.cmd = nil
			return fmt.Errorf("redis-server ended: %v", cmd.ProcessState)
		case <-deadline:
			return fmt.Errorf("redis-server does not answer on %s", s.Addr)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// freePort finds a port that stays ours while the server is down for a restart.
func freePort(tb testing.TB) int {
	tb.Helper()
	free, err := ports.Free(1)
	if err != nil {
		tb.Fatal(err)
	}
	return free[0]
}

// root is the folder of go.mod, found upwards from the test's own.
func root(tb testing.TB) string {
	tb.Helper()
	dir, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			tb.Fatal("no go.mod above the test")
		}
	}
}
