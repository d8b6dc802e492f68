-- Keeps an event, and the ticket in it, unless its fingerprint is known.
-- KEYS: those of events, then: event, queue of its authorizer, counter of events, and those of the
-- plan. ARGV: the plan that keeps the ticket, the attempt's number (`placed` for an event that was
-- kept elsewhere), fingerprint, InfoType, outcome,
-- when it arrived, when its code ends ('' for none), its link's pre-auth code ('' for none), what
-- became of forwarding ('' for none), whether it is about somebody (1 or 0), whether it may be
-- forwarded early (1 or 0), when to try again ('' for at once), then fields and values.
-- Returns {'1', number, outcome}, {'2', number of the first}, or {'0'} when the ticket's plan does
-- not hold any more.
local EVENT, QUEUE, COUNTER = KEYS[13], KEYS[14], KEYS[15]
local event, info_type, outcome, received_at = ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local known = redis.call('HMGET', EVENT, 'id', 'attempt', 'repeats', 'outcome')
if known[1] then
    -- One that was kept elsewhere changes nothing here. The same attempt comes again when its answer
    -- was lost.
    if ARGV[2] == 'placed' then
        return {'2', known[1]}
    elseif known[2] ~= ARGV[2] then
        redis.call('HINCRBY', EVENT, 'repeats', 1)
        redis.call('HSET', EVENT, 'attempt', ARGV[2])
    elseif not known[3] then
        return {'1', known[1], known[4]}
    end
    return {'2', known[1]}
end
local plan = cjson.decode(ARGV[1])
if differs(plan) then
    return {'0'}
end
carry_out(plan, {})
local id = redis.call('INCR', COUNTER)
redis.call('HSET', EVENT, 'id', id, 'attempt', ARGV[2], unpack(ARGV, 13))
enrol(event, id, info_type, outcome, received_at, ARGV[7], ARGV[8])
if ARGV[9] == 'pending' then
    local queue = ARGV[10] == '1' and QUEUE or nil
    redis.call('ZADD', FORWARDS, received_at, event)
    if queue then
        redis.call('ZADD', queue, id, event)
    end
    if outcome == 'pending' and ARGV[11] ~= '1' then
        redis.call('ZADD', UNFINISHED, id, event)
    elseif ARGV[12] ~= '' and (not queue or redis.call('ZRANK', queue, event) == 0) then
        redis.call('ZADD', FORWARD_LATER, ARGV[12], event)
    else
        offer(event, id, queue)
    end
end
return {'1', tostring(id), outcome}
