# SPDX-License-Identifier: Apache-2.0
"""What rule files bring with them: hooks in Lua, functions of shared libraries. Where they were built in."""
from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Callable, Optional, Union

from ._calls import Parts
from ._errors import Error, check
from ._native import ffi, lib
from ._text import CStrings, Path, c_string, encode, from_c, from_c_or_none, from_str

HAVE_HOOKS = hasattr(lib, "rt_lua_hooks_new")
HAVE_NATIVES = hasattr(lib, "rt_natives_new")
REPORTS_KEPT = 1000


@dataclass(frozen=True)
class Report:
    """Something that went wrong in a script."""

    hook: Optional[str]
    """The field, or the rule of a detection; None: the script as a whole."""
    message: str
    """With file and line."""


@dataclass(frozen=True)
class Hook:
    """What a script defines."""

    script: str
    name: str
    """Of the field, of a detection's rule."""
    kind: str
    """"field", "match", "detect", "output"."""
    line: int
    failures: int
    off: int
    """States in which it was switched off since it failed too often."""
    forgotten: int
    """Keys of a detection that had to make room for others."""


_KINDS = {getattr(lib, f"RT_LUA_{name.upper()}"): name for name in ("field", "match", "detect", "output")} \
    if HAVE_HOOKS else {}


class Hooks:
    """The scripts of an engine's rules."""

    def __init__(
        self,
        engine: Any,
        parts: Parts,
        budgets: dict[str, int],
        natives: Any,
        on_log: Optional[Callable[[str, str], object]],
    ) -> None:
        self.parts = parts
        self.on_log = on_log
        self.reports: deque[Report] = deque(maxlen=REPORTS_KEPT)
        self.handle = ffi.NULL
        user = ffi.new_handle(self)
        opts = ffi.new("rt_lua_opts *")
        opts.size = ffi.sizeof("rt_lua_opts")
        for name, value in budgets.items():
            setattr(opts, name, value)
        opts.report, opts.report_user = lib.rtpy_on_report, user
        opts.log = lib.rtpy_on_log
        if natives is not None:
            opts.natives = lib.rt_natives_calls_of(natives)
        ret = ffi.new("rt_lua_hooks **")
        check(lib.rt_lua_hooks_new(engine, opts, ret), "hooks")
        self.handle = ret[0]
        parts.kept += [user, opts]
        parts.last.append(self._end)

    def _end(self) -> None:
        lib.rt_lua_hooks_unref(self.handle)

    def load(self, loader: Any, text: Union[str, bytes], name: str) -> None:
        """@param loader NULL: the engine"""
        raw = encode(text) if isinstance(text, str) else bytes(text)
        before = self.reports[-1] if self.reports else None
        block = (ffi.from_buffer(raw), len(raw))
        status = lib.rt_lua_hooks_load(self.handle, loader, c_string(name, "a script's name"), block)
        if status < 0:
            last = self.reports[-1] if self.reports else None
            raise Error(status, name if last is None or last is before else last.message)

    def add_rules(self, loader: Any, diags: Any) -> int:
        return int(lib.rt_lua_hooks_add_rules(self.handle, loader, diags))

    def __iter__(self) -> Iterator[Hook]:
        row = ffi.new("rt_lua_hook *")
        row.size = ffi.sizeof("rt_lua_hook")
        index = 0
        while lib.rt_lua_hooks_get(self.handle, index, row) == 0:
            yield Hook(from_c(row.script), from_c(row.name), _KINDS[row.kind], row.line, row.failures, row.off,
                       row.forgotten)
            index += 1


def _failed(kind: Any, error: BaseException, trace: Any) -> None:
    """An exception of on_log."""
    error.with_traceback(trace)  # which the callback itself has not got
    ffi.from_handle(trace.tb_frame.f_locals["user"]).parts.report(error)


if HAVE_HOOKS:

    @ffi.def_extern(onerror=_failed)  # type: ignore[misc]
    def rtpy_on_report(hook: Any, message: Any, user: Any) -> None:
        ffi.from_handle(user).reports.append(Report(from_c_or_none(hook), from_c(message)))

    @ffi.def_extern(onerror=_failed)  # type: ignore[misc]
    def rtpy_on_log(script: Any, text: Any, user: Any) -> None:
        hooks: Hooks = ffi.from_handle(user)
        if hooks.on_log is not None:
            hooks.on_log(from_c(script), from_str(text))


def new_natives(engine: Any, parts: Parts, paths: Iterable[Path], require_description: bool) -> Any:
    """An rt_natives."""
    texts = CStrings()
    names = [os.path.abspath(os.fsdecode(path)) for path in paths]
    opts = ffi.new("rt_natives_opts *")
    opts.size = ffi.sizeof("rt_natives_opts")
    opts.paths, opts.n_paths = texts.list(names, "a path"), len(names)
    opts.flags = lib.RT_NATIVES_REQUIRE_DESCRIPTION if require_description else 0
    ret = ffi.new("rt_natives **")
    check(lib.rt_natives_new(engine, opts, ret), "natives")
    natives = ret[0]
    parts.last.append(lambda: lib.rt_natives_unref(natives))
    return natives
