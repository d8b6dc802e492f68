-- Counts a message, unless its mark is known or it is as old as marks that were dropped. KEYS: counts,
-- when the last came, marks, the greatest time of a dropped mark. ARGV: of what, when it arrived, mark,
-- when WeChat made it ('' if unknown), how long marks live, how many there are at most, how many are
-- dropped at once. Returns {the outcome}.
return once(function()
    local MARKS, FORGOTTEN = KEYS[3], KEYS[4]
    local arrived, created = tonumber(ARGV[2]), tonumber(ARGV[4])
    if redis.call('ZSCORE', MARKS, ARGV[3]) then
        return {'repeated'}, false
    end
    local forgotten = tonumber(redis.call('GET', FORGOTTEN) or '0')
    if created and created <= forgotten then
        return {'too_old'}, false
    end
    -- The counts first: a script that fails keeps what it wrote, and what was not counted must not
    -- be remembered.
    redis.call('HINCRBY', KEYS[1], ARGV[1], 1)
    redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
    local newest = tonumber(redis.call('ZRANGE', MARKS, -1, -1, 'WITHSCORES')[2] or '0')
    created = created or math.min(newest, arrived)
    redis.call('ZADD', MARKS, created, ARGV[3])
    local old = math.min(math.max(newest, created), arrived) - tonumber(ARGV[5])
    local surplus = redis.call('ZCARD', MARKS) - tonumber(ARGV[6])
    local oldest = redis.call('ZRANGE', MARKS, 0, ARGV[7] - 1, 'WITHSCORES')
    for index = 1, #oldest, 2 do
        local time = tonumber(oldest[index + 1])
        if time >= old and surplus <= 0 then
            break
        end
        redis.call('ZREM', MARKS, oldest[index])
        surplus = surplus - 1
        forgotten = math.max(forgotten, time)
        redis.call('SET', FORGOTTEN, string.format('%.0f', forgotten))
    end
    return {'new'}, true
end)
