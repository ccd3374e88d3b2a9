-- SPDX-License-Identifier: Apache-2.0
-- The binding against the real library.
local runtime = require "runtime"
local support = require "spec.support"
local RULES, record = support.RULES, support.record
local SOURCE = "aws_cloudtrail"
local unpack = table.unpack or unpack -- luacheck: ignore

describe("runtime", function()
    local engine, worker

    before_each(function()
        engine = assert(runtime.engine { hostname = "host" })
        assert(engine:use(assert(engine:compile(RULES))))
        worker = assert(engine:worker())
    end)

    after_each(function()
        worker:close()
        engine:close()
    end)

    it("raises one alert for a record that matches", function()
        local alerts = assert(worker:feed(SOURCE, record("CreateUser")))
        assert.equal(1, #alerts)
        local alert = alerts[1]
        assert.equal("Root used", alert.rule)
        assert.equal("Warning", alert.priority)
        assert.same({ "T1078", "aws" }, alert.tags)
        assert.equal("10:00:00.000000000: Warning root did CreateUser from 192.0.2.7 (error=<NA>)",
            alert.text)
        assert.equal("CreateUser", alert.fields["ct.name"])
        assert.is_nil(alert.fields["ct.error"])
        assert.equal(32, #alert.id)
        assert.is_nil(alert.explanation)
    end)

    it("does not alert when the rule does not match", function()
        assert.same({}, (worker:feed(SOURCE, record("ConsoleLogin"))))
        assert.equal(1, worker:stats().events)
    end)

    it("hands alerts to a function, one by one", function()
        local names = {}
        local n, skipped = worker:feed(SOURCE, record("A") .. "\n" .. record("B"), function(alert)
            names[#names + 1] = alert.fields["ct.name"]
        end)
        assert.equal(2, n)
        assert.same({}, skipped)
        assert.same({ "A", "B" }, names)
    end)

    it("makes of alerts what is asked for", function()
        local bare = assert(engine:worker { render = {}, explain = true })
        local alert = bare:feed(SOURCE, record("A"))[1]
        assert.is_nil(alert.text or alert.json or alert.fields)
        assert.truthy(alert.explanation:find("ct.name", 1, true))
        bare:close()
        assert.has_error(function() engine:worker { render = { "xml" } } end)
    end)

    it("says where rules are wrong and what to write", function()
        local rules, message, diags, status = engine:compile((RULES:gsub("ct%.name in", "ct.nmae in")))
        assert.is_nil(rules)
        assert.truthy(message:find("ct.nmae", 1, true))
        assert.equal("error", diags[1].severity)
        assert.truthy(diags[1].line > 0 and diags[1].hint:find("ct.name", 1, true))
        assert.equal("RT_ERULES", status)
    end)

    it("loads files and folders, selects and limits rules", function()
        local path = support.file(RULES)
        assert.equal(1, #assert(engine:load(path)))
        assert.equal(0, assert(engine:load(path, { min_priority = "critical" })):count())
        assert.equal(0, assert(engine:load(path, { select = { { tag = "aws" } } })):count())
        assert.equal(1, assert(engine:load(path, { select = {
            { wildcard = "*" }, { rule = "Root used", enable = true },
        } })):count())
        os.remove(path)
        local rules, message, _, status = engine:load(path)
        assert.is_nil(rules)
        assert.truthy(message:find(path, 1, true) or status)
        assert.has_error(function() engine:load(path, { min_priority = "urgent" }) end)
    end)

    it("keeps compiled rules as bytes", function()
        local bytes = assert(assert(engine:compile(RULES)):bytes())
        local rules = assert(engine:load_compiled(bytes))
        assert.equal("Root used", rules:rules()[1].name)
        assert.truthy(#rules:disassembly() > 0)
        assert.is_boolean(rules:sees(1, SOURCE, 322))
        assert.is_nil((rules:sees(7, SOURCE, 322)))
        local none, message, diags = engine:load_compiled(bytes:sub(1, 40))
        assert.is_nil(none)
        assert.is_string(message)
        assert.is_table(diags)
    end)

    it("reads files through an iterator", function()
        local path = support.file('{"Records":[' .. record("A") .. "," .. record("B") .. "]}")
        assert(worker:open(SOURCE, path))
        local names = {}
        for alert in runtime.alerts(worker) do
            names[#names + 1] = alert.fields["ct.name"]
        end
        os.remove(path)
        assert.same({ "A", "B" }, names)
        assert.is_nil((worker:step()))
    end)

    it("judges one event a step, or as many as are asked for", function()
        local path = support.file(record("A") .. "\n" .. record("B") .. "\n" .. record("C") .. "\n")
        assert(worker:open(SOURCE, path))
        assert.equal(1, #worker:step())
        assert.equal(2, (worker:step(function() end, 100)))
        assert.is_nil((worker:step()))
        os.remove(path)
    end)

    it("judges the same in a pool", function()
        local path = support.file((record("A") .. "\n"):rep(500))
        local pool = assert(engine:pool { workers = 2, batch_bytes = 4096 })
        assert(pool:open(SOURCE, path))
        local n = 0
        for alert in runtime.alerts(pool) do
            assert.equal("Root used", alert.rule)
            n = n + 1
        end
        assert.equal(500, n)
        assert(pool:feed(SOURCE, record("B")))
        assert.equal(1, #pool:flush())
        assert.equal(501, pool:stats().events)
        assert.equal(501, pool:rule_alerts(1))
        assert.same({}, pool:losses())
        assert(pool:finish())
        pool:close()
        os.remove(path)
        assert.is_nil(pool.explain)
    end)

    it("reports what could not be read and goes on", function()
        local alerts, skipped = worker:feed(SOURCE,
            record("A") .. "\n{broken\n" .. record("B") .. "\n")
        assert.equal(2, #alerts)
        assert.equal(1, #skipped)
        assert.equal(1, worker:stats().skipped)
    end)

    it("returns nil, a message, diagnostics and a status for what is not there", function()
        local result, message, diags, status = worker:feed("nowhere", "{}")
        assert.is_nil(result)
        assert.truthy(message:find("RT_ENOENT", 1, true))
        assert.same({}, diags)
        assert.equal("RT_ENOENT", status)
        result, message, diags = worker:configure(SOURCE, { reading = "sideways" })
        assert.is_nil(result)
        assert.truthy(#diags >= 1 and message:find(diags[1].message, 1, true))
    end)

    it("measures rules and explains decisions", function()
        local close_look = assert(engine:worker { sample_every = 1 })
        local why
        close_look:feed(SOURCE, record("A"), function(alert)
            why = assert(close_look:explain(alert.rule))
        end)
        assert.truthy(why:find("ct.name", 1, true))
        local profile = assert(close_look:rule_profile(1))
        assert.equal(1, profile.held)
        assert.is_nil((close_look:rule_profile(2)))
        assert.truthy(#close_look:predicate_profiles() >= 1)
        assert(engine:compile(RULES, "rules.yaml", { profile = close_look:profile() }))
        assert.equal(1, close_look:rule_alerts(1))
        close_look:close()
    end)

    it("lists what it knows", function()
        assert.truthy(#engine:fields() > 600)
        assert.truthy(#engine:sources() >= 3)
        assert.truthy(#runtime.table("diagnostics") > 20)
        local other = assert(runtime.engine())
        assert(other:alias_source("json", "mine"))
        assert.equal("RT_EEXIST", select(4, other:alias_source("json", "mine")))
    end)

    it("reloads rules between two events", function()
        assert.equal(1, #worker:feed(SOURCE, record("A")))
        assert(engine:use(assert(engine:compile((RULES:gsub("not ct.name", "ct.name"))))))
        assert.equal(0, #worker:feed(SOURCE, record("A")))
        assert.equal(1, #worker:feed(SOURCE, record("ConsoleLogin")))
    end)
end)

describe("misuse", function()
    local engine, worker

    before_each(function()
        engine = assert(runtime.engine())
        assert(engine:use(assert(engine:compile(RULES))))
        worker = assert(engine:worker())
    end)

    local function refused(f, why)
        local ok, message = pcall(f)
        assert.is_false(ok)
        assert.truthy(tostring(message):find(why, 1, true), tostring(message))
    end

    it("throws what a callback throws, and goes on afterwards", function()
        local thrown = { "of my own" }
        local seen = 0
        local ok, caught = pcall(worker.feed, worker, SOURCE, record("A") .. "\n" .. record("B"),
            function()
                seen = seen + 1
                error(thrown)
            end)
        assert.is_false(ok)
        assert.equal(thrown, caught)
        assert.equal(1, seen)
        assert.equal(1, #worker:feed(SOURCE, record("C")))

        local path = support.file(record("A") .. "\n" .. record("B") .. "\n")
        worker:open(SOURCE, path)
        refused(function() worker:step(function() error("stop here") end) end, "stop here")
        assert.equal(1, #worker:step())
        os.remove(path)

        local pool = assert(engine:pool { workers = 2 })
        pool:feed(SOURCE, record("A"))
        refused(function() pool:flush(function() error("stop there") end) end, "stop there")
        pool:feed(SOURCE, record("B"))
        assert.equal(1, #pool:flush())
        pool:close()
    end)

    it("refuses callbacks that use the worker that calls them", function()
        local methods = {
            feed = { SOURCE, "{}" }, step = {}, open = { SOURCE, "x" }, close = {}, finish = {},
            configure = { SOURCE, {} },
        }
        for name, arguments in pairs(methods) do
            refused(function()
                worker:feed(SOURCE, record("A"), function()
                    worker[name](worker, unpack(arguments))
                end)
            end, "the worker is judging an event")
        end
        assert.equal(1, #worker:feed(SOURCE, record("A")))
    end)

    it("lets callbacks use everything else", function()
        local other = assert(engine:worker())
        local inner
        worker:feed(SOURCE, record("A"), function()
            inner = other:feed(SOURCE, record("B"))
            assert.equal(1, worker:stats().events)
            assert(engine:use(assert(engine:compile(RULES))))
            collectgarbage()
        end)
        assert.equal(1, #inner)
    end)

    it("refuses to yield out of a callback", function()
        local thread = coroutine.create(function()
            worker:feed(SOURCE, record("A"), function() coroutine.yield() end)
        end)
        assert.is_false((coroutine.resume(thread)))
        assert.equal(1, #worker:feed(SOURCE, record("A")))
    end)

    it("works in coroutines, and stops with an error of theirs", function()
        local alerts = coroutine.wrap(function()
            coroutine.yield(worker:feed(SOURCE, record("A")))
        end)()
        assert.equal(1, #alerts)
    end)

    it("refuses closed handles with an error, not a crash", function()
        local rules = assert(engine:compile(RULES))
        local pool = assert(engine:pool { workers = 1 })
        for _, object in ipairs { worker, pool, rules, engine } do
            object:close()
            object:close()
            for name, method in pairs(debug.getmetatable(object).__index) do
                if name ~= "close" then
                    refused(function() method(object, "x", "y") end, "closed")
                end
            end
        end
    end)

    it("refuses arguments of other types", function()
        local objects = { worker, engine, assert(engine:compile(RULES)) }
        for _, object in ipairs(objects) do
            for _, method in pairs(debug.getmetatable(object).__index) do
                for _, wrong in ipairs { 42, "text", {}, io.stdout, print, false } do
                    assert.is_false((pcall(method, wrong, "x", "y")))
                end
            end
            assert.is_false(getmetatable(object))
        end
        local meta = debug.getmetatable(worker)
        meta.__gc(io.stdout)
        assert.is_false((pcall(debug.getmetatable(engine).__gc, io.stdout)))
        assert.is_false((pcall(worker.feed, worker, SOURCE, "{}", "not a function")))
        assert.is_false((pcall(runtime.engine, { hostname = {} })))
        assert.is_false((pcall(engine.worker, engine, { sample_every = -1 })))
        assert.is_false((pcall(engine.worker, engine, { match_all = "yes" })))
    end)

    it("keeps what others still need: any order of closing will do", function()
        engine:close()
        assert.equal(1, #worker:feed(SOURCE, record("A")))
        worker:close()
    end)

    it("survives a flood of handles that nobody closes", function()
        for _ = 1, 50 do
            local e = assert(runtime.engine { sources = { SOURCE } })
            assert(e:use(assert(e:compile(RULES))))
            local w = assert(e:worker())
            assert.equal(1, #w:feed(SOURCE, record("A")))
        end
        collectgarbage()
        collectgarbage()
    end)
end)
