-- Writes a part of a bulk load. What is there already (of a load that broke off) is named instead, as two lists: entities of the
-- ledger, and ids of rows. Nothing is written then.
-- KEYS: checkpoints, rows, entities, prefix of the indexes, prefix of the reference sets (all in one slot, by their tag).
-- ARGV: partition, expected checkpoint, next checkpoint, then lists that begin with how many arguments follow: entity and
-- ledger entry of each; id and content of each row; and (each counted, each list named) score and id by index; entities by reference set.
local checkpoints, rows, entities, indexes, references = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
if redis.call('HGET', checkpoints, ARGV[1]) ~= ARGV[2] then
  return 0
end

-- Lua hands over no more than some thousand arguments at once. An even number: pairs stay together.
local most, at = 4000, 4
local function write(command, key)
  local last = at + tonumber(ARGV[at])
  at = at + 1
  while at <= last do
    local to = math.min(at + most - 1, last)
    redis.call(command, key, unpack(ARGV, at, to))
    at = to + 1
  end
end

local function known_of(key, begin)
  local there, last = {}, begin + tonumber(ARGV[begin])
  for from = begin + 1, last, most do
    local names = {}
    for place = from, math.min(from + most - 2, last), 2 do names[#names + 1] = ARGV[place] end
    for place, content in ipairs(redis.call('HMGET', key, unpack(names))) do
      if content then there[#there + 1] = names[place] end
    end
  end
  return there, last + 1
end

local known_entities, rows_at = known_of(entities, at)
local known_rows = known_of(rows, rows_at)
if #known_entities + #known_rows > 0 then return { known_entities, known_rows } end

local function write_named(command, prefix)
  local lists = tonumber(ARGV[at])
  at = at + 1
  for _ = 1, lists do
    local name = ARGV[at]
    at = at + 1
    write(command, prefix .. name)
  end
end

write('HSET', entities)
write('HSET', rows)
write_named('ZADD', indexes)
write_named('SADD', references)
redis.call('HSET', checkpoints, ARGV[1], ARGV[3])
return 1
