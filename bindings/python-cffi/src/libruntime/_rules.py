# SPDX-License-Identifier: Apache-2.0
"""Loaders and rulesets."""
from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Optional, Union

from ._alert import PRIORITIES
from ._errors import DiagnosticList, Diagnostics, Error, check
from ._handle import Handle
from ._lists import ListInfo, infos
from ._native import ffi, lib
from ._text import Path, bytes_of, c_path, c_string, encode, from_c, from_str, list_from_c

if TYPE_CHECKING:
    from ._engine import Engine


@dataclass(frozen=True)
class Rule:
    """One compiled rule."""

    name: str
    desc: str
    source: str
    priority: str
    tags: tuple[str, ...]


class Ruleset:
    """Compiled rules: immutable, may be shared between threads."""

    def __init__(self, engine: Engine, handle: Any, diagnostics: Diagnostics) -> None:
        self._parts = engine.parts
        self.handle: Any = ffi.gc(handle, engine.parts.holding(lib.rt_ruleset_unref))
        self.diagnostics = diagnostics
        """Warnings of loading."""

    def __len__(self) -> int:
        return int(lib.rt_ruleset_count(self.handle))

    def __iter__(self) -> Iterator[Rule]:
        row = ffi.new("rt_rule_info *")
        row.size = ffi.sizeof("rt_rule_info")
        index = 0
        while lib.rt_ruleset_rule(self.handle, index, row) == 0:
            yield Rule(
                name=from_c(row.name),
                desc=from_c(row.desc),
                source=from_c(row.source),
                priority=from_c(lib.rt_priority_name(row.priority)),
                tags=list_from_c(row.tags),
            )
            index += 1

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return f"<Ruleset of {len(self)} rules>"

    def lists(self) -> Iterator[ListInfo]:
        """The lists that change at run time that conditions ask for."""
        return infos(lib.rt_ruleset_list, self.handle)

    def bytes(self) -> bytes:
        """The compiled form, for Engine.load_compiled of the same version on such a machine."""
        ret = ffi.new("rt_str *")
        check(lib.rt_ruleset_bytes(self.handle, ret))
        return bytes_of(ret[0])

    def disassembly(self) -> str:
        """The compiled form as text."""
        ret = ffi.new("char **")
        check(lib.rt_ruleset_disasm(self.handle, ret))
        try:
            return from_c(ret[0])
        finally:
            lib.rt_text_free(ret[0])

    def sees(self, index: int, source: str, event_type: int) -> bool:
        """Can rule @p index match events of that code?"""
        name = c_string(source, "a source's name")
        return bool(check(lib.rt_ruleset_sees(self.handle, index, name, event_type), f"rule {index}"))


def is_compiled(data: bytes) -> bool:
    """Does a file that begins like this (16 bytes or more) hold compiled rules, for Engine.load_compiled?"""
    return bool(lib.rt_ruleset_is_compiled((ffi.from_buffer(data), len(data))))


