-- Stores a token that WeChat gave, if the lease is still the newest.
-- KEYS: token, due. ARGV: fence, access, refresh ('' for none), issued_at, expires_at,
-- the moment of the intent that stays open ('' for none), now, appid ('' for the platform's own),
-- lifetime. Returns the generation, or -1.
local token = redis.call('HMGET', KEYS[1], 'fence', 'generation', 'access')
local stored = tonumber(token[2] or '') or 0
-- The same commit comes again when its answer was lost; the next lease may be taken by then.
if token[3] == ARGV[2] and stored >= tonumber(ARGV[1]) then
    return stored
end
if token[1] ~= ARGV[1] then
    return -1
end
redis.call('HSET', KEYS[1], 'access', ARGV[2], 'issued_at', ARGV[4], 'expires_at', ARGV[5],
    'lifetime', ARGV[9])
if ARGV[3] ~= '' then
    redis.call('HSET', KEYS[1], 'refresh', ARGV[3], 'refresh_as_of', ARGV[7])
end
if ARGV[6] ~= '' then
    redis.call('HSET', KEYS[1], 'intent_fence', '0', 'intent_at', ARGV[6])
else
    redis.call('HDEL', KEYS[1], 'intent_fence', 'intent_at')
end
redis.call('HDEL', KEYS[1], 'lease', 'lease_attempt', 'lease_until')
if ARGV[8] ~= '' then
    redis.call('ZADD', KEYS[2], 'XX', ARGV[5], ARGV[8])
end
-- Fences are never given twice, not even after a failover that lost the last writes: the number of a
-- token that was lost is not the next one's.
local generation = math.max(stored + 1, tonumber(ARGV[1]))
redis.call('HSET', KEYS[1], 'generation', string.format('%.0f', generation))
return generation
