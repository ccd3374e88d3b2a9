# SPDX-License-Identifier: Apache-2.0
"""Engines: the sources known and the ruleset in force."""
from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Callable, Optional, TypeVar, Union

from ._errors import DiagnosticList, check
from ._fields import add_field
from ._handle import Handle
from ._hooks import HAVE_HOOKS, HAVE_NATIVES, Hook, Hooks, Report, new_natives
from ._lists import Element, List, ListInfo, infos
from ._native import ffi, lib
from ._calls import Parts
from ._pool import Pool
from ._rules import Loader, Ruleset
from ._source import FieldSpec, Source, add_source
from ._stream import AlertStream, Deliveries
from ._text import CStrings, Path, c_path, c_string, from_c, from_c_or_none
from ._worker import Worker

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True)
class Field:
    """One field that conditions and outputs can name."""

    name: str
    source: str
    group: str
    is_list: bool
    help: str


def readers() -> tuple[str, ...]:
    """Names for Engine.add_reader: what this package was built with."""
    return tuple(name for name in ("follow", "gzip") if lib.rtpy_reader(name.encode()) != ffi.NULL)


@dataclass(frozen=True)
class SourceInfo:
    """One source that rules can be for."""

    name: str
    plugin: str
    version: Optional[str]
    readable: bool
    """False: rules for it compile, that is all."""


