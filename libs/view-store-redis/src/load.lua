-- Writes a part of a bulk load. Entities that are there already (of a load that broke off) are named instead, and nothing is
-- written.
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

local there = {}
for from = at + 1, at + tonumber(ARGV[at]), most do
  local names = {}
  for place = from, math.min(from + most - 2, at + tonumber(ARGV[at])), 2 do names[#names + 1] = ARGV[place] end
  for place, entry in ipairs(redis.call('HMGET', entities, unpack(names))) do
    if entry then there[#there + 1] = names[place] end
  end
end
if #there > 0 then return there end

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
