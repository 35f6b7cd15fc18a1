package pgtest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

func TestStartGivesAnEmptyDatabaseOfItsOwn(t *testing.T) {
	ctx := t.Context()
	for range 2 {
		db, err := pgx.Connect(ctx, Start(t))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close(context.WithoutCancel(ctx))
		if _, err := db.Exec(ctx, "create table orders (id int)"); err != nil {
			t.Errorf("the second server is not a fresh one: %v", err)
		}
	}
}

func TestServerStopsWithItsTest(t *testing.T) {
	var dir string
	t.Run("inner", func(t *testing.T) {
		dir = socketDir(t, Start(t))
		if _, err := os.Stat(filepath.Join(dir, "data", "postmaster.pid")); err != nil {
			t.Error(err)
		}
	})
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("%s is left: %v", dir, err)
	}
}

func TestServerDiesWithAKilledTest(t *testing.T) {
	// The test binary runs itself as the process that is killed.
	if os.Getenv("PGTEST_CHILD") != "" {
		println(socketDir(t, Start(t)))
		select {}
	}
	child := exec.Command(os.Args[0], "-test.run", "^"+t.Name()+"$")
	child.Env = append(os.Environ(), "PGTEST_CHILD=1")
	stderr, err := child.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 4096)
	n, _ := stderr.Read(buf)
	dir := strings.TrimSpace(string(buf[:n]))
	t.Cleanup(func() { os.RemoveAll(dir) })
	pid := postmaster(t, dir)
	child.Process.Kill()
	child.Wait()
	waitGone(t, pid)
}

func socketDir(t *testing.T, url string) string {
	c, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	return c.Host
}

func postmaster(t *testing.T, dir string) int {
	b, err := os.ReadFile(filepath.Join(dir, "data", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.SplitN(string(b), "\n", 2)[0])
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// waitGone waits for the end of a process that is not our child; one that only waits to
// be reaped by init has ended.
func waitGone(t *testing.T, pid int) {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(stopLimit)
	for {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil || strings.Contains(string(stat), ") Z ") {
			return
		}
		select {
		case <-limit:
			t.Fatalf("postgres (%d) survived its test", pid)
		case <-tick.C:
		}
	}
}

func TestFrozenServerAnswersAgain(t *testing.T) {
	server := Start(t)
	db, err := pgx.Connect(t.Context(), server)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close(context.WithoutCancel(t.Context()))
	thaw := Freeze(t, server)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if other, err := pgx.Connect(ctx, server); err == nil {
		other.Close(ctx)
		t.Error("a frozen server lets somebody in")
	}
	thaw()
	if _, err := db.Exec(t.Context(), "select 1"); err != nil {
		t.Errorf("after thawing: %v", err)
	}
}
