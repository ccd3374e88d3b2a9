-- SPDX-License-Identifier: Apache-2.0
---@meta

---@class runtime
---@field version string
local runtime = {}

---@class runtime.Diagnostic
---@field id string        "RT1004"
---@field severity "error"|"warning"|"note"
---@field message string
---@field hint? string     what to write instead
---@field file? string
---@field item? string     rule, macro or list it is in
---@field name? string     Falco's code
---@field line integer
---@field column integer
---@field end_line integer
---@field end_column integer

---@class runtime.Alert
---@field rule string
---@field source string
---@field priority string
---@field id string        the same when a record is delivered again
---@field time_ns integer
---@field event_number integer
---@field tags string[]
---@field text string      the line that Falco would print
---@field json string      Falco's JSON line
---@field fields table<string, any>  missing values are absent

---@class runtime.Skipped
---@field input string
---@field offset integer
---@field what string

---@class runtime.Rule
---@field name string
---@field desc string
---@field source string
---@field priority string
---@field tags string[]

---@class runtime.Ruleset
local Ruleset = {}
---@return integer
function Ruleset:count() end
---@return runtime.Rule[]
function Ruleset:rules() end

---@class runtime.Engine
local Engine = {}
---@param text string
---@param name? string
---@return runtime.Ruleset?, string? message, runtime.Diagnostic[]?
function Engine:compile(text, name) end
---@param ... string  files and folders
---@return runtime.Ruleset?, string? message, runtime.Diagnostic[]?
function Engine:load(...) end
---@param rules runtime.Ruleset
---@return true?, string?
function Engine:use(rules) end
---@param options? { match_all?: boolean, iso_time?: boolean }
---@return runtime.Worker?, string?
function Engine:worker(options) end
---@return { name: string, source: string, group: string, help: string, list: boolean }[]
function Engine:fields() end
function Engine:close() end

---@class runtime.Worker
local Worker = {}
---@param source string
---@param options table<string, string>
---@return true?, string?
function Worker:configure(source, options) end
---@param source string
---@param bytes string  a record, a list of records, lines
---@return runtime.Alert[]?, runtime.Skipped[]|string
function Worker:feed(source, bytes) end
---@param source string
---@param path string
---@return true?, string?
function Worker:open(source, path) end
---@return runtime.Alert[]?, runtime.Skipped[]|string|nil
function Worker:step() end
---@return { events: number, alerts: number, bytes: number, skipped: number, limits_hit: number }
function Worker:stats() end
function Worker:close() end

---@param options? { hostname?: string }
---@return runtime.Engine?, string?
function runtime.engine(options) end

---@param worker runtime.Worker
---@return fun(): runtime.Alert?
function runtime.alerts(worker) end

return runtime
