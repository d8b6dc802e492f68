-- Gives a lease up, if it is still the newest. KEYS: token. ARGV: fence.
if redis.call('HGET', KEYS[1], 'fence') == ARGV[1] then
    redis.call('HDEL', KEYS[1], 'lease', 'lease_attempt', 'lease_until')
end
return 0
