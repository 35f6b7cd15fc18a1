package ivr

import (
	"context"
	"log/slog"
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

// Tally is where several controllers count calls together.
type Tally interface {
	// Take takes a call out of each of these buckets, or out of none if one has none left,
	// and reports whether it took them.
	Take(ctx context.Context, from []Bucket) (within bool, err error)
}

// Bucket is what somebody may still call. It begins with all of its rate's Burst.
type Bucket struct {
	Of   string // whose, unlike anybody else's: a phone number is in it
	Rate Rate
}

// Together says with whom a limiter counts; all are needed.
type Together struct {
	Tally Tally
	Wait  time.Duration // for the tally at most: the caller hears nothing meanwhile
	Log   *slog.Logger
}

// tallyAgain is after how long a tally that failed is asked again.
const tallyAgain = time.Second

// Limiter notices who calls too often. Withheld numbers count for their source only. It
// holds at most tracked numbers and addresses, and when in doubt it lets in. Safe for
// concurrent use.
type Limiter struct {
	limits Limits
	now    func() time.Time
	with   Together

	mu      sync.Mutex
	callers buckets[string]
	sources buckets[netip.Prefix]
	alone   bool // the tally failed last
	failed  time.Time
}

// NewLimiter makes a limiter that has seen nobody.
func NewLimiter(l Limits, now func() time.Time) *Limiter {
	return &Limiter{limits: l, now: now,
		callers: newBuckets[string](l.Caller), sources: newBuckets[netip.Prefix](l.Source)}
}

// Share makes the limits of all controllers that use one tally one, before the limiter is
// used. Each goes on counting its own calls: that is what holds while the tally is away.
func (l *Limiter) Share(with Together) { l.with = with }

// Admit counts a call and reports whether it comes within the limits. caller may be
// empty, and source invalid: neither then has a limit. A call that is over one limit
// uses up nothing of the other. ctx ends the wait for the tally, and lets in.
func (l *Limiter) Admit(ctx context.Context, caller string, source netip.Addr) bool {
	network := networkOf(source)
	if slices.Contains(l.limits.Trusted, source) {
		network = netip.Prefix{}
	}
	if !l.take(caller, network) {
		return false
	}
	var from []Bucket
	if caller != "" && l.limits.Caller != (Rate{}) {
		from = append(from, Bucket{Of: "caller " + caller, Rate: l.limits.Caller})
	}
	if network.IsValid() && l.limits.Source != (Rate{}) {
		from = append(from, Bucket{Of: "source " + network.String(), Rate: l.limits.Source})
	}
	if len(from) == 0 || l.together(ctx, from) {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.callers.giveBack(caller)
	l.sources.giveBack(network)
	return false
}

// take counts a call of this controller's own, if it is within the limits.
func (l *Limiter) take(caller string, network netip.Prefix) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if network.IsValid() && !l.sources.has(network, now) || caller != "" && !l.callers.has(caller, now) {
		return false
	}
	if network.IsValid() {
		l.sources.take(network, now)
	}
	if caller != "" {
		l.callers.take(caller, now)
	}
	return true
}

// together asks the tally. One that does not answer is left alone for a while: callers
// would wait for it one after the other.
func (l *Limiter) together(ctx context.Context, from []Bucket) bool {
	l.mu.Lock()
	passed := l.now().Sub(l.failed)
	skip := l.with.Tally == nil || l.alone && passed >= 0 && passed < tallyAgain
	l.mu.Unlock()
	if skip {
		return true
	}
	asking, cancel := context.WithTimeout(ctx, l.with.Wait)
	defer cancel()
	within, err := l.with.Tally.Take(asking, from)
	if ctx.Err() != nil {
		return true // the caller left, or pressed the emergency key
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case err != nil && !l.alone:
		l.with.Log.Warn("calls are not counted together with other controllers", "err", err)
	case err == nil && l.alone:
		l.with.Log.Info("calls are counted together again")
	}
	l.alone = err != nil
	if l.alone {
		l.failed = l.now()
	}
	return within || l.alone
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

// filled is a bucket as it is now. A clock that was set back fills nothing, and counts anew.
func (b *buckets[K]) filled(k bucket, now time.Time) bucket {
	if passed := now.Sub(k.at); passed > 0 {
		k.left = min(k.left+passed.Minutes()*float64(b.rate.PerMinute), float64(b.rate.Burst))
	}
	k.at = now
	return k
}

// has reports whether one more call is within the rate.
func (b *buckets[K]) has(key K, now time.Time) bool {
	k, known := b.of[key]
	if !known {
		return true
	}
	k = b.filled(k, now)
	b.of[key] = k
	return k.left >= 1
}

// giveBack undoes a take.
func (b *buckets[K]) giveBack(key K) {
	if k, known := b.of[key]; known {
		k.left = min(k.left+1, float64(b.rate.Burst))
		b.of[key] = k
	}
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
