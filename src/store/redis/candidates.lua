-- Who is due, a piece of the roster at a time. Reads only.
-- KEYS: authorizers, due. ARGV: the appid after which to begin, before when, how many at most, after
-- when a token ends whose times may lie in the future.
-- Returns {the last appid looked at ('' at the end), appid, …}; one with such a token has a '?' before
-- it.
local LOOK = 1000
local from = ARGV[1] == '' and '-' or '(' .. ARGV[1]
local page = redis.call('ZRANGEBYLEX', KEYS[1], from, '+', 'LIMIT', 0, LOOK)
local before, limit, late = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local found, last = {}, ''
for _, appid in ipairs(page) do
    last = appid
    local ends = tonumber(redis.call('ZSCORE', KEYS[2], appid) or '')
    if ends and (ends < before or ends > late) then
        found[#found + 1] = ends < before and appid or '?' .. appid
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
