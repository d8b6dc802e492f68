-- Forgets that a call began, if no later lease said so. KEYS: token. ARGV: fence.
if redis.call('HGET', KEYS[1], 'intent_fence') == ARGV[1] then
    redis.call('HDEL', KEYS[1], 'intent_fence', 'intent_at')
end
return 0
