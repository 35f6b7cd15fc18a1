package ivr

import (
	"net/netip"
	"slices"
	"sync"
	"time"
)

// Rate is how often somebody may call: Burst calls at once, and PerMinute more each
// minute. The zero Rate is no limit.
type Rate struct{ PerMinute, Burst int }

// Limits say how often callers may call.
type Limits struct {
	Caller Rate // one number
	Source Rate // one address calls come from, whatever numbers they show
	// Trusted addresses have no limit of their own: a carrier's trunk brings everybody.
	Trusted []netip.Addr
}

// tracked is how many numbers, and how many addresses, are watched at a time. While more
// than these call, those that come last are not limited.
const tracked = 10_000

// Limiter notices who calls too often. Withheld numbers count for their source only. It
// holds at most tracked numbers and addresses, and when in doubt it lets in. Safe for
// concurrent use.
type Limiter struct {
	limits Limits
	now    func() time.Time

	mu      sync.Mutex
	callers buckets[string]
	sources buckets[netip.Prefix]
}

// NewLimiter makes a limiter that has seen nobody.
func NewLimiter(l Limits, now func() time.Time) *Limiter {
	return &Limiter{limits: l, now: now,
		callers: newBuckets[string](l.Caller), sources: newBuckets[netip.Prefix](l.Source)}
}

// Admit counts a call and reports whether it comes within the limits. caller may be
// empty, and source invalid: neither then has a limit. A call that is over one limit
// uses up nothing of the other.
func (l *Limiter) Admit(caller string, source netip.Addr) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	bySource := source.IsValid() && !slices.Contains(l.limits.Trusted, source)
	network := networkOf(source)
	switch {
	case bySource && !l.sources.has(network, now), caller != "" && !l.callers.has(caller, now):
		return false
	}
	if bySource {
		l.sources.take(network, now)
	}
	if caller != "" {
		l.callers.take(caller, now)
	}
	return true
}

// networkOf is what belongs to one party: an IPv4 address, or the network that an IPv6
// host takes its addresses from.
func networkOf(a netip.Addr) netip.Prefix {
	bits := 32
	if a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits) // of an invalid address it is invalid too
	return p
}

// bucket is what somebody has left. It fills with time.
type bucket struct {
	left float64
	at   time.Time
}

// buckets are those who called lately.
type buckets[K comparable] struct {
	rate  Rate
	of    map[K]bucket
	swept time.Time // when those that are full again were forgotten last
}

func newBuckets[K comparable](r Rate) buckets[K] { return buckets[K]{rate: r, of: map[K]bucket{}} }

// filled is a bucket as it is now. A clock that was set back fills nothing.
func (b *buckets[K]) filled(k bucket, now time.Time) bucket {
	if passed := now.Sub(k.at); passed > 0 {
		k.left = min(k.left+passed.Minutes()*float64(b.rate.PerMinute), float64(b.rate.Burst))
		k.at = now
	}
	return k
}

// has reports whether one more call is within the rate.
func (b *buckets[K]) has(key K, now time.Time) bool {
	k, known := b.of[key]
	return b.rate == Rate{} || !known || b.filled(k, now).left >= 1
}

// take uses up a call.
func (b *buckets[K]) take(key K, now time.Time) {
	if b.rate == (Rate{}) {
		return
	}
	k, known := b.of[key]
	if !known {
		if !b.room(now) {
			return
		}
		k = bucket{left: float64(b.rate.Burst), at: now}
	}
	k = b.filled(k, now)
	k.left--
	b.of[key] = k
}

// room makes room for one more by forgetting those whose bucket is full again, which is
// looked for once a second at most: under a flood it would cost more than the calls.
func (b *buckets[K]) room(now time.Time) bool {
	if len(b.of) < tracked {
		return true
	}
	if passed := now.Sub(b.swept); passed >= 0 && passed < time.Second {
		return false
	}
	b.swept = now
	for key, k := range b.of {
		if b.filled(k, now).left >= float64(b.rate.Burst) {
			delete(b.of, key)
		}
	}
	return len(b.of) < tracked
}
