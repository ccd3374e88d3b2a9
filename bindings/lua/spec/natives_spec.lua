-- SPDX-License-Identifier: Apache-2.0
-- Native functions of rule files.
local runtime = require "runtime"
local support = require "spec.support"
local found, natives = pcall(require, "runtime.natives")

describe("natives", function()
    local folder = os.getenv("RT_NATIVES")
    if not found or not folder then
        pending("skipped: built without libruntime-natives")
        return
    end

    local RULES = [[
- natives: libbound.so
  functions:
    - {name: ours.length, signature: u32 (str)}
- {rule: t, desc: t, condition: 'ours.length[ct.name] = 6', output: '%ours.length[ct.name]', priority: INFO,
   source: aws_cloudtrail}
]]

    it("give fields where the host allows them", function()
        local engine = assert(runtime.engine())
        assert(natives.allow(engine, { paths = { folder } }))
        assert(engine:use(assert(engine:compile(RULES))))
        local worker = assert(engine:worker())
        engine:close() -- what was allowed lives as long as the last that needs it
        assert.same(1, #assert(worker:feed("aws_cloudtrail", support.record("Abcdef"))))
        assert.same(0, #assert(worker:feed("aws_cloudtrail", support.record("Abc"))))
        worker:close()
    end)

    it("are refused elsewhere", function()
        local all = { {}, { paths = { "/nowhere" } }, { paths = { folder }, require_description = true } }
        for _, options in ipairs(all) do
            local engine = assert(runtime.engine())
            assert(natives.allow(engine, options))
            local rules, _, diags = engine:compile(RULES)
            assert.is_nil(rules)
            assert.equal("RT1207", diags[1].id)
        end
        local rules = assert(runtime.engine()):compile(RULES)
        assert.is_nil(rules)
    end)

    it("are allowed once, before rules are loaded", function()
        local engine = assert(runtime.engine())
        assert.equal("RT_EINVAL", select(4, natives.allow(engine, { paths = { "relative" } })))
        assert(natives.allow(engine))
        assert.equal("RT_EEXIST", select(4, natives.allow(engine)))
        engine:close()
        assert.is_false((pcall(natives.allow, engine)))
        assert.is_false((pcall(natives.allow, {})))
        assert.is_false((pcall(natives.allow, assert(runtime.engine()), { path = "/" })))
    end)
end)
