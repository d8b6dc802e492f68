-- KEYS: token. ARGV: when it was handed out; when that is noted: what is noted is not after the first
-- of these moments, or after the second.
local token = redis.call('HMGET', KEYS[1], 'access', 'refresh', 'used_at')
local used_at = tonumber(token[3] or '')
if not (token[1] or token[2])
    or (used_at and used_at > tonumber(ARGV[2]) and used_at <= tonumber(ARGV[3])) then
    return 0
end
redis.call('HSET', KEYS[1], 'used_at', ARGV[1])
return 1
