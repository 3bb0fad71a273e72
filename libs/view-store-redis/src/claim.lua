-- Counts one more claim of a partition and returns its checkpoint, `epoch:nextOffset:references`.
-- KEYS: checkpoints. ARGV: partition.
local stored = redis.call('HGET', KEYS[1], ARGV[1]) or '0:0:'
local epoch, rest = string.match(stored, '^(%d+)(:.*)$')
local claimed = string.format('%.0f', tonumber(epoch) + 1) .. rest
redis.call('HSET', KEYS[1], ARGV[1], claimed)
return claimed
