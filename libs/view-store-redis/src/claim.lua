-- Counts one more claim of a partition and returns its checkpoint, `epoch:nextOffset`.
-- KEYS: checkpoints. ARGV: partition.
local stored = redis.call('HGET', KEYS[1], ARGV[1]) or '0:0'
local epoch, offset = string.match(stored, '^(%d+):(%d+)$')
local claimed = string.format('%.0f', tonumber(epoch) + 1) .. ':' .. offset
redis.call('HSET', KEYS[1], ARGV[1], claimed)
return claimed
