-- The keys of all scripts on events, in the order of `Names::events`. Members of sets are the
-- fingerprints of events.
local EVENTS, ARRIVED, TOTALS, CODES, LINKS = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local WORK, WORK_CLAIMED = KEYS[6], KEYS[7]
local FORWARDS, UNFINISHED, FORWARD, FORWARD_LATER, FORWARD_CLAIMED =
    KEYS[8], KEYS[9], KEYS[10], KEYS[11], KEYS[12]

-- Lets the first of an authorizer's queue be forwarded, unless it is on its way, waits for its time
-- or for the work on it.
local function promote(queue)
    local first = redis.call('ZRANGE', queue, 0, 0, 'WITHSCORES')
    local event = first[1]
    if event and not redis.call('ZSCORE', UNFINISHED, event) and not redis.call('ZSCORE', FORWARD_LATER, event)
        and not redis.call('ZSCORE', FORWARD_CLAIMED, event) then
        redis.call('ZADD', FORWARD, first[2], event)
    end
end

-- The same for an event; `queue` is nil when it is about nobody and waits for none.
local function offer(event, id, queue)
    if queue then
        promote(queue)
    else
        redis.call('ZADD', FORWARD, id, event)
    end
end

-- Takes an event off the way to the backend; the next about the same authorizer follows.
local function leave(event, queue)
    redis.call('ZREM', FORWARDS, event)
    redis.call('ZREM', UNFINISHED, event)
    redis.call('ZREM', FORWARD, event)
    redis.call('ZREM', FORWARD_LATER, event)
    redis.call('ZREM', FORWARD_CLAIMED, event)
    if queue then
        redis.call('ZREM', queue, event)
        promote(queue)
    end
end

local function count(info_type, outcome, by)
    local name = outcome .. ' ' .. info_type
    if redis.call('HINCRBY', TOTALS, name, by) <= 0 then
        redis.call('HDEL', TOTALS, name)
    end
end

-- Puts an event where it is found again; `code_ends` and `link` are '' for none.
local function enrol(event, id, info_type, outcome, received_at, code_ends, link)
    redis.call('ZADD', EVENTS, id, event)
    redis.call('ZADD', ARRIVED, received_at, event)
    count(info_type, outcome, 1)
    if code_ends ~= '' then
        redis.call('ZADD', CODES, code_ends, event)
    end
    if link ~= '' then
        redis.call('HSET', LINKS, link, event)
    end
    if outcome == 'pending' then
        redis.call('ZADD', WORK, id, event)
    end
end
