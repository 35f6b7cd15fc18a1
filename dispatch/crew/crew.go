// Package crew is what the controllers of one hotline know of each other: who lives,
// who was replaced, and which of them does the work that must be done once.
//
// Every controller is a [Member]. It beats: a number of its own in Redis goes up twice a
// second. The others judge it dead when that number has stood still for three seconds of
// their own monotonic clock, during which they looked all the time; no wall clock is
// asked, so that a step of one kills nobody. A dead member is buried by exactly one of
// the living ([Member.Bury]), which then answers for what it left. One that was only
// paused, or cut off, finds at its next beat that it was buried, and ends with
// [ErrReplaced]: that is the fence between it and its heir.
//
// Each incarnation has a token, greater than all before it. Work that must be done by
// one member at a time is done under [Member.Lead]; the lead is bound to the beat, so
// that one judgement of who is dead serves all.
//
// Redis holds nothing here that cannot be lost. Emptied, it is filled again by the next
// beats: with who lives, and with whom they buried. While it is away nobody is judged,
// and everybody works: see [Member.Lead].
package crew

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// Errors of a member that must not act any more.
var (
	// ErrReplaced says that another member has taken over what was this one's.
	ErrReplaced = errors.New("this controller was replaced")
	// ErrNamesake comes with ErrReplaced when that other one has the same name: a newer
	// process of the same controller.
	ErrNamesake = errors.New("another one runs under its name")
)

// nodeName is a plain word, since it stands in keys and, elsewhere, in Asterisk's names.
var nodeName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$`)

// Config says who this member is; all but Redis and Node may be left out.
type Config struct {
	Redis  redis.UniversalClient // a single server, Sentinel or Cluster; with ContextTimeoutEnabled, or a slow answer holds up the beat
	Node   string                // this controller's name: letters, digits, - and _. A new incarnation replaces the one before it
	Prefix string                // first part of every key; default "hotline"
	Beat   time.Duration         // between two beats; default 500 ms
	Dead   time.Duration         // without a beat for so long a member is dead; default 3 s, the same for all
	Log    *slog.Logger          // nil: discard
}

// Peer is one incarnation of a controller.
type Peer struct {
	Node  string
	Token uint64
	beat  string // as last seen
}

func (p Peer) id() string { return p.Node + "#" + strconv.FormatUint(p.Token, 10) }

// peerOf is the reverse of id.
func peerOf(id, beat string) (Peer, bool) {
	node, token, _ := strings.Cut(id, "#")
	n, err := strconv.ParseUint(token, 10, 64)
	return Peer{Node: node, Token: n, beat: beat}, err == nil && nodeName.MatchString(node)
}

// Standing is how a member stands to the others.
type Standing int

// The standings.
const (
	// Stale: this process did not run for a while, and has not asked Redis since. It may
	// have been replaced meanwhile; call [Member.Check] before doing anything.
	Stale Standing = iota
	// Fresh: nobody can have judged this member dead.
	Fresh
	// Cut: Redis does not answer. If the others reach it they may have replaced this one.
	Cut
	// Replaced: see [ErrReplaced].
	Replaced
)

// String is the standing as the log has it.
func (s Standing) String() string {
	return [...]string{"stale", "fresh", "cut off", "replaced"}[s]
}

// Member is one controller among the others. Safe for concurrent use.
type Member struct {
	cfg  Config
	keys []string // beats, graves, roles, counter, estates; one slot of a cluster

	turn sync.Mutex // one conversation with Redis at a time

	mu       sync.Mutex
	token    uint64    // 0 until Redis was reached
	replaced error     // ErrReplaced and by whom, until Run begins anew
	stale    bool      // until Redis was asked
	ticked   time.Time // when Run was last seen to live
	proven   time.Time // the beginning of the last beat that succeeded
	peers    map[string]sighting
	buried   []Peer          // the latest ones by this member, in case Redis forgets
	wanted   map[string]int  // roles, and how many callers of Lead want each
	held     map[string]bool // roles, as of the last beat
	changed  chan struct{}   // closed with every beat
	dead     chan []Peer
}

// sighting is a peer's beat and since when it has not changed.
type sighting struct {
	Peer
	since time.Time
}

// Join makes a member and its first beat. It fails for a bad configuration only: with
// Redis away it joins as soon as Redis is back, while Run works. Until Run is called the
// member soon counts as stale, and after Dead the others bury it.
func Join(ctx context.Context, cfg Config) (*Member, error) {
	if cfg.Redis == nil {
		return nil, errors.New("crew: no Redis client")
	}
	if !nodeName.MatchString(cfg.Node) {
		return nil, fmt.Errorf("crew: %q is no name for a controller: letters, digits, - and _, 32 at most", cfg.Node)
	}
	if cfg.Prefix == "" {
		cfg.Prefix = "hotline"
	}
	if cfg.Beat <= 0 {
		cfg.Beat = 500 * time.Millisecond
	}
	if cfg.Dead <= 0 {
		cfg.Dead = 3 * time.Second
	}
	if cfg.Dead < 6*cfg.Beat {
		return nil, fmt.Errorf("crew: dead after %s needs more than a beat in %s", cfg.Dead, cfg.Beat)
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	m := &Member{cfg: cfg, peers: map[string]sighting{}, wanted: map[string]int{}, held: map[string]bool{},
		changed: make(chan struct{}), dead: make(chan []Peer, 1), ticked: time.Now()}
	for _, name := range []string{"beats", "graves", "roles", "counter", "estates"} {
		m.keys = append(m.keys, cfg.Prefix+":{"+cfg.Prefix+"-crew}:"+name)
	}
	if err := m.Check(ctx); err != nil {
		cfg.Log.Warn("not among the controllers yet", "node", cfg.Node, "err", err)
	}
	return m, nil
}

// Token is this incarnation's number: unique, and greater than those of all incarnations
// before it. It is 0 until Redis was reached for the first time, and another one after
// Run was called again.
func (m *Member) Token() uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.token
}

// Others is the nodes of the other controllers that live, as far as the last beat told.
func (m *Member) Others() (nodes []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.standing() != Fresh {
		return nil
	}
	for _, s := range m.peers {
		if time.Since(s.since) < m.cfg.Dead {
			nodes = append(nodes, s.Node)
		}
	}
	return nodes
}

// Count is how many controllers there are, this one among them. While Redis does not answer
// it is the number of the last beat, since nobody can tell who came or died: what is shared
// among them stays so. A process that never reached Redis knows of itself alone.
func (m *Member) Count() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	nodes := map[string]bool{m.cfg.Node: true}
	for _, s := range m.peers {
		nodes[s.Node] = true
	}
	return len(nodes)
}

// trust is how long after the beginning of a beat nobody can have judged this member
// dead, with a third of that judgement's time to spare.
func (m *Member) trust() time.Duration { return m.cfg.Dead * 2 / 3 }

// patience is how long Redis may take for one answer; a slower one counts as away.
func (m *Member) patience() time.Duration { return m.cfg.Dead / 3 }

// Standing tells, without asking Redis, how this member stands.
func (m *Member) Standing() Standing {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.standing()
}

// standing is Standing with mu held. time.Since goes by the monotonic clock.
func (m *Member) standing() Standing {
	switch {
	case m.replaced != nil:
		return Replaced
	case m.stale || time.Since(m.ticked) >= m.trust():
		return Stale
	case !m.proven.IsZero() && time.Since(m.proven) < m.trust():
		return Fresh
	}
	return Cut
}

// me is this incarnation as a peer.
func (m *Member) me() Peer { return Peer{Node: m.cfg.Node, Token: m.token} }
