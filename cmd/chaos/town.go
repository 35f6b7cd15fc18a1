package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"

	"hotline/asterisk/sipphone"
	"hotline/cmd/rig"
	"hotline/deploy"
	"hotline/dispatch"
	"hotline/ivr"
	"hotline/ivr/voice"
)

//go:embed hotline
var configured embed.FS

// The hotline that is broken.
const (
	hotlineID = "chaos"
	dutyPhone = "13900000001"
)

// drainLimit is how long calls may go on after a controller was asked to stop.
const drainLimit = 3 * time.Second

// town is a whole hotline with its surroundings.
type town struct {
	o      options
	out    io.Writer
	dir    string
	rig    *rig.Rig
	phone  *sipphone.Phone
	wiring sync.Mutex
	wires  []*wire
	tap    *tap
	tapes  []*tape // of the Asterisks
	db     *pgxpool.Pool
	redis  redis.UniversalClient
	disks  []string // small file systems of their own
	last   atomic.Int64
	tokens map[string]string // of the consoles
	told   map[string]bool   // findings about the whole that were told
	close  []func()
}

// number is a caller's own, never used again.
func (t *town) number() string { return fmt.Sprintf("138%08d", t.last.Add(1)) }

// openTown starts everything in a folder of its own.
func openTown(ctx context.Context, o options, out io.Writer) (_ *town, err error) {
	dir, err := os.MkdirTemp("", "chaos") // short, for Asterisk's control socket
	if err != nil {
		return nil, err
	}
	t := &town{o: o, out: out, dir: dir, tap: newTap(), told: map[string]bool{}, tokens: map[string]string{}}
	defer func() {
		if err != nil {
			t.shut()
		}
	}()
	c, err := t.configure()
	if err != nil {
		return t, err
	}
	wiring, cut := context.WithCancel(context.WithoutCancel(ctx))
	t.close = append(t.close, cut)
	c.Cluster.Through = func(from, to, addr string) string { return t.through(wiring, [2]string{from, to}, addr) }
	if t.rig, err = rig.New(c); err != nil {
		return t, err
	}
	for _, sw := range t.rig.Switches {
		t.tapes = append(t.tapes, newTape(sw.Dir))
	}
	if err := t.mount(); err != nil {
		return t, err
	}
	supervising, rest := context.WithCancel(context.WithoutCancel(ctx))
	t.close = append(t.close, t.rig.Stop, rest)
	if err := t.rig.Start(ctx); err != nil {
		return t, err
	}
	if err := t.script(ctx); err != nil {
		return t, err
	}
	index := sipphone.NewIndex()
	if _, err := voice.Learn(c.Sounds, index.AddFile); err != nil {
		return t, err
	}
	t.phone, err = sipphone.Listen(context.WithoutCancel(ctx), sipphone.Config{Addr: "127.0.0.1:0", Index: index, Keep: longestCall})
	if err != nil {
		return t, err
	}
	t.close = append(t.close, t.phone.Close)
	t.db, err = pgxpool.New(ctx, t.rig.DatabaseURL(""))
	if err != nil {
		return t, err
	}
	t.close = append(t.close, t.db.Close)
	t.redis = t.openRedis()
	t.close = append(t.close, func() { _ = t.redis.Close() })
	go t.supervise(supervising)
	return t, t.whole(ctx)
}

// supervise starts parts again that end by themselves, as a controller does that was
// replaced by the others while it stood still.
func (t *town) supervise(ctx context.Context) {
	for {
		select {
		case p := <-t.rig.Died():
			fmt.Fprintf(t.out, "    %s ended by itself (%s): %s\n", p.Name, p.Ended(), p.LastLines(1))
			var wrong []string
			if t.restart(ctx, p.Name, &wrong); len(wrong) > 0 {
				fmt.Fprintf(t.out, "    %s\n", wrong[0])
			}
		case <-ctx.Done():
			return
		}
	}
}

// shut ends everything, last first.
func (t *town) shut() {
	for i := len(t.close) - 1; i >= 0; i-- {
		t.close[i]()
	}
	t.close = nil
}

// configure is what the rig has to know.
func (t *town) configure() (rig.Config, error) {
	repo, err := filepath.Abs(t.o.Repo)
	if err != nil {
		return rig.Config{}, err
	}
	deployed := filepath.Join(t.dir, "deploy")
	if err := t.deploy(deployed); err != nil {
		return rig.Config{}, err
	}
	c := rig.Config{Repo: repo, Dir: t.dir, Sounds: filepath.Join(t.dir, "sounds"), Dev: true, Drain: drainLimit,
		Env: []string{"HOTLINE_DEPLOY=" + deployed}, Programs: map[string]string{"hotline": t.o.Hotline, "carrier": t.o.Carrier},
		Cluster: rig.Cluster{Switches: t.o.Switches, Sentinel: t.o.Sentinel, Postgres: true, Events: true}}
	for i := range t.o.Nodes {
		if t.o.Nodes > 1 {
			c.Cluster.Nodes = append(c.Cluster.Nodes, string(rune('a'+i)))
		}
	}
	if err := shorten(filepath.Join(repo, ".cache", "sounds"), c.Sounds); err != nil {
		return c, err
	}
	if c.Ports, err = rig.FreePorts(); err != nil {
		return c, err
	}
	c.House, err = house(os.DirFS(deployed), c.Sounds)
	return c, err
}

