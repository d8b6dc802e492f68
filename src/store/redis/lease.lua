-- Takes a lease, unless another holds it.
-- KEYS: token, fence. ARGV: who (JSON), the attempt's number, how long (milliseconds).
-- Returns {1, fence, field, value, …} with the hash as it was, or {0, who, milliseconds left}.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local lease = redis.call('HMGET', KEYS[1], 'lease', 'lease_attempt', 'lease_until', 'fence', 'generation')
local until_ = tonumber(lease[3] or '')
-- The same attempt comes again when its answer was lost.
if lease[1] and until_ and until_ > now and lease[2] ~= ARGV[2] then
    return {0, lease[1], until_ - now}
end
-- Microseconds of the server's clock, so that a number that was lost in a failover is never given
-- again, and above all that is known here.
local fence = math.max(time[1] * 1000000 + time[2], (tonumber(redis.call('GET', KEYS[2]) or '') or 0) + 1,
    (tonumber(lease[4] or '') or 0) + 1, (tonumber(lease[5] or '') or 0) + 1)
fence = string.format('%.0f', fence)
if lease[2] == ARGV[2] then
    redis.call('HDEL', KEYS[1], 'lease', 'lease_attempt', 'lease_until')
end
local answer = redis.call('HGETALL', KEYS[1])
redis.call('SET', KEYS[2], fence)
redis.call('HSET', KEYS[1], 'fence', fence, 'lease', ARGV[1], 'lease_attempt', ARGV[2],
    'lease_until', string.format('%.0f', now + ARGV[3]))
table.insert(answer, 1, fence)
table.insert(answer, 1, 1)
return answer
