-- Claims the tokens that are free and still due, and records that calls begin.
-- KEYS: fence, due, token, token, …. ARGV: who (JSON), the attempt's number, how long
-- (milliseconds), when the calls begin, before when a token must end, since when it must have been
-- used ('' for whenever), the latest time that can be believed, then an appid for each token.
-- Returns for each token {} or {fence, field, value, …} with the hash as it was.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local fence = math.max(time[1] * 1000000 + time[2], (tonumber(redis.call('GET', KEYS[1]) or '') or 0) + 1)
local begins, before, since, latest = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local lease_until = string.format('%.0f', now + ARGV[3])
local answer = {}
for number = 3, #KEYS do
    local key, taken = KEYS[number], {}
    local token = redis.call('HMGET', key, 'lease', 'lease_attempt', 'lease_until', 'fence', 'generation',
        'refresh', 'intent_at', 'used_at', 'expires_at', 'issued_at')
    local until_, used_at = tonumber(token[3] or ''), tonumber(token[8] or '')
    local held = token[1] and until_ and until_ > now and token[2] ~= ARGV[2]
    local unused = since and (not used_at or used_at < since or used_at > latest)
    local fresh = (tonumber(token[9] or '') or 0) >= before and (tonumber(token[10] or '') or 0) <= latest
    if token[6] and not held and not unused and not fresh
        and redis.call('ZSCORE', KEYS[2], ARGV[number + 5]) then
        fence = math.max(fence + 1, (tonumber(token[4] or '') or 0) + 1, (tonumber(token[5] or '') or 0) + 1)
        local text = string.format('%.0f', fence)
        if token[2] == ARGV[2] then
            -- The same attempt comes again when its answer was lost: what it wrote then is not told.
            redis.call('HDEL', key, 'lease', 'lease_attempt', 'lease_until')
            if tonumber(token[7] or '') == begins then
                redis.call('HDEL', key, 'intent_fence', 'intent_at')
            end
        end
        taken = redis.call('HGETALL', key)
        table.insert(taken, 1, text)
        -- Of several calls whose ends are unknown the first counts.
        local at = math.min(tonumber(token[7] or '') or begins, begins)
        redis.call('HSET', key, 'fence', text, 'lease', ARGV[1], 'lease_attempt', ARGV[2],
            'lease_until', lease_until, 'intent_fence', text, 'intent_at', string.format('%.0f', at))
    end
    answer[#answer + 1] = taken
end
redis.call('SET', KEYS[1], string.format('%.0f', fence))
return answer
