-- SPDX-License-Identifier: Apache-2.0
-- The binding against the real library.
local runtime = require "runtime"

local RULES = [[
- rule: Root used
  desc: The root account did something
  condition: ct.user.identitytype = Root and not ct.name in (ConsoleLogin)
  output: root did %ct.name from %ct.srcip (error=%ct.error)
  priority: WARNING
  source: aws_cloudtrail
  tags: [aws, T1078]
]]

local function record(name)
    return ('{"eventID":"id-%s","eventType":"AwsApiCall","eventTime":"2024-05-01T10:00:00Z",'
        .. '"eventSource":"iam.amazonaws.com","awsRegion":"us-east-1","sourceIPAddress":"192.0.2.7",'
        .. '"eventName":"%s","userIdentity":{"type":"Root"}}'):format(name, name)
end

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
        local alerts = assert(worker:feed("aws_cloudtrail", record("CreateUser")))
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
    end)

    it("does not alert when the rule does not match", function()
        assert.same({}, (worker:feed("aws_cloudtrail", record("ConsoleLogin"))))
        assert.equal(1, worker:stats().events)
    end)

    it("says where rules are wrong and what to write", function()
        local rules, message, diags = engine:compile((RULES:gsub("ct%.name in", "ct.nmae in")))
        assert.is_nil(rules)
        assert.truthy(message:find("ct.nmae", 1, true))
        assert.equal("error", diags[1].severity)
        assert.truthy(diags[1].line > 0 and diags[1].hint:find("ct.name", 1, true))
    end)

    it("reads files through an iterator", function()
        local path = os.tmpname() .. ".json"
        local file = assert(io.open(path, "w"))
        file:write('{"Records":[', record("A"), ",", record("B"), "]}")
        file:close()
        assert(worker:open("aws_cloudtrail", path))
        local names = {}
        for alert in runtime.alerts(worker) do
            names[#names + 1] = alert.fields["ct.name"]
        end
        os.remove(path)
        assert.same({ "A", "B" }, names)
    end)

    it("reports what could not be read and goes on", function()
        local alerts, skipped = worker:feed("aws_cloudtrail",
            record("A") .. "\n{broken\n" .. record("B") .. "\n")
        assert.equal(2, #alerts)
        assert.equal(1, #skipped)
        assert.equal(1, worker:stats().skipped)
    end)

    it("returns nil and a message for what is not there", function()
        local result, message = worker:feed("nowhere", "{}")
        assert.is_nil(result)
        assert.truthy(message:find("RT_ENOENT", 1, true))
        assert.is_nil((worker:configure("aws_cloudtrail", { reading = "sideways" })))
    end)

    it("refuses closed handles with an error, not a crash", function()
        worker:close()
        worker:close()
        assert.has_error(function() worker:feed("aws_cloudtrail", "{}") end)
    end)

    it("lists the catalogue", function()
        assert.truthy(#engine:fields() > 600)
    end)
end)
