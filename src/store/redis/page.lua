-- A piece of the roster, with when the tokens of those that are due some day end. Reads only.
-- KEYS: authorizers, due. ARGV: the appid after which to begin ('' for the first), how many.
-- Returns {appid, when ('' for who is not due), …}.
local from = ARGV[1] == '' and '-' or '(' .. ARGV[1]
local answer = {}
for _, appid in ipairs(redis.call('ZRANGEBYLEX', KEYS[1], from, '+', 'LIMIT', 0, ARGV[2])) do
    answer[#answer + 1] = appid
    answer[#answer + 1] = redis.call('ZSCORE', KEYS[2], appid) or ''
end
return answer