// deploy writes what is built in, and the hotline under chaos beside it.
func (t *town) deploy(dir string) error {
	if err := os.CopyFS(dir, deploy.Files); err != nil {
		return err
	}
	mine, err := fs.Sub(configured, "hotline")
	if err != nil {
		return err
	}
	return os.CopyFS(filepath.Join(dir, "hotlines", hotlineID), mine)
}

// house reads what the rig has to know of the hotline.
func house(files fs.FS, sounds string) (rig.House, error) {
	file := path.Join("hotlines", hotlineID, "profile.yaml")
	text, err := fs.ReadFile(files, file)
	if err != nil {
		return rig.House{}, err
	}
	profile, problems := ivr.ParseProfile(file, text)
	if err := problems.Err(); err != nil {
		return rig.House{}, err
	}
	roster, err := dispatch.LoadRoster(files, path.Join("hotlines", hotlineID, "roster.yaml"))
	if err != nil {
		return rig.House{}, err
	}
	texts, err := fs.Sub(files, "prompts")
	if err != nil {
		return rig.House{}, err
	}
	prompts, err := voice.Load(texts, sounds)
	return rig.House{ID: hotlineID, Profile: profile, Roster: roster, Prompts: prompts}, err
}

// through puts a wire between two parts. All ways to a Redis that Sentinels watch are
// one, which they tell everybody about; the Sentinels themselves are reached directly.
func (t *town) through(ctx context.Context, way [2]string, addr string) string {
	t.wiring.Lock()
	defer t.wiring.Unlock()
	from, to := way[0], way[1]
	if strings.HasPrefix(to, rig.Sentinel) {
		return addr
	}
	name := from + ">" + to
	if t.o.Sentinel && strings.HasPrefix(to, rig.Redis) {
		name = to
	}
	for _, w := range t.wires {
		if w.Name == name {
			return w.near
		}
	}
	w := newWire(ctx, name, addr)
	open := w.tcp
	if strings.HasPrefix(to, "trunk") {
		open = w.udp
	}
	if to == "smpp" {
		w.onWay = t.tap.pass
	}
	near, err := open()
	if err != nil {
		return addr // the next part that needs a port says so
	}
	w.near = near
	t.wires = append(t.wires, w)
	return near
}

// wiresTo lists the wires that lead to a part.
func (t *town) wiresTo(part string) (all []*wire) {
	for _, w := range t.wires {
		if w.Name == part || strings.HasSuffix(w.Name, ">"+part) {
			all = append(all, w)
		}
	}
	return all
}

// controllers names the parts that are one.
func (t *town) controllers() (all []string) {
	for _, p := range t.rig.Parts() {
		if strings.HasPrefix(p, rig.Hotline) {
			all = append(all, p)
		}
	}
	return all
}

// restart starts a part that ended, again and again as a supervisor does.
func (t *town) restart(ctx context.Context, part string, findings *[]string) {
	limit, cancel := context.WithTimeout(ctx, healLimit)
	defer cancel()
	for {
		err := t.rig.StartPart(limit, part)
		if err == nil && part == rig.Carrier {
			err = t.script(limit)
		}
		if err == nil {
			return
		}
		if limit.Err() != nil {
			*findings = append(*findings, fmt.Sprintf("%s did not start again: %v", part, err))
			return
		}
		t.rig.Kill(part)
		_ = wait(limit, 100*time.Millisecond)
	}
}

// script tells the carrier's lines what to do. It forgets when it is killed.
func (t *town) script(ctx context.Context) error {
	at := "http://" + t.rig.Addr(rig.Carrier) + "/api/lines/"
	var wrong []error
	for number, line := range map[string]map[string]any{
		"8001":    {"behaviour": "answer", "answer_after_ms": 100, "tone_hz": toneOf["8001"]},
		"8002":    {"behaviour": "answer", "answer_after_ms": 500, "tone_hz": toneOf["8002"]},
		"8003":    {"behaviour": "answer", "answer_after_ms": 1500, "tone_hz": toneOf["8003"]},
		"8004":    {"behaviour": "answer", "answer_after_ms": 3000, "tone_hz": toneOf["8004"]},
		"120":     {"behaviour": "answer", "answer_after_ms": 200, "tone_hz": toneOf["120"]},
		dutyPhone: {"behaviour": "answer", "answer_after_ms": 300, "press": "1", "press_after_ms": 600, "tone_hz": toneOf[dutyPhone]},
	} {
		wrong = append(wrong, askJSON(ctx, "PUT "+at+number, line, nil))
	}
	return errors.Join(wrong...)
}
