package sms

import "time"

// bucket is a link's rate in segments a second, as tokens: one a segment, at most a
// second's worth. The lock is the gateway's.
type bucket struct {
	rate   float64 // 0: no limit
	tokens float64
	at     time.Time // when tokens was counted
}

func newBucket(rate int, now time.Time) bucket {
	return bucket{rate: float64(rate), tokens: float64(rate), at: now}
}

// part gives it another rate from now on.
func (b *bucket) part(rate float64, now time.Time) {
	if rate == b.rate {
		return
	}
	b.fill(now)
	b.rate = rate
	b.tokens = min(b.tokens, rate)
}

// fill counts what has come since. A clock that was set back brings nothing.
func (b *bucket) fill(now time.Time) {
	if d := now.Sub(b.at); d > 0 {
		b.tokens = min(b.rate, b.tokens+d.Seconds()*b.rate)
	}
	b.at = now
}

// reserved is what only urgent texts may take: an eighth of the second, where that is a
// segment at all.
func (b *bucket) reserved() float64 { return float64(int(b.rate) / 8) }

// floor is how many tokens must be there for a text of so many segments. A text longer
// than a second's worth goes when the bucket is full, and the next waits for its debt.
func (b *bucket) floor(segments int, urgent bool) float64 {
	need := min(float64(segments), b.rate)
	if !urgent {
		need = min(need+b.reserved(), b.rate)
	}
	return need
}

// wait is how long until a text may go; zero or less: now.
func (b *bucket) wait(now time.Time, segments int, urgent bool) time.Duration {
	if b.rate == 0 {
		return 0
	}
	b.fill(now)
	lack := b.floor(segments, urgent) - b.tokens
	if lack <= 0 {
		return 0
	}
	return time.Duration(lack/b.rate*float64(time.Second)) + time.Nanosecond
}

// spare is how many short texts may go now.
func (b *bucket) spare(now time.Time, urgent bool) int {
	if b.rate == 0 {
		return unlimited
	}
	b.fill(now)
	return max(0, int(b.tokens-b.floor(1, urgent)+1))
}

// take pays for a text.
func (b *bucket) take(segments int) {
	if b.rate > 0 {
		b.tokens -= float64(segments)
	}
}

// unlimited is more than any gateway has under way.
const unlimited = 1 << 20
