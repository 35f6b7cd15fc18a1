package pgtest

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// Freeze stops every process of the server that Start made at a URL, so that it takes
// connections and answers nothing, as a machine with a dead disk does. thaw lets it go
// on; the test's end does too.
func Freeze(tb testing.TB, server string) (thaw func()) {
	tb.Helper()
	postmaster, err := postmasterOf(server)
	if err != nil {
		tb.Fatalf("freeze postgres: %v", err)
	}
	// The parent first: it makes no children while it stands still.
	frozen := []int{postmaster}
	syscall.Kill(postmaster, syscall.SIGSTOP)
	children, err := childrenOf(postmaster)
	if err != nil {
		tb.Errorf("freeze postgres: %v", err)
	}
	for _, pid := range children {
		syscall.Kill(pid, syscall.SIGSTOP) // an error means that it has just ended
		frozen = append(frozen, pid)
	}
	thaw = sync.OnceFunc(func() {
		for _, pid := range frozen {
			syscall.Kill(pid, syscall.SIGCONT)
		}
	})
	tb.Cleanup(thaw)
	return thaw
}

// postmasterOf reads the process id from the folder that a URL names.
func postmasterOf(server string) (int, error) {
	u, err := url.Parse(server)
	if err != nil {
		return 0, err
	}
	file, err := os.ReadFile(filepath.Join(u.Query().Get("host"), "data", "postmaster.pid"))
	if err != nil {
		return 0, err
	}
	line, _, _ := strings.Cut(string(file), "\n")
	return strconv.Atoi(line)
}

// childrenOf lists the processes whose parent is pid.
func childrenOf(pid int) ([]int, error) {
	lists, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil {
		return nil, err
	}
	var ids []int
	for _, list := range lists {
		text, err := os.ReadFile(list)
		if err != nil {
			return ids, err
		}
		for _, field := range strings.Fields(string(text)) {
			id, err := strconv.Atoi(field)
			if err != nil {
				return ids, err
			}
			ids = append(ids, id)
		}
	}
	return ids, nil
}
