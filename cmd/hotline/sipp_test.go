package main

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/zaf/g711"

	"hotline/cmd/rig"
)

// scenario is a caller whose phone behaves oddly: testdata/sipp/NAME.xml says how, and what
// the hotline's phone has to say to it.
type scenario struct {
	name    string
	calls   int    // one after the other
	records int    // that each of them leaves at least
	outcome string // of each record
	detail  string
	rough   bool // a message may come a moment before the phone expects it
}

// scenarios are played side by side. Whoever did not press a key gave up in the menu.
var scenarios = []scenario{
	{"plain", 1, 1, "abandoned", "", false},
	{"invite-again", 1, 1, "abandoned", "", true},
	{"ack-late", 1, 1, "abandoned", "", false},
	{"ack-never", 1, 1, "abandoned", "", false},
	{"bye-at-once", 3, 3, "abandoned", "", false},
	{"bye-before-ack", 3, 3, "abandoned", "", false},
	{"cancel-race", 20, 0, "abandoned", "", true},
	{"cancel-late", 1, 1, "abandoned", "", false},
	{"hold", 1, 1, "abandoned", "", false},
	{"offer-late", 1, 1, "abandoned", "", false},
	{"codecs-unknown", 1, 0, "", "", false},
	{"codecs-some-unknown", 1, 1, "abandoned", "", false},
	{"keys-info-relay", 1, 1, "emergency", "120", false},
	{"keys-info-plain", 1, 1, "emergency", "120", false},
	{"keys-in-band", 1, 1, "emergency", "120", false},
}

// TestOddPhones lets phones of every oddity call at once, while two talk: each hears what
// RFC 3261 has for it, leaves its record and nothing else, and the two go on.
func TestOddPhones(t *testing.T) {
	t.Parallel() // it waits for timers most of its time
	c := newCalm(t, testRig(t))
	first := talk{to: "8001", far: 620, near: 440}
	s := c.talks(citizenNumber, first)
	before := c.now(1)
	var playing sync.WaitGroup
	for i, o := range append(scenarios, scenario{"glare", 1, 1, "abandoned", "", false}) {
		playing.Go(func() { c.plays(o, fmt.Sprintf("1370000%04d", i)) })
	}
	playing.Wait()

	thaw := c.rig.Running(rig.Hotline).Freeze()
	c.plays(scenario{name: "cancel", calls: 1}, "13700009999")
	thaw()
	c.stillTalks(s, first)
	c.settles(before, 60)
	hangUp(s)
	c.emergencyWorks() // by RFC 4733, as everywhere
}

// plays lets one of the phones call, and looks at what is recorded of it.
func (c *calm) plays(o scenario, caller string) {
	c.t.Helper()
	if err := c.sipp(o, caller); err != nil {
		c.t.Errorf("%s: %v", o.name, err)
		return
	}
	err := eventually(c.ctx, func(ctx context.Context) error {
		got, err := c.recordsOf(ctx, caller)
		if err == nil && (len(got) < o.records || len(got) > o.calls || o.outcome == "" && len(got) > 0) {
			err = fmt.Errorf("recorded as %v", got)
		}
		for _, r := range got {
			if want := o.outcome + " " + o.detail; err == nil && r != want {
				err = fmt.Errorf("recorded as %q, want %q", r, want)
			}
		}
		return err
	})
	if err != nil {
		c.t.Errorf("%s: %v", o.name, err)
	}
}

// recordsOf is outcome and detail of each call of a caller in SQL.
func (c *calm) recordsOf(ctx context.Context, caller string) (all []string, err error) {
	err = c.query(ctx, func(rows *sql.Rows) error {
		var r string
		err := rows.Scan(&r)
		all = append(all, r)
		return err
	}, `SELECT CASE WHEN ended_at = 0 THEN 'open' ELSE outcome END || ' ' || detail FROM calls WHERE from_number = ?`, caller)
	return all, err
}

// sippLimit is how long a scenario may take; the longest waits for a session to be refreshed.
const sippLimit = 4 * time.Minute

// sipp plays a scenario; the error has what was sent and received.
func (c *calm) sipp(o scenario, caller string) error {
	file, err := filepath.Abs(filepath.Join("testdata", "sipp", o.name+".xml"))
	if err != nil {
		return err
	}
	dir := c.t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "keys.alaw"), keyTones(), 0o600); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(c.ctx, sippLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, filepath.Join(c.rig.Repo, ".cache", "bin", "sipp"), rig.Local(c.rig.Ports.SIP),
		"-sf", file, "-i", "127.0.0.1", "-key", "caller", caller, "-m", strconv.Itoa(o.calls), "-l", "1", "-r", "20", "-nostdin",
		"-timeout_error", "-timeout", strconv.Itoa(int(sippLimit.Seconds())), "-trace_err", "-error_file", "errors", "-trace_msg", "-message_file", "messages")
	if o.rough {
		cmd.Args = append(cmd.Args, "-default_behaviors", "all,-abortunexp", "-nr")
	}
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		wrong, _ := os.ReadFile(filepath.Join(dir, "errors"))
		said, _ := os.ReadFile(filepath.Join(dir, "messages"))
		return fmt.Errorf("sipp: %w\n%.2000s\n%s\n%s", err, wrong, lastOf(string(said), 120), lastOf(string(out), 10))
	}
	return nil
}

// keyTones is 9 and 2 as a phone sounds them, in A-law.
func keyTones() []byte {
	var pcm []byte
	sound := func(d time.Duration, hz ...float64) {
		for i := range int(d * 8000 / time.Second) {
			v := 0.0
			for _, f := range hz {
				v += 8000 * math.Sin(2*math.Pi*f*float64(i)/8000)
			}
			pcm = append(pcm, byte(int16(v)), byte(int16(v)>>8))
		}
	}
	sound(100 * time.Millisecond)
	sound(150*time.Millisecond, 852, 1477)
	sound(300 * time.Millisecond)
	sound(150*time.Millisecond, 697, 1336)
	sound(time.Second)
	return g711.EncodeAlaw(pcm)
}
