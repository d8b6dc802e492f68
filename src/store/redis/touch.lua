-- KEYS: token. ARGV: when it was handed out, how exactly that is noted (seconds).
local token = redis.call('HMGET', KEYS[1], 'access', 'refresh', 'used_at')
local used_at = tonumber(token[3] or '')
if not (token[1] or token[2]) or (used_at and used_at > ARGV[1] - ARGV[2]) then
    return 0
end
redis.call('HSET', KEYS[1], 'used_at', ARGV[1])
return 1
