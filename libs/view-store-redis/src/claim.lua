-- Counts one more claim of a partition and returns its checkpoint, `epoch:nextOffset:references`.
-- A generation that was dropped does not come back by it.
-- KEYS: checkpoints. ARGV: partition.
if redis.call('EXISTS', KEYS[1]) == 0 then
  return redis.error_reply('GENERATIONMISSING')
end
local stored = redis.call('HGET', KEYS[1], ARGV[1]) or '0:0:'
local epoch, rest = string.match(stored, '^(%d+)(:.*)$')
local claimed = string.format('%.0f', tonumber(epoch) + 1) .. rest
redis.call('HSET', KEYS[1], ARGV[1], claimed)
return claimed
