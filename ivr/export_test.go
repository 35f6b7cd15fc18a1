package ivr

import (
	"time"

	"hotline/dispatch"
)

// Caller is a caller looking for a desk, for tests of registers without calls.
type Caller struct{ w *wanted }

// NewCaller makes one who comes now; an empty queue takes any desk.
func NewCaller(call, queue string) Caller {
	return Caller{&wanted{call: call, queue: queue, since: time.Now()}}
}

// Take, Talking, Release, Pass, Enter, Leave and Watch are what a flow does.

func (d *Desks) Take(c Caller) (Desk, bool) { return d.take(c.w) }
func (d *Desks) Talking(name string)        { d.talking(name) }
func (d *Desks) Release(name string)        { d.release(name) }
func (d *Desks) Pass(c Caller, name string) { d.pass(c.w, name) }
func (d *Desks) Enter(c Caller) (ahead int) { return d.enter(c.w) }
func (d *Desks) Leave(c Caller)             { d.leave(c.w) }
func (d *Desks) Watch() <-chan struct{}     { return d.watch() }

// Tracked is how many numbers a limiter keeps.
func (l *Limiter) Tracked() int { return len(l.callers.of) }

// Join has an agent who talks with a caller ask another to it, as Steer does where the switch can
// join conversations.
func (r *Runner) Join(phone Meeting, desk string, s Steering) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for v := range r.live {
		return (&table{v: v, phone: phone, desk: desk}).invite(s)
	}
	return dispatch.ErrNotFound
}
