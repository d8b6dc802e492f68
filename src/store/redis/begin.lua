-- Records that a call begins, if the lease is still the newest.
-- KEYS: token. ARGV: fence, when. Returns the generation, or -1.
local token = redis.call('HMGET', KEYS[1], 'fence', 'intent_at', 'generation')
if token[1] ~= ARGV[1] then
    return -1
end
-- Of several calls whose ends are unknown the first counts: it may have ended the stored token.
local at = math.min(tonumber(token[2] or '') or ARGV[2], ARGV[2])
redis.call('HSET', KEYS[1], 'intent_fence', ARGV[1], 'intent_at', string.format('%.0f', at))
return tonumber(token[3] or '') or 0
