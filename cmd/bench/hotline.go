package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/redis/go-redis/v9"

	"hotline/asterisk"
	"hotline/asterisk/redisnotes"
	"hotline/deploy"
	"hotline/deploy/heap"
	"hotline/dispatch"
	"hotline/dispatch/calendar"
	"hotline/dispatch/spool"
	"hotline/dispatch/sqlstore"
	"hotline/ivr"
)

// benchFlow is the two-key call as a flow. It is a whole one: whoever presses nothing is
// put through to a person, as validation demands of every flow.
const benchFlow = `
start: welcome
nodes:
  welcome:
    verb: menu
    prompt: one
    keys: {"1": choice, "2": hold, "0": person, "9": emergency}
    no-key: person
    wrong-key: person
  hold:
    verb: menu
    prompt: held
    keys: {"1": choice, "0": person, "9": emergency}
    no-key: person
    wrong-key: person
  choice:
    verb: menu
    prompt: two
    keys: {"1": last, "0": person, "9": emergency}
    no-key: person
    wrong-key: person
  last: {verb: goodbye, prompt: three}
  person: {verb: agents, none: duty}
  duty: {verb: duty, none: message}
  message: {verb: voicemail}
`

// benchProfile is the hotline whose profile, policy and roster are used.
const benchProfile = "hotlines/zz/"

// readFlow reads the flow and the profile it runs with.
func readFlow() (*ivr.Flow, *ivr.Profile, error) {
	flow, problems := ivr.ParseFlow("bench", []byte(benchFlow))
	if err := problems.Err(); err != nil {
		return nil, nil, err
	}
	src, err := fs.ReadFile(deploy.Files, benchProfile+"profile.yaml")
	if err != nil {
		return nil, nil, err
	}
	profile, problems := ivr.ParseProfile(benchProfile+"profile.yaml", src)
	return flow, profile, problems.Err()
}

// catalogue is the prompts of the rig.
type catalogue struct{ site }

// Has reports whether the prompt exists.
func (c catalogue) Has(id string) bool { return slices.Contains(c.Prompts, id) }

// Compose names the prompt's sound.
func (c catalogue) Compose(_, id string, _ ivr.Slots) (ivr.Speech, error) {
	return ivr.Speech{Sounds: []string{c.sound(id)}, Length: lengthOf(id), Text: id}, nil
}

// serveHotline is Hotline as it serves in earnest: the whole runner, records in SQLite by
// way of the spool, a note in Redis before each step, a log line where there is one.
func serveHotline(ctx context.Context, s site, ready func(counters)) error {
	stop, err := profileTo(s.Profile)
	if err != nil {
		return err
	}
	defer stop()
	return serveFlow(ctx, s, "hotline", ready)
}

// bareApp is the ARI application of the Hotline that writes no call records.
const bareApp = "bench-bare"

// serveBare is Hotline without its call records and notes.
func serveBare(ctx context.Context, s site, ready func(counters)) error {
	return serveFlow(ctx, s, bareApp, ready)
}

// serveFlow runs the flow as an ARI application until ctx ends.
func serveFlow(ctx context.Context, s site, app string, ready func(counters)) error {
	heap.Tune() // as cmd/hotline does
	store, err := sqlstore.Open(ctx, filepath.Join(s.Dir, "hotline.db"))
	if err != nil {
		return err
	}
	defer store.Close()
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	cfg, err := hotlineOffice(store, s, log)
	if err != nil {
		return err
	}
	var runner *ivr.Runner
	line := asterisk.Config{URL: "http://" + s.ARI, User: s.User, Password: s.Pass, App: app, Log: log,
		Adopt: func(ctx context.Context, c *asterisk.Call, n *asterisk.Note) { runner.Resume(ctx, c, leftBy(n)) }}
	client := redis.NewClient(&redis.Options{Addr: s.Redis, ContextTimeoutEnabled: true})
	defer client.Close()
	notes := redisnotes.New(client, app, log)
	if app == bareApp {
		cfg.Book = nil
	} else {
		line.Notebook = notes
	}
	tower, err := asterisk.New(line)
	if err != nil {
		return err
	}
	alarm := ivr.NewAlarm(ivr.AlarmConfig{Ringer: tower, Prompts: cfg.Prompts, Roster: cfg.Roster, Routes: cfg.Routes,
		Clock: cfg.Clock, Log: log, CallerID: numberHotline})
	cfg.Alarm = alarm
	if runner, err = ivr.NewRunner(cfg); err != nil {
		return err
	}
	tower.Handle(func(ctx context.Context, c *asterisk.Call) { runner.Serve(ctx, c) })
	context.AfterFunc(ctx, tower.Drain)
	var parts sync.WaitGroup
	defer parts.Wait()
	parts.Go(func() { alarm.Run(ctx) })
	parts.Go(func() { notes.Run(ctx) })
	parts.Go(func() {
		select {
		case <-tower.Ready():
			ready(tower.Stats)
		case <-ctx.Done():
		}
	})
	err = tower.Run(ctx)
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return errors.Join(err, runner.Wait(last))
}

// leftBy is what a note tells the runner.
func leftBy(n *asterisk.Note) ivr.Left {
	if n == nil {
		return ivr.Left{}
	}
	return ivr.Left{State: n.State, Step: n.Step, Endpoint: n.Endpoint}
}

// profileTo writes a CPU profile until stop is called; without a file it does nothing.
func profileTo(file string) (stop func(), err error) {
	if file == "" {
		return func() {}, nil
	}
	f, err := os.Create(file)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() {
		pprof.StopCPUProfile()
		f.Close()
	}, nil
}

// hotlineOffice is everything behind the switch.
func hotlineOffice(store *sqlstore.Store, s site, log *slog.Logger) (ivr.Config, error) {
	clock := asterisk.SystemClock{}
	cfg := ivr.Config{Prompts: catalogue{s}, Clock: clock, Log: log, NewID: func(string) string { return ulid.Make().String() }}
	var err error
	if cfg.Flow, cfg.Profile, err = readFlow(); err != nil {
		return cfg, err
	}
	policy, err := dispatch.LoadPolicy(deploy.Files, benchProfile+"policy.yaml")
	if err != nil {
		return cfg, err
	}
	roster, err := dispatch.LoadRoster(deploy.Files, benchProfile+"roster.yaml")
	if err != nil {
		return cfg, err
	}
	days, err := calendar.LoadDir(deploy.Files, "calendar")
	if err != nil {
		return cfg, err
	}
	office := dispatch.NewOffice(dispatch.Config{Store: store, Policy: policy, Calendar: days, Now: clock.Now, Log: log})
	kept, err := spool.New(spool.Config{Dir: filepath.Join(s.Dir, "spool"), Office: office, Log: log, Now: clock.Now, After: time.After})
	if err != nil {
		return cfg, err
	}
	cfg.Routes, err = ivr.NewRoutes([]ivr.Trunk{{Name: trunkOne, Simulated: true}, {Name: trunkTwo, Simulated: true}}, nil)
	if err != nil {
		return cfg, err
	}
	cfg.Orders, cfg.Inquiry, cfg.Book, cfg.Roster = kept, office, kept, roster
	if cfg.Emergency, err = ivr.PlanEmergency(cfg.Profile, cfg.Routes, false); err != nil {
		return cfg, fmt.Errorf("emergency plan: %w", err)
	}
	return cfg, nil
}
