-- SPDX-License-Identifier: Apache-2.0
-- LuaCATS types of `require "runtime.natives"`: functions of shared libraries, by libffi.
---@meta

---@class runtime.natives
local natives = {}

---@class runtime.NativesOptions
---@field paths? string[] libraries, or directories that have some: absolute names; without any none is opened
---@field require_description? boolean refuse libraries that do not describe their functions

--- Let rule files declare fields that functions of shared libraries give (`natives:`). Once, before the first loader.
---@param engine runtime.Engine
---@param options? runtime.NativesOptions
---@return true?, string? message, table?, string? status
function natives.allow(engine, options) end

return natives
