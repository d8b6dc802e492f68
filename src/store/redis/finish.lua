-- Ends the work on an event, or notes how it went; what ended before keeps its outcome.
-- KEYS: those of events, then: event, queue. ARGV: fingerprint, outcome, detail, now, whether the
-- code is spent (1 or 0), whether it is about somebody (1 or 0).
local EVENT, event, outcome = KEYS[13], ARGV[1], ARGV[2]
local found = redis.call('HMGET', EVENT, 'outcome', 'info_type', 'id')
if found[1] == 'pending' then
    redis.call('HSET', EVENT, 'detail', ARGV[3])
    if outcome ~= 'pending' then
        redis.call('HSET', EVENT, 'outcome', outcome, 'finished_at', ARGV[4])
        redis.call('ZREM', WORK, event)
        redis.call('ZREM', WORK_CLAIMED, event)
        count(found[2], 'pending', -1)
        count(found[2], outcome, 1)
        if redis.call('ZREM', UNFINISHED, event) == 1 then
            offer(event, found[3], ARGV[6] == '1' and KEYS[14] or nil)
        end
    end
end
if ARGV[5] == '1' then
    redis.call('HDEL', EVENT, 'code')
    redis.call('ZREM', CODES, event)
end
return 0
