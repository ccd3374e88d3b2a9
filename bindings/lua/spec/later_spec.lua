-- SPDX-License-Identifier: Apache-2.0
-- Fields whose values come later, from another thread's Lua state.
local runtime = require "runtime"
local support = require "spec.support"
local found, threads = pcall(require, "runtime.threads")

local LONG = 60000 -- ms: nobody waits for so long
local ANSWER = [[
local token, value = ...
local done = os.clock() + 0.005
while os.clock() < done do end
assert(require("runtime.core").answer(token, value))
]]

describe("values that come later", function()
    if not found then
        pending("skipped: no runtime.threads")
        return
    end

    local running
    before_each(function() running = {} end)
    after_each(function()
        for _, thread in ipairs(running) do
            assert.is_nil(threads.join(thread))
        end
    end)
    local function start(...)
        running[#running + 1] = threads.run(...)
        return runtime.later
    end

    local function judge(field, deadline_ms, condition)
        local engine = assert(runtime.engine())
        field.name, field.later = "test.value", true
        assert(engine:add_fields { name = "test", deadline_ms = deadline_ms or LONG, fields = { field } })
        assert(engine:use(assert(engine:compile(([[
- rule: r
  desc: d
  condition: %s
  output: "%%ct.name %%test.value"
  priority: INFO
  source: aws_cloudtrail
]]):format(condition or "ct.name exists")))))
        return assert(engine:worker()), engine
    end
    local function feed(worker, name)
        local alerts = assert(worker:feed("aws_cloudtrail", support.record(name or "A")))
        return alerts[1] and alerts[1].fields["test.value"], #alerts
    end

    it("are given by another thread", function()
        local worker = judge { reads = { "ct.name" }, read = function(token, name)
            return start(ANSWER, token, name:lower())
        end }
        for _, name in ipairs { "Ab", "Cd", "Ef" } do
            assert.equal(name:lower(), (feed(worker, name)))
        end
        assert.same({}, worker:losses())
    end)

    it("are of the field's kind", function()
        local rows = { int64 = -5, bytes = "a\1b", double = 0.5, ipaddr = "2001:db8::1", string = "" }
        local worker
        for kind, value in pairs(rows) do
            worker = judge { kind = kind, read = function(token) return start(ANSWER, token, value) end }
            assert.equal(value, (feed(worker)))
        end
        worker = judge { read = function(token)
            return start("assert(require('runtime.core').answer((...), nil))", token)
        end }
        assert.is_nil((feed(worker)))
        worker = judge { kind = "port", arg = "key", read = function(token)
            return start([[
                local token, answer = (...), require("runtime.core").answer
                assert(not pcall(answer, token, "text") and not pcall(answer, token, 65536))
                assert(answer(token, 443)) -- what was refused can be given again
                assert(select(4, answer(token, 443)) == "RT_ENOENT")
            ]], token)
        end }
        assert.equal(443, (feed(worker)))
    end)

    it("need not come later", function()
        local seen
        local worker = judge { reads = { "ct.name" }, read = function(token, name)
            seen = token
            if name == "B" then
                assert(runtime.answer(token, "given at once"))
                return runtime.later
            end
            return name
        end }
        assert.equal("A", (feed(worker, "A")))
        assert.equal("RT_ENOENT", select(4, runtime.answer(seen, "x")))
        assert.equal("given at once", (feed(worker, "B")))
        assert.same({}, worker:losses())
    end)

    it("are missing when they come too late, and counted", function()
        local tokens = {}
        local worker = judge({ read = function(token)
            tokens[#tokens + 1] = token
            return runtime.later
        end }, 5, "not test.value exists")
        for i = 1, 2 do
            local _, n = feed(worker)
            assert.equal(1, n)
            assert.equal(i, #tokens)
        end
        local losses = worker:losses()
        assert.equal(1, #losses)
        assert.equal(2, losses[1].count)
        assert.truthy(losses[1].cause:find("too late", 1, true))
        for _, token in ipairs(tokens) do
            assert.equal("RT_ENOENT", select(4, runtime.answer(token, "x")))
        end
        worker:close()
        assert.equal("RT_ENOENT", select(4, runtime.answer(tokens[2], "x")))
    end)

    it("are counted where they are refused, or where the function throws", function()
        local long = judge { read = function(token)
            return start([[
                local _, _, _, status = require("runtime.core").answer((...), ("x"):rep(65537))
                assert(status == "RT_ELIMIT")
            ]], token)
        end }
        assert.is_nil((feed(long)))
        assert.equal(1, long:losses()[1].count)
        local thrown
        local worker, engine = judge { read = function(token)
            thrown = token
            error("no", 0)
        end }
        assert.is_nil((feed(worker)))
        assert.equal("test.value: no", select(2, engine:failed_reads()))
        assert.equal("RT_ENOENT", select(4, runtime.answer(thrown, "x")))
    end)

    it("are refused with a reason", function()
        local engine = assert(runtime.engine())
        local function add(definition)
            return function() return engine:add_fields(definition) end
        end
        local read = function() return runtime.later end
        assert.error_matches(add { name = "x", fields = { { name = "x.y", list = true, later = true, read = read } } },
            "is a list, which cannot come later")
        assert.error_matches(add { name = "x", deadline_ms = 2 ^ 32, fields = {} }, "deadline_ms is at most")
        assert.error_matches(function() runtime.answer("no token") end, "number expected")
        -- A field that does not say `later` has nothing to be answered.
        assert(engine:add_fields { name = "x", fields = { { name = "x.y", read = read } } })
        assert(engine:use(assert(engine:compile((support.RULES:gsub("%%ct.srcip", "%%x.y"))))))
        local worker = assert(engine:worker())
        assert.is_nil(assert(worker:feed("aws_cloudtrail", support.record("A")))[1].fields["x.y"])
        assert.truthy(select(2, engine:failed_reads()):find("x.y: a string is wanted", 1, true))
    end)
end)
