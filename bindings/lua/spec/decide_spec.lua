-- SPDX-License-Identifier: Apache-2.0
local runtime = require "runtime"

local RULES = [[
- rule: no
  desc: d
  source: json
  priority: NOTICE
  output: no to %json.value[/a]
  condition: json.value[/a] = bad
  verdict: deny
- rule: yes
  desc: d
  source: json
  priority: NOTICE
  output: fine
  condition: json.value[/a] exists
  verdict: allow
]]

describe("a decision", function()
    local engine, worker

    before_each(function()
        engine = assert(runtime.engine())
        assert(engine:use(assert(engine:compile(RULES))))
        worker = assert(engine:worker())
    end)

    it("is the strictest verdict, with its rule and reason", function()
        assert.same({ "deny", "no", "no to bad" }, { worker:decide("json", '{"a":"bad"}') })
        assert.same({ "allow", "yes", "fine" }, { worker:decide("json", '{"a":"good"}') })
    end)

    it("denies what nobody allows, unless told otherwise", function()
        assert.equal("deny", (worker:decide("json", "{}")))
        assert.equal("ask", (worker:decide("json", "{}", { otherwise = "ask" })))
    end)

    it("says when it is not known", function()
        local verdict, rule, _, cause = worker:decide("json", "{oops", { otherwise = "allow" })
        assert.same({ "deny", nil, "RT_EFORMAT" }, { verdict, rule, cause })
        assert.equal("allow", (worker:decide("json", "{oops", { otherwise = "allow", on_error = "allow" })))
    end)

    it("is refused for wrong use", function()
        assert.is_nil((worker:decide("nowhere", "{}")))
        assert.has_error(function() worker:decide("json", "{}", { otherwise = "maybe" }) end)
        assert.has_error(function() worker:decide("json") end)
    end)

    it("goes on beside feeding", function()
        assert.equal(1, #worker:feed("json", '{"a":"bad"}'))
        assert.equal("deny", (worker:decide("json", '{"a":"bad"}')))
        assert.equal(1, #worker:feed("json", '{"a":"bad"}'))
    end)
end)
