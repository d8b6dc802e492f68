-- Writes a key of an SDK; 0 seconds are for ever.
local function keep(key, value, seconds)
  if tonumber(seconds) > 0 then
    redis.call('SET', key, value, 'EX', seconds)
  else
    redis.call('SET', key, value)
  end
end

