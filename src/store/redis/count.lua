-- Counts a message. KEYS: counts, when the last came. ARGV: of what, when. Returns {}.
return once(function()
    redis.call('HINCRBY', KEYS[1], ARGV[1], 1)
    redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
    return {}, true
end)
