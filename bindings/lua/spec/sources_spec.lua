-- SPDX-License-Identifier: Apache-2.0
-- Sources and fields written in Lua.
local runtime = require "runtime"
local support = require "spec.support"

local RULES = [[
- rule: Root login
  desc: Somebody logs in as root
  condition: auth.user = root and auth.ok = true
  output: "%auth.user from %auth.ip port %auth.port words %auth.words[1]"
  priority: NOTICE
  source: authlog
]]

-- Lines such as `user=root ip=192.0.2.7`.
local function authlog(changes)
    local source = {
        name = "authlog",
        version = "1.2.0",
        fields = {
            { name = "auth.user", help = "who tried to log in" },
            { name = "auth.ip", kind = "ipaddr" },
            { name = "auth.port", kind = "port" },
            { name = "auth.ok", kind = "bool" },
            { name = "auth.words", kind = "string", arg = "index", arg_required = true },
        },
        next = function(_, input)
            local line = input:line()
            if not line then
                return line
            end
            local event = { payload = line, time_ns = 1000, data = {} }
            for key, value in line:gmatch("(%w+)=(%S+)") do
                event.data[key] = value
            end
            return event
        end,
        extract = function(_, event, slot)
            if slot.field == "auth.words" then
                return event.payload:match(("%S+%s+"):rep(slot.index) .. "(%S+)")
            end
            local value = event.data[slot.field:match("%.(%w+)$")]
            if slot.field == "auth.ok" then
                return value ~= "no"
            end
            return slot.field == "auth.port" and tonumber(value) or value
        end,
    }
    for key, value in pairs(changes or {}) do
        source[key] = value
    end
    return source
end

local function engine_with(source, rules)
    local engine = assert(runtime.engine { hostname = "host" })
    assert(engine:add_source(source))
    assert(engine:use(assert(engine:compile(rules or RULES))))
    return engine, assert(engine:worker())
end

local LINE = "user=root ip=192.0.2.7 port=22\n"

local function refused(f, why)
    local ok, message = pcall(f)
    assert.is_false(ok)
    assert.truthy(tostring(message):find(why, 1, true), tostring(message))
end

