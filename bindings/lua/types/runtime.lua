-- SPDX-License-Identifier: Apache-2.0
-- LuaCATS types of `require "runtime"`; types_spec.lua compares them with what is there.
---@meta

---@class runtime
---@field version string
local runtime = {}

---@class runtime.Diagnostic
---@field id string        "RT1004"
---@field severity "error"|"warning"|"note"
---@field falco boolean    Falco reports it too
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
---@field time_ns integer  rounded where the Lua has no 64-bit integers
---@field event_number integer
---@field tags string[]
---@field text? string     the line that Falco would print
---@field json? string     Falco's JSON line
---@field fields? table<string, any>  missing values are absent
---@field explanation? string  of workers with the option `explain`

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

---@class runtime.Field
---@field name string
---@field source string
---@field group string
---@field help string
---@field list boolean

---@class runtime.Source
---@field name string
---@field plugin? string
---@field version? string
---@field readable boolean

---@class runtime.Row
---@field name string
---@field detail string
---@field help string
---@field number integer

---@class runtime.Stats
---@field events integer
---@field alerts integer
---@field bytes integer
---@field skipped integer
---@field allocations integer
---@field limits_hit integer

---@class runtime.Loss
---@field cause string
---@field part string
---@field source string
---@field kind "events"|"blind"|"facts"
---@field count integer

---@class runtime.RuleProfile
---@field events integer   of its source, in the sample
---@field asked integer
---@field held integer
---@field ns integer
---@field dearest? integer which of predicate_profiles most of it went to

---@class runtime.PredicateProfile
---@field text string
---@field source string
---@field asked integer
---@field held integer
---@field ns integer

---@class runtime.EngineOptions
---@field hostname? string
---@field sources? string[]       only these built-in sources
---@field max_record_bytes? integer
---@field max_event_bytes? integer
---@field max_output_bytes? integer
---@field max_load_bytes? integer

---@class runtime.Selection
---@field enable? boolean
---@field rule? string
---@field wildcard? string
---@field tag? string
---@field substring? string

---@class runtime.LoadOptions
---@field min_priority? string    less severe rules stay off
---@field profile? string         what worker:profile() has measured of these rules
---@field portability? boolean    false: no warnings of what Falco does not know
---@field items_anywhere? boolean
---@field select? runtime.Selection[]  in their order

---@class runtime.WorkerOptions
---@field match_all? boolean      each rule that matches raises an alert, not the first alone
---@field iso_time? boolean
---@field explain? boolean
---@field sample_every? integer   one event in so many is profiled
---@field render? ("text"|"json"|"fields")[]  what alerts carry; all of it if left out

---@class runtime.PoolOptions
---@field workers? integer        0: one for each processor
---@field match_all? boolean
---@field iso_time? boolean
---@field render? ("text"|"json"|"fields")[]
---@field batches? integer
---@field batch_bytes? integer
---@field alert_bytes? integer
---@field key? string

---@class runtime.Ruleset
local Ruleset = {}
---@return string? compiled, string? message, runtime.Diagnostic[]?, string? status
function Ruleset:bytes() end
function Ruleset:close() end
---@return integer
function Ruleset:count() end
---@return string? text, string? message, runtime.Diagnostic[]?, string? status
function Ruleset:disassembly() end
---@return runtime.Rule[]
function Ruleset:rules() end
---@param rule integer  from 1
---@param source string
---@param event_type integer
---@return boolean? sees, string? message, runtime.Diagnostic[]?, string? status
function Ruleset:sees(rule, source, event_type) end

---@class runtime.Engine
local Engine = {}
---@param source string
---@param name string
---@return true?, string? message, runtime.Diagnostic[]?, string? status
function Engine:alias_source(source, name) end
function Engine:close() end
---@param text string
---@param name? string
---@param options? runtime.LoadOptions
---@return runtime.Ruleset?, string? message, runtime.Diagnostic[] warnings_or_errors, string? status
function Engine:compile(text, name, options) end
---@return runtime.Field[]
function Engine:fields() end
---@param ... string|runtime.LoadOptions  files and folders, and options behind them
---@return runtime.Ruleset?, string? message, runtime.Diagnostic[] warnings_or_errors, string? status
function Engine:load(...) end
---@param bytes string
---@param name? string
---@return runtime.Ruleset?, string? message, runtime.Diagnostic[]?, string? status
function Engine:load_compiled(bytes, name) end
---@param options? runtime.PoolOptions
---@return runtime.Pool?, string? message, runtime.Diagnostic[]?, string? status
function Engine:pool(options) end
---@return runtime.Source[]
function Engine:sources() end
---@param rules runtime.Ruleset
---@return true?, string? message, runtime.Diagnostic[]?, string? status
function Engine:use(rules) end
---@param options? runtime.WorkerOptions
---@return runtime.Worker?, string? message, runtime.Diagnostic[]?, string? status
function Engine:worker(options) end

