-- Notes how the work on an event went, if what became of it so far still is what was read.
-- KEYS: those of events, then: event, queue. ARGV: fingerprint, outcome as it was read, outcome ('' to
-- leave all of it), detail, when the work ended ('' while it did not), whether the code is spent
-- (1 or 0), whether it is about somebody (1 or 0). Returns 1, or 0 when something else was read.
local EVENT, event, outcome = KEYS[13], ARGV[1], ARGV[3]
local found = redis.call('HMGET', EVENT, 'outcome', 'info_type', 'id')
if found[1] ~= ARGV[2] then
    return 0
end
if outcome ~= '' then
    redis.call('HSET', EVENT, 'detail', ARGV[4])
end
if ARGV[5] ~= '' then
    redis.call('HSET', EVENT, 'outcome', outcome, 'finished_at', ARGV[5])
    redis.call('ZREM', WORK, event)
    redis.call('ZREM', WORK_CLAIMED, event)
    count(found[2], found[1], -1)
    count(found[2], outcome, 1)
    if redis.call('ZREM', UNFINISHED, event) == 1 then
        offer(event, found[3], ARGV[7] == '1' and KEYS[14] or nil)
    end
end
if ARGV[6] == '1' then
    redis.call('HDEL', EVENT, 'code')
    redis.call('ZREM', CODES, event)
end
return 1
