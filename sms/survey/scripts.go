package survey

import (
	"context"

	"github.com/redis/go-redis/v9"
)

// The scripts are the only writers of windows. Each is atomic and touches keys of one
// bucket only, all of them named in KEYS, so that it runs on any node of a cluster.
// Redis forgets scripts when it restarts; they are then loaded again (NOSCRIPT). Times
// come as arguments, in seconds since 1970: the hotline's clock judges, not Redis's.

// renew is run on a phone's hash whose windows have changed; all is its content. The
// phone is due when its first open window ends; without an open one it is not due at
// all, and its windows are forgotten retain seconds after the last one's deadline.
const renew = `
local function renew(key, due, all, now, retain)
  local first, last = nil, nil
  for i = 1, #all, 2 do
    local state, deadline = string.match(all[i+1], '^(%a)|%d+|%d+|%d+|(%d+)|')
    deadline = tonumber(deadline)
    if state == 'o' then first = math.min(first or deadline, deadline)
    elseif deadline + retain < now then redis.call('HDEL', key, all[i])
    else last = math.max(last or deadline, deadline) end
  end
  local phone = string.sub(key, -16)
  if first then
    redis.call('ZADD', due, first, phone)
    redis.call('PERSIST', key)
  else
    redis.call('ZREM', due, phone)
    if last then redis.call('EXPIRE', key, math.max(last - now, 0) + retain) end
  end
end
`

// putScript adds open windows that are not there yet and says how many were added.
// KEYS due, loading, then the phones' hashes. ARGV token, again, then the position of a
// hash in KEYS, id, packed ... With a token it only works while that rebuild is the one
// going on. With again it also opens windows again that are there and not open.
var putScript = redis.NewScript(`
if ARGV[1] ~= '' and redis.call('GET', KEYS[2]) ~= ARGV[1] then return redis.error_reply('COLD no epoch') end
local added = 0
for i = 3, #ARGV, 3 do
  local key, id, packed = KEYS[tonumber(ARGV[i])], ARGV[i+1], ARGV[i+2]
  local new = redis.call('HSETNX', key, id, packed) == 1
  if not new and ARGV[2] ~= '' and string.sub(redis.call('HGET', key, id), 1, 1) ~= 'o' then
    redis.call('HSET', key, id, packed)
    new = true
  end
  if new then
    redis.call('ZADD', KEYS[1], 'LT', string.match(packed, '^o|%d+|%d+|%d+|(%d+)|'), string.sub(key, -16))
    redis.call('PERSIST', key)
    added = added + 1
  end
end
return added
`)

// closeScript ends windows that SQL has ended and says how many were open. KEYS due,
// then the phones' hashes. ARGV now, retain, then the position of a hash in KEYS, id ...
var closeScript = redis.NewScript(renew + `
local closed = 0
for i = 3, #ARGV, 2 do
  local key, id = KEYS[tonumber(ARGV[i])], ARGV[i+1]
  local packed = redis.call('HGET', key, id)
  if packed and string.sub(packed, 1, 1) == 'o' then
    redis.call('HSET', key, id, 's' .. string.sub(packed, 2))
    renew(key, KEYS[1], redis.call('HGETALL', key), tonumber(ARGV[1]), tonumber(ARGV[2]))
    closed = closed + 1
  end
end
return closed
`)

// expireScript ends the windows of some phones that are over and writes each into the
// stream of settlements, in the same step: a window is open, or it is in the stream, or
// SQL has it. Whoever else runs it finds nothing left to do.
// KEYS epoch, due, settlements, then the phones' hashes. ARGV before, now, retain.
// It says how many ended.
var expireScript = redis.NewScript(renew + `
if redis.call('EXISTS', KEYS[1]) == 0 then return redis.error_reply('COLD no epoch') end
if redis.call('EXISTS', KEYS[3]) == 0 then redis.call('XGROUP', 'CREATE', KEYS[3], 'settle', '0', 'MKSTREAM') end
local before, ended = tonumber(ARGV[1]), 0
for k = 4, #KEYS do
  local all = redis.call('HGETALL', KEYS[k])
  for i = 1, #all, 2 do
    local state, invalid, deadline = string.match(all[i+1], '^(%a)|%d+|(%d+)|%d+|(%d+)|')
    if state == 'o' and tonumber(deadline) < before then
      all[i+1] = 's' .. string.sub(all[i+1], 2)
      redis.call('HSET', KEYS[k], all[i], all[i+1])
      redis.call('XADD', KEYS[3], '*', 's', all[i] .. '|' .. deadline .. '|' .. invalid)
      ended = ended + 1
    end
  end
  renew(KEYS[k], KEYS[2], all, tonumber(ARGV[2]), tonumber(ARGV[3]))
end
return ended
`)

// ackScript forgets settlements that SQL has taken. KEYS settlements. ARGV entry ids.
var ackScript = redis.NewScript(`
redis.call('XACK', KEYS[1], 'settle', unpack(ARGV))
return redis.call('XDEL', KEYS[1], unpack(ARGV))
`)

