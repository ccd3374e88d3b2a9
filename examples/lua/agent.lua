#!/usr/bin/env lua
-- SPDX-License-Identifier: Apache-2.0
-- agent.lua RULES [SOURCE INPUT...]: a complete agent. Rules come from the folder (or file) RULES, events
-- from the inputs, or as JSON lines on standard input; alerts go to standard output, as JSON lines.
-- SOURCE is aws_cloudtrail if it is left out.
--
-- On standard input a line that says `!reload` loads the rules anew, between two events. If they have
-- errors the old ones stay in force. Whoever sends SIGHUP to agents sends this line to ours: Lua alone
-- has no signals.
local runtime = require "runtime"

local function log(...)
    io.stderr:write(...)
    io.stderr:write("\n")
end

local function load_rules(engine, path)
    local rules, message, diags = engine:load(path)
    if not rules then
        log(message)
        return false
    end
    for _, diag in ipairs(diags) do
        log(("%s:%d: %s: %s"):format(diag.file or path, diag.line, diag.severity, diag.message))
    end
    assert(engine:use(rules))
    log(("%d rules in force"):format(rules:count()))
    return true
end

local function print_alert(alert)
    io.write(alert.json, "\n")
end

local function report(skipped)
    for _, row in ipairs(skipped) do
        log(("%s: byte %d: %s"):format(row.input, row.offset, row.what))
    end
end

-- Files and folders, one after the other.
local function pull(worker, source, inputs)
    for _, path in ipairs(inputs) do
        assert(worker:open(source, path))
    end
    while true do
        local n, skipped = worker:step(print_alert, 1000)
        if not n then
            assert(not skipped, skipped)
            return
        end
        report(skipped)
    end
end

-- Lines from standard input.
local function push(worker, source, reload)
    for line in io.lines() do
        if line == "!reload" then
            reload()
        elseif line ~= "" then
            local n, skipped = worker:feed(source, line, print_alert)
            assert(n, skipped)
            report(skipped)
            io.flush()
        end
    end
end

local function main(rules, source, ...)
    if not rules then
        log("usage: agent.lua RULES [SOURCE INPUT...]")
        return 2
    end
    source = source or "aws_cloudtrail"
    local engine = assert(runtime.engine())
    if not load_rules(engine, rules) then
        return 1
    end
    -- Alerts are made with what is printed, and nothing else.
    local worker = assert(engine:worker { render = { "json" } })
    if select("#", ...) > 0 then
        pull(worker, source, { ... })
    else
        push(worker, source, function() load_rules(engine, rules) end)
    end
    local stats = worker:stats()
    log(("%d events, %d alerts, %d records skipped"):format(stats.events, stats.alerts, stats.skipped))
    for _, loss in ipairs(worker:losses()) do
        log(("lost %d: %s"):format(loss.count, loss.cause))
    end
    worker:close()
    engine:close()
    return 0
end

os.exit(main(...))
