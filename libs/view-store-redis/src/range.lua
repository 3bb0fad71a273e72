-- Rows of an index in the order of (score, id), from a place on.
-- Of a generation that is not there it says so: its index looks like that of one which holds nothing.
-- KEYS: index, rows, checkpoints. ARGV: least score, greatest score, most rows, id after which to go on at the least score ('' = from its first).
if redis.call('EXISTS', KEYS[3]) == 0 then
  return redis.error_reply('GENERATIONMISSING')
end
local page, after, most = {}, ARGV[4], tonumber(ARGV[3])
local offset = 0
if after ~= '' then
  local score = redis.call('ZSCORE', KEYS[1], after)
  if score and tonumber(score) == tonumber(ARGV[1]) then
    local first = redis.call('ZCOUNT', KEYS[1], '-inf', '(' .. ARGV[1])
    offset = redis.call('ZRANK', KEYS[1], after) - first + 1
  else
    -- The row that the page before ended with is gone or moved: step over those of its old score that come before it.
    for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], ARGV[1], ARGV[1])) do
      if id <= after then offset = offset + 1 end
    end
  end
end
local ids = redis.call('ZRANGEBYSCORE', KEYS[1], ARGV[1], ARGV[2], 'LIMIT', offset, most)
for _, id in ipairs(ids) do
  page[#page + 1] = id
  page[#page + 1] = redis.call('HGET', KEYS[2], id)
end
return page
