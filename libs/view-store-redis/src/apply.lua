-- Applies one batch whole: Redis runs a script alone, and writes it to its log as one.
-- KEYS: checkpoints, rows, entities, prefix of the indexes, prefix of the reference sets (all in one slot, by their tag).
-- ARGV: partition, expected checkpoint, next checkpoint, batch as JSON:
--   removals [[entity, id]], puts [[entity, id, content, [[index, score]]]],
--   ledger [[entity, version, contribution, id of its row when the entity has no other]] (contribution false: its row tells it),
--   links [[entity, [set it joins], [set it leaves]]].
-- Offsets and epochs are compared as text: Lua's numbers lose whole numbers beyond 2^53.
local checkpoints, rows, entities, indexes, references = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
if redis.call('HGET', checkpoints, ARGV[1]) ~= ARGV[2] then
  return 0
end
local batch = cjson.decode(ARGV[4])

-- An older version of an entity neither overwrites nor brings back what a newer one left.
local stale = {}
local function newest_of(entity, own_row)
  local entry = redis.call('HGET', entities, entity)
  if entry then return string.match(entry, '^%d+') end
  local row = redis.call('HGET', rows, own_row)
  return row and string.match(row, '^{"version":(%d+)')
end

for _, entry in ipairs(batch.ledger) do
  local known = newest_of(entry[1], entry[4])
  if known and tonumber(known) > entry[2] then
    stale[entry[1]] = true
  elseif entry[3] then
    redis.call('HSET', entities, entry[1], string.format('%.0f', entry[2]) .. ':' .. entry[3])
  else
    redis.call('HDEL', entities, entry[1])
  end
end

local function leave_indexes(id)
  local stored = redis.call('HGET', rows, id)
  if stored then
    for _, place in ipairs(cjson.decode(stored).indexes) do
      redis.call('ZREM', indexes .. place[1], id)
    end
  end
end

for _, removal in ipairs(batch.removals) do
  if not stale[removal[1]] then
    leave_indexes(removal[2])
    redis.call('HDEL', rows, removal[2])
  end
end

for _, put in ipairs(batch.puts) do
  if not stale[put[1]] then
    leave_indexes(put[2])
    redis.call('HSET', rows, put[2], put[3])
    for _, place in ipairs(put[4]) do
      redis.call('ZADD', indexes .. place[1], string.format('%.0f', place[2]), put[2])
    end
  end
end

for _, link in ipairs(batch.links) do
  if not stale[link[1]] then
    for _, set in ipairs(link[2]) do redis.call('SADD', references .. set, link[1]) end
    for _, set in ipairs(link[3]) do redis.call('SREM', references .. set, link[1]) end
  end
end

redis.call('HSET', checkpoints, ARGV[1], ARGV[3])
return 1
