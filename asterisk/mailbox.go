package asterisk

import (
	"context"
	"slices"
	"strings"
	"sync"
)

// mailbox holds a call's events in the order Asterisk sent them until the call's
// goroutine takes them. It is unbounded and never drops: a lost hang-up is a stuck call.
// The socket's reader puts, the call's goroutine takes.
type mailbox struct {
	mu     sync.Mutex
	queue  []*event
	peak   int
	wake   chan struct{} // one slot: something is in the queue
	guards []*guard
	entry  entry
}

// guard is an armed key.
type guard struct {
	key    byte
	cancel context.CancelCauseFunc
}

// entry is what the mailbox knows of a running Gather of several digits, so that a
// guarded key can be told from a digit before the Gather has seen either.
type entry struct {
	max    int
	typed  int
	finish string
}

func newMailbox() *mailbox { return &mailbox{wake: make(chan struct{}, 1)} }

// put never blocks. A guarded key fires its guard here and now, whatever the call's
// goroutine is busy with.
func (m *mailbox) put(e *event) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if key := e.key(); key != 0 {
		if g := m.guarding(key); g != nil {
			g.cancel(&KeyPressed{Key: key})
			m.disarm(g)
			e = &event{Type: guardFired}
		}
	}
	m.queue = append(m.queue, e)
	m.peak = max(m.peak, len(m.queue))
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// guarding finds the guard that key fires, unless key is data of a running entry.
func (m *mailbox) guarding(key byte) *guard {
	in := &m.entry
	if in.typed > 0 && in.typed < in.max {
		in.typed++
		if strings.IndexByte(in.finish, key) >= 0 {
			m.entry = entry{}
		}
		return nil
	}
	for _, g := range m.guards {
		if g.key == key {
			m.entry = entry{}
			return g
		}
	}
	if in.max > 0 {
		in.typed++
	}
	return nil
}

// fire fires the guard of key and reports whether there is one.
func (m *mailbox) fire(key byte) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, g := range m.guards {
		if g.key == key {
			g.cancel(&KeyPressed{Key: key})
			m.disarm(g)
			return true
		}
	}
	return false
}

// take is the oldest event, nil when there is none.
func (m *mailbox) take() *event {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.queue) == 0 {
		m.queue = nil
		return nil
	}
	e := m.queue[0]
	m.queue[0] = nil
	m.queue = m.queue[1:]
	return e
}

// begin tells of an entry of at most max digits, typed of which are there already.
func (m *mailbox) begin(in entry) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if in.max <= 1 {
		in = entry{}
	}
	m.entry = in
}

func (m *mailbox) arm(g *guard) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.guards = append(m.guards, g)
}

func (m *mailbox) release(g *guard) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.disarm(g)
}

func (m *mailbox) disarm(g *guard) {
	m.guards = slices.DeleteFunc(m.guards, func(o *guard) bool { return o == g })
}

// depth is how many events wait, and how many ever did at once.
func (m *mailbox) depth() (now, peak int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.queue), m.peak
}
