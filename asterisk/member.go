package asterisk

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// State is how an Asterisk of a fleet stands.
type State string

// States of a Member.
const (
	Connecting State = "connecting" // never connected since it was added
	Up         State = "up"
	Draining   State = "draining" // connected, takes no new calls
	Down       State = "down"     // was connected and is not
)

// Member is a look at one Asterisk of a fleet from outside.
type Member struct {
	Name  string
	State State
	Calls int // that run on it, legs not counted
	// Twin is another one that goes by the same systemname, which must not be: their
	// channels can have the same ids.
	Twin string
}

// List is the Asterisks of the fleet by name.
func (f *Fleet) List() []Member {
	var list []Member
	for _, m := range f.all() {
		calls, _ := m.calls.state()
		list = append(list, Member{Name: m.cfg.Name, State: m.state(), Calls: calls, Twin: f.twin(m)})
	}
	return list
}

// Stranded is the Asterisks that have calls of ours and have not given a sign of life for
// so long: nobody controls those calls. They give one four times a second.
func (f *Fleet) Stranded(after time.Duration) []string {
	var names []string
	for _, m := range f.all() {
		long, known := m.quietFor()
		if n, _ := m.calls.state(); n > 0 && known && long >= after {
			names = append(names, m.cfg.Name)
		}
	}
	return names
}

// Quiet is for how long each Asterisk that is connected has given no sign of life.
func (f *Fleet) Quiet() map[string]time.Duration {
	quiet := map[string]time.Duration{}
	for _, m := range f.all() {
		if m.Connected() {
			quiet[m.cfg.Name], _ = m.quietFor()
		}
	}
	return quiet
}

// Stats is the sum of the counters of every Switch there was; Deepest is the highest,
// and Connected holds while any is.
func (f *Fleet) Stats() Stats {
	f.mu.Lock()
	var sum Stats
	sum.add(f.past)
	f.mu.Unlock()
	for _, m := range f.all() {
		sum.add(m.Stats())
	}
	return sum
}

// add adds the counters of o to st.
func (st *Stats) add(o Stats) {
	if st.Events == nil {
		st.Events, st.Requests = map[string]uint64{}, map[string]uint64{}
	}
	for kind, n := range o.Events {
		st.Events[kind] += n
	}
	for outcome, n := range o.Requests {
		st.Requests[outcome] += n
	}
	st.Unknown += o.Unknown
	st.Malformed += o.Malformed
	st.Unrouted += o.Unrouted
	st.Replaced += o.Replaced
	st.Connects += o.Connects
	st.Panics += o.Panics
	st.Calls += o.Calls
	st.Waiting += o.Waiting
	st.Deepest = max(st.Deepest, o.Deepest)
	st.Fallback += o.Fallback
	st.Recordings += o.Recordings
	st.Notes += o.Notes
	st.Claims += o.Claims
	st.Lost += o.Lost
	st.Adopted += o.Adopted
	st.Connected = st.Connected || o.Connected
}

// StopRecording is Switch.StopRecording on the Asterisk of that name.
func (f *Fleet) StopRecording(ctx context.Context, on, name string) error {
	sw, err := f.named(on)
	if err != nil {
		return err
	}
	return sw.StopRecording(ctx, name)
}

func (f *Fleet) named(name string) (*Switch, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if m := f.members[name]; m != nil {
		return m.Switch, nil
	}
	return nil, fmt.Errorf("%s: %w", name, ErrNoSwitch)
}

// member is a Switch of a fleet.
type member struct {
	*Switch
	stop     context.CancelFunc     // ends it; nil before the fleet runs
	refusing atomic.Bool            // it is to take no new calls, whichever controller asks
	system   atomic.Pointer[string] // its own name; nil until it was asked

	telling sync.Mutex
	told    word
}

// word is what an Asterisk was told, on which connection: one that starts anew has
// forgotten it.
type word struct {
	connection uint64
	refuse     bool
}

func (m *member) state() State {
	switch {
	case !m.Connected() && m.stats.connects.Load() == 0:
		return Connecting
	case !m.Connected():
		return Down
	case m.refusing.Load():
		return Draining
	}
	return Up
}

// burden orders members by how gladly they ring somebody.
func (m *member) burden() int {
	calls, _ := m.calls.state()
	switch m.state() {
	case Up:
		return calls
	case Draining:
		return math.MaxInt - 1
	}
	return math.MaxInt
}

// meet tells Asterisk on a new connection what it may have forgotten, or what it was told
// by a controller before us.
func (m *member) meet(ctx context.Context) {
	if err := m.tell(ctx); err != nil {
		m.cfg.Log.Warn("not told yet", "err", err)
	}
}

// tell lets Asterisk know once per connection whether it is to refuse calls.
func (m *member) tell(ctx context.Context) error {
	m.telling.Lock()
	defer m.telling.Unlock()
	now := word{connection: m.stats.connects.Load(), refuse: m.refusing.Load()}
	if m.told == now {
		return nil
	}
	if err := m.markDraining(ctx, now.refuse); err != nil {
		return fmt.Errorf("tell %s whether to take calls: %w", m.cfg.Name, err)
	}
	m.told = now
	return nil
}

// DrainingVariable is the dialplan's global variable under which hotline-in answers 503 while
// it is 1. Whoever refuses calls before the dialplan looks at it too: asterisk/gate.
const DrainingVariable = "HOTLINE_DRAINING"

// markDraining lets the dialplan refuse new calls before a controller hears of them.
func (s *Switch) markDraining(ctx context.Context, refuse bool) error {
	value := "0"
	if refuse {
		value = "1"
	}
	return s.do(ctx, request{method: http.MethodPost, path: "/asterisk/variable",
		query: url.Values{"variable": {DrainingVariable}, "value": {value}}})
}
