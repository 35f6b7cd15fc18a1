// Package redisrates counts calls in Redis, for the controllers of one hotline together. A
// bucket is one key that Redis forgets once it is full again; phone numbers are in none of
// them, only what a secret makes of them. All keys of one call lie in one slot, so that a
// cluster serves them too.
package redisrates

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"

	"github.com/redis/go-redis/v9"

	"hotline/ivr"
)

// Tally is an [ivr.Tally] in Redis. Safe for concurrent use.
type Tally struct {
	client redis.UniversalClient
	prefix string
	secret []byte
}

var _ ivr.Tally = (*Tally)(nil)

// New makes the tally of all controllers that use the same prefix and secret. It does not
// connect.
func New(client redis.UniversalClient, prefix string, secret []byte) *Tally {
	return &Tally{client: client, prefix: prefix + ":{" + prefix + "-rates}:", secret: secret}
}

// takeScript takes one out of each bucket, or out of none. KEYS buckets. ARGV calls a minute
// and calls at once of each. It returns 1 when it took them. The time is Redis's own, since
// the controllers' clocks differ; set back it fills nothing and counts anew.
var takeScript = redis.NewScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local left, within = {}, 1
for i, key in ipairs(KEYS) do
  local minute, burst = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local kept = redis.call('HMGET', key, 'left', 'at')
  left[i] = burst
  if kept[1] and kept[2] then
    left[i] = math.min(burst, kept[1] + math.max(0, now - kept[2]) * minute / 60000)
  end
  if left[i] < 1 then within = 0 end
end
for i, key in ipairs(KEYS) do
  local minute, burst = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  redis.call('HSET', key, 'left', string.format('%.6f', left[i] - within), 'at', string.format('%d', now))
  redis.call('PEXPIRE', key, math.ceil((burst - left[i] + within) * 60000 / minute))
end
return within
`)

// Take is part of ivr.Tally. A rate without calls a minute is no rate.
func (t *Tally) Take(ctx context.Context, from []ivr.Bucket) (within bool, err error) {
	keys, rates := make([]string, len(from)), make([]any, 0, 2*len(from))
	for i, b := range from {
		if b.Rate.PerMinute < 1 || b.Rate.Burst < 1 {
			return false, fmt.Errorf("tally of calls: %d a minute and %d at once are no rate", b.Rate.PerMinute, b.Rate.Burst)
		}
		keys[i] = t.key(b.Of)
		rates = append(rates, b.Rate.PerMinute, b.Rate.Burst)
	}
	n, err := takeScript.Run(ctx, t.client, keys, rates...).Int()
	if err != nil {
		return false, fmt.Errorf("tally of calls: %w", err)
	}
	return n == 1, nil
}

// key hides whose bucket it is.
func (t *Tally) key(of string) string {
	mac := hmac.New(sha256.New, t.secret)
	mac.Write([]byte(of))
	return t.prefix + base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:12])
}
