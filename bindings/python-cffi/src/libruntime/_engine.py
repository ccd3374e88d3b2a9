# SPDX-License-Identifier: Apache-2.0
"""Engines and rulesets."""
from __future__ import annotations

from dataclasses import dataclass
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any, Iterable, Iterator, Optional, Union

from ._errors import DiagnosticList, Diagnostics, check
from ._handle import Handle
from ._native import ffi, lib
from ._text import encode, from_c, list_from_c

if TYPE_CHECKING:
    from ._worker import Worker


@dataclass(frozen=True)
class Rule:
    """One compiled rule."""

    name: str
    desc: str
    source: str
    priority: str
    tags: tuple[str, ...]


@dataclass(frozen=True)
class Field:
    """One field that conditions and outputs can name."""

    name: str
    source: str
    group: str
    is_list: bool
    help: str


class Ruleset:
    """Compiled rules: immutable, may be shared between threads."""

    def __init__(self, handle: Any, diagnostics: Diagnostics) -> None:
        self.handle: Any = ffi.gc(handle, lib.rt_ruleset_unref)
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

    def __repr__(self) -> str:
        return f"<Ruleset of {len(self)} rules>"


class Engine(Handle):
    """The sources known and the ruleset in force. Workers that are still open keep a closed engine
    alive.

    @param hostname  the host name in alerts; by default this machine's
    @param sources   only these built-in sources
    """

    def __init__(
        self, hostname: Optional[str] = None, sources: Optional[Iterable[str]] = None
    ) -> None:
        opts = ffi.new("rt_engine_opts *")
        opts.size = ffi.sizeof("rt_engine_opts")
        keep: list[Any] = []
        if hostname is not None:
            keep.append(ffi.new("char[]", encode(hostname)))
            opts.hostname = keep[-1]
        if sources is not None:
            names = [ffi.new("char[]", encode(name)) for name in sources]
            keep += names
            keep.append(ffi.new("char *[]", names + [ffi.NULL]))
            opts.sources = keep[-1]
        ret = ffi.new("rt_engine **")
        check(lib.rt_engine_new(opts, ret))
        super().__init__(ret[0], lib.rt_engine_unref)

    def compile(self, text: Union[str, bytes], name: str = "rules.yaml") -> Ruleset:
        """Compile one text of rules. @raise RuleError with every problem found."""
        return self._compile([(name, encode(text) if isinstance(text, str) else text)], [])

    def load(self, *paths: Union[str, PathLike[str]]) -> Ruleset:
        """Compile rule files and folders, in this order. @raise RuleError, Error"""
        return self._compile([], [fspath(path) for path in paths])

    def _compile(self, texts: list[tuple[str, bytes]], paths: list[str]) -> Ruleset:
        diags = DiagnosticList()
        ret = ffi.new("rt_loader **")
        check(lib.rt_loader_new(self.handle, ffi.NULL, ret))
        loader = ffi.gc(ret[0], lib.rt_loader_unref)
        for name, text in texts:
            buffer = ffi.from_buffer(text)
            diags.check(
                lib.rt_loader_add(loader, encode(name), (buffer, len(text)), diags.handle)
            )
        for path in paths:
            diags.check(lib.rt_loader_add_path(loader, encode(path), diags.handle))
        rules = ffi.new("rt_ruleset **")
        diags.check(lib.rt_loader_compile(loader, diags.handle, rules))
        return Ruleset(rules[0], diags.values())

    def use(self, rules: Ruleset) -> None:
        """Put rules in force; workers pick them up at their next event."""
        check(lib.rt_engine_use(self.handle, rules.handle))

    def worker(self, **options: Any) -> Worker:
        """A worker of this engine; options: see Worker."""
        from ._worker import Worker

        return Worker(self, **options)

    def fields(self) -> Iterator[Field]:
        """Every field that rules can name."""
        row, source = ffi.new("rt_field_desc *"), ffi.new("const char **")
        index = 0
        while lib.rt_engine_field(self.handle, index, row, source) == 0:
            yield Field(
                name=from_c(row.name),
                source=from_c(source[0]),
                group=from_c(row.group),
                is_list=bool(row.flags & lib.RT_FIELD_LIST),
                help=from_c(row.help),
            )
            index += 1
