package crew

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Run beats until ctx ends and then leaves in good order, so that nobody has to find out.
// It fails with ErrReplaced when another member took over, and with nothing else: while
// Redis is away it goes on trying. Called again it begins a new incarnation; not to be
// done after ErrNamesake, or two controllers of one name replace each other for ever.
func (m *Member) Run(ctx context.Context) error {
	m.mu.Lock()
	if m.replaced != nil {
		m.token, m.replaced, m.proven = 0, nil, time.Time{}
		m.buried = nil
		clear(m.peers)
	}
	m.mu.Unlock()
	ticker := time.NewTicker(m.cfg.Beat)
	defer ticker.Stop()
	before := m.Standing()
	for {
		m.tick()
		err := m.Check(ctx)
		now := m.tick()
		if now != before {
			m.cfg.Log.Warn("standing among the controllers", "node", m.cfg.Node, "was", before, "is", now, "err", err)
		}
		before = now
		if now == Replaced {
			return m.why()
		}
		select {
		case <-ctx.Done():
			return m.leave(ctx)
		case <-ticker.C:
		}
	}
}

// why is how this member was replaced.
func (m *Member) why() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.replaced
}

// tick notes that this process runs, and wakes who waits for a change. A pause shows as
// the gap between two ticks.
func (m *Member) tick() Standing {
	m.mu.Lock()
	defer m.mu.Unlock()
	if time.Since(m.ticked) >= m.trust() {
		m.stale = true
	}
	m.ticked = time.Now()
	close(m.changed)
	m.changed = make(chan struct{})
	return m.standing()
}

// Check asks Redis now: nil says that this member is fresh, ErrReplaced that it must not
// act any more, anything else that Redis is away. It is a beat outside the measure.
func (m *Member) Check(ctx context.Context) error {
	m.turn.Lock()
	defer m.turn.Unlock()
	ctx, cancel := context.WithTimeout(ctx, m.patience())
	defer cancel()
	if err := m.why(); err != nil {
		return err
	}
	began := time.Now()
	a, err := m.ask(ctx)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ticked = time.Now()
	m.stale = time.Since(began) >= m.trust() // paused over the question: its answer is old
	switch {
	case errors.Is(err, ErrReplaced):
		m.replaced = err
		clear(m.held)
		return err
	case err != nil:
		return fmt.Errorf("beat: %w", err)
	}
	m.take(a, began)
	return nil
}

