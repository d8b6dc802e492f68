-- Who is due, a piece of the roster at a time. Reads only.
-- KEYS: authorizers, due. ARGV: the appid after which to begin, before when, how many at most.
-- Returns {the last appid looked at ('' at the end), appid, …}.
local LOOK = 1000
local from = ARGV[1] == '' and '-' or '(' .. ARGV[1]
local page = redis.call('ZRANGEBYLEX', KEYS[1], from, '+', 'LIMIT', 0, LOOK)
local before, limit = tonumber(ARGV[2]), tonumber(ARGV[3])
local found, last = {}, ''
for _, appid in ipairs(page) do
    last = appid
    local ends = redis.call('ZSCORE', KEYS[2], appid)
    if ends and tonumber(ends) < before then
        found[#found + 1] = appid
        if #found == limit then
            break
        end
    end
end
if #found < limit and #page < LOOK then
    last = ''
end
table.insert(found, 1, last)
return found
