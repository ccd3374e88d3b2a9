-- SPDX-License-Identifier: Apache-2.0
-- examples/lua/agent.lua, as it is started by users, and the Lua that the documents show.
local runtime = require "runtime"
local support = require "spec.support"
local root = debug.getinfo(1, "S").source:match("^@(.*)/bindings/lua/spec/")

-- @return standard output and standard error, as arrays of lines
local function run(arguments, input)
    local path, errors = support.file(input or ""), os.tmpname()
    local pipe = assert(io.popen(("%s '%s/examples/lua/agent.lua' %s <'%s' 2>'%s'"):format(
        os.getenv("RT_LUA") or "lua", root, arguments, path, errors)))
    local lines, complaints = {}, {}
    for line in pipe:lines() do
        lines[#lines + 1] = line
    end
    pipe:close()
    for line in io.lines(errors) do
        complaints[#complaints + 1] = line
    end
    os.remove(path)
    os.remove(errors)
    return lines, complaints
end

describe("the agent", function()
    it("judges files as a worker does", function()
        local lines, log = run(("'%s/rules/aws' aws_cloudtrail '%s/tests/data/cloudtrail'"):format(root, root))
        local engine = assert(runtime.engine())
        assert(engine:use(assert(engine:load(root .. "/rules/aws"))))
        local worker = assert(engine:worker())
        assert(worker:open("aws_cloudtrail", root .. "/tests/data/cloudtrail"))
        local wanted = {}
        for alert in runtime.alerts(worker) do
            wanted[#wanted + 1] = alert.rule
        end
        assert.truthy(#wanted > 3)
        assert.equal(#wanted, #lines)
        for i, line in ipairs(lines) do
            assert.truthy(line:find('"rule":"' .. wanted[i] .. '"', 1, true), line)
        end
        assert.truthy(log[#log]:find("events, " .. #wanted .. " alerts, 0 records skipped", 1, true))
    end)

    it("reloads rules between two lines, and keeps the old ones when they have errors", function()
        local rules = support.file(support.RULES)
        local a = support.record("A")
        local lines, log = run("'" .. rules .. "'", a .. "\n!reload\n{broken\n" .. a .. "\n")
        assert.equal(2, #lines)
        assert.equal("1 rules in force", log[1])
        assert.equal("1 rules in force", log[2])
        assert.equal("2 events, 2 alerts, 1 records skipped", log[#log])

        local file = assert(io.open(rules, "w"))
        file:write("- rule: broken\n")
        file:close()
        lines, log = run("'" .. rules .. "'")
        assert.same({}, lines)
        assert.truthy(#log > 0)
        os.remove(rules)
    end)
end)

describe("the documents", function()
    it("show Lua that runs", function()
        local seen = 0
        local pages = assert(io.popen("ls '" .. root .. "'/README.md '" .. root .. "'/docs/*.md"))
        local names = pages:read("*a") .. root .. "/bindings/lua/README.md\n"
        pages:close()
        for name in names:gmatch("[^\n]+") do
            local file = assert(io.open(name))
            local text = file:read("*a")
            file:close()
            for before, block in text:gmatch("\n([^\n]*)\n```lua\n(.-)\n```") do
                if not before:find("^<!%-%- [hn]o") then -- "hook": for the sandbox; "not run"
                    local chunk = assert((loadstring or load)(block, "=" .. name)) -- luacheck: ignore
                    chunk()
                    seen = seen + 1
                end
            end
        end
        assert.truthy(seen >= 3)
    end)
end)
