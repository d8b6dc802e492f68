-- KEYS: the token, what goes with it, the lock if the SDK has one.
-- ARGV: what the lock holds while it is ours (empty: no lock), what the token's key held when we
-- began, then value and seconds of life (0: for ever) of each key.
local values = (#ARGV - 2) / 2
if ARGV[1] ~= '' and redis.call('GET', KEYS[values + 1]) ~= ARGV[1] then
  return 0
end
local there = redis.call('GET', KEYS[1]) or ''
-- Ours already: the command came twice.
if there ~= ARGV[2] and there ~= ARGV[3] then
  return 0
end
for number = 1, values do
  keep(KEYS[number], ARGV[number * 2 + 1], ARGV[number * 2 + 2])
end
return 1
