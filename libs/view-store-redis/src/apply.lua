-- Applies one batch whole: Redis runs a script alone, and writes it to its log as one.
-- KEYS: checkpoints, rows, entities, prefix of the indexes, prefix of the reference sets (all in one slot, by their tag).
-- ARGV: partition, expected checkpoint, next checkpoint, then lists that begin with how many arguments follow:
--   ledger: entity, version, entry (empty: its row tells it), id of its row when the entity has no other;
--   removals: entity, id; puts: entity, id, content; places: entity, id, index, score; links: entity, SADD or SREM, set.
-- Offsets and epochs are compared as text: Lua's numbers lose whole numbers beyond 2^53.
local checkpoints, rows, entities, indexes, references = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
if redis.call('HGET', checkpoints, ARGV[1]) ~= ARGV[2] then
  return 0
end

local at = 4
local function list(width)
  local first, last = at + 1, at + tonumber(ARGV[at])
  at = last + 1
  return { first = first, last = last, width = width }
end
-- The arguments at one place of every item.
local function column(items, place)
  local found = {}
  for from = items.first, items.last, items.width do found[#found + 1] = ARGV[from + place] end
  return found
end

-- Lua hands over no more than some thousand arguments at once. An even number: pairs stay together.
local most = 4000
local function write(command, key, arguments)
  for from = 1, #arguments, most do
    redis.call(command, key, unpack(arguments, from, math.min(from + most - 1, #arguments)))
  end
end
local function values(key, names)
  local found = {}
  for from = 1, #names, most do
    local part = redis.call('HMGET', key, unpack(names, from, math.min(from + most - 1, #names)))
    for place = 1, #part do found[from + place - 1] = part[place] end
  end
  return found
end

local ledger, removals, puts, places, links = list(4), list(2), list(3), list(4), list(3)

-- What the batch touches, as it stands: rows by their ids.
local stored = {}
local function read(ids)
  local unread = {}
  for _, id in ipairs(ids) do
    if stored[id] == nil then
      stored[id] = false
      unread[#unread + 1] = id
    end
  end
  for place, content in ipairs(values(rows, unread)) do stored[unread[place]] = content end
end
read(column(ledger, 3))
read(column(removals, 1))
read(column(puts, 1))

-- An older version of an entity neither overwrites nor brings back what a newer one left.
local stale, entries, outgrown = {}, {}, {}
local known = values(entities, column(ledger, 0))
for place = 1, #known do
  local from = ledger.first + (place - 1) * 4
  local entity, version, entry, row = ARGV[from], ARGV[from + 1], ARGV[from + 2], stored[ARGV[from + 3]]
  local newest = nil
  if known[place] then
    newest = string.match(known[place], '^%d+')
  elseif row then
    newest = string.match(row, '^{"version":(%d+)')
  end
  if newest and tonumber(newest) > tonumber(version) then
    stale[entity] = true
  elseif entry ~= '' then
    entries[#entries + 1] = entity
    entries[#entries + 1] = version .. ':' .. entry
  elseif known[place] then
    outgrown[#outgrown + 1] = entity
  end
end
write('HSET', entities, entries)
write('HDEL', entities, outgrown)

local function leave_indexes(id)
  if stored[id] then
    for _, place in ipairs(indexes_of(stored[id])) do redis.call('ZREM', indexes .. place[1], id) end
  end
end

local gone = {}
for from = removals.first, removals.last, 2 do
  if not stale[ARGV[from]] then
    leave_indexes(ARGV[from + 1])
    gone[#gone + 1] = ARGV[from + 1]
  end
end
write('HDEL', rows, gone)

local contents = {}
for from = puts.first, puts.last, 3 do
  if not stale[ARGV[from]] then
    leave_indexes(ARGV[from + 1])
    contents[#contents + 1] = ARGV[from + 1]
    contents[#contents + 1] = ARGV[from + 2]
  end
end
write('HSET', rows, contents)

for from = places.first, places.last, 4 do
  if not stale[ARGV[from]] then
    redis.call('ZADD', indexes .. ARGV[from + 2], ARGV[from + 3], ARGV[from + 1])
  end
end
for from = links.first, links.last, 3 do
  if not stale[ARGV[from]] then redis.call(ARGV[from + 1], references .. ARGV[from + 2], ARGV[from]) end
end

redis.call('HSET', checkpoints, ARGV[1], ARGV[3])
return 1
