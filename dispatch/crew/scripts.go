package crew

import "github.com/redis/go-redis/v9"

// The scripts are the only writers. Members are named "node#token".
//
//	beats   HASH member -> count of its beats: who lives
//	graves  HASH member -> its heir: who was replaced; "-" for who left in good order
//	roles   HASH role   -> member that has the lead
//	counter the last token
//
//	estates HASH member@place -> who has taken over what it left there, see inheritScript
//
// KEYS are these five, in this order. A counter that was lost begins again at the microsecond
// of Redis's clock, which is beyond every token given before: incarnations are rarer. It does
// not begin at the token of who beats first: others that live may have greater ones.
const shared = `
local beats, graves, roles, counter = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local function node(member) return string.match(member, '^(.*)#') end
local function pairsOf(key)
  local all, i = redis.call('HGETALL', key), -1
  return function() i = i + 2; return all[i], all[i + 1] end
end
local function numbered()
  if redis.call('EXISTS', counter) == 0 then
    local now = redis.call('TIME')
    redis.call('SET', counter, now[1] .. string.format('%06d', now[2]))
  end
end
local function bury(member, heir)
  redis.call('HDEL', beats, member)
  redis.call('HSET', graves, member, heir)
  for role, holder in pairsOf(roles) do
    if holder == member then redis.call('HDEL', roles, role) end
  end
end
`

// joinScript takes a token and replaces the node's incarnations before. ARGV node. Of the
// graves the last thousand are kept: nobody rises from older ones.
var joinScript = redis.NewScript(shared + `
numbered()
local token = redis.call('INCR', counter)
local me = ARGV[1] .. '#' .. string.format('%d', token)
for member in pairsOf(beats) do
  if node(member) == ARGV[1] then bury(member, me) end
end
for member, heir in pairsOf(graves) do
  if node(member) == ARGV[1] and heir ~= '-' then redis.call('HSET', graves, member, me) end
end
if redis.call('HLEN', graves) > 1000 then
  local all, of = redis.call('HKEYS', graves), function(m) return tonumber(string.match(m, '#(%d+)$')) end
  table.sort(all, function(a, b) return of(a) < of(b) end)
  for i = 1, #all - 1000 do redis.call('HDEL', graves, all[i]) end
end
redis.call('HSET', beats, me, 1)
return token
`)

// beatScript shows that a member lives, gives it the roles that are free, and tells it
// who else lives. ARGV me, token, number of roles, roles wanted ..., then suspects: member
// and beat ... A role is free if nobody has it, or somebody who is not there, or a
// suspect that still has not moved. It returns {count of my beats, roles of mine,
// {member, beat ...}, suspects that are buried}, or to one who was replaced {heir}.
var beatScript = redis.NewScript(shared + `
local me, n = ARGV[1], tonumber(ARGV[3])
local heir = redis.call('HGET', graves, me)
if heir then return {heir} end
numbered()
if tonumber(redis.call('GET', counter)) < tonumber(ARGV[2]) then redis.call('SET', counter, ARGV[2]) end
local count = redis.call('HINCRBY', beats, me, 1)
local suspects, gone, wanted, mine = {}, {}, {}, {}
for i = 4 + n, #ARGV, 2 do
  suspects[ARGV[i]] = ARGV[i + 1]
  if redis.call('HEXISTS', graves, ARGV[i]) == 1 then gone[#gone + 1] = ARGV[i] end
end
for i = 4, 3 + n do
  local role = ARGV[i]
  wanted[role] = true
  local holder = redis.call('HGET', roles, role)
  local beat = holder and redis.call('HGET', beats, holder)
  if not beat or beat == suspects[holder] then
    redis.call('HSET', roles, role, me)
    holder = me
  end
  if holder == me then mine[#mine + 1] = role end
end
for role, holder in pairsOf(roles) do
  if holder == me and not wanted[role] then redis.call('HDEL', roles, role) end
end
return {count, mine, redis.call('HGETALL', beats), gone}
`)

// buryScript makes me the heir of a member that has not moved. ARGV me, member, its beat.
// It returns whom I answer for and who has no incarnation alive: the member and those it
// was itself the heir of; nothing if somebody else is its heir or it lives. FENCED tells
// one that was replaced itself.
var buryScript = redis.NewScript(shared + `
local me, dead = ARGV[1], ARGV[2]
if redis.call('HEXISTS', graves, me) == 1 then return redis.error_reply('FENCED replaced') end
local heir = redis.call('HGET', graves, dead)
if heir and heir ~= me then return {} end
local beat = redis.call('HGET', beats, dead)
if beat and beat ~= ARGV[3] then return {} end
bury(dead, me)
local alive, estate = {}, {}
for member in pairsOf(beats) do alive[node(member)] = true end
for member, heir in pairsOf(graves) do
  if heir == dead then redis.call('HSET', graves, member, me) end
  if (heir == dead or heir == me) and not alive[node(member)] then estate[#estate + 1] = member end
end
return estate
`)

// leaveScript ends a member in good order. ARGV me. Whose heir it was is settled.
var leaveScript = redis.NewScript(shared + `
if redis.call('HEXISTS', graves, ARGV[1]) == 0 then bury(ARGV[1], '-') end
return 0
`)

// remindScript tells a Redis that forgot it whom I buried. ARGV me, members ...
var remindScript = redis.NewScript(shared + `
for i = 2, #ARGV do
  if redis.call('HEXISTS', graves, ARGV[i]) == 0 then bury(ARGV[i], ARGV[1]) end
end
return 0
`)
