// Package asterisktest runs a real Asterisk for a test.
//
// [Start] renders a configuration on free ports, starts the Asterisk that
// deploy/bring brought in, waits until its REST interface answers and stops it when
// the test ends. Several may run at once. Asterisk dies with the test process, even
// one that is killed, and its log is shown when the test failed.
package asterisktest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"hotline/asterisk/conf"
	"hotline/deploy/ports"
)

// Options changes what Start renders; the zero value is a hotline without trunks.
type Options struct {
	// Configure may change the configuration: add trunks, desks, a fallback. Ports,
	// folders and passwords are set already.
	Configure func(c *conf.Config)
}

// Server is a running Asterisk. Its fields do not change; its methods are safe for
// concurrent use.
type Server struct {
	Config conf.Config // as rendered, defaults filled
	ARI    string      // "http://127.0.0.1:<port>"
	SIP    string      // "127.0.0.1:<port>"

	mu   sync.Mutex
	cmd  *exec.Cmd
	done chan struct{}
}

// startLimit is what Asterisk may take until it answers: long, since a machine that tests
// much at once may stand still for a minute.
const startLimit = 3 * time.Minute

// Start starts Asterisk and returns once it answers, within startLimit; anything that
// goes wrong ends the test.
func Start(tb testing.TB, o Options) *Server {
	tb.Helper()
	c := conf.Defaults(base(tb))
	if o.Configure != nil {
		o.Configure(&c)
	}
	s := &Server{
		Config: conf.Defaults(c),
		ARI:    fmt.Sprintf("http://127.0.0.1:%d", c.ARIPort),
		SIP:    fmt.Sprintf("127.0.0.1:%d", c.SIPPort),
	}
	if err := conf.Render(c); err != nil {
		tb.Fatalf("asterisktest: %v", err)
	}
	tb.Cleanup(func() {
		s.Stop()
		if tb.Failed() {
			log, _ := os.ReadFile(filepath.Join(c.Dir, "log", "messages.log"))
			tb.Logf("asterisk's log:\n%s", tail(log, 16<<10))
		}
	})
	s.Launch(tb)
	return s
}

// Launch starts Asterisk again after Stop or Kill, on the same ports and folders.
func (s *Server) Launch(tb testing.TB) {
	tb.Helper()
	paths := readPaths(tb)
	cmd := exec.Command(paths["ASTERISK_BIN"], "-f", "-C", conf.Main(s.Config.Dir))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	out, err := os.Create(filepath.Join(s.Config.Dir, "log", "console.log"))
	if err != nil {
		tb.Fatalf("asterisktest: %v", err)
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	done := make(chan struct{})
	started := make(chan error, 1)
	go run(cmd, started, done)
	if err := <-started; err != nil {
		tb.Fatalf("asterisktest: start %s: %v", cmd.Path, err)
	}
	s.mu.Lock()
	s.cmd, s.done = cmd, done
	s.mu.Unlock()
	if err := s.await(done); err != nil {
		console, _ := os.ReadFile(out.Name())
		tb.Fatalf("asterisktest: %v\n%s", err, tail(console, 8<<10))
	}
}

// Stop ends Asterisk the polite way, by force after 5 seconds. It may be called twice.
func (s *Server) Stop() { s.end(syscall.SIGTERM) }

// Kill ends Asterisk as a power cut would.
func (s *Server) Kill() { s.end(syscall.SIGKILL) }

func (s *Server) end(sig syscall.Signal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd == nil {
		return
	}
	group := -s.cmd.Process.Pid
	syscall.Kill(group, sig)
	force := time.AfterFunc(5*time.Second, func() { syscall.Kill(group, syscall.SIGKILL) })
	<-s.done
	force.Stop()
	s.cmd = nil
}

// await asks Asterisk for its version until it answers.
func (s *Server) await(done <-chan struct{}) error {
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if s.answers(ctx) {
			return nil
		}
		select {
		case <-done:
			return errors.New("asterisk ended at once")
		case <-ctx.Done():
			return fmt.Errorf("asterisk did not answer within %v", startLimit)
		case <-tick.C:
		}
	}
}

func (s *Server) answers(ctx context.Context) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.ARI+"/ari/channels", nil)
	if err != nil {
		return false
	}
	req.SetBasicAuth(s.Config.ARIUser, s.Config.ARIPass)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	res.Body.Close()
	return res.StatusCode == http.StatusOK // 503 until every module is running
}

func base(tb testing.TB) conf.Config {
	paths := readPaths(tb)
	// Not tb.TempDir: the control socket's path may not exceed 107 bytes.
	dir, err := os.MkdirTemp("", "ast")
	if err != nil {
		tb.Fatalf("asterisktest: %v", err)
	}
	tb.Cleanup(func() { os.RemoveAll(dir) })
	free, err := ports.Free(2)
	if err != nil {
		tb.Fatalf("asterisktest: %v", err)
	}
	// Asterisk tries the next port of its range when one is taken, so ranges may overlap; they
	// lie below the ports that others are told to listen on.
	rtp := 10000 + 2*rand.IntN(4500)
	return conf.Config{
		Dir: dir, Modules: paths["ASTERISK_MODULES"], Data: paths["ASTERISK_DATA"],
		SIPPort: free[0], ARIPort: free[1], RTPStart: rtp, RTPEnd: rtp + 500,
		ARIPass: "test", Claim: 10 * time.Second, // a controller that stands still for a moment is not away
	}
}

// run starts cmd and waits for it on one locked thread: Linux sends the death signal
// when the thread that started the child ends, not the process.
func run(cmd *exec.Cmd, started chan<- error, done chan<- struct{}) {
	runtime.LockOSThread()
	defer close(done)
	err := cmd.Start()
	started <- err
	if err == nil {
		cmd.Wait()
	}
}

// readPaths reads where the Asterisk that was brought in is.
func readPaths(tb testing.TB) map[string]string {
	tb.Helper()
	paths, err := conf.ReadPaths(filepath.Join(Root(tb), ".cache", "asterisk.paths"))
	if err != nil {
		tb.Fatalf("asterisktest: Asterisk is not brought in yet (make parts): %v", err)
	}
	return paths
}

// Root is the repository's root: the nearest folder upwards with a go.mod.
func Root(tb testing.TB) string {
	tb.Helper()
	dir, err := os.Getwd()
	if err != nil {
		tb.Fatalf("asterisktest: %v", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			tb.Fatal("asterisktest: no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
}

func tail(b []byte, n int) []byte { return b[max(0, len(b)-n):] }
