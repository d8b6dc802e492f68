-- Claims the first events of a set that nobody holds.
-- KEYS: events, the set, those claimed by their deadline, for those that wait for their time: these,
-- and where the answer is kept. ARGV: how many at most, how long (milliseconds), now by the store's
-- clock, after when no wait ends by it, one fingerprint or ''.
local EVENTS, FREE, CLAIMED, LATER = KEYS[1], KEYS[2], KEYS[3], #KEYS == 5 and KEYS[4]
local STEP = 1000
return once(function()
    local time = redis.call('TIME')
    local now = time[1] * 1000 + math.floor(time[2] / 1000)
    local function free(from, lowest, highest)
        for _, event in ipairs(redis.call('ZRANGEBYSCORE', from, lowest, highest, 'LIMIT', 0, STEP)) do
            redis.call('ZREM', from, event)
            local id = redis.call('ZSCORE', EVENTS, event)
            if id then
                redis.call('ZADD', FREE, id, event)
            end
        end
    end
    free(CLAIMED, '-inf', string.format('%.0f', now))
    if LATER then
        free(LATER, '-inf', ARGV[3])
        free(LATER, '(' .. ARGV[4], '+inf')
    end
    local found = {ARGV[5]}
    if ARGV[5] == '' then
        found = redis.call('ZRANGEBYSCORE', FREE, '-inf', '+inf', 'LIMIT', 0, ARGV[1])
    elseif not redis.call('ZSCORE', FREE, ARGV[5]) then
        found = {}
    end
    if #found == 0 then
        return found, false
    end
    local deadline = string.format('%.0f', now + ARGV[2])
    for _, event in ipairs(found) do
        redis.call('ZREM', FREE, event)
        redis.call('ZADD', CLAIMED, deadline, event)
    end
    return found, true
end)
