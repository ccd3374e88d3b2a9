-- SPDX-License-Identifier: Apache-2.0
-- LuaCATS types of `require "runtime"`; types_spec.lua compares them with what is there.
---@meta

---@class runtime
---@field version string
---@field later lightuserdata  what `read` of a field returns whose value comes later
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

--- What a field is, of a source or of add_fields.
---@class runtime.FieldSpec
---@field name string             unique in the engine: "auth.user"
---@field kind? string            "string"; bool, int8 ... uint64, port, reltime, abstime, double, path, relpath,
---                               bytes, ipaddr, ipnet
---@field help? string
---@field group? string           heading in lists
---@field list? boolean           values are arrays of that kind
---@field arg? "key"|"index"|"fields"  name[text], name[0]; of add_fields alone: name[ct.srcip,ct.user]
---@field arg_required? boolean

--- A field that is a function of others.
---@class runtime.FunctionSpec: runtime.FieldSpec
---@field reads? string[]         names of fields, whose values `read` gets; nil for what is missing
---@field pure? boolean           the value depends on nothing else: it is kept while they stay the same
---@field later? boolean          `read` gets a token first, and may return runtime.later: then another thread gives the
---                               value with runtime.answer(token, value). No list
---@field read fun(...): any      the argument of arg = "key" or "index" comes first; nil: no value

---@class runtime.Fields
---@field name string             whose fields these are: "geo"
---@field version? string
---@field sources? string[]       whose events have them; all sources' if left out
---@field deadline_ms? integer    how long an event waits for all values that come later; 100 if left out
---@field fields runtime.FunctionSpec[]

---@class runtime.Slot
---@field field string
---@field key? string             the argument's text
---@field index? integer          or number
---@field every boolean           all values are wanted, as an array
---@field output boolean          no condition reads it, only alert texts do

--- A table of the source's own with these members, or a text: the payload alone.
---@class runtime.Event
---@field payload? string
---@field time_ns? integer        since 1970
---@field position? integer       in the input
---@field hostname? string

---@alias runtime.Verdict "deny"|"ask"|"allow"

---@class runtime.Input
local Input = {}
--- The next line, without its line feed. nil: the end; false: a live input has no whole line now.
---@return string|false|nil
function Input:line() end
--- Does what it tells happen while it is read, as far as can be known? false: it was recorded.
---@return boolean
function Input:is_live() end
---@return string
function Input:name() end
---@return integer
function Input:offset() end
--- So many bytes, or all; less at the end only.
---@param bytes? integer
---@return string|false|nil
function Input:read(bytes) end
--- A record could not be used: one sentence without full stop.
---@param what string
---@param offset? integer
function Input:skipped(what, offset) end

--- What a source is. `next` gives an event, an array of them, nil: the input is used up, or false: a
--- live input has nothing now. State is what `create` returns, or a table.
---@class runtime.SourceSpec
---@field name string             the rules' `source:` key
---@field plugin? string          evt.pluginname
---@field version? string
---@field fields runtime.FieldSpec[]
---@field opens? boolean          it makes events itself, of the names given to `open`
---@field replaces? boolean       it takes the place of a source of that name
---@field create? fun(options: table<string, string>): any, string?  nil and a message: refused
---@field next fun(state: any, input: runtime.Input): runtime.Event|string|(runtime.Event|string)[]|false|nil
---@field extract fun(state: any, event: runtime.Event|string, slot: runtime.Slot): any
---@field demand? fun(state: any, slots: runtime.Slot[])  what extract will be asked for
---@field restart? fun(state: any)  another input begins
---@field identity? fun(state: any, event: runtime.Event|string): string?  of which alert ids are made
---@field info? fun(state: any, event: runtime.Event|string): string?  evt.plugininfo
---@field close? fun(state: any)

