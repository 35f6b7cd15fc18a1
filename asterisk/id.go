package asterisk

import (
	"crypto/rand"
	"strconv"
	"strings"
	"sync/atomic"
)

// idMaker makes ids for what we create in Asterisk. They carry the application's name,
// so that legs are told from citizens' channels after a restart, and a start-up token,
// so that no id is ever used again (the same bridge id right after its deletion once
// crashed Asterisk).
type idMaker struct {
	prefix string
	last   *atomic.Uint64
}

func newIDMaker(app string) idMaker {
	return idMaker{prefix: app + "-" + strings.ToLower(rand.Text()[:8]) + "-", last: &atomic.Uint64{}}
}

// next is a new id; kind is one letter: l(eg), p(layback), b(ridge).
func (m idMaker) next(kind string) string {
	return m.prefix + kind + strconv.FormatUint(m.last.Add(1), 36)
}
