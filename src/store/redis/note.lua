-- Notes how the forwarding of events went. KEYS: those of events, then for each: event, queue.
-- ARGV: whether only those on their way are meant (1 or 0), state, detail ('' for none, else with
-- '=' before it), when to try again ('' for at once), then for each: fingerprint, whether it is
-- about somebody (1 or 0). Returns how many were noted.
local state, noted = ARGV[2], 0
local function note(event, key, queue)
    local found = redis.call('HMGET', key, 'forward', 'id', 'received_at', 'outcome', 'forward_early')
    if not found[1] or (ARGV[1] == '1' and found[1] ~= 'pending') then
        redis.call('ZREM', FORWARDS, event)
        return
    end
    noted = noted + 1
    redis.call('HSET', key, 'forward', state)
    if ARGV[3] == '' then
        redis.call('HDEL', key, 'forward_detail')
    else
        redis.call('HSET', key, 'forward_detail', string.sub(ARGV[3], 2))
    end
    if state ~= 'pending' then
        redis.call('HDEL', key, 'forward_payload')
        leave(event, queue)
        return
    end
    redis.call('ZREM', FORWARD, event)
    redis.call('ZREM', FORWARD_LATER, event)
    redis.call('ZREM', FORWARD_CLAIMED, event)
    redis.call('ZADD', FORWARDS, found[3], event)
    if queue then
        redis.call('ZADD', queue, found[2], event)
        -- It was over and begins anew: who followed it meanwhile waits again.
        local second = redis.call('ZRANGE', queue, 1, 1)[1]
        if second then
            redis.call('ZREM', FORWARD, second)
            redis.call('ZREM', FORWARD_LATER, second)
        end
    end
    if found[4] == 'pending' and found[5] ~= '1' then
        redis.call('ZADD', UNFINISHED, found[2], event)
    elseif ARGV[4] ~= '' and (not queue or redis.call('ZRANK', queue, event) == 0) then
        redis.call('ZADD', FORWARD_LATER, ARGV[4], event)
    else
        offer(event, found[2], queue)
    end
end
for number = 5, #ARGV, 2 do
    local at = 8 + number
    note(ARGV[number], KEYS[at], ARGV[number + 1] == '1' and KEYS[at + 1] or nil)
end
return noted