describe("a source in Lua", function()
    it("makes events of bytes and reads their fields", function()
        local engine, worker = engine_with(runtime.source(authlog()))
        local alerts = assert(worker:feed("authlog", LINE .. "user=bob\n" .. LINE:gsub("\n", "")))
        assert.equal(2, #alerts)
        assert.same({ ["auth.user"] = "root", ["auth.ip"] = "192.0.2.7", ["auth.port"] = 22,
            ["auth.words[1]"] = "ip=192.0.2.7" }, alerts[1].fields)
        assert.equal(3, worker:stats().events)
        assert.equal(0, engine:failed_reads())
        local found
        for _, known in ipairs(engine:sources()) do
            found = found or known.name == "authlog" and known
        end
        assert.same({ name = "authlog", plugin = "authlog", version = "1.2.0", readable = true }, found)
    end)

    it("reads files", function()
        local _, worker = engine_with(authlog())
        local path = support.file(LINE:rep(3000))
        assert(worker:open("authlog", path))
        local n = 0
        for _ in runtime.alerts(worker) do
            n = n + 1
        end
        assert.equal(3000, n)
        os.remove(path)
    end)

    it("may give many events at a time, and text alone", function()
        local _, worker = engine_with(authlog {
            next = function(_, input)
                local text = input:read()
                if not text then
                    return nil
                end
                local batch = {}
                for line in text:gmatch("[^\n]+") do
                    batch[#batch + 1] = line
                end
                return batch
            end,
            extract = function(_, event, slot)
                return slot.field == "auth.user" and event:match("user=(%w+)") or slot.field == "auth.ok" or nil
            end,
        })
        assert.equal(5, #worker:feed("authlog", LINE:rep(5)))
        assert.equal(2, #worker:feed("authlog", LINE:rep(2)))
        assert.equal(7, worker:stats().events)
    end)

    it("lives as long as its worker: create, demand, restart, close", function()
        local log, demanded = {}, nil
        local engine, worker = engine_with(authlog {
            create = function(options)
                log[#log + 1] = "create " .. tostring(options.key)
                return { mine = true }
            end,
            demand = function(state, slots)
                assert(state.mine)
                demanded = slots
            end,
            restart = function(state) log[#log + 1] = "restart " .. tostring(state.mine) end,
            close = function(state) log[#log + 1] = "close " .. tostring(state.mine) end,
        })
        assert(worker:configure("authlog", { key = "value" }))
        worker:feed("authlog", LINE)
        assert.equal("create value", log[1])
        assert.truthy(#demanded >= 5)
        for _, slot in ipairs(demanded) do
            assert.is_string(slot.field)
            if slot.field == "auth.words" then
                assert.equal(1, slot.index)
                assert.is_true(slot.output)
            end
        end
        worker:close()
        worker:close()
        assert.equal("close true", log[#log])
        engine:close()
    end)

    it("may refuse options", function()
        local _, worker = engine_with(authlog {
            create = function(options)
                if options.mode ~= "strict" then
                    return nil, "only strict will do"
                end
            end,
        })
        local ok, message, diags = worker:configure("authlog", { mode = "lax" })
        assert.is_nil(ok)
        assert.truthy(message:find("only strict will do", 1, true), message)
        assert.equal(1, #diags)
        assert(worker:configure("authlog", { mode = "strict" }))
        assert.equal(1, #worker:feed("authlog", LINE))
    end)

    it("says what it could not use", function()
        local _, worker = engine_with(authlog {
            next = function(_, input)
                for line in function() return input:line() end do
                    if line:find("=") then
                        return { payload = line, data = { user = "root" } }
                    end
                    input:skipped("no word in it", input:offset())
                end
            end,
        })
        local alerts, skipped = worker:feed("authlog", "nothing\n" .. LINE .. "nothing\n")
        assert.equal(1, #alerts)
        assert.equal(2, #skipped)
        assert.equal("no word in it", skipped[1].what)
        assert.equal(8, skipped[1].offset)
        assert.equal(2, worker:stats().skipped)
    end)

    it("opens what it likes", function()
        local left, opened, live = 2, nil, nil
        local _, worker = engine_with(authlog {
            opens = true,
            next = function(_, input)
                opened, live = input:name(), input:is_live()
                left = left - 1
                if left < 0 then
                    return nil
                end
                return { data = { user = "root" } }
            end,
        })
        assert(worker:open("authlog", "any name"))
        assert.equal(2, #worker:step(nil, 10))
        assert.is_true(live)
        assert.is_nil((worker:step()))
        assert.equal("any name", opened)
        assert.equal("RT_EINVAL", select(4, worker:feed("authlog", "x")))
    end)

    it("names its events", function()
        local _, worker = engine_with(authlog {
            identity = function(_, event) return event.data.id end,
            info = function(_, event) return "line of " .. event.data.user end,
        }, (RULES:gsub('output: "', 'output: "%%evt.plugininfo ')))
        local function id_of(line)
            return worker:feed("authlog", line)[1].id
        end
        assert.equal(id_of("user=root id=1"), id_of("user=root x=y id=1"))
        assert.not_equal(id_of("user=root id=1"), id_of("user=root id=2"))
        assert.truthy(worker:feed("authlog", LINE)[1].text:find("line of root", 1, true))
    end)

    it("is closed by the collector, whatever the order", function()
        local closed = 0
        for _ = 1, 20 do
            local engine, worker = engine_with(authlog { close = function() closed = closed + 1 end })
            worker:feed("authlog", LINE)
            engine:close()
            assert.equal(1, #worker:feed("authlog", LINE))
        end
        collectgarbage()
        collectgarbage()
        assert.truthy(closed >= 19)
    end)
end)

describe("what a source throws", function()
    it("is a failed read in extract: counted, the first message kept", function()
        local engine, worker = engine_with(authlog {
            extract = function(_, event)
                error("cannot read " .. event.data.user)
            end,
        })
        assert.same({}, (worker:feed("authlog", LINE .. "user=bob\n")))
        local n, first = engine:failed_reads()
        assert.truthy(n >= 2)
        assert.truthy(first:find("auth.user: ", 1, true) and first:find("cannot read root", 1, true), first)
        assert.equal(2, worker:stats().events)
    end)

    it("reaches who made the call elsewhere, and the worker goes on", function()
        for _, where in ipairs { "create", "next", "demand", "restart" } do
            local thrown, bad = { where }, true
            local source = authlog()
            local before = source[where] or function() return {} end
            source[where] = function(...)
                if bad then
                    error(thrown)
                end
                return before(...)
            end
            local _, worker = engine_with(source)
            if where == "restart" then
                bad = false
                worker:feed("authlog", LINE)
                bad = true
            end
            local ok, caught = pcall(worker.feed, worker, "authlog", LINE)
            assert.is_false(ok, where)
            assert.equal(thrown, caught)
            bad = false
            if where == "next" or where == "restart" then
                assert.equal(1, #worker:feed("authlog", LINE))
            end
            worker:close()
        end
    end)

    it("reaches who closes, and nobody else", function()
        local source = authlog { close = function() error("on the way out") end }
        local _, worker = engine_with(source)
        worker:feed("authlog", LINE)
        refused(function() worker:close() end, "on the way out")
        worker:close()
        local _, other = engine_with(source)
        other:feed("authlog", LINE)
        other, _ = nil, nil -- luacheck: ignore
        collectgarbage()
    end)

    it("comes through other workers", function()
        local _, inner = engine_with(authlog { next = function() error("deep inside") end })
        local outer = assert(runtime.engine())
        assert(outer:use(assert(outer:compile(support.RULES))))
        local worker = assert(outer:worker())
        refused(function()
            worker:feed("aws_cloudtrail", support.record("A"), function() inner:feed("authlog", LINE) end)
        end, "deep inside")
        assert.equal(1, #worker:feed("aws_cloudtrail", support.record("B")))
    end)

    it("does not break coroutines", function()
        local _, worker = engine_with(authlog {
            next = function(_, input)
                local line = input:line()
                if line == "yield" then
                    coroutine.yield()
                elseif line == "inside" then
                    return coroutine.wrap(function() return input:line() end)()
                end
                return line and { payload = line, data = { user = "root" } }
            end,
        })
        assert.equal(1, #coroutine.wrap(function() return worker:feed("authlog", LINE) end)())
        local thread = coroutine.create(function() worker:feed("authlog", "yield\n") end)
        assert.is_false((coroutine.resume(thread)))
        refused(function() worker:feed("authlog", "inside\nx\n") end, "coroutine")
        assert.equal(1, #worker:feed("authlog", LINE))
    end)

    it("is what misuse of its worker is", function()
        local worker
        local _, own = engine_with(authlog { next = function() return worker:feed("authlog", "x") end })
        worker = own
        refused(function() worker:feed("authlog", LINE) end, "judging an event")
        worker:close()
    end)
end)

describe("values of fields in Lua", function()
    local given
    local function judge(kind, list)
        local engine = assert(runtime.engine())
        assert(engine:add_fields { name = "test", fields = {
            { name = "test.value", kind = kind, list = list, read = function() return given end },
        } })
        assert(engine:use(assert(engine:compile((support.RULES:gsub("%%ct.srcip", "%%test.value"))))))
        local worker = assert(engine:worker())
        return function(value)
            given = value
            local alerts = assert(worker:feed("aws_cloudtrail", support.record("A")))
            local n, first = engine:failed_reads()
            return alerts[1].fields["test.value"], n, first
        end
    end

    it("come back as they were given", function()
        local rows = {
            bool = { true, false }, int8 = { -128, 127 }, int16 = { -32768 }, int32 = { -2 ^ 31, 7 },
            int64 = { -2 ^ 53, 2 ^ 53 }, uint8 = { 0, 255 }, uint16 = { 65535 }, uint32 = { 2 ^ 32 - 1 },
            uint64 = { 2 ^ 53 }, port = { 443 }, double = { 0.5, -1e300 },
            string = { "", "text", "\xc3\xa4" }, path = { "/etc" }, relpath = { "x" }, bytes = { "a" },
            ipaddr = { "192.0.2.7", "2001:db8::1" }, ipnet = { "192.0.2.0/24", "2001:db8::/32" },
        }
        for kind, values in pairs(rows) do
            local read = judge(kind)
            for _, value in ipairs(values) do
                local got, failed, why = read(value)
                assert.equal(value, got, kind .. (why or ""))
                assert.equal(0, failed)
            end
            assert.is_nil((read(nil)))
        end
        assert.same({ "a", "b" }, (judge("string", true)({ "a", "b" })))
        assert.same({}, (judge("string", true)({})))
    end)

    it("are missing where they are not as promised, and counted", function()
        local rows = {
            bool = { 1, "true" }, int8 = { 128, -129, 0.5, "1", 0 / 0 }, uint8 = { -1, 256 },
            uint64 = { -1, 2 ^ 64, 1 / 0 }, port = { 65536 }, double = { "1" }, string = { 7, true, {} },
            ipaddr = { "nowhere", "192.0.2.0/24", "", ("1"):rep(99) },
            ipnet = { "192.0.2.7", "192.0.2.0/33", "192.0.2.0/", "192.0.2.0/-1" },
        }
        for kind, values in pairs(rows) do
            local read = judge(kind)
            for i, value in ipairs(values) do
                local got, failed, first = read(value)
                assert.is_nil(got, kind .. tostring(value))
                assert.equal(i, failed)
                assert.truthy(first:find("^test%.value: "))
            end
        end
        local read = judge("string", true)
        for i, value in ipairs { "text", { {} }, { 1 } } do
            assert.is_nil((read(value)))
            assert.equal(i, (select(2, read(value))) / 2)
        end
    end)
end)

describe("fields in Lua", function()
    local function alerts_of(engine, condition, output)
        assert(engine:use(assert(engine:compile(([[
- rule: r
  desc: d
  condition: %s
  output: "%%ct.name %s"
  priority: INFO
  source: aws_cloudtrail
]]):format(condition, output or "")))))
        local worker = assert(engine:worker())
        return assert(worker:feed("aws_cloudtrail", support.record("A"))), worker
    end

    it("are functions of other fields, asked once an event", function()
        local engine, calls = assert(runtime.engine()), {}
        assert(engine:add_fields { name = "geo", sources = { "aws_cloudtrail" }, fields = {
            { name = "geo.country", help = "where from", reads = { "ct.srcip", "ct.error" },
              read = function(...)
                  calls[#calls + 1] = { n = select("#", ...), ... }
                  return "AQ"
              end },
        } })
        local alerts = alerts_of(engine, "geo.country = AQ", "%geo.country")
        assert.equal("AQ", alerts[1].fields["geo.country"])
        assert.same({ { n = 2, "192.0.2.7" } }, calls)
    end)

    it("have arguments", function()
        local engine = assert(runtime.engine())
        assert(engine:add_fields { name = "test", fields = {
            { name = "test.upper", arg = "key", arg_required = true, read = string.upper },
            { name = "test.nth", arg = "index", kind = "int64",
              read = function(index) return index and index * 2 or -1 end },
            { name = "test.joined", arg = "fields", arg_required = true,
              read = function(...) return table.concat({ ... }, "+") end },
        } })
        local alerts = alerts_of(engine, "test.nth = -1 and test.nth[4] = 8",
            "%test.upper[abc] %test.joined[ct.name,ct.srcip]")
        assert.equal("ABC", alerts[1].fields["test.upper[abc]"])
        assert.equal("A+192.0.2.7", alerts[1].fields["test.joined[ct.name,ct.srcip]"])
    end)

    it("may be missing, and may throw", function()
        local engine = assert(runtime.engine())
        assert(engine:add_fields { name = "test", fields = {
            { name = "test.none", read = function() return nil end },
            { name = "test.bad", reads = { "ct.name" }, read = function(name) error("no " .. name, 0) end },
        } })
        local _, worker = alerts_of(engine, "test.none exists or test.bad exists")
        local n, first = engine:failed_reads()
        assert.equal(1, n)
        assert.equal("test.bad: no A", first)
        local losses = worker:losses()
        assert.equal(1, #losses)
        assert.equal(1, losses[1].count)
    end)

    it("are refused with a reason", function()
        local engine = assert(runtime.engine())
        local read = function() end
        local function add(definition)
            return function() return engine:add_fields(definition) end
        end
        refused(add {}, "need the name")
        refused(add { name = "x", fields = { { name = "x.y" } } }, "needs a function 'read'")
        refused(add { name = "x", fields = { { read = read } } }, "needs a name")
        refused(add { name = "x", fields = { { name = "x.y", kind = "text", read = read } } }, "no kind 'text'")
        refused(add { name = "x", fields = { { name = "x.y", arg = "no", read = read } } }, "arg is")
        refused(add { name = "x", fields = { { name = "ct.name2", read = read } } }, "begins with")
        refused(add { name = "x", fields = { { name = "x.y", raeds = {}, read = read } } }, "no option 'raeds'")
        assert.equal("RT_EEXIST", select(4, engine:add_fields {
            name = "x", fields = { { name = "ct.name", read = read } } }))
        assert.equal("RT_ENOENT", select(4, engine:add_fields {
            name = "x", sources = { "nowhere" }, fields = { { name = "x.y", read = read } } }))
        refused(function() engine:add_source { name = "s", fields = {} } end, "needs a function")
        refused(function() engine:add_source { fields = {}, next = read, extract = read } end, "needs a name")
        refused(function() engine:add_source { name = "s", next = read, extract = read } end, "array of fields")
        refused(function() runtime.source { name = "s" } end, "needs a function")
        assert.equal("RT_EEXIST", select(4, engine:add_source {
            name = "aws_cloudtrail", fields = {}, next = read, extract = read }))
    end)

    it("and pools refuse each other", function()
        local engine = assert(runtime.engine())
        local pool = assert(engine:pool { workers = 1 })
        local definition = { name = "x", fields = { { name = "x.y", read = function() end } } }
        refused(function() engine:add_fields(definition) end, "pool")
        refused(function() engine:add_source(authlog()) end, "pool")
        pool:close()
        assert(engine:add_fields(definition))
        refused(function() engine:pool() end, "in Lua")
    end)

    it("may change while they run, and keep what they are made of", function()
        local engine = assert(runtime.engine())
        local definition = { name = ("long "):rep(20), fields = {
            { name = "x." .. ("y"):rep(60), help = ("text "):rep(30), reads = { "ct.name" },
              read = function(name)
                  collectgarbage()
                  return name:rep(100)
              end },
        } }
        local name = definition.fields[1].name
        assert(engine:add_fields(definition))
        definition.fields[1].read = nil
        definition.name, definition.fields = nil, nil -- luacheck: ignore
        collectgarbage()
        collectgarbage()
        assert.equal(("A"):rep(100), alerts_of(engine, name .. " exists", "%" .. name)[1].fields[name])
    end)
end)

describe("a loader", function()
    it("collects, selects, describes and compiles", function()
        local engine = assert(runtime.engine())
        local loader = assert(engine:loader { min_priority = "debug" })
        assert(loader:add(support.RULES, "one.yaml"))
        local path = support.file((support.RULES:gsub("Root used", "Root again")))
        assert(loader:add_path(path))
        os.remove(path)
        assert.equal(1, loader:select("again", false, "substring"))
        local rules = assert(loader:compile())
        assert.equal(1, #rules:rules())
        local text = assert(loader:describe())
        assert.truthy(text:find('"Root used"', 1, true))
        assert.truthy(#assert(loader:describe("Root used")) < #text)
        assert.is_nil((loader:describe("nothing")))
        assert.is_nil((loader:dump("nothing")))
        assert.is_nil((loader:add("- rule: half\n")))
        loader:close()
        refused(function() loader:compile() end, "closed")
    end)

    it("is not needed for compiled rules in files", function()
        local engine = assert(runtime.engine())
        local path = os.tmpname()
        assert(assert(engine:compile(support.RULES)):save(path))
        assert.equal("Root used", assert(engine:load_compiled_path(path)):rules()[1].name)
        os.remove(path)
        assert.is_nil((engine:load_compiled_path(path)))
        assert.is_nil((assert(engine:compile(support.RULES)):save("/nowhere/at/all")))
    end)
end)
