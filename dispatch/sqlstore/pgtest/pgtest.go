// Package pgtest gives a test a PostgreSQL of its own: a real server in a temporary
// folder, reached by a Unix socket only, gone when the test ends.
//
// The programs are those of deploy/bring in .cache/bin. PostgreSQL refuses to run as
// root; the wrappers there hand it to an unprivileged user, so that nothing here has
// to know. Durability is switched off: a test's data is worth nothing after it.
package pgtest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// startLimit bounds the server's start, stopLimit a fast shutdown: long, since a machine that
// tests much at once may stand still for a minute.
const (
	startLimit = 3 * time.Minute
	stopLimit  = 3 * time.Minute
)

// Start starts a server and returns the URL of its empty database, for pgx. Every call
// makes another server, about a second each; it stops when tb ends, and also when the
// test's process is killed. It fails tb when the programs are missing or will not start.
func Start(tb testing.TB) string {
	tb.Helper()
	s, err := open()
	if err != nil {
		tb.Fatalf("postgres: %v", err)
	}
	tb.Cleanup(func() {
		if err := s.close(); err != nil {
			tb.Errorf("postgres: %v", err)
		}
	})
	return s.url()
}

// open makes a folder and starts a server in it.
func open() (*server, error) {
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "pg") // short: a socket's path has 107 bytes
	if err != nil {
		return nil, err
	}
	s := &server{bin: bin, dir: dir}
	if os.Geteuid() == 0 {
		// The server runs as nobody, who must be able to enter and to make the socket.
		err = os.Chmod(dir, 0o777)
	}
	if err == nil {
		err = s.start()
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return s, nil
}

// close stops the server and takes its folder away.
func (s *server) close() error { return errors.Join(s.stop(), os.RemoveAll(s.dir)) }

// programs finds .cache/bin by walking up to go.mod.
func programs() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("no go.mod above the working folder")
		}
	}
	bin := filepath.Join(dir, ".cache", "bin")
	if _, err := os.Stat(filepath.Join(bin, "postgres")); err != nil {
		return "", errors.New("not brought in yet: run sh deploy/bring/bring.sh postgres")
	}
	return bin, nil
}

type server struct {
	bin, dir string
	cmd      *exec.Cmd
	log      tail
	gone     chan struct{} // closed when the process has ended
}

func (s *server) data() string { return filepath.Join(s.dir, "data") }

func (s *server) url() string {
	u := url.URL{Scheme: "postgres", User: url.User("hotline"), Path: "/postgres", RawQuery: url.Values{"host": {s.dir}}.Encode()}
	return u.String()
}

func (s *server) start() error {
	initdb := exec.Command(filepath.Join(s.bin, "initdb"), "-D", s.data(), "-U", "hotline",
		"-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	initdb.Dir = s.dir
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	s.cmd = exec.Command(filepath.Join(s.bin, "postgres"), "-D", s.data(), "-k", s.dir,
		"-c", "listen_addresses=", "-c", "fsync=off", "-c", "synchronous_commit=off",
		"-c", "full_page_writes=off", "-c", "max_connections=50", "-c", "log_min_messages=warning")
	s.cmd.Dir = s.dir
	// Both say the same: stop when this process dies. The wrapper needs the variable,
	// because giving up root clears what the attribute asked for.
	s.cmd.Env = append(os.Environ(), "HOTLINE_PDEATHSIG=INT")
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGINT, Setpgid: true}
	return s.run()
}

// run starts the process and returns when it accepts connections.
func (s *server) run() error {
	stderr, err := s.cmd.StderrPipe()
	if err != nil {
		return err
	}
	started, ready := make(chan error, 1), make(chan struct{})
	s.gone = make(chan struct{})
	go func() {
		// The death of this thread would count as the death of the parent.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := s.cmd.Start()
		started <- err
		if err == nil {
			s.follow(stderr, ready)
			s.cmd.Wait() // its log says more than its exit code
		}
		close(s.gone)
	}()
	if err := <-started; err != nil {
		return err
	}
	limit := time.NewTimer(startLimit)
	defer limit.Stop()
	select {
	case <-ready:
		return nil
	case <-s.gone:
		return fmt.Errorf("ended at once:\n%s", s.log.String())
	case <-limit.C:
		return errors.Join(fmt.Errorf("not ready after %v", startLimit), s.stop())
	}
}

// follow reads the log to its end, which is the process's end.
func (s *server) follow(r io.Reader, ready chan<- struct{}) {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		s.log.add(lines.Text())
		if ready != nil && strings.Contains(lines.Text(), "ready to accept connections") {
			close(ready)
			ready = nil
		}
	}
}

// stop asks for a fast shutdown, and kills the whole group when that takes too long.
func (s *server) stop() error {
	s.cmd.Process.Signal(syscall.SIGINT) // an error means it has ended
	limit := time.NewTimer(stopLimit)
	defer limit.Stop()
	select {
	case <-s.gone:
		return nil
	case <-limit.C:
	}
	syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL)
	<-s.gone
	return fmt.Errorf("killed: it did not stop within %v", stopLimit)
}

// tail keeps the last lines of the log. It is read only after the process has ended.
type tail []string

func (t *tail) add(line string) {
	*t = append(*t, line)
	if len(*t) > 30 {
		*t = (*t)[1:]
	}
}

func (t *tail) String() string { return strings.Join(*t, "\n") }