// join takes a token.
func (m *Member) join(ctx context.Context) error {
	token, err := joinScript.Run(ctx, m.cfg.Redis, m.keys, m.cfg.Node).Uint64()
	if err != nil {
		return fmt.Errorf("join the controllers: %w", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.token = token
	m.cfg.Log.Info("among the controllers", "node", m.cfg.Node, "token", token)
	return nil
}

// answer is what a beat brings back.
type answer struct {
	forgot bool // Redis did not know me
	mine   []string
	beats  map[string]string
	gone   []string
	asked  []Peer // the suspects
}

// ask makes one beat. It fails with ErrReplaced if I was.
func (m *Member) ask(ctx context.Context) (*answer, error) {
	if m.Token() == 0 {
		if err := m.join(ctx); err != nil {
			return nil, err
		}
	}
	m.mu.Lock()
	roles := slices.Sorted(maps.Keys(m.wanted))
	args := []any{m.me().id(), m.token, len(roles)}
	for _, r := range roles {
		args = append(args, r)
	}
	asked := m.suspects()
	for _, p := range asked {
		args = append(args, p.id(), p.beat)
	}
	me, buried := m.me().id(), slices.Clone(m.buried)
	m.mu.Unlock()
	reply, err := beatScript.Run(ctx, m.cfg.Redis, m.keys, args...).Slice()
	if err != nil {
		return nil, err
	}
	a, err := m.readAnswer(reply)
	if err != nil {
		return nil, err
	}
	a.asked = asked
	return a, m.remind(ctx, me, a.risen(buried))
}

// risen are those I buried whose burial Redis forgot, or may have.
func (a *answer) risen(buried []Peer) []Peer {
	if a.forgot {
		return buried
	}
	return slices.DeleteFunc(buried, func(p Peer) bool { _, beats := a.beats[p.id()]; return !beats })
}

// remind tells Redis again whom I buried.
func (m *Member) remind(ctx context.Context, me string, buried []Peer) error {
	if len(buried) == 0 {
		return nil
	}
	args := []any{me}
	for _, p := range buried {
		args = append(args, p.id())
	}
	return remindScript.Run(ctx, m.cfg.Redis, m.keys, args...).Err()
}

// readAnswer takes beatScript's reply apart.
func (m *Member) readAnswer(reply []any) (*answer, error) {
	if len(reply) == 1 {
		if heir, _ := peerOf(fmt.Sprint(reply[0]), ""); heir.Node == m.cfg.Node {
			return nil, fmt.Errorf("%w: %w", ErrReplaced, ErrNamesake)
		}
		return nil, fmt.Errorf("%w by %v", ErrReplaced, reply[0])
	}
	if len(reply) != 4 {
		return nil, fmt.Errorf("%d parts in the answer, want 4", len(reply))
	}
	count, _ := reply[0].(int64)
	pairs := texts(reply[2])
	a := &answer{forgot: count == 1, mine: texts(reply[1]), gone: texts(reply[3]), beats: map[string]string{}}
	for i := 0; i+1 < len(pairs); i += 2 {
		a.beats[pairs[i]] = pairs[i+1]
	}
	return a, nil
}

// texts is a list as Redis sends it.
func texts(list any) []string {
	var all []string
	items, _ := list.([]any)
	for _, item := range items {
		if s, ok := item.(string); ok {
			all = append(all, s)
		}
	}
	return all
}

// take notes what a beat brought back. mu is held.
func (m *Member) take(a *answer, began time.Time) {
	looked := m.looked()
	m.proven = began
	clear(m.held)
	for _, role := range a.mine {
		m.held[role] = true
	}
	for _, id := range a.gone {
		delete(m.peers, id)
	}
	for id, s := range m.peers {
		if !looked {
			s.since = time.Now()
			m.peers[id] = s
		}
	}
	for id, beat := range a.beats {
		p, ok := peerOf(id, beat)
		if ok && id != m.me().id() && m.peers[id].beat != beat {
			m.peers[id] = sighting{p, time.Now()}
		}
	}
	m.tell(slices.DeleteFunc(m.suspects(), func(p Peer) bool { return !slices.Contains(a.asked, p) }))
}

// tell passes on who is dead for certain. mu is held.
func (m *Member) tell(dead []Peer) {
	select {
	case <-m.dead: // what nobody took is old
	default:
	}
	if len(dead) > 0 {
		m.dead <- dead
	}
}

// looked reports whether this member has been watching the others without a break. mu is held.
func (m *Member) looked() bool { return time.Since(m.proven) < m.patience()+m.cfg.Beat }

// suspects are the peers that have not moved for Dead. mu is held. One that Redis forgot
// is among them unless it comes back: it may have died while Redis was away.
func (m *Member) suspects() []Peer {
	var dead []Peer
	for _, s := range m.peers {
		if time.Since(s.since) >= m.cfg.Dead && m.looked() {
			dead = append(dead, s.Peer)
		}
	}
	slices.SortFunc(dead, func(a, b Peer) int { return strings.Compare(a.id(), b.id()) })
	return dead
}

// leave takes this member out, unless Redis is away: then the others will find out.
func (m *Member) leave(ctx context.Context) error {
	m.turn.Lock()
	defer m.turn.Unlock()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), m.patience())
	defer cancel()
	m.mu.Lock()
	id, token := m.me().id(), m.token
	m.mu.Unlock()
	if token == 0 {
		return nil
	}
	if err := leaveScript.Run(ctx, m.cfg.Redis, m.keys, id).Err(); err != nil {
		m.cfg.Log.Warn("left the controllers without a word", "node", m.cfg.Node, "err", err)
	}
	return nil
}
