package asterisk

import (
	"slices"
	"strings"
	"sync"
)

// registry knows where an event goes: from channel, playback and recording ids to the
// call they belong to. Ids are entered before the request that brings them to life, so
// that no event can come too early.
type registry struct {
	mu      sync.RWMutex
	routes  map[route]*Call
	running map[*Call]struct{} // calls with a goroutine
	wg      sync.WaitGroup
	closed  bool          // no more calls
	changed chan struct{} // closed and replaced when a call ends
}

// route is what an event is about.
type route struct {
	kind byte // 'c'hannel, 'p'layback, 'r'ecording
	id   string
}

func newRegistry() *registry {
	return &registry{
		routes:  map[route]*Call{},
		running: map[*Call]struct{}{},
		changed: make(chan struct{}),
	}
}

func (r *registry) find(to route) *Call {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.routes[to]
}

// add enters a route; it reports false when somebody has it already.
func (r *registry) add(to route, c *Call) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, taken := r.routes[to]; taken {
		return false
	}
	r.routes[to] = c
	return true
}

func (r *registry) remove(to route) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.routes, to)
}

// enter counts a call's goroutine in; false once the registry is closed.
func (r *registry) enter(c *Call) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return false
	}
	r.running[c] = struct{}{}
	r.wg.Add(1)
	return true
}

// leave counts it out and forgets its channel.
func (r *registry) leave(c *Call) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.running, c)
	delete(r.routes, route{'c', c.id})
	close(r.changed)
	r.changed = make(chan struct{})
	r.wg.Done()
}

func (r *registry) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
}

// state is the number of running calls and a channel that is closed when it falls.
func (r *registry) state() (int, <-chan struct{}) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return len(r.running), r.changed
}

// list is the running calls, oldest first.
func (r *registry) list() []*Call {
	r.mu.RLock()
	defer r.mu.RUnlock()
	calls := make([]*Call, 0, len(r.running))
	for c := range r.running {
		calls = append(calls, c)
	}
	slices.SortFunc(calls, func(a, b *Call) int {
		if d := a.started.Compare(b.started); d != 0 {
			return d
		}
		return strings.Compare(a.id, b.id)
	})
	return calls
}

// channels is every channel known to be alive in Asterisk.
func (r *registry) channels() []*Call {
	r.mu.RLock()
	defer r.mu.RUnlock()
	var calls []*Call
	for to, c := range r.routes {
		if to.kind == 'c' && c.alive.Load() {
			calls = append(calls, c)
		}
	}
	return calls
}
