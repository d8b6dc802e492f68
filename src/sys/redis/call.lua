-- What the server itself says of a key of the wrong type does not name it.
local server = redis
local redis = setmetatable({
    call = function(...)
        local answer = server.pcall(...)
        if type(answer) == 'table' and answer.err then
            if string.find(answer.err, 'WRONGTYPE', 1, true) then
                error('wrong-type<' .. select(2, ...) .. '>wrong-type', 0)
            end
            -- It fails again in the same way, and as each version of the server reports it.
            return server.call(...)
        end
        return answer
    end,
}, {__index = server})

