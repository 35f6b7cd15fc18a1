package crew

import (
	"context"
	"errors"
)

// errLost is why the context of work under Lead ends.
var errLost = errors.New("the lead is another controller's")

// Lead does work on one member at a time: on whoever has the role's lead. When that
// member dies or leaves, another takes the lead within Dead and a beat. The work's
// context ends when the lead is lost, and when this process was paused until it has
// asked again. Lead returns what work returns when it ended by itself, and nil when ctx
// ends; it needs Run to be running. Several callers of one member share its lead.
//
// While Redis is away every member works: a hotline of one controller has to go on, and
// no member can tell whether it is the only one. So work has to be harmless when two do
// it at once; what Lead gives is that it normally is not done in vain.
func (m *Member) Lead(ctx context.Context, role string, work func(context.Context) error) error {
	m.want(role, 1)
	defer m.want(role, -1)
	for m.await(ctx, role, true) {
		if ended, err := m.term(ctx, role, work); ended {
			return err
		}
	}
	return nil
}

// term works until the lead is lost, and reports whether the work ended by itself.
func (m *Member) term(ctx context.Context, role string, work func(context.Context) error) (ended bool, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		if m.await(ctx, role, false) {
			cancel(errLost)
		}
	}()
	defer func() {
		cancel(nil)
		<-watched
	}()
	err = work(ctx)
	return ctx.Err() == nil, err
}

// await waits until this member may do a role's work, or may not; false means that ctx ended.
func (m *Member) await(ctx context.Context, role string, may bool) bool {
	for {
		m.mu.Lock()
		changed, standing := m.changed, m.standing()
		is := standing == Cut || standing == Fresh && m.held[role]
		m.mu.Unlock()
		if is == may {
			return ctx.Err() == nil
		}
		select {
		case <-ctx.Done():
			return false
		case <-changed:
		}
	}
}

// want counts who wants a role; at none its lead goes back with the next beat.
func (m *Member) want(role string, by int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.wanted[role] += by; m.wanted[role] == 0 {
		delete(m.wanted, role)
		delete(m.held, role)
	}
}
