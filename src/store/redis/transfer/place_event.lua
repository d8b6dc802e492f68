-- Keeps an event that was kept elsewhere, unless its fingerprint is known.
-- KEYS: those of events, then: event, queue of its authorizer, counter of events.
-- ARGV: fingerprint, InfoType, outcome, when it arrived, when its code ends ('' for none), its
-- link's pre-auth code ('' for none), what became of forwarding ('' for none), whether it is about
-- somebody (1 or 0), whether it may be forwarded early (1 or 0), when to try again ('' for at once),
-- then fields and values. Returns 1, or 0.
local EVENT, QUEUE, COUNTER = KEYS[13], KEYS[14], KEYS[15]
local event, info_type, outcome, received_at = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
if redis.call('EXISTS', EVENT) == 1 then
    return 0
end
local id = redis.call('INCR', COUNTER)
redis.call('HSET', EVENT, 'id', id, unpack(ARGV, 11))
enrol(event, id, info_type, outcome, received_at, ARGV[5], ARGV[6])
if ARGV[7] == 'pending' then
    local queue = ARGV[8] == '1' and QUEUE or nil
    redis.call('ZADD', FORWARDS, received_at, event)
    if queue then
        redis.call('ZADD', queue, id, event)
    end
    if outcome == 'pending' and ARGV[9] ~= '1' then
        redis.call('ZADD', UNFINISHED, id, event)
    elseif ARGV[10] ~= '' and (not queue or redis.call('ZRANK', queue, event) == 0) then
        redis.call('ZADD', FORWARD_LATER, ARGV[10], event)
    else
        offer(event, id, queue)
    end
end
return 1
