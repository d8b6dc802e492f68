-- Writes a plan if nothing of what it rests on is different by now. ARGV: the plan.
-- Returns {1, numbers that LOG gave…}, or {0, number of the check that failed}.
return once(function()
    local plan = cjson.decode(ARGV[1])
    local wrong = differs(plan)
    if wrong then
        return {0, wrong}, false
    end
    return carry_out(plan, {1}), true
end)
