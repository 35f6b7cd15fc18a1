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
// it at once; what Lead gives is that it normally is not done in vain. Work that is not
// harmless is done under [Member.Hold].
func (m *Member) Lead(ctx context.Context, role string, work func(context.Context) error) error {
	return m.lead(ctx, lead{role: role, cut: true}, work)
}

// Hold is Lead that needs Redis: while it is away nobody begins, and who had the lead
// stops before anybody can have taken it over. It takes its turn with callers of Lead.
func (m *Member) Hold(ctx context.Context, role string, work func(context.Context) error) error {
	return m.lead(ctx, lead{role: role}, work)
}

// lead is what a caller of Lead or Hold is after.
type lead struct {
	role string
	cut  bool // works while Redis is away
}

func (m *Member) lead(ctx context.Context, l lead, work func(context.Context) error) error {
	m.want(l.role, 1)
	defer m.want(l.role, -1)
	for m.await(ctx, l, true) {
		if ended, err := m.term(ctx, l, work); ended {
			return err
		}
	}
	return nil
}

// term works until the lead is lost, and reports whether the work ended by itself.
func (m *Member) term(ctx context.Context, l lead, work func(context.Context) error) (ended bool, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		if m.await(ctx, l, false) {
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

// await waits until this member may do the work, or may not; false means that ctx ended.
func (m *Member) await(ctx context.Context, l lead, may bool) bool {
	for {
		m.mu.Lock()
		changed, standing := m.changed, m.standing()
		is := l.cut && standing == Cut || standing == Fresh && m.held[l.role]
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
