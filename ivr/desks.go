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
	DeskAway    DeskState = "away"       // signed out; not rung
	DeskIdle    DeskState = "idle"       // waits for a call
	DeskRinging DeskState = "ringing"    // being rung for a caller
	DeskTalking DeskState = "talking"    // with a caller
	DeskWriting DeskState = "after_call" // writes a call up (话后整理): on duty, not rung (KF-3.6.1)
)

// Desk is one agent's phone as it stands.
type Desk struct {
	Name     string    `json:"-"`
	Endpoint string    `json:"-"` // dial string
	Queues   []string  `json:"-"`
	Agent    string    `json:"agent,omitempty"` // who signed in
	State    DeskState `json:"state"`
	Since    time.Time `json:"since"`           // in this state since
	CallID   string    `json:"call,omitempty"`  // while ringing or talking
	Owner    string    `json:"owner,omitempty"` // the controller of that call
	Taken    int       `json:"taken,omitempty"` // calls answered since the register began
	Then     DeskState `json:"then,omitempty"`  // asked for while busy: away or writing once free
}

// Desks is the register of agents' phones: who is signed in, idle since when. It also
// keeps the order of the callers who wait, so that who came first is served first.
// It lives in memory, where desks start as the profile says; [Desks.Share] makes the
// registers of several controllers one. Safe for concurrent use.
type Desks struct {
	now func() time.Time

	turn sync.Mutex // one change at a time, the board's answer included

	mu      sync.Mutex
	plans   map[string]DeskPlan
	sheet   *sheet // never changed, only replaced
	changed chan struct{}
	shared  shared
}

// NewDesks makes an empty register.
func NewDesks(now func() time.Time) *Desks {
	return &Desks{now: now, plans: map[string]DeskPlan{}, sheet: &sheet{Desks: map[string]*Desk{}}, changed: make(chan struct{})}
}

// Plan adds the desks of a profile; those already there keep their state.
func (d *Desks) Plan(plans []DeskPlan) {
	d.mu.Lock()
	for _, p := range plans {
		if _, known := d.plans[p.Name]; !known {
			d.plans[p.Name] = p
		}
	}
	d.mu.Unlock()
	d.change(d.lay)
}

// lay gives every planned desk its place on a sheet, and says whether one had none.
func (d *Desks) lay(s *sheet) (added bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.now() // the same for all, so that names decide who is first
	for name, p := range d.plans {
		k := s.Desks[name]
		if k == nil {
			k = &Desk{State: DeskAway, Since: now}
			if p.SignedIn {
				k.State = DeskIdle
			}
			s.Desks[name], added = k, true
		}
		k.Name, k.Endpoint, k.Queues = name, p.Endpoint, p.Queues
	}
	return added
}

// SignIn makes a desk take calls under an agent's name and reports whether there is
// such a desk. A desk that is talking goes on talking.
func (d *Desks) SignIn(name, agent string) bool {
	return d.seat(name, func(k *Desk) {
		k.Agent, k.Then = agent, ""
		if k.State == DeskAway || k.State == DeskWriting {
			k.State, k.Since = DeskIdle, d.now()
		}
	})
}

// SignOut takes a desk out and reports whether there is such a desk. One that is
// ringing or talking is out as soon as that ends.
func (d *Desks) SignOut(name string) bool {
	return d.seat(name, func(k *Desk) {
		k.Agent = ""
		k.pause(DeskAway, d.now())
	})
}

// WriteUp lets a desk's agent write a call up before the next one, and reports whether there
// is such a desk: at once, or as soon as the call ends. SignIn ends it. Callers wait for it,
// as for one that talks.
func (d *Desks) WriteUp(name string) bool {
	return d.seat(name, func(k *Desk) { k.pause(DeskWriting, d.now()) })
}

