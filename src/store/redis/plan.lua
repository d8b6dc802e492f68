-- A plan: {"checks": [[kind, key, …]], "writes": [[command, key, …]]}; keys are numbers into KEYS.

-- The number of the first check that fails; nothing when all hold.
local function differs(plan)
    for number, check in ipairs(plan.checks) do
        local kind, key, found, expected = check[1], KEYS[check[2]], nil, nil
        if kind == 'GET' then
            found, expected = redis.call('GET', key), check[3]
        elseif kind == 'HGET' then
            found, expected = redis.call('HGET', key, check[3]), check[4]
        end
        if found ~= expected then
            return number
        end
    end
end

-- Writes; the numbers that LOG gave are appended to `answer`.
local function carry_out(plan, answer)
    for _, write in ipairs(plan.writes) do
        if write[1] == 'LOG' then
            -- Numbered inside, so that who follows by number misses nothing.
            local number = redis.call('INCR', KEYS[write[2]])
            redis.call('ZADD', KEYS[write[3]], number, number .. ' ' .. write[4])
            answer[#answer + 1] = number
        elseif write[1] == 'SUPERSEDE' then
            -- The fence is made as lease.lua makes it.
            local time, token = redis.call('TIME'), KEYS[write[3]]
            local known = redis.call('HMGET', token, 'fence', 'generation')
            local generation = tonumber(known[2] or '') or 0
            local fence = math.max(time[1] * 1000000 + time[2],
                (tonumber(redis.call('GET', KEYS[write[2]]) or '') or 0) + 1,
                (tonumber(known[1] or '') or 0) + 1, generation + 1)
            fence = string.format('%.0f', fence)
            redis.call('SET', KEYS[write[2]], fence)
            redis.call('HSET', token, 'fence', fence, 'generation', fence)
            redis.call('HDEL', token, 'lease', 'lease_attempt', 'lease_until')
        else
            redis.call(write[1], KEYS[write[2]], unpack(write, 3))
        end
    end
    return answer
end

