package ivr

import (
	"slices"
	"sort"
	"sync"
	"time"
)

// DeskState says what a desk is doing.
type DeskState string

// The states of a desk. Agents sign in and out; the runner does the rest.
const (
	DeskAway    DeskState = "away"    // signed out; not rung
	DeskIdle    DeskState = "idle"    // waits for a call
	DeskRinging DeskState = "ringing" // being rung for a caller
	DeskTalking DeskState = "talking" // with a caller
)

// Desk is one agent's phone as it stands.
type Desk struct {
	Name     string
	Endpoint string // dial string
	Queues   []string
	Agent    string // who signed in
	State    DeskState
	Since    time.Time // in this state since
	CallID   string    // while ringing or talking
	Taken    int       // calls answered since the program started
	leaving  bool      // signed out while busy; away once free
}

// Desks is the register of agents' phones: who is signed in, idle since when. It also
// keeps the order of the callers who wait, so that who came first is served first.
// It lives in memory; after a restart desks start as the profile says. Safe for
// concurrent use.
type Desks struct {
	now func() time.Time

	mu      sync.Mutex
	desks   map[string]*Desk
	waiting []*wanted // in order of arrival
	changed chan struct{}
}

// NewDesks makes an empty register.
func NewDesks(now func() time.Time) *Desks {
	return &Desks{now: now, desks: map[string]*Desk{}, changed: make(chan struct{})}
}

// Plan adds the desks of a profile; those already there keep their state.
func (d *Desks) Plan(plans []DeskPlan) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, p := range plans {
		if d.desks[p.Name] != nil {
			continue
		}
		state := DeskAway
		if p.SignedIn {
			state = DeskIdle
		}
		d.desks[p.Name] = &Desk{Name: p.Name, Endpoint: p.Endpoint, Queues: p.Queues, State: state, Since: d.now()}
	}
	d.wake()
}

// SignIn makes a desk take calls under an agent's name and reports whether there is
// such a desk. A desk that is talking goes on talking.
func (d *Desks) SignIn(name, agent string) bool {
	return d.change(name, func(k *Desk) {
		k.Agent, k.leaving = agent, false
		if k.State == DeskAway {
			k.State, k.Since = DeskIdle, d.now()
		}
	})
}

// SignOut takes a desk out and reports whether there is such a desk. One that is
// ringing or talking is out as soon as that ends.
func (d *Desks) SignOut(name string) bool {
	return d.change(name, func(k *Desk) {
		k.Agent = ""
		if k.leaving = k.State == DeskRinging || k.State == DeskTalking; !k.leaving {
			k.State, k.Since = DeskAway, d.now()
		}
	})
}

// List tells how all desks stand, by name.
func (d *Desks) List() []Desk {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := make([]Desk, 0, len(d.desks))
	for _, k := range d.desks {
		all = append(all, *k)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Name < all[j].Name })
	return all
}

// Waiting is how many callers wait for a desk.
func (d *Desks) Waiting() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.waiting)
}

// wanted is a caller looking for a desk. The register's lock guards it.
type wanted struct {
	call  string
	queue string // empty: any desk
	tried []string
}

// serves reports whether a desk may take a caller.
func (k *Desk) serves(w *wanted) bool {
	return !slices.Contains(w.tried, k.Name) &&
		(w.queue == "" || len(k.Queues) == 0 || slices.Contains(k.Queues, w.queue))
}

// take reserves the desk that has been idle longest for a caller, leaving alone those
// that somebody who came earlier could have.
func (d *Desks) take(w *wanted) (Desk, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var best *Desk
	for _, k := range d.desks {
		if k.State == DeskIdle && k.serves(w) && !d.claimed(k, w) && (best == nil || k.longerIdle(best)) {
			best = k
		}
	}
	if best == nil {
		return Desk{}, false
	}
	best.State, best.Since, best.CallID = DeskRinging, d.now(), w.call
	d.wake()
	return *best, true
}

// claimed reports whether somebody who came before w waits for what desk k serves.
func (d *Desks) claimed(k *Desk, w *wanted) bool {
	for _, earlier := range d.waiting {
		if earlier == w {
			return false
		}
		if k.serves(earlier) {
			return true
		}
	}
	return false
}

func (k *Desk) longerIdle(other *Desk) bool {
	return k.Since.Before(other.Since) || k.Since.Equal(other.Since) && k.Name < other.Name
}

// worthWaiting reports whether any desk that may still take the caller is there.
func (d *Desks) worthWaiting(w *wanted) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, k := range d.desks {
		if k.State != DeskAway && !k.leaving && k.serves(w) {
			return true
		}
	}
	return false
}

// talking notes that a desk answered.
func (d *Desks) talking(name string) {
	d.change(name, func(k *Desk) { k.State, k.Since, k.Taken = DeskTalking, d.now(), k.Taken+1 })
}

// release gives a desk back after ringing or talking. A conversation makes it the last
// in the row; merely ringing does too, so that a desk nobody sits at does not delay
// every caller.
func (d *Desks) release(name string) {
	d.change(name, func(k *Desk) {
		k.CallID = ""
		k.State, k.Since = DeskIdle, d.now()
		if k.leaving {
			k.State, k.leaving = DeskAway, false
		}
	})
}

// pass notes that a desk did not answer a caller.
func (d *Desks) pass(w *wanted, name string) {
	d.mu.Lock()
	w.tried = append(w.tried, name)
	d.mu.Unlock()
}

// enter puts a caller at the end of the row and tells how many are before.
func (d *Desks) enter(w *wanted) (ahead int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.waiting = append(d.waiting, w)
	return len(d.waiting) - 1
}

// leave takes a caller out of the row, if in it.
func (d *Desks) leave(w *wanted) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.waiting = slices.DeleteFunc(d.waiting, func(other *wanted) bool { return other == w })
	d.wake()
}

// watch is closed as soon as anything changes after watch was called.
func (d *Desks) watch() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.changed
}

// change alters one desk and wakes who waits.
func (d *Desks) change(name string, f func(*Desk)) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	k := d.desks[name]
	if k == nil {
		return false
	}
	f(k)
	d.wake()
	return true
}

// wake tells everybody who waits to look again. mu is held.
func (d *Desks) wake() {
	close(d.changed)
	d.changed = make(chan struct{})
}
