-- KEYS: token, due. ARGV: when the token ends at the latest, appid ('' for the platform's own).
local expires_at = tonumber(redis.call('HGET', KEYS[1], 'expires_at') or '')
if expires_at and expires_at > tonumber(ARGV[1]) then
    redis.call('HSET', KEYS[1], 'expires_at', ARGV[1])
    if ARGV[2] ~= '' then
        redis.call('ZADD', KEYS[2], 'XX', ARGV[1], ARGV[2])
    end
    return 1
end
return 0
