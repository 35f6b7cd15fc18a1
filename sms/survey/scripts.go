package survey

import "github.com/redis/go-redis/v9"

// The scripts are the only writers of windows. Each touches one phone, hence one
// slot, and is atomic; go-redis runs them by hash and loads them again after a
// restart (NOSCRIPT). Times come as arguments: the hotline's clock judges, not
// Redis's.

// A phone's hash lives as long as one of its windows is open, and for the time
// of remembrance after the last one was settled.
const forget = `
local function forget(key, now, retain)
  local last = 0
  local all = redis.call('HGETALL', key)
  for i = 1, #all, 2 do
    local state, deadline = string.match(all[i+1], '^(%a)|%d+|%d+|%d+|(%d+)|')
    if state == 'o' then redis.call('PERSIST', key); return end
    if tonumber(deadline) + retain < now then redis.call('HDEL', key, all[i])
    elseif tonumber(deadline) > last then last = tonumber(deadline) end
  end
  if last > 0 then redis.call('PEXPIRE', key, math.max(last - now, 0) + retain) end
end
`

// putScript adds windows of one phone that are not there yet.
// KEYS windows, due, loading. ARGV phone, token, now, retain, then id, packed ...
// With a token it only works while that rebuild is the one going on.
var putScript = redis.NewScript(forget + `
if ARGV[2] ~= '' and redis.call('GET', KEYS[3]) ~= ARGV[2] then return redis.error_reply('COLD no epoch') end
for i = 5, #ARGV, 2 do
  if redis.call('HSETNX', KEYS[1], ARGV[i], ARGV[i+1]) == 1 then
    local state, deadline = string.match(ARGV[i+1], '^(%a)|%d+|%d+|%d+|(%d+)|')
    if state == 'o' then redis.call('ZADD', KEYS[2], deadline, ARGV[i] .. '|' .. ARGV[1]) end
  end
end
forget(KEYS[1], tonumber(ARGV[3]), tonumber(ARGV[4]))
return 0
`)

// closeScript settles a window. KEYS windows, due. ARGV id, phone, now, retain.
var closeScript = redis.NewScript(forget + `
redis.call('ZREM', KEYS[2], ARGV[1] .. '|' .. ARGV[2])
local packed = redis.call('HGET', KEYS[1], ARGV[1])
if packed and string.sub(packed, 1, 1) == 'o' then
  redis.call('HSET', KEYS[1], ARGV[1], 's' .. string.sub(packed, 2))
end
forget(KEYS[1], tonumber(ARGV[3]), tonumber(ARGV[4]))
return 0
`)

// replyScript judges one reply.
// KEYS windows, due, epoch, verdict. ARGV phone, rating (0: an invalid attempt), slot,
// named order, at (ms), now, retain. It returns the verdict as a list of strings
// {kind, id, packed, guessed, reason} and keeps it, so that the same text gets
// it again. "none" is not kept: the text may have overtaken the delivery receipt
// that opens its window.
//
// Which window: the one whose order is named, else the one of the slot, else the
// latest opened that is still open, else the latest opened.
var replyScript = redis.NewScript(forget + `
if redis.call('EXISTS', KEYS[3]) == 0 then return redis.error_reply('COLD no epoch') end
local before = redis.call('GET', KEYS[4])
if before then return cjson.decode(before) end

local rating, slot, named = ARGV[2], ARGV[3], ARGV[4]
local second = math.floor(tonumber(ARGV[5]) / 1000)
local byName, bySlot, latest, latestOpen
local openOnes = 0
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  local w = {id = all[i]}
  w.state, w.rating, w.invalid, w.opened, w.deadline, w.slot, w.order, w.number =
    string.match(all[i+1], '^(%a)|(%d+)|(%d+)|(%d+)|(%d+)|([^|]*)|([^|]*)|(.*)$')
  w.open = w.state == 'o' and second <= math.floor(tonumber(w.deadline) / 1000)
  if w.open then openOnes = openOnes + 1 end
  local function newer(than) return not than or tonumber(w.opened) > tonumber(than.opened)
    or (w.opened == than.opened and w.id > than.id) end
  local function better(than) return not than or (w.open and not than.open) or (w.open == than.open and newer(than)) end
  if named ~= '' and #w.order >= 6 and (named == w.order or named == string.sub(w.order, 1, -2)
    or (#named == 6 and named == string.sub(w.order, -6))) and better(byName) then byName = w end
  if slot ~= '' and w.slot == slot and better(bySlot) then bySlot = w end
  if newer(latest) then latest = w end
  if w.open and newer(latestOpen) then latestOpen = w end
end

local w = byName or bySlot or latestOpen or latest
local out
if not w then
  return {'none', '', '', '0', 'no window'}
else
  local guessed = '0'
  if not byName and not bySlot and (openOnes ~= 1 and #all > 2 or slot ~= '' and w.slot ~= '') then guessed = '1' end
  if byName and bySlot and byName.id ~= bySlot.id then guessed = '1' end
  local kind, reason = 'rated', ''
  if w.state == 'r' then kind, reason = 'late', 'answered before'
  elseif w.state ~= 'o' then kind, reason = 'late', 'settled before'
  elseif not w.open then kind, reason = 'late', 'after the deadline'
  elseif named ~= '' and not byName then kind, reason = 'invalid', 'names another order'
  elseif rating == '0' then kind, reason = 'invalid', '' end
  if kind == 'rated' then
    w.state, w.rating = 'r', rating
    redis.call('ZREM', KEYS[2], w.id .. '|' .. ARGV[1])
  elseif kind == 'invalid' then
    w.invalid = string.format('%d', tonumber(w.invalid) + 1)
  end
  local packed = table.concat({w.state, w.rating, w.invalid, w.opened, w.deadline, w.slot, w.order, w.number}, '|')
  if kind ~= 'late' then redis.call('HSET', KEYS[1], w.id, packed) end
  out = {kind, w.id, packed, guessed, reason}
end
redis.call('SET', KEYS[4], cjson.encode(out), 'PX', ARGV[7])
forget(KEYS[1], tonumber(ARGV[6]), tonumber(ARGV[7]))
return out
`)

// readyScript ends a rebuild of one bucket. KEYS loading, epoch. ARGV token.
// If Redis was emptied meanwhile the token is gone with what was loaded, and the
// bucket stays cold.
var readyScript = redis.NewScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return redis.error_reply('COLD no epoch') end
redis.call('DEL', KEYS[1])
redis.call('SET', KEYS[2], ARGV[1])
return 0
`)
