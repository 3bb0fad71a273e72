-- Applies a batch of entities that each come to their own row and nothing else, without anything having been read before.
-- Returns 2, and changes nothing, when one of them has an entry in the ledger: more may have to be taken back then.
-- KEYS: checkpoints, rows, entities, prefix of the indexes (all in one slot, by their tag).
-- ARGV: partition, expected checkpoint, next checkpoint, then two lists that begin with how many arguments follow:
--   puts: entity, id, content; places: id, index, score.
local checkpoints, rows, entities, indexes = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
if redis.call('HGET', checkpoints, ARGV[1]) ~= ARGV[2] then
  return 0
end

-- Lua hands over no more than some thousand arguments at once. An even number: pairs stay together.
local most = 4000
local first, last = 5, 4 + tonumber(ARGV[4])
-- The answers of HMGET to the arguments at one place of every put.
local function values(key, place)
  local found = {}
  for from = first, last, 3 * most do
    local names = {}
    for at = from, math.min(from + 3 * most - 1, last), 3 do names[#names + 1] = ARGV[at + place] end
    for _, value in ipairs(redis.call('HMGET', key, unpack(names))) do found[#found + 1] = value end
  end
  return found
end

if redis.call('EXISTS', entities) == 1 then
  for _, entry in ipairs(values(entities, 0)) do
    if entry then return 2 end
  end
end

local function version_of(content)
  return tonumber(string.match(content, '^{"version":(%d+)') or 0)
end

local stale, contents = {}, {}
for place, stored in ipairs(values(rows, 1)) do
  local at = first + (place - 1) * 3
  local id, content = ARGV[at + 1], ARGV[at + 2]
  if stored and version_of(stored) > version_of(content) then
    stale[id] = true
  else
    if stored then
      for _, index in ipairs(indexes_of(stored)) do redis.call('ZREM', indexes .. index[1], id) end
    end
    contents[#contents + 1] = id
    contents[#contents + 1] = content
  end
end
for from = 1, #contents, most do
  redis.call('HSET', rows, unpack(contents, from, math.min(from + most - 1, #contents)))
end

for at = last + 2, last + 1 + tonumber(ARGV[last + 1]), 3 do
  if not stale[ARGV[at]] then redis.call('ZADD', indexes .. ARGV[at + 1], ARGV[at + 2], ARGV[at]) end
end

redis.call('HSET', checkpoints, ARGV[1], ARGV[3])
return 1
