-- SPDX-License-Identifier: Apache-2.0
-- runtime: threat detection with Falco's rule language. The friendly face of runtime.core.
local core = require "runtime.core"

local runtime = {
    version = core.version, engine = core.engine, table = core.table, later = core.later, answer = core.answer,
}

--- Iterate over the alerts of all inputs that were opened on a worker or pool.
--- An input that cannot be read further raises an error.
function runtime.alerts(judge)
    local queue, at = {}, 0
    return function()
        while true do
            at = at + 1
            if queue[at] then
                return queue[at]
            end
            local message
            queue, message = judge:step(nil, 64)
            if not queue then
                if message then
                    error(message, 2)
                end
                queue, at = {}, 0
                return nil
            end
            at = 0
        end
    end
end

--- A source written in Lua, for engine:add_source: the table itself, when nothing is missing.
function runtime.source(definition)
    for _, name in ipairs { "next", "extract" } do
        if type(definition[name]) ~= "function" then
            error(("a source needs a function '%s'"):format(name), 2)
        end
    end
    return definition
end

return runtime
