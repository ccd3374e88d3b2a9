-- SPDX-License-Identifier: Apache-2.0
-- Readers of libruntime-inputs.
local runtime = require "runtime"
local support = require "spec.support"
local found, inputs = pcall(require, "runtime.inputs")

describe("inputs", function()
    if not found then
        pending("skipped: built without libruntime-inputs")
        return
    end

    local function engine_with(add)
        local engine = assert(runtime.engine())
        assert(add(engine))
        assert(engine:use(assert(engine:compile(support.RULES))))
        return engine
    end

    it("read compressed files", function()
        local path = support.file(support.record("A") .. "\n" .. support.record("B") .. "\n")
        os.execute("gzip -f '" .. path .. "'")
        for _, judge in ipairs { "worker", "pool" } do
            local engine = engine_with(inputs.gzip)
            local made = assert(engine[judge](engine))
            assert(made:open("aws_cloudtrail", path .. ".gz"))
            local names = {}
            for alert in runtime.alerts(made) do
                names[#names + 1] = alert.fields["ct.name"]
            end
            assert.same({ "A", "B" }, names)
            made:close()
        end
        os.remove(path .. ".gz")
    end)

    it("follow files that grow", function()
        local path = support.file(support.record("A") .. "\n")
        local worker = assert(engine_with(inputs.follow):worker())
        assert(worker:open("aws_cloudtrail", path))
        local function step()
            for _ = 1, 20 do
                local alerts = assert(worker:step())
                if #alerts > 0 then
                    return alerts[1].fields["ct.name"]
                end
            end
        end
        assert.equal("A", step())
        local file = assert(io.open(path, "a"))
        file:write(support.record("B"), "\n")
        file:close()
        assert.equal("B", step())
        assert(worker:finish())
        assert.is_nil((worker:step()))
        os.remove(path)
    end)

    it("are added once", function()
        local engine = assert(runtime.engine())
        assert(inputs.gzip(engine))
        assert.equal("RT_EEXIST", select(4, inputs.gzip(engine)))
        assert(engine:worker())
        assert.equal("RT_EINVAL", select(4, inputs.follow(engine)))
        engine:close()
        assert.is_false((pcall(inputs.gzip, engine)))
        assert.is_false((pcall(inputs.gzip, {})))
    end)
end)
