# SPDX-License-Identifier: Apache-2.0
"""Workers: bytes or files in, alerts out. A worker is one thread's."""
from __future__ import annotations

from dataclasses import dataclass
from os import PathLike, fspath
from typing import Any, Iterator, Optional, Union

from ._alert import Alert, alert_of
from ._engine import Engine
from ._errors import DiagnosticList, check
from ._handle import Handle
from ._native import ffi, lib
from ._text import encode, from_c

Bytes = Union[bytes, bytearray, memoryview]


@dataclass(frozen=True)
class Skipped:
    """A record that could not be used."""

    input: str
    offset: int
    what: str


@dataclass(frozen=True)
class Stats:
    events: int
    alerts: int
    bytes: int
    skipped: int
    allocations: int
    limits_hit: int


class _Catcher:
    """What the callbacks of one worker fill."""

    def __init__(self) -> None:
        self.alerts: list[Alert] = []
        self.skipped: list[Skipped] = []
        self.error: Optional[BaseException] = None

    def take(self) -> list[Alert]:
        alerts, self.alerts = self.alerts, []
        return alerts


@ffi.def_extern(error=-3)  # type: ignore
def on_alert(alert: Any, user: Any) -> int:
    catcher: _Catcher = ffi.from_handle(user)
    try:
        catcher.alerts.append(alert_of(alert))
    except BaseException as error:  # pylint: disable=broad-except
        catcher.error = error
        return int(lib.RT_EINVAL)
    return 0


@ffi.def_extern()  # type: ignore
def on_skipped(name: Any, offset: int, what: Any, user: Any) -> None:
    catcher: _Catcher = ffi.from_handle(user)
    catcher.skipped.append(Skipped(from_c(name), offset, from_c(what)))


class Worker(Handle):
    """One thread's evaluation state.

    @param match_all  every matching rule raises an alert, not only the first
    @param iso_time   ISO 8601 times in alert texts
    """

    def __init__(self, engine: Engine, match_all: bool = False, iso_time: bool = False) -> None:
        self._catcher = _Catcher()
        self._handle = ffi.new_handle(self._catcher)
        opts = ffi.new("rt_worker_opts *")
        opts.size = ffi.sizeof("rt_worker_opts")
        opts.rule_matching = lib.RT_MATCH_ALL if match_all else lib.RT_MATCH_FIRST
        opts.alert_flags = lib.RT_ALERT_TIME_ISO_8601 if iso_time else 0
        opts.skipped = lib.on_skipped
        opts.skipped_user = self._handle
        ret = ffi.new("rt_worker **")
        check(lib.rt_worker_new(engine.handle, opts, ret))
        super().__init__(ret[0], lib.rt_worker_unref)

    @property
    def skipped(self) -> list[Skipped]:
        """Records that could not be used, so far."""
        return self._catcher.skipped

    def configure(self, source: str, **options: str) -> None:
        """Options of a source on this worker, before its first event."""
        keep = [(ffi.new("char[]", encode(k)), ffi.new("char[]", encode(v))) for k, v in options.items()]
        rows = ffi.new("rt_option[]", keep)
        diags = DiagnosticList()
        status = lib.rt_worker_configure(
            self.handle, encode(source), rows, len(keep), diags.handle
        )
        if status < 0:
            found = "; ".join(d.message for d in diags.values())
            check(status, found or f"source '{source}'")

    def _result(self, status: int, what: str) -> list[Alert]:
        error, self._catcher.error = self._catcher.error, None
        alerts = self._catcher.take()
        if error is not None:
            raise error
        check(status, what)
        return alerts

    def feed(self, source: str, data: Union[str, Bytes]) -> list[Alert]:
        """Judge every event in a delivery: a record, a list of records, lines. No copy is made of
        bytes-like data."""
        raw = encode(data) if isinstance(data, str) else data
        buffer = ffi.from_buffer(raw)
        status = lib.rt_worker_feed(
            self.handle, encode(source), (buffer, len(buffer)), lib.on_alert, self._handle
        )
        return self._result(status, f"source '{source}'")

    def open(self, source: str, path: Union[str, PathLike[str]]) -> Worker:
        """Queue a file or folder; iterate over the worker to judge what is queued."""
        name = fspath(path)
        check(lib.rt_worker_open(self.handle, encode(source), encode(name)), f"{source}: '{name}'")
        return self

    def __iter__(self) -> Iterator[Alert]:
        """The alerts of all queued inputs, as their events are read."""
        while True:
            status = lib.rt_worker_step(self.handle, lib.on_alert, self._handle)
            if status == lib.RT_EOF:
                return
            if status == lib.RT_EAGAIN:
                status = 0  # a live input has nothing now; its reader has waited a while
            yield from self._result(status, "input")

    def stats(self) -> Stats:
        row = ffi.new("rt_worker_stats *")
        row.size = ffi.sizeof("rt_worker_stats")
        check(lib.rt_worker_stats_get(self.handle, row))
        return Stats(
            row.events, row.alerts, row.bytes, row.skipped, row.allocations, row.limits_hit
        )
