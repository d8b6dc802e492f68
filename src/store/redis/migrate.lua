-- Makes one step between layouts, if the layout still is the one that it begins at. What it changes
-- stands before this as the function step.
-- KEYS: schema. ARGV: from, to, the oldest reader of the new one. Returns 1, or 0.
if redis.call('HGET', KEYS[1], 'version') ~= ARGV[1] then
    return 0
end
step()
redis.call('HSET', KEYS[1], 'version', ARGV[2], 'min_reader', ARGV[3])
return 1