class Engine(Handle):
    """The sources known and the ruleset in force. Workers that are still open keep a closed engine alive.

    @param hostname          the host name in alerts; by default this machine's
    @param sources           only these built-in sources
    @param max_record_bytes  0: 64 MiB. The other limits: one event's values (64 MiB), one alert's text
                             (16 MiB), the typed rules of one loader (2047 MiB)
    """

    def __init__(
        self,
        hostname: Optional[str] = None,
        sources: Optional[Iterable[str]] = None,
        *,
        max_record_bytes: int = 0,
        max_event_bytes: int = 0,
        max_output_bytes: int = 0,
        max_load_bytes: int = 0,
    ) -> None:
        texts = CStrings()
        opts = ffi.new("rt_engine_opts *")
        opts.size = ffi.sizeof("rt_engine_opts")
        opts.hostname = texts.add(hostname, "a host name")
        if sources is not None:
            opts.sources = texts.list(sources, "a source's name")
        opts.max_record_bytes = max_record_bytes
        opts.max_event_bytes = max_event_bytes
        opts.max_output_bytes = max_output_bytes
        opts.max_load_bytes = max_load_bytes
        ret = ffi.new("rt_engine **")
        check(lib.rt_engine_new(opts, ret))
        self.parts = Parts()
        """What in Python the engine calls."""
        super().__init__(ret[0], self.parts.holding(lib.rt_engine_unref))

    # ---- rules ----

    def loader(self, **options: Any) -> Loader:
        """A loader of this engine; options: see Loader."""
        return Loader(self, **options)

    def compile(self, text: Union[str, bytes], name: str = "rules.yaml", **options: Any) -> Ruleset:
        """Compile one text of rules; options: see Loader. @raise RuleError with every problem found."""
        with self.loader(**options) as loader:
            return loader.add(text, name).compile()

    def load(self, *paths: Path, **options: Any) -> Ruleset:
        """Compile rule files and folders, in this order; options: see Loader. @raise RuleError, Error"""
        with self.loader(**options) as loader:
            return loader.add_path(*paths).compile()

    def load_compiled(self, rules: Union[bytes, Path], name: str = "rules") -> Ruleset:
        """What Ruleset.bytes gave: bytes, or the path (a str or a PathLike) of a file. It is verified.
        @raise RuleError"""
        diags = DiagnosticList()
        ret = ffi.new("rt_ruleset **")
        if isinstance(rules, bytes):
            block = (ffi.from_buffer(rules), len(rules))
            status = lib.rt_ruleset_load(self.handle, c_string(name, "a name"), block, 0, diags.handle, ret)
        else:
            status = lib.rt_ruleset_load_path(self.handle, c_path(rules), diags.handle, ret)
        diags.check(status, name if isinstance(rules, bytes) else repr(rules))
        return Ruleset(self, ret[0], diags.values())

    def use(self, rules: Ruleset) -> None:
        """Put rules in force; workers pick them up at their next event. From any thread, at any time."""
        check(lib.rt_engine_use(self.handle, rules.handle))

    def new_list(self, kind: str = "string", elements: Iterable[Element] = ()) -> List:
        """A list to be filled, and put in force with use_list. @param kind "string", "ip" or "number" """
        return List(self, kind, elements)

    def use_list(self, name: str, elements: Optional[List]) -> None:
        """Put a list in force for rules that say `items_at: runtime`; None: it is empty. Workers see it from
        their next event on. From any thread, at any time. @raise Error: the rules in force want another kind"""
        handle = ffi.NULL if elements is None else elements.handle
        check(lib.rt_engine_use_list(self.handle, c_string(name, "a list's name"), handle), f"list '{name}'")

    def lists(self) -> Iterator[ListInfo]:
        """Every list that was put in force."""
        return infos(lib.rt_engine_list, self.handle)

    # ---- judging ----

    def worker(self, **options: Any) -> Worker:
        """A worker of this engine; options: see Worker."""
        return Worker(self, **options)

    def pool(self, **options: Any) -> Pool:
        """A pool of workers of this engine; options: see Pool."""
        return Pool(self, **options)

    def alerts(
        self, source: str, inputs: Union[Path, list[Path], Deliveries], *, pool: bool = False, **options: Any
    ) -> AlertStream:
        """An asynchronous iterator of alerts.

        @param inputs   a file or folder, several of them, or an asynchronous iterable of deliveries
        @param pool     judge on several cores
        @param options  see Worker, or Pool; `configure`: a dict of the source's options
        """
        settings = options.pop("configure", {})
        judge: Union[Worker, Pool] = self.pool(**options) if pool else self.worker(**options)
        if settings:
            judge.configure(source, **settings)
        return AlertStream(judge, source, inputs)

    # ---- what is known ----

    def alias_source(self, source: str, name: str) -> None:
        """Make @p name a source of its own that reads as @p source (json) does. Before rules are loaded."""
        source_, name_ = c_string(source, "a source's name"), c_string(name, "a source's name")
        check(lib.rt_engine_alias_source(self.handle, source_, name_), f"source '{name}'")

    def add_source(self, source: type[Source]) -> None:
        """Make a class of sources known, before rules are loaded and workers are made."""
        if not (isinstance(source, type) and issubclass(source, Source)):
            raise TypeError(f"a class derived from libruntime.Source is wanted, not {source!r}")
        add_source(self.handle, self.parts, source)

    def add_reader(self, name: str) -> None:
        """Open inputs in another way: "gzip" reads compressed files, "follow" waits for more at the end of files,
        through rotations. Before rules are loaded and workers are made; which there are, `readers` says."""
        ops = lib.rtpy_reader(c_string(name, "a reader's name"))
        if ops == ffi.NULL:
            raise ValueError(f"no reader {name!r}: there are {', '.join(readers()) or 'none'}")
        check(lib.rt_engine_add_reader(self.handle, ops), f"reader '{name}'")

    def allow_natives(self, paths: Iterable[Path], *, require_description: bool = False) -> None:
        """Rule files may declare fields that functions of shared libraries give (items `natives:`), of libraries in
        @p paths, files or folders. They run in this process, and nothing bounds them. Before rules are loaded.
        @param require_description refuse libraries that do not say what their functions are"""
        if not HAVE_NATIVES:
            raise RuntimeError("this package was built without libruntime-natives")
        self.parts.natives = new_natives(self.handle, self.parts, paths, require_description)

    def allow_hooks(
        self,
        *,
        max_instructions: int = 0,
        max_bytes: int = 0,
        max_ms: int = 0,
        max_failures: int = 0,
        on_log: Optional[Callable[[str, str], object]] = None,
    ) -> None:
        """Rule files may bring hooks in Lua (items `hooks:`), and Loader.add_script runs some: fields, functions on
        matches and detections, in a sandbox. Before rules are loaded, behind allow_natives, whose functions they
        may then call. Outputs of scripts are not called: outputs are functions here.

        @param max_instructions of a call; 0: 1,000,000. The other budgets: what a state holds (8 MiB), what a call
                                may take (100 ms), failures of a hook in one state until it is off (10)
        @param on_log           called with script and text of runtime.log, on the thread that judges
        """
        if not HAVE_HOOKS:
            raise RuntimeError("this package was built without libruntime-lua")
        budgets = {
            "max_instructions": max_instructions,
            "max_bytes": max_bytes,
            "max_ms": max_ms,
            "max_failures": max_failures,
        }
        self.parts.hooks = Hooks(self.handle, self.parts, budgets, self.parts.natives, on_log)

    def hooks_allowed(self) -> Hooks:
        """@raise RuntimeError"""
        if self.parts.hooks is None:
            raise RuntimeError("scripts need Engine.allow_hooks, before rules are loaded")
        found: Hooks = self.parts.hooks
        return found

    def add_script(self, text: Union[str, bytes], name: str) -> None:
        """Run a Lua script for compiled rules, which name its hooks, before they are loaded. @raise Error"""
        self.hooks_allowed().load(ffi.NULL, text, name)

    def hooks(self) -> Iterator[Hook]:
        """What the scripts define that rules have, in the order they were loaded."""
        return iter(self.hooks_allowed())

    def hook_reports(self) -> list[Report]:
        """The last things that went wrong in scripts, which are forgotten then."""
        reports = self.hooks_allowed().reports
        return [reports.popleft() for _ in range(len(reports))]

    def field(
        self,
        name: str,
        *,
        kind: Union[str, type] = "string",
        reads: Sequence[str] = (),
        sources: Optional[Sequence[str]] = None,
        pure: bool = False,
        is_list: bool = False,
        arg: str = "",
        arg_required: bool = False,
        help: str = "",  # pylint: disable=redefined-builtin
        version: str = "0.1.0",
        deadline: Optional[float] = None,
        loop: Optional[asyncio.AbstractEventLoop] = None,
    ) -> Callable[[Function], Function]:
        """Make a function a field of rules: `@engine.field("geo.country", reads=["ct.srcip"])`.

        It is called with the values of the fields that it reads, None for a missing one, and returns the
        field's, None for no value; at most once per event. A pool calls it on several threads.

        It may return a concurrent.futures.Future: the worker waits for its result, the pool's other workers go on.
        After the deadline the value is missing, which `losses` counts. An async function runs on `loop`, which
        another thread runs: one that judges, and so waits, answers nothing.

        @param kind     str, int, float, bool, bytes, or a kind's name, as in FieldSpec
        @param sources  whose events have it; None: all sources' that have what it reads
        @param pure     the value depends on nothing but what is read: it is kept while that stays the same
        @param arg      "key", "index": the argument comes first, None without one; "fields": the argument names
                        fields, whose values come last
        @param deadline seconds that an event waits for all Futures of this field; None: 0.1. After three in a row
                        that were missed, nothing is waited for during 16 times as long
        @param loop     where an async function runs
        """
        spec = FieldSpec(
            name, kind, help, is_list, arg, arg_required, flags=lib.RT_FIELD_PURE if pure else 0
        )

        def register(function: Function) -> Function:
            for other in self.fields():
                if name != other.name and name.startswith(other.name):
                    raise ValueError(f"'{name}' begins with the name of '{other.name}', which rules would read")
            add_field(self.handle, self.parts, function, spec, reads, sources, version, deadline, loop)
            return function

        return register

    def fields(self) -> Iterator[Field]:
        """Every field that rules can name."""
        row = ffi.new("rt_field_info *")
        row.size = ffi.sizeof("rt_field_info")
        index = 0
        while lib.rt_engine_field(self.handle, index, row) == 0:
            yield Field(
                name=from_c(row.name),
                source=from_c(row.source),
                group=from_c(row.group),
                is_list=bool(row.flags & lib.RT_FIELD_LIST),
                help=from_c(row.help),
            )
            index += 1

    def sources(self) -> Iterator[SourceInfo]:
        """Every source that rules can be for."""
        row = ffi.new("rt_source_info *")
        row.size = ffi.sizeof("rt_source_info")
        index = 0
        while lib.rt_engine_source(self.handle, index, row) == 0:
            plugin, version = from_c_or_none(row.plugin), from_c_or_none(row.version)
            yield SourceInfo(from_c(row.name), plugin or "", version, bool(row.readable))
            index += 1
