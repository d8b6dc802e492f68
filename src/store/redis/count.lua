-- Counts a message. KEYS: counts, when the last came. ARGV: of what, when. Returns {}.
return once(function()
    redis.call('HINCRBY', KEYS[1], ARGV[1], 1)
    if (tonumber(redis.call('HGET', KEYS[2], ARGV[1]) or '') or ARGV[2] - 1) < tonumber(ARGV[2]) then
        redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
    end
    return {}, true
end)
