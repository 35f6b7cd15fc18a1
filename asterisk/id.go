package asterisk

import (
	"crypto/rand"
	"strconv"
	"strings"
	"sync/atomic"
)

// AppName is the ARI application of one controller's process: its family, the node's
// name and what tells the process from those before it. Each process has its own, so
// that Asterisk says whose a call is, and no two ever share one's events.
func AppName(family, node, incarnation string) string { return family + "-" + node + "-" + incarnation }

// NodeOf is the node in the name of an application, false when it is not of the family.
func NodeOf(family, app string) (node string, ok bool) {
	rest, ok := strings.CutPrefix(app, family+"-")
	cut := strings.LastIndexByte(rest, '-')
	if !ok || cut < 1 {
		return "", false
	}
	return rest[:cut], true
}

func newToken() string { return strings.ToLower(rand.Text()[:8]) }

// idMaker makes ids for what we create in Asterisk. They say what they are, so that legs
// are told from citizens' channels after a restart, and carry the process's token, so
// that no id is ever used again (the same bridge id right after its deletion once
// crashed Asterisk).
type idMaker struct {
	family, token string
	last          *atomic.Uint64
}

func newIDMaker(family, token string) idMaker {
	return idMaker{family: family, token: token, last: &atomic.Uint64{}}
}

// The kinds of what we make.
const (
	legKind    = "leg"
	bridgeKind = "bridge"
)

// next is a new id.
func (m idMaker) next(kind string) string {
	return m.family + "-" + kind + "-" + m.token + "-" + strconv.FormatUint(m.last.Add(1), 36)
}

// isLeg tells legs from citizens' channels.
func (m idMaker) isLeg(id string) bool { return strings.HasPrefix(id, m.family+"-"+legKind+"-") }
