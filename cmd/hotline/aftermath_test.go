package main

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"hotline/cmd/rig"
)

// upkeep is what Asterisk and the hotline take at a moment.
type upkeep struct {
	asterisk, hotline   int // process ids
	asteriskMB, ownMB   int // resident
	channels, live      int
	goroutines, sockets int
	last                string // channel that Asterisk lists, and where it is in the dialplan
}

func (u upkeep) String() string {
	return fmt.Sprintf("Asterisk %d MB, %d channels; hotline %d MB, %d calls, %d goroutines, %d files; %s",
		u.asteriskMB, u.channels, u.ownMB, u.live, u.goroutines, u.sockets, u.last)
}

// takes looks at the rig.
func (c *calm) takes(ctx context.Context) (u upkeep, err error) {
	u.asterisk, u.hotline = c.rig.Running(rig.Asterisk).Pid(), c.rig.Running(rig.Hotline).Pid()
	var channels []struct {
		Name, State string
		Created     string `json:"creationtime"`
		Dialplan    struct {
			Context string
			App     string `json:"app_name"`
		}
	}
	if err := ariOf(c.rig).get(ctx, "/ari/channels", &channels); err != nil {
		return u, err
	}
	if u.channels = len(channels); u.channels > 0 {
		u.last = fmt.Sprintf("%+v", channels[u.channels-1])
	}
	var metrics string
	if err := c.console.get(ctx, "/metrics", &metrics); err != nil {
		return u, err
	}
	u.live, u.goroutines = gauge(metrics, "hotline_calls"), gauge(metrics, "go_goroutines")
	u.sockets, u.ownMB = gauge(metrics, "process_open_fds"), gauge(metrics, "process_resident_memory_bytes")>>20
	u.asteriskMB, err = resident(u.asterisk)
	return u, err
}

// gauge is the sum of a metric over its labels.
func gauge(metrics, name string) (sum int) {
	for _, m := range regexp.MustCompile(`(?m)^`+name+`(?:\{[^}]*\})? (\S+)$`).FindAllStringSubmatch(metrics, -1) {
		v, _ := strconv.ParseFloat(m[1], 64) // Prometheus writes numbers
		sum += int(v)
	}
	return sum
}

// resident is a process's memory in megabytes.
func resident(pid int) (int, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	var kb int
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	if _, err := fmt.Sscan(rest, &kb); err != nil {
		return 0, fmt.Errorf("memory of %d: %w", pid, err)
	}
	return kb >> 10, nil
}

// now is what the rig takes once it has no more than so many calls.
func (c *calm) now(calls int) (u upkeep) {
	c.t.Helper()
	c.must(eventually(c.ctx, func(ctx context.Context) (err error) {
		// Asterisk lists no channel in the instant in which one has a caller who is no text.
		if u, err = c.takes(ctx); err == nil && u.live > calls {
			err = fmt.Errorf("%v, want %d calls", u, calls)
		}
		return err
	}))
	return u
}

// settles waits until nothing of what came since is left but the calls that were there:
// the same processes, no channel, no call, no goroutine, no file more. Memory may have
// grown by so many megabytes.
func (c *calm) settles(before upkeep, room int) {
	c.t.Helper()
	var u upkeep
	look := func(ctx context.Context) (err error) {
		if u, err = c.takes(ctx); err != nil {
			return err
		}
		if u.asterisk != before.asterisk || u.hotline != before.hotline {
			return fmt.Errorf("processes %d and %d, not %d and %d", u.asterisk, u.hotline, before.asterisk, before.hotline)
		}
		if u.channels > before.channels || u.live > before.live || u.goroutines > before.goroutines+idle || u.sockets > before.sockets+idle ||
			u.asteriskMB > before.asteriskMB+room || u.ownMB > before.ownMB+room*shadow {
			return fmt.Errorf("%v; before: %v", u, before)
		}
		return nil
	}
	err := eventually(c.ctx, look) // Asterisk ends a call that is silent after a minute
	c.says("before: %v", before)
	c.says("after:  %v", u)
	c.must(err)
}

// idle is how many connections to Redis, SQL and Asterisk may be kept for the next one.
const idle = 40

// counts waits until SQL has as many ended calls of each outcome as are wanted beside those
// before, and none without an end.
func (c *calm) counts(before, wanted map[string]int) {
	c.t.Helper()
	all := maps.Clone(wanted)
	for outcome, n := range before {
		all[outcome] += n
	}
	c.must(eventually(c.ctx, func(ctx context.Context) error {
		got, err := c.outcomes(ctx)
		if err == nil && !maps.Equal(got, all) {
			err = fmt.Errorf("calls recorded: %v, want %v", got, all)
		}
		return err
	}))
}

// outcomes counts the calls in SQL; one that has no end is "open".
func (c *calm) outcomes(ctx context.Context) (map[string]int, error) {
	got := map[string]int{}
	err := c.query(ctx, func(rows *sql.Rows) error {
		var outcome string
		var n int
		err := rows.Scan(&outcome, &n)
		got[outcome] = n
		return err
	}, `SELECT CASE WHEN ended_at = 0 THEN 'open' ELSE outcome END, count(*) FROM calls GROUP BY 1`)
	return got, err
}

// query asks the hotline's database.
func (c *calm) query(ctx context.Context, each func(*sql.Rows) error, question string, args ...any) error {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(c.rig.Dir, "hotline.db")+"?mode=ro&_pragma=busy_timeout(2000)")
	if err != nil {
		return err
	}
	defer db.Close()
	rows, err := db.QueryContext(ctx, question, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
