-- SPDX-License-Identifier: Apache-2.0
-- logins.lua - hooks of rules.yaml: what docs/lua-hooks.md tells, put to work on console logins.
runtime.sources { "aws_cloudtrail" }

local office = { ["192.0.2.7"] = true, ["192.0.2.8"] = true }

runtime.field {
    name = "lua.place", type = "string", reads = { "ct.srcip" }, pure = true,
    help = "Where the address is",
    extract = function(ip) return office[ip] and "office" or "elsewhere" end,
}

-- Root may log in from the office; from elsewhere it is worse than the rule says.
runtime.match {
    rules = { "Root login" }, reads = { "lua.place" },
    on = function(_, place)
        if place == "office" then return false end
        return { priority = "CRITICAL", tags = { "from_elsewhere" } }
    end,
}

-- Five failures of an address within ten minutes, and then it gets in.
runtime.detect {
    rule = "Password guessing",
    condition = "console_login",
    output = "password guessed (user=%ct.user address=%ct.srcip place=%lua.place)",
    priority = "ERROR", tags = { "brute_force" },
    reads = { "ct.errormessage" }, key = "ct.srcip", timeout = 600,
    on = function(event, state)
        if event["ct.errormessage"] then
            state.failed = (state.failed or 0) + 1
        elseif (state.failed or 0) >= 5 then
            local failed = state.failed
            state.failed = 0
            return { fields = { ["lua.failed"] = failed } }
        end
    end,
}

runtime.output {
    name = "tickets",
    on = function(alert)
        if alert.priority == "Critical" then
            runtime.write(alert.rule .. " by " .. (alert.fields["ct.user"] or "?") .. "\n")
        end
    end,
}