---@class runtime.Worker
local Worker = {}
function Worker:close() end
---@param source string
---@param options table<string, string>
---@return true?, string? message, runtime.Diagnostic[]?, string? status
function Worker:configure(source, options) end
---@param rule string
---@return string? text, string? message, runtime.Diagnostic[]?, string? status
function Worker:explain(rule) end
---@param source string
---@param bytes string  a record, a list of records, lines
---@param on_alert? fun(alert: runtime.Alert)  then the first result is their number
---@return runtime.Alert[]|integer|nil, runtime.Skipped[]|string, runtime.Diagnostic[]?, string? status
function Worker:feed(source, bytes, on_alert) end
---@return true?, string? message, runtime.Diagnostic[]?, string? status
function Worker:finish() end
---@return runtime.Loss[]?, string? message, runtime.Diagnostic[]?, string? status
function Worker:losses() end
---@param source string
---@param ... string  files and folders
---@return true?, string? message, runtime.Diagnostic[]?, string? status
function Worker:open(source, ...) end
---@return runtime.PredicateProfile[]?, string? message, runtime.Diagnostic[]?, string? status
function Worker:predicate_profiles() end
---@return string? text, string? message, runtime.Diagnostic[]?, string? status
function Worker:profile() end
---@param rule integer  from 1
---@return integer
function Worker:rule_alerts(rule) end
---@param rule integer  from 1
---@return runtime.RuleProfile?, string? message, runtime.Diagnostic[]?, string? status
function Worker:rule_profile(rule) end
---@return runtime.Stats?, string? message, runtime.Diagnostic[]?, string? status
function Worker:stats() end
---@param on_alert? fun(alert: runtime.Alert)  then the first result is their number
---@param events? integer  so many at most; 1
---@return runtime.Alert[]|integer|nil, runtime.Skipped[]|string|nil, runtime.Diagnostic[]?, string? status
function Worker:step(on_alert, events) end

---@class runtime.Pool
local Pool = {}
function Pool:close() end
---@param source string
---@param options table<string, string>
---@return true?, string? message, runtime.Diagnostic[]?, string? status
function Pool:configure(source, options) end
---@param source string
---@param bytes string
---@param on_alert? fun(alert: runtime.Alert)
---@return runtime.Alert[]|integer|nil, runtime.Skipped[]|string, runtime.Diagnostic[]?, string? status
function Pool:feed(source, bytes, on_alert) end
---@return true?, string? message, runtime.Diagnostic[]?, string? status
function Pool:finish() end
---@param on_alert? fun(alert: runtime.Alert)
---@return runtime.Alert[]|integer|nil, runtime.Skipped[]|string, runtime.Diagnostic[]?, string? status
function Pool:flush(on_alert) end
---@return runtime.Loss[]?, string? message, runtime.Diagnostic[]?, string? status
function Pool:losses() end
---@param source string
---@param ... string
---@return true?, string? message, runtime.Diagnostic[]?, string? status
function Pool:open(source, ...) end
---@param rule integer  from 1
---@return integer
function Pool:rule_alerts(rule) end
---@return runtime.Stats?, string? message, runtime.Diagnostic[]?, string? status
function Pool:stats() end
---@param on_alert? fun(alert: runtime.Alert)
---@return runtime.Alert[]|integer|nil, runtime.Skipped[]|string|nil, runtime.Diagnostic[]?, string? status
function Pool:step(on_alert) end

---@param options? runtime.EngineOptions
---@return runtime.Engine?, string? message, runtime.Diagnostic[]?, string? status
function runtime.engine(options) end

---@param name "operators"|"modifiers"|"transformers"|"priorities"|"kinds"|"limits"|"diagnostics"|"events"|"params"
---@return runtime.Row[]
function runtime.table(name) end

---@param judge runtime.Worker|runtime.Pool
---@return fun(): runtime.Alert?
function runtime.alerts(judge) end

return runtime