---@class runtime.Loader
local Loader = {}
---@param text string
---@param name? string
---@return true?, string? message, runtime.Diagnostic[]?, string? status
function Loader:add(text, name) end
---@param path string
---@return true?, string? message, runtime.Diagnostic[]?, string? status
function Loader:add_path(path) end
function Loader:close() end
---@return runtime.Ruleset?, string? message, runtime.Diagnostic[] warnings_or_errors, string? status
function Loader:compile() end
--- Falco's describe document of one rule, or of all, as JSON; behind compile.
---@param rule? string
---@return string? json, string? message, runtime.Diagnostic[]?, string? status
function Loader:describe(rule) end
---@param stage string
---@return string? text, string? message, runtime.Diagnostic[]?, string? status
function Loader:dump(stage) end
---@param pattern string
---@param enable boolean
---@param by? "rule"|"wildcard"|"tag"|"substring"
---@return integer? rules, string? message, runtime.Diagnostic[]?, string? status
function Loader:select(pattern, enable, by) end

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
--- For engine:load_compiled_path.
---@param path string
---@return true?, string? message, runtime.Diagnostic[]?, string? status
function Ruleset:save(path) end
---@param rule integer  from 1
---@param source string
---@param event_type integer
---@return boolean? sees, string? message, runtime.Diagnostic[]?, string? status
function Ruleset:sees(rule, source, event_type) end

---@class runtime.Engine
local Engine = {}
--- Fields written in Lua, for workers; an engine with a pool throws.
---@param fields runtime.Fields
---@return true?, string? message, runtime.Diagnostic[]?, string? status
function Engine:add_fields(fields) end
--- A source written in Lua, for workers; an engine with a pool throws.
---@param source runtime.SourceSpec
---@return true?, string? message, runtime.Diagnostic[]?, string? status
function Engine:add_source(source) end
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
--- How often a function of add_source or add_fields threw when it was asked for a field: it is missing then.
---@return integer count, string? first  what the first one said
function Engine:failed_reads() end
---@return runtime.Field[]
function Engine:fields() end
---@param ... string|runtime.LoadOptions  files and folders, and options behind them
---@return runtime.Ruleset?, string? message, runtime.Diagnostic[] warnings_or_errors, string? status
function Engine:load(...) end
---@param bytes string
---@param name? string
---@return runtime.Ruleset?, string? message, runtime.Diagnostic[]?, string? status
function Engine:load_compiled(bytes, name) end
---@param path string
---@return runtime.Ruleset?, string? message, runtime.Diagnostic[]?, string? status
function Engine:load_compiled_path(path) end
---@param options? runtime.LoadOptions  but for `select`
---@return runtime.Loader?, string? message, runtime.Diagnostic[]?, string? status
function Engine:loader(options) end
---@return {name: string, kind: string, count: integer}[]
function Engine:lists() end
---@param options? runtime.PoolOptions
---@return runtime.Pool?, string? message, runtime.Diagnostic[]?, string? status
function Engine:pool(options) end
---@return runtime.Source[]
function Engine:sources() end
---@param rules runtime.Ruleset
---@return true?, string? message, runtime.Diagnostic[]?, string? status
function Engine:use(rules) end
---Put a list in force for rules that say `items_at: runtime`: workers see it from their next event on.
---@param name string
---@param kind? "string"|"ip"|"number"                     nil: the list is empty
---@param elements? (string|number)[]|string|{path: string}  an array, lines of a text, or a file's
---@return integer? count, string? message, runtime.Diagnostic[]?, string? status
function Engine:use_list(name, kind, elements) end
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
--- May it be? The strictest verdict of the rules that match; zero options deny what no rule allows.
--- The last result, if there is one, says why it is not known what all rules say: "RT_EFORMAT".
---@param source string
---@param record string
---@param options? {otherwise?: runtime.Verdict, on_error?: runtime.Verdict, max_bytes?: integer, max_steps?: integer}
---@return runtime.Verdict|nil verdict
---@return string|nil rule        or the message, if nothing was decided
---@return string reason
---@return string|nil cause
function Worker:decide(source, record, options) end
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

--- Give the value that a field's worker waits for; from the Lua state of any thread of this process.
---@param token integer  what `read` was called with
---@param value any  nil: there is none; of another kind than the field's: throws, and it may be given again
---@return true?, string? message, runtime.Diagnostic[]?, string? status  RT_ENOENT: nobody waits for it any more
function runtime.answer(token, value) end

---@param name "operators"|"modifiers"|"transformers"|"priorities"|"kinds"|"limits"|"diagnostics"|"events"|"params"
---@return runtime.Row[]
function runtime.table(name) end

---@param definition runtime.SourceSpec
---@return runtime.SourceSpec  the same, when no function is missing
function runtime.source(definition) end

---@param judge runtime.Worker|runtime.Pool
---@return fun(): runtime.Alert?
function runtime.alerts(judge) end

return runtime
