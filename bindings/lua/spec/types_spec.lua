-- SPDX-License-Identifier: Apache-2.0
-- types/runtime.lua says what is there: methods, functions, members of values and options.
local runtime = require "runtime"
local support = require "spec.support"

local function read_types()
    local here = debug.getinfo(1, "S").source:match("^@(.*)/spec/")
    local functions, fields, class = {}, {}, nil
    for line in io.lines(here .. "/types/runtime.lua") do
        local owner, name = line:match("^function (%w+)[.:]([%w_]+)%(")
        if owner then
            functions[owner] = functions[owner] or {}
            functions[owner][name] = true
        end
        class = line:match("^%-%-%-@class ([%w.]+)") or class
        local field, optional = line:match("^%-%-%-@field ([%w_]+)(%??)")
        if field then
            fields[class] = fields[class] or {}
            fields[class][field] = optional == "?" and "optional" or "required"
        end
    end
    return functions, fields
end

local function keys(from)
    local found = {}
    for key in pairs(from) do
        found[key] = true
    end
    return found
end

describe("types", function()
    local functions, fields = read_types()
    local engine, rules, worker, pool, input, loader

    setup(function()
        engine = assert(runtime.engine())
        assert(engine:add_source {
            name = "typed", fields = {}, extract = function() end,
            next = function(_, from) input = from end,
        })
        rules = assert(engine:compile((support.RULES .. [[
- {rule: t, desc: t, condition: evt.num > 0, output: t, priority: INFO, source: typed}
]])))
        loader = assert(engine:loader())
        assert(engine:use(rules))
        worker = assert(engine:worker { explain = true, sample_every = 1 })
        assert(worker:feed("typed", "x"))
        pool = assert(assert(runtime.engine()):pool { workers = 1 })
    end)

    teardown(function()
        pool:close()
        worker:close()
        rules:close()
        engine:close()
    end)

    it("declare each method, and no other", function()
        local objects = { Engine = engine, Ruleset = rules, Worker = worker, Pool = pool,
            Input = input, Loader = loader }
        for name, object in pairs(objects) do
            assert.same(functions[name], keys(debug.getmetatable(object).__index), name)
        end
        local module = keys(runtime)
        module.version, module.later = nil, nil
        assert.same(functions.runtime, module)
    end)

    -- Each member of `value` is declared, and each that is declared as required is there.
    local function conforms(class, value)
        local declared = assert(fields[class], class)
        assert.is_table(value, class)
        for key in pairs(value) do
            assert.truthy(declared[key], class .. " does not declare " .. tostring(key))
        end
        for key, how in pairs(declared) do
            assert.truthy(how == "optional" or value[key] ~= nil, class .. " has no " .. key)
        end
    end

    it("declare each member of what is returned", function()
        local alerts = assert(worker:feed("aws_cloudtrail", support.record("A")))
        conforms("runtime.Alert", alerts[1])
        for key in pairs(fields["runtime.Alert"]) do
            assert.is_not_nil(alerts[1][key], key)
        end
        local _, skipped = worker:feed("aws_cloudtrail", "{broken")
        conforms("runtime.Skipped", skipped[1])
        local _, _, diags = engine:compile((support.RULES:gsub("ct%.name in", "ct.nmae in")))
        conforms("runtime.Diagnostic", diags[1])
        conforms("runtime.Rule", rules:rules()[1])
        conforms("runtime.Field", engine:fields()[1])
        conforms("runtime.Source", engine:sources()[1])
        conforms("runtime.Row", runtime.table("operators")[1])
        conforms("runtime.Stats", worker:stats())
        conforms("runtime.Stats", pool:stats())
        conforms("runtime.RuleProfile", worker:rule_profile(1))
        conforms("runtime.PredicateProfile", worker:predicate_profiles()[1])
    end)

    it("declare each option, and no other", function()
        local pools = assert(runtime.engine())
        local takes = {
            ["runtime.EngineOptions"] = function(options) return runtime.engine(options) end,
            ["runtime.SourceSpec"] = function(options) return engine:add_source(options) end,
            ["runtime.Fields"] = function(options) return engine:add_fields(options) end,
            ["runtime.FieldSpec"] = function(options)
                return engine:add_source { name = "x", fields = { options } }
            end,
            ["runtime.FunctionSpec"] = function(options)
                return engine:add_fields { name = "x", fields = { options } }
            end,
            ["runtime.WorkerOptions"] = function(options) return engine:worker(options) end,
            ["runtime.PoolOptions"] = function(options) return pools:pool(options) end,
            ["runtime.LoadOptions"] = function(options)
                return engine:compile(support.RULES, "rules.yaml", options)
            end,
        }
        for name, how in pairs(fields["runtime.FieldSpec"]) do
            fields["runtime.FunctionSpec"][name] = how -- derived from it
        end
        for class, take in pairs(takes) do
            for name in pairs(fields[class]) do
                -- A value of no type that any option has: refused for its type, not as unknown.
                local ok, message = pcall(take, { [name] = function() end })
                if not ok then
                    assert.is_nil(message:find("there is no option", 1, true), class .. "." .. name)
                end
            end
            local ok, message = pcall(take, { nonsense = 1 })
            assert.is_false(ok)
            assert.truthy(message:find("there is no option 'nonsense'", 1, true), message)
        end
    end)
end)
