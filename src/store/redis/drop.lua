-- Drops events, or takes the codes out of them. KEYS: those of events, then for each: event, queue.
-- ARGV: 'event' or 'code', then for each: fingerprint, whether it is about somebody (1 or 0).
-- Returns how many were dropped.
local dropped = 0
local function drop(event, key, queue)
    redis.call('ZREM', CODES, event)
    if ARGV[1] == 'code' then
        redis.call('HDEL', key, 'code')
        return
    end
    local found = redis.call('HMGET', key, 'info_type', 'outcome', 'link')
    redis.call('ZREM', EVENTS, event)
    redis.call('ZREM', ARRIVED, event)
    redis.call('ZREM', WORK, event)
    redis.call('ZREM', WORK_CLAIMED, event)
    if not found[1] then
        return
    end
    leave(event, queue)
    count(found[1], found[2], -1)
    if found[3] and redis.call('HGET', LINKS, found[3]) == event then
        redis.call('HDEL', LINKS, found[3])
    end
    redis.call('UNLINK', key)
    dropped = dropped + 1
end
for number = 2, #ARGV, 2 do
    local at = 11 + number
    drop(ARGV[number], KEYS[at], ARGV[number + 1] == '1' and KEYS[at + 1] or nil)
end
return dropped
