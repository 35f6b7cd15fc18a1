package crew

import (
	"context"
	"fmt"
	"slices"

	"github.com/redis/go-redis/v9"
)

// Dead tells of peers that are dead and not buried, again with every beat until they are.
// The channel is never closed; a list that nobody took is replaced by the next.
func (m *Member) Dead() <-chan []Peer { return m.dead }

// Lives reports whether a controller of that name lives, as far as this member knows:
// while Redis is away nobody is said to be dead.
func (m *Member) Lives(node string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if node == m.cfg.Node || m.standing() != Fresh {
		return true
	}
	dead := m.suspects()
	for _, s := range m.peers {
		if s.Node == node && !slices.Contains(dead, s.Peer) {
			return true
		}
	}
	return false
}

// mostBuried is how many of its burials a member remembers for a Redis that forgets.
const mostBuried = 64

// Bury makes this member the heir of a dead one, which from then on is fenced off. Of
// several members that try exactly one succeeds. What it returns is whom it now answers
// for: the dead one and those that one was itself the heir of, in case it died before it
// had taken everything over; none of them has an incarnation alive. Taking over has to
// be harmless where there is nothing left. Empty means that somebody else was first, or
// that the peer lives after all. It fails with ErrReplaced, or with Redis's own error;
// Dead then tells of the peer again.
func (m *Member) Bury(ctx context.Context, dead Peer) ([]Peer, error) {
	m.turn.Lock()
	defer m.turn.Unlock()
	ctx, cancel := context.WithTimeout(ctx, m.patience())
	defer cancel()
	m.mu.Lock()
	me, token := m.me().id(), m.token
	m.mu.Unlock()
	if token == 0 {
		return nil, fmt.Errorf("bury %s: not among the controllers yet", dead.id())
	}
	ids, err := buryScript.Run(ctx, m.cfg.Redis, m.keys, me, dead.id(), dead.beat).StringSlice()
	if redis.HasErrorPrefix(err, "FENCED") {
		return nil, ErrReplaced
	}
	if err != nil {
		return nil, fmt.Errorf("bury %s: %w", dead.id(), err)
	}
	var estate []Peer
	for _, id := range ids {
		if p, ok := peerOf(id, ""); ok {
			estate = append(estate, p)
		}
	}
	m.mourn(dead, estate)
	return estate, nil
}

// mourn notes that a peer is not among the living.
func (m *Member) mourn(dead Peer, estate []Peer) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.peers, dead.id()) // one that lives is seen again with the next beat
	m.buried = append(m.buried, estate...)
	m.buried = m.buried[max(0, len(m.buried)-mostBuried):]
	if len(estate) > 0 {
		m.cfg.Log.Warn("controller buried", "node", m.cfg.Node, "dead", estate)
	}
}