// replyScript judges one reply.
// KEYS windows, due, epoch, verdict. ARGV rating (0: an invalid attempt), slot, named
// order, at, now, retain, remember. It returns the verdict as a list of strings
// {kind, id, packed, guessed, reason} and keeps it for remember seconds, so that the
// same text gets it again. "none" is not kept: the text may have overtaken the delivery
// receipt that opens its window.
//
// Which window: the one whose order is named, else the one of the slot, else the
// latest opened that is still open, else the latest opened. A reply to a slot that none
// has may be for a window that ended before Redis was lost: it is told what it would be
// taken for, and changes nothing here; SQL knows.
var replyScript = redis.NewScript(renew + `
if redis.call('EXISTS', KEYS[3]) == 0 then return redis.error_reply('COLD no epoch') end
local none = {'none', '', '', '0', 'no window'}
local before = redis.call('GET', KEYS[4])
if before then
  local kind, guessed, id, reason = string.match(before, '^(%a+)|(%d)|([^|]*)|(.*)$')
  local packed = redis.call('HGET', KEYS[1], id)
  if not packed then return none end
  return {kind, id, packed, guessed, reason}
end

local rating, slot, named = ARGV[1], ARGV[2], ARGV[3]
local at, now, retain = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local function names(number)
  if named == '' then return false end
  local digits = string.gsub(number, '%D', '')
  local short = string.sub(digits, 1, -2)
  if #digits < 6 then return false end
  if #named == 6 then return named == string.sub(digits, -6) end
  return named == digits or named == short or '20' .. named == digits or '20' .. named == short
end
local function newer(w, than) return not than or tonumber(w.opened) > tonumber(than.opened)
  or (w.opened == than.opened and w.id > than.id) end
local function better(w, than) return not than or (w.open and not than.open) or (w.open == than.open and newer(w, than)) end
local byName, bySlot, latest, latestOpen, known, openOnes = nil, nil, nil, nil, 0, 0
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  local w = {id = all[i], place = i + 1}
  w.state, w.rating, w.invalid, w.opened, w.deadline, w.slot, w.number =
    string.match(all[i+1], '^(%a)|(%d+)|(%d+)|(%d+)|(%d+)|([^|]*)|(.*)$')
  w.open = w.state == 'o' and at <= tonumber(w.deadline)
  if w.state == 'o' or tonumber(w.deadline) + retain >= now then
    known = known + 1
    if w.open then openOnes = openOnes + 1 end
    if names(w.number) and better(w, byName) then byName = w end
    if slot ~= '' and w.slot == slot and better(w, bySlot) then bySlot = w end
    if newer(w, latest) then latest = w end
    if w.open and newer(w, latestOpen) then latestOpen = w end
  end
end

local w = byName or bySlot or latestOpen or latest
if not w then return none end
local guessed = '0'
if not byName and not bySlot and (openOnes ~= 1 and known > 1 or slot ~= '' and w.slot ~= '') then guessed = '1' end
if byName and bySlot and byName.id ~= bySlot.id then guessed = '1' end
local kind, reason = 'rated', ''
if w.state == 'r' then kind, reason = 'late', 'answered before'
elseif w.state ~= 'o' then kind, reason = 'late', 'settled before'
elseif not w.open then kind, reason = 'late', 'after the deadline'
elseif named ~= '' and not byName then kind, reason = 'invalid', 'names another order'
elseif rating == '0' then kind, reason = 'invalid', '' end
if kind == 'rated' then w.state, w.rating = 'r', rating
elseif kind == 'invalid' then w.invalid = string.format('%d', tonumber(w.invalid) + 1) end
local packed = table.concat({w.state, w.rating, w.invalid, w.opened, w.deadline, w.slot, w.number}, '|')
if not byName and not bySlot and slot ~= '' and w.slot ~= '' then return {kind, w.id, packed, guessed, reason} end
if kind ~= 'late' then redis.call('HSET', KEYS[1], w.id, packed) end
if kind == 'rated' then
  all[w.place] = packed
  renew(KEYS[1], KEYS[2], all, now, retain)
end
redis.call('SET', KEYS[4], kind .. '|' .. guessed .. '|' .. w.id .. '|' .. reason, 'EX', ARGV[7])
return {kind, w.id, packed, guessed, reason}
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

// giveUpScript ends a rebuild of one bucket that failed. KEYS loading. ARGV token.
var giveUpScript = redis.NewScript(`
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
`)

// call is one run of a script.
type call struct {
	script *redis.Script
	keys   []string
	args   []any
}

// runAll runs scripts in one round trip and returns what each of them said, 0 for those
// that failed, and the first failure.
func (w *Windows) runAll(ctx context.Context, calls []*call) ([]int, error) {
	if len(calls) == 0 {
		return nil, nil
	}
	ctx, cancel := w.unhurried(ctx)
	defer cancel()
	pipe := w.cfg.Redis.Pipeline()
	cmds := make([]*redis.Cmd, len(calls))
	for i, c := range calls {
		cmds[i] = c.script.EvalSha(ctx, pipe, c.keys, c.args...)
	}
	_, _ = pipe.Exec(ctx) // each command has its own error
	said := make([]int, len(calls))
	var failed error
	for i, cmd := range cmds {
		if redis.HasErrorPrefix(cmd.Err(), "NOSCRIPT") {
			cmd = calls[i].script.Run(ctx, w.cfg.Redis, calls[i].keys, calls[i].args...)
		}
		n, err := cmd.Int()
		if err != nil && failed == nil {
			failed = coldOr(err)
		}
		said[i] = n
	}
	return said, failed
}
