package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"hotline/asterisk"
	"hotline/asterisk/conf"
	"hotline/dispatch"
	"hotline/dispatch/console"
	"hotline/dispatch/sqlstore"
)

const (
	// switchesEvery is how often every controller reads which Asterisks are wanted.
	switchesEvery = 3 * time.Second
	// listLimit is how long SQL may take to say it.
	listLimit = 2 * time.Second
	// tellLimit is how long an Asterisk may take to hear that it is to take no calls.
	tellLimit = time.Second
)

// roll keeps the fleet as SQL wants it: the list is what all controllers share. The
// Asterisks this one was started with are in it from the start, and their addresses are
// its own.
type roll struct {
	fleet *asterisk.Fleet
	store *sqlstore.Store
	clock *clock
	log   *slog.Logger
	own   []place

	mu     sync.Mutex
	seeded bool
	wrong  map[string]string // by name, so that it is told once
}

// newRoll takes the Asterisks of the settings into the fleet.
func newRoll(a *app) (*roll, error) {
	r := &roll{fleet: a.tower, store: a.store, clock: a.clock, log: a.log.With("part", "switches"),
		own: a.set.places, wrong: map[string]string{}}
	for _, p := range r.own {
		if err := a.tower.Add(p.Name, p.URL, p.User, p.Password); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// Run follows the list until ctx ends. While SQL is away the fleet stays as it is.
func (r *roll) Run(ctx context.Context) error {
	for {
		r.align(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-r.clock.After(switchesEvery):
		}
	}
}

// align makes the fleet what is wanted, as far as it can be at this moment.
func (r *roll) align(ctx context.Context) {
	r.mu.Lock()
	defer r.mu.Unlock()
	rows, err := r.rows(ctx)
	r.tell("", err)
	for _, row := range rows {
		r.tell(row.Name, r.follow(ctx, row))
	}
}

// rows reads the list, into which ours have to be written first.
func (r *roll) rows(ctx context.Context) ([]sqlstore.Switch, error) {
	ctx, cancel := context.WithTimeout(ctx, listLimit)
	defer cancel()
	for _, p := range r.own {
		if r.seeded {
			break
		}
		if err := r.store.SeedSwitch(ctx, p.row(r.clock.Now())); err != nil {
			return nil, err
		}
	}
	r.seeded = true
	return r.store.Switches(ctx)
}

// follow does what is wanted of one Asterisk.
func (r *roll) follow(ctx context.Context, row sqlstore.Switch) error {
	ctx, cancel := context.WithTimeout(ctx, tellLimit)
	defer cancel()
	if row.Want == sqlstore.SwitchRemoved {
		if !r.has(row.Name) {
			return nil
		}
		err := r.fleet.Admit(ctx, row.Name, false)
		if gone := r.fleet.Remove(row.Name); !errors.Is(gone, asterisk.ErrBusy) {
			err = errors.Join(err, gone)
		}
		return err
	}
	p := place{URL: row.URL, User: row.User, Password: row.Password}
	if own := r.owned(row.Name); own != nil {
		p = *own
	}
	if err := r.fleet.Add(row.Name, p.URL, p.User, p.Password); err != nil {
		return err
	}
	return r.fleet.Admit(ctx, row.Name, row.Want == sqlstore.SwitchServing)
}

func (r *roll) has(name string) bool {
	return slices.ContainsFunc(r.fleet.List(), func(m asterisk.Member) bool { return m.Name == name })
}

// tell logs what is wrong with one Asterisk, "" for the list, when that changes.
func (r *roll) tell(name string, err error) {
	words := ""
	if err != nil {
		words = err.Error()
	}
	if words != "" && words != r.wrong[name] {
		r.log.Warn("asterisks are not as wanted", "switch", name, "err", err)
	}
	r.wrong[name] = words
}

// local is the Asterisks whose folders are on this machine: ours, and others that say so
// themselves, since a path alone may mean another folder on each machine. Those removed
// are among them, for what they did last.
func (r *roll) local(ctx context.Context) []place {
	all := slices.DeleteFunc(slices.Clone(r.own), func(p place) bool { return p.Dir == "" })
	rows, err := r.store.Switches(ctx)
	if err != nil {
		r.log.Warn("folders of other asterisks not known", "err", err)
	}
	for _, row := range rows {
		if r.owned(row.Name) == nil && row.Dir != "" && conf.NameOf(row.Dir) == row.Name {
			all = append(all, place{Name: row.Name, Dir: row.Dir})
		}
	}
	return all
}

// owned is the Asterisk of that name among ours, nil when it is none of them.
func (r *roll) owned(name string) *place {
	for i := range r.own {
		if r.own[i].Name == name {
			return &r.own[i]
		}
	}
	return nil
}

// row is how p stands in the list.
func (p place) row(now time.Time) sqlstore.Switch {
	return sqlstore.Switch{Name: p.Name, URL: p.URL, User: p.User, Password: p.Password, Dir: p.Dir, Since: now}
}

// List is part of console.Switches: what is wanted beside what there is.
func (r *roll) List(ctx context.Context) ([]console.Switch, error) {
	rows, err := r.store.Switches(ctx)
	if err != nil {
		return nil, err
	}
	there := map[string]asterisk.Member{}
	for _, m := range r.fleet.List() {
		there[m.Name] = m
	}
	var list []console.Switch
	for _, row := range rows {
		m, here := there[row.Name]
		if row.Want == sqlstore.SwitchRemoved && !here {
			continue
		}
		list = append(list, console.Switch{Name: row.Name, URL: row.URL, Want: row.Want, Since: row.Since,
			State: string(m.State), Calls: m.Calls})
	}
	return list, nil
}

// Add is part of console.Switches.
func (r *roll) Add(ctx context.Context, in console.NewSwitch) error {
	p := place(in)
	if err := p.check(); err != nil {
		return fmt.Errorf("%w: %w", err, dispatch.ErrInvalid)
	}
	if err := r.store.AddSwitch(ctx, p.row(r.clock.Now())); err != nil {
		return err
	}
	r.align(ctx)
	return nil
}

// Want is part of console.Switches.
func (r *roll) Want(ctx context.Context, name, want string) error {
	if err := r.store.WantSwitch(ctx, name, want, r.clock.Now()); err != nil {
		return err
	}
	r.align(ctx)
	return nil
}

// partSwitch begins the name of one Asterisk of several on the status page.
const partSwitch = "Asterisk "

// switchParts is whether calls can be controlled, and where there are several Asterisks
// each of them: the hotline is ready while one is there.
func (a *app) switchParts() []console.Part {
	whole := console.Part{Name: "Asterisk", Up: a.tower.Connected()}
	if !whole.Up {
		whole.Detail = "not connected; calls are answered by the dialplan"
	}
	parts := []console.Part{whole}
	members := a.tower.List()
	if len(members) < 2 {
		return parts
	}
	for _, m := range members {
		p := console.Part{Name: partSwitch + m.Name, Up: here(m)}
		if m.State != asterisk.Up {
			p.Detail = string(m.State)
		}
		if m.Twin != "" {
			p.Detail = strings.TrimSpace(p.Detail + " has the systemname of " + m.Twin + " (asterisk.conf)")
		}
		parts = append(parts, p)
	}
	return parts
}

// here reports whether events of an Asterisk arrive.
func here(m asterisk.Member) bool { return m.State == asterisk.Up || m.State == asterisk.Draining }

// reachable asks every Asterisk which trunks answer: one is up that any of them
// reaches, and none are while all are away. All are asked at once, so that an Asterisk
// that hangs makes no trunk of another look down.
func (a *app) reachable(ctx context.Context) map[string]bool {
	var mu sync.Mutex
	var asked sync.WaitGroup
	states := map[string]bool{}
	for _, t := range a.set.outside.trunks {
		asked.Go(func() {
			reached := a.tower.Reachable(ctx, t.Name)
			mu.Lock()
			defer mu.Unlock()
			states[t.Name] = false
			for _, up := range reached {
				states[t.Name] = states[t.Name] || up
			}
		})
	}
	asked.Wait()
	return states
}
