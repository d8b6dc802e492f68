-- KEYS: what is written, then the SDK's lock if it has one.
-- ARGV: how many values; of each what was found there (empty: nothing), the value, its seconds (0: for ever).
local values = tonumber(ARGV[1])
if #KEYS > values and redis.call('EXISTS', KEYS[values + 1]) == 1 then
  return -1
end
for number = 1, values do
  local there = redis.call('GET', KEYS[number]) or ''
  -- Ours already: the command came twice.
  if there ~= ARGV[number * 3 - 1] and there ~= ARGV[number * 3] then
    return 0
  end
end
for number = 1, values do
  keep(KEYS[number], ARGV[number * 3], ARGV[number * 3 + 1])
end
return 1
