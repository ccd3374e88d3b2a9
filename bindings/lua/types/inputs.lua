-- SPDX-License-Identifier: Apache-2.0
-- LuaCATS types of `require "runtime.inputs"`: readers that runtime.core does without.
---@meta

---@class runtime.inputs
local inputs = {}

--- Read files that begin as gzip files do, or are called *.gz. Before rules are loaded and workers are made.
---@param engine runtime.Engine
---@return true?, string? message, table?, string? status
function inputs.gzip(engine) end

--- Wait for more at the end of files, through rotations.
---@param engine runtime.Engine
---@return true?, string? message, table?, string? status
function inputs.follow(engine) end

return inputs
