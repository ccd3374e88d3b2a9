-- SPDX-License-Identifier: Apache-2.0
-- Lists that change while rules are in force.
local runtime = require "runtime"

local RULES = [[
- list: bad
  items: []
  items_at: runtime
- rule: r
  desc: d
  source: json
  priority: NOTICE
  output: o
  condition: json.value[/n] in (bad)
]]

describe("lists", function()
    local engine, worker

    before_each(function()
        engine = assert(runtime.engine())
        assert(engine:use(assert(engine:compile(RULES))))
        worker = assert(engine:worker())
    end)

    after_each(function()
        worker:close()
        engine:close()
    end)

    local function alerts(name)
        return #assert(worker:feed("json", '{"n":"' .. name .. '"}'))
    end

    it("are exchanged between events", function()
        assert.equal(0, alerts("eve"))
        assert.equal(2, engine:use_list("bad", "string", { "eve", "amy", "eve" }))
        assert.equal(1, alerts("eve"))
        assert.same({ { name = "bad", kind = "string", count = 2 } }, engine:lists())
        assert.equal(1, engine:use_list("bad", "string", "# a text\nbob"))
        assert.equal(0, alerts("eve"))
        assert.equal(1, alerts("bob"))
        assert.equal(0, engine:use_list("bad"))
        assert.equal(0, alerts("bob"))
    end)

    it("say what is wrong with them", function()
        assert.same({ nil, "RT_EINVAL" }, { nil, (select(4, engine:use_list("bad", "ip", {}))) })
        assert.equal("RT_EFORMAT", (select(4, engine:use_list("ips", "ip", { "10.0.0.1", "x" }))))
        local got, _, problems = engine:use_list("ips", "ip", "10.0.0.1\nx")
        assert.is_nil(got)
        assert.equal(2, problems[1].line)
        assert.equal("RT_ERULES", (select(4, engine:use_list("ips", "ip", { path = "/no/such" }))))
        assert.has_error(function() engine:use_list("ips", "bool", {}) end)
        assert.has_error(function() engine:use_list("ips", "ip") end)
        assert.has_error(function() engine:use_list("ips", "ip", { {} }) end)
    end)
end)
