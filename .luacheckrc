-- SPDX-License-Identifier: Apache-2.0
-- Only what every Lua from 5.1 on has.
std = "min"
max_line_length = 120
files["bindings/lua/spec"] = { std = "+busted" }
files["bindings/lua/types"] = { ignore = { "212", "241", "111", "112", "113" } }
