package crew

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// Inherit makes this member the owner of what an incarnation left, and reports whether it
// is. An incarnation that lives leaves nothing, nor does one of a node whose newer process
// lives: that one is the heir. Of several that ask exactly one gets it, and keeps it as
// long as it lives; another may have it then. incarnation is whatever the process was
// known by, its token or, where it began without Redis, a word of its own. What it left
// in each place is an estate of its own: not everybody reaches every place. It fails with
// ErrReplaced, or with Redis's own error: nobody can inherit then.
func (m *Member) Inherit(ctx context.Context, node, incarnation, place string) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, m.patience())
	defer cancel()
	m.mu.Lock()
	me, token := m.me().id(), m.token
	m.mu.Unlock()
	if token == 0 {
		return false, fmt.Errorf("inherit from %s: not among the controllers yet", node)
	}
	ours, err := inheritScript.Run(ctx, m.cfg.Redis, m.keys, me, node+"#"+incarnation, place).Bool()
	if redis.HasErrorPrefix(err, "FENCED") {
		return false, ErrReplaced
	}
	if err != nil {
		return false, fmt.Errorf("inherit from %s: %w", node, err)
	}
	return ours, nil
}

// inheritScript gives a dead member's estate in a place to me unless a living one has it.
// ARGV me, member, place. What somebody left in good order anybody may have. Estates so old
// that nothing can be left of them are forgotten.
var inheritScript = redis.NewScript(shared + `
local estates, me, dead = KEYS[5], ARGV[1], ARGV[2]
if redis.call('HEXISTS', graves, me) == 1 then return redis.error_reply('FENCED replaced') end
local function lives(member) return redis.call('HEXISTS', beats, member) == 1 end
local estate = dead .. '@' .. ARGV[3]
local owner = redis.call('HGET', estates, estate)
if owner == me then return 1 end
if dead == me or lives(dead) or (owner and lives(owner)) then return 0 end
if node(dead) ~= node(me) and redis.call('HGET', graves, dead) ~= '-' then
  for member in pairsOf(beats) do
    if node(member) == node(dead) then return 0 end
  end
end
redis.call('HSET', estates, estate, me)
local token = tonumber(redis.call('GET', counter) or '0')
for member, owner in pairsOf(estates) do
  local last = tonumber(string.match(owner, '#(%d+)$'))
  if last and last < token - 1000 then redis.call('HDEL', estates, member) end
end
return 1
`)