class Loader(Handle):
    """Rule files being collected.

    @param min_priority    less severe rules stay off: "Warning"
    @param profile         what Worker.profile measured of these rules before
    @param items_anywhere  items_from may name files outside of the rules' folder
    @param portability     warn of what a reference Falco would not load
    """

    def __init__(
        self,
        engine: Engine,
        *,
        min_priority: Optional[str] = None,
        profile: bytes = b"",
        items_anywhere: bool = False,
        portability: bool = True,
    ) -> None:
        self._engine = engine
        buffer = ffi.from_buffer(profile)
        opts = ffi.new("rt_loader_opts *")
        opts.size = ffi.sizeof("rt_loader_opts")
        opts.profile = (buffer, len(profile))
        opts.flags = lib.RT_LOADER_ITEMS_ANYWHERE if items_anywhere else 0
        opts.flags |= 0 if portability else lib.RT_LOADER_NO_PORTABILITY
        if min_priority is not None:
            number = lib.rt_priority_parse(c_string(min_priority, "a priority"))
            if number < 0:
                raise Error(number, f"priority '{min_priority}', there are {', '.join(PRIORITIES)}")
            opts.min_priority = 1 + number
        ret = ffi.new("rt_loader **")
        check(lib.rt_loader_new(engine.handle, opts, ret))
        super().__init__(ret[0], engine.parts.holding(lib.rt_loader_unref))
        self._diags = DiagnosticList()

    def add(self, text: Union[str, bytes], name: str = "rules.yaml") -> Loader:
        """Add one file's text. @raise RuleError"""
        raw = encode(text) if isinstance(text, str) else text
        pointer = self._enter()
        try:
            block = (ffi.from_buffer(raw), len(raw))
            status = lib.rt_loader_add(pointer, c_string(name, "a name"), block, self._diags.handle)
            self._diags.check(status, name)
        finally:
            self._leave()
        return self

    def add_path(self, *paths: Path) -> Loader:
        """Add files, or the regular files of folders in name order. @raise RuleError, Error"""
        pointer = self._enter()
        try:
            for path in paths:
                self._diags.check(lib.rt_loader_add_path(pointer, c_path(path), self._diags.handle), repr(path))
        finally:
            self._leave()
        return self

    def add_script(self, text: Union[str, bytes], name: str) -> Loader:
        """Run a Lua script that no rule file names: its fields are known to what is added from now on, its functions
        on matches are asked about all rules. Needs Engine.allow_hooks. @raise Error: what is wrong with it"""
        pointer = self._enter()
        try:
            self._engine.hooks_allowed().load(pointer, text, name)
        finally:
            self._leave()
        return self

    def select(self, pattern: str, enable: bool, by: str = "exact") -> int:
        """Enable or disable rules by name (`exact`, `wildcard`, `substring`) or `tag`: how many these are."""
        modes = {
            "exact": lib.RT_SELECT_EXACT,
            "wildcard": lib.RT_SELECT_WILDCARD,
            "tag": lib.RT_SELECT_TAG,
            "substring": lib.RT_SELECT_SUBSTRING,
        }
        if by not in modes:
            raise ValueError(f"by is one of {', '.join(modes)}, not {by!r}")
        pointer = self._enter()
        try:
            return check(lib.rt_loader_select(pointer, int(enable), modes[by], c_string(pattern, "a pattern")))
        finally:
            self._leave()

    def compile(self, disable: Iterable[str] = ()) -> Ruleset:
        """Compile all that was added. @param disable rules by exact name @raise RuleError"""
        for name in disable:
            self.select(name, enable=False)
        pointer = self._enter()
        try:
            ret = ffi.new("rt_ruleset **")
            hooks = self._engine.parts.hooks
            if hooks is not None:
                self._diags.check(hooks.add_rules(pointer, self._diags.handle), "hooks")
            self._diags.check(lib.rt_loader_compile(pointer, self._diags.handle, ret))
            return Ruleset(self._engine, ret[0], self._diags.values())
        finally:
            self._leave()

    def describe(self, rule: Optional[str] = None) -> Any:
        """Falco's describe document of one rule, or of all; after compile."""
        pointer = self._enter()
        try:
            ret = ffi.new("rt_str *")
            name = ffi.NULL if rule is None else c_string(rule, "a rule's name")
            check(lib.rt_loader_describe(pointer, name, ret), f"rule '{rule}'" if rule else "")
            return json.loads(from_str(ret[0]))
        finally:
            self._leave()

    def dump(self, stage: str) -> str:
        """What a stage of compiling made of the rules, as text."""
        pointer = self._enter()
        try:
            ret = ffi.new("rt_str *")
            check(lib.rt_loader_dump(pointer, c_string(stage, "a stage"), ret), f"stage '{stage}'")
            return from_str(ret[0])
        finally:
            self._leave()


@dataclass(frozen=True)
class Row:
    """One row of a table of the language."""

    number: int
    name: str
    detail: str
    help: str


_TABLES = {
    name: int(getattr(lib, f"RT_TABLE_{name.upper()}"))
    for name in "operators modifiers transformers priorities kinds limits diagnostics events params".split()
}


def table(name: str) -> list[Row]:
    """A table of the language: operators, modifiers, transformers, priorities, kinds, limits, diagnostics,
    events, params."""
    if name not in _TABLES:
        raise ValueError(f"no table {name!r}: there are {', '.join(_TABLES)}")
    row = ffi.new("rt_table_row *")
    row.size = ffi.sizeof("rt_table_row")
    rows: list[Row] = []
    while lib.rt_table_get(_TABLES[name], len(rows), row) == 0:
        rows.append(Row(row.number, from_c(row.name), from_c(row.detail), from_c(row.help)))
    return rows
