-- Makes indexes what rows say, for some rows and some members of one index.
-- KEYS: rows, prefix of the indexes (in one slot, by their tag). ARGV: an index (after the prefix), then ids.
-- Each id is made a member of all indexes that its row names, by their scores, and no member of that index when it does not name it.
local rows, indexes, index = KEYS[1], KEYS[2], ARGV[1]
for place = 2, #ARGV do
  local id = ARGV[place]
  local stored = redis.call('HGET', rows, id)
  local is_member = false
  if stored then
    for _, entry in ipairs(cjson.decode(stored).indexes or {}) do
      redis.call('ZADD', indexes .. entry[1], string.format('%.0f', entry[2]), id)
      is_member = is_member or entry[1] == index
    end
  end
  if not is_member then redis.call('ZREM', indexes .. index, id) end
end
return 1
