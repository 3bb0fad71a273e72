-- What entities contributed so far: of each its entry, or the version of its only row when there is no entry, or nothing.
-- KEYS: entities, rows. ARGV: entity and id of its own row, in turn.
-- Lua hands over no more than some thousand arguments at once.
local most = 4000
local function values(key, names)
  local found = {}
  for from = 1, #names, most do
    local part = redis.call('HMGET', key, unpack(names, from, math.min(from + most - 1, #names)))
    for place = 1, #part do found[from + place - 1] = part[place] end
  end
  return found
end

local names = {}
for at = 1, #ARGV, 2 do names[#names + 1] = ARGV[at] end
local told = values(KEYS[1], names)

local places, ids = {}, {}
for place = 1, #names do
  if not told[place] then
    places[#places + 1] = place
    ids[#ids + 1] = ARGV[place * 2]
  end
end
for at, row in ipairs(values(KEYS[2], ids)) do
  -- A row that somebody else wrote gives way to any.
  if row then told[places[at]] = string.match(row, '^{"version":(%d+)') or '0' end
end
return told