// List tells how all desks stand, by name.
func (d *Desks) List() []Desk {
	var all []Desk
	for _, k := range d.look().Desks {
		if k.Name != "" {
			all = append(all, *k)
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Name < all[j].Name })
	return all
}

// Waiting is how many callers wait for a desk, on all controllers.
func (d *Desks) Waiting() int { return len(d.look().Waiting) }

// wanted is a caller looking for a desk. Only the caller's own goroutine uses it.
type wanted struct {
	call  string
	queue string // empty: any desk
	tried []string
	since time.Time // their place in the row
}

// take reserves the desk that has been idle longest for a caller, leaving alone those
// that somebody who came earlier could have.
func (d *Desks) take(w *wanted) (taken Desk, ok bool) {
	me := d.node()
	ok = d.change(func(s *sheet) bool {
		k := s.best(w)
		if k == nil {
			return false
		}
		k.State, k.Since, k.CallID, k.Owner = DeskRinging, d.now(), w.call, me
		taken = *k
		return true
	})
	return taken, ok
}

// worthWaiting reports whether any desk that may still take the caller is there.
func (d *Desks) worthWaiting(w *wanted) bool {
	for _, k := range d.look().Desks {
		if k.State != DeskAway && k.Then != DeskAway && k.serves(w.queue, w.tried) {
			return true
		}
	}
	return false
}

// talking notes that a desk answered, or that this controller goes on with its call.
func (d *Desks) talking(name string) {
	me := d.node()
	d.alter(name, func(k *Desk) bool {
		k.State, k.Since, k.Taken, k.Owner = DeskTalking, d.now(), k.Taken+1, me
		return true
	})
}

// release gives a desk back after ringing or talking, unless it is another controller's
// by now. A conversation makes it the last in the row; merely ringing does too, so that a
// desk nobody sits at does not delay every caller.
func (d *Desks) release(name string) {
	me := d.node()
	d.alter(name, func(k *Desk) bool {
		if !k.busy() || k.Owner != me {
			return false
		}
		k.free(d.now())
		return true
	})
}

// pass notes that a desk did not answer a caller.
func (d *Desks) pass(w *wanted, name string) {
	w.tried = append(w.tried, name)
	tried := slices.Clone(w.tried)
	d.change(func(s *sheet) bool {
		for i := range s.Waiting {
			if s.Waiting[i].Call == w.call {
				s.Waiting[i].Tried = tried
				return true
			}
		}
		return false
	})
}

// enter puts a caller into the row, by when they came, and tells how many are before.
func (d *Desks) enter(w *wanted) (ahead int) {
	entry := waiter{Call: w.call, Queue: w.queue, Tried: slices.Clone(w.tried), Owner: d.node(), At: w.since}
	d.change(func(s *sheet) bool {
		s.Waiting = slices.DeleteFunc(s.Waiting, func(other waiter) bool { return other.Call == w.call })
		ahead = len(s.Waiting)
		for ahead > 0 && s.Waiting[ahead-1].At.After(w.since) {
			ahead--
		}
		s.Waiting = slices.Insert(s.Waiting, ahead, entry)
		return true
	})
	return ahead
}

// leave takes a caller out of the row, if in it.
func (d *Desks) leave(w *wanted) {
	d.change(func(s *sheet) bool {
		before := len(s.Waiting)
		s.Waiting = slices.DeleteFunc(s.Waiting, func(other waiter) bool { return other.Call == w.call })
		return len(s.Waiting) < before
	})
}

// watch is closed as soon as anything changes after watch was called.
func (d *Desks) watch() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.changed
}

// look is the register as it stands; not to be changed.
func (d *Desks) look() *sheet {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.sheet
}

// alter changes one desk and reports whether it is there; f says whether it did anything.
func (d *Desks) alter(name string, f func(*Desk) bool) (known bool) {
	d.change(func(s *sheet) bool {
		k := s.Desks[name]
		known = k != nil && k.Name != ""
		return known && f(k)
	})
	return known
}
