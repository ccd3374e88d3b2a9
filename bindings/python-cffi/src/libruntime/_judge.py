# SPDX-License-Identifier: Apache-2.0
"""What workers and pools have in common: deliveries in, alerts out, callbacks that may raise.

No alert is lost: those that were raised before an exception come with the next call's.
"""
from __future__ import annotations

import atexit
import json
import os
import threading
import weakref
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable, Optional, Union

from ._alert import Alert, alerts_in
from ._calls import ACTIVE
from ._errors import DiagnosticList, Error, check
from ._handle import Handle
from ._native import ffi, lib
from ._text import CStrings, Path, bytes_of, c_path, c_string, encode, from_c

if TYPE_CHECKING:
    from ._engine import Engine

Record = Mapping[str, Any]
Delivery = Union[bytes, bytearray, memoryview, str, Record]
Output = Callable[[Alert], object]

AT_ONCE = 1024  # deliveries and events judged between two looks at signals
SKIPPED_KEPT = 1000


@dataclass(frozen=True)
class Skipped:
    """A record that could not be used."""

    input: str
    offset: int
    what: str


@dataclass(frozen=True)
class Stats:
    """Counts since the worker or the pool was made."""

    events: int
    alerts: int
    bytes: int
    skipped: int
    allocations: int
    limits_hit: int


@dataclass(frozen=True)
class Loss:
    """So many events did not reach the rules, for one cause."""

    cause: str
    part: str
    count: int
    kind: str
    """"event", "blind" or "fact"."""
    source: str


_LOSSES = {lib.RT_LOSS_EVENT: "event", lib.RT_LOSS_BLIND: "blind", lib.RT_LOSS_FACT: "fact"}
_encode_record = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode


def delivery_bytes(data: Delivery) -> Any:
    """What the library reads of @p data: the same memory, or a record's JSON text."""
    if isinstance(data, str):
        return encode(data)
    if isinstance(data, Mapping):
        return _encode_record(data if isinstance(data, dict) else dict(data)).encode("ascii")
    return data


class Batch:
    """Deliveries as the library takes them. Bytes are not copied."""

    def __init__(self, data: Union[Delivery, Iterable[Delivery]]) -> None:
        self.kept: tuple[Any, ...] = (data,) if _is_one(data) else tuple(data)
        self.count = len(self.kept)
        self.rows = ffi.new("rt_str[]", self.count)
        self.views: list[Any] = []
        start = lib.rtpy_rows(ffi.cast("void *", id(self.kept)), self.rows)
        if start < self.count:
            self._add_rest(start)

    def _add_rest(self, start: int) -> None:
        raw = [delivery_bytes(item) for item in self.kept[start:]]
        self.views = list(map(ffi.from_buffer, raw))
        for number, view in enumerate(self.views, start):
            self.rows[number] = (view, len(view))

    def release(self) -> None:
        """Let go of the memory: a bytearray may be resized again."""
        for view in self.views:
            ffi.release(view)
        self.views.clear()


def _is_one(data: Any) -> bool:
    if isinstance(data, (bytes, str, Mapping)):
        return True
    if isinstance(data, (list, tuple)):
        return False
    try:
        memoryview(data)
    except TypeError:
        return False
    return True


class Calls:
    """What callbacks leave behind for the call that they interrupt."""

    def __init__(self, outputs: Iterable[Output], on_skipped: Optional[Callable[[Skipped], object]]) -> None:
        self.outputs = list(outputs)
        self.on_skipped = on_skipped
        self.on_keyed: Optional[Callable[[int, bytes, int], object]] = None
        self.skipped: deque[Skipped] = deque(maxlen=SKIPPED_KEPT)
        self.error: Optional[BaseException] = None

    def failed(self, error: BaseException) -> None:
        """The first one is raised when the library has returned."""
        if self.error is None:
            self.error = error

    def take_error(self) -> Optional[BaseException]:
        error, self.error = self.error, None
        return error


def _failed(kind: Any, error: BaseException, trace: Any) -> None:
    """An exception in the few lines that cffi runs around a callback, a KeyboardInterrupt perhaps."""
    error.with_traceback(trace)  # which the callback itself has not got
    local = trace.tb_frame.f_locals if trace is not None else {}
    calls = ffi.from_handle(local["user"]) if "user" in local else None
    if not isinstance(calls, Calls):
        raise error
    calls.failed(error)


@ffi.def_extern(error=lib.RT_EINVAL, onerror=_failed)  # type: ignore[misc]
def rtpy_on_alert(user: Any, data: Any, size: int) -> int:
    calls: Calls = ffi.from_handle(user)
    alert = Alert(bytes(ffi.buffer(data, size)))
    for output in calls.outputs:
        output(alert)
    return 0


@ffi.def_extern(onerror=_failed)  # type: ignore[misc]
def rtpy_on_skipped(name: Any, offset: int, what: Any, user: Any) -> None:
    calls: Calls = ffi.from_handle(user)
    row = Skipped(from_c(name), offset, from_c(what))
    calls.skipped.append(row)
    if calls.on_skipped is not None:
        calls.on_skipped(row)


@ffi.def_extern(onerror=_failed)  # type: ignore[misc]
def rtpy_on_keyed(worker: int, key: Any, number: int, user: Any) -> None:
    calls: Calls = ffi.from_handle(user)
    if calls.on_keyed is not None:
        calls.on_keyed(worker, bytes_of(key), number)


_open: weakref.WeakSet[Judge] = weakref.WeakSet()


@atexit.register
def _close_all() -> None:
    """Threads of pools end, and sources in Python are told, while there is a Python to run them."""
    for judge in list(_open):
        try:
            judge.close()
        except Error:  # another thread is using it, and may go on to
            pass


def _after_fork() -> None:
    """In the child."""
    for judge in list(_open):
        judge._forked()  # pylint: disable=protected-access


os.register_at_fork(after_in_child=_after_fork)


class Judge(Handle):
    """The common part of Worker and Pool."""

    _kind = ""  # of the library's functions: rt_KIND_open

    def __init__(self, engine: Engine, pointer: Any, unref: Any, calls: Calls, keep: int) -> None:
        super().__init__(pointer, unref)
        self._engine = engine
        self._calls = calls
        self._user = ffi.new_handle(calls)
        self._sink = ffi.gc(lib.rtpy_sink_new(keep), lib.rtpy_sink_free)
        if self._sink == ffi.NULL:
            raise Error(lib.RT_ENOMEM)
        if calls.outputs:
            lib.rtpy_sink_tell(self._sink, lib.rtpy_on_alert, self._user)
        _open.add(self)

    def _forked(self) -> None:
        """This is a child of the process that made it."""

    def _function(self, name: str) -> Any:
        return getattr(lib, f"rt_{self._kind}_{name}")

    # ---- calls that judge ----

    def _call(self, function: Any, *arguments: Any) -> int:
        """One call of the library's, after which what a callback raised goes on its way."""
        outer, ACTIVE.call = ACTIVE.call, self._calls
        try:
            status = int(function(*arguments))
        finally:
            ACTIVE.call = outer
        error = self._calls.take_error() or self._engine.parts.take_error()
        if error is not None:
            raise error
        return status

    def _take(self) -> list[Alert]:
        run = lib.rtpy_sink_bytes(self._sink)
        if not run.len:
            return []
        alerts = alerts_in(bytes_of(run))
        lib.rtpy_sink_clear(self._sink)
        return alerts

    def feed(self, source: str, data: Union[Delivery, Iterable[Delivery]]) -> list[Alert]:
        """Judge every event in a delivery, or in each of many: the alerts.

        A delivery is a record, a list of records, or lines. Bytes-like data is read where it is, also
        each of a list's; a dict is one record; a str is encoded. If a delivery cannot be read (or a
        callback raises), the ones behind it are not judged, and the alerts raised so far come with the
        next call's.
        """
        pointer = self._enter()
        batch = None
        try:
            batch = Batch(data)
            self._feed(pointer, c_string(source, "a source's name"), source, batch)
            return self._take()
        finally:
            if batch is not None:
                batch.release()
            self._leave()

    def _feed(self, pointer: Any, name: bytes, source: str, batch: Batch) -> None:
        fed = ffi.new("size_t *")
        feed = getattr(lib, self._glue("feed"))
        for start in range(0, batch.count, AT_ONCE):
            n = min(AT_ONCE, batch.count - start)
            status = self._call(feed, pointer, name, batch.rows + start, n, self._sink, fed)
            if status < 0:
                where = f", delivery {start + fed[0]} of {batch.count}" if batch.count > 1 else ""
                error = Error(status, f"source '{source}'{where}")
                error.fed = start + fed[0]
                raise error

    def _glue(self, name: str) -> str:
        return f"rtpy_{name}"

    def stop(self) -> None:
        """From any thread: calls that judge return soon, and judge nothing until `resume`."""
        lib.rtpy_sink_stop(self._sink, 1)

    def resume(self) -> None:
        """Undo `stop`."""
        lib.rtpy_sink_stop(self._sink, 0)

    def pending(self) -> list[Alert]:
        """Alerts that were raised before an exception and that no call has returned yet."""
        self._enter()
        try:
            return self._take()
        finally:
            self._leave()

    def _advance(self, pointer: Any) -> bool:
        """Judge some of what is queued. False: all is judged."""
        raise NotImplementedError

    def read(self) -> Optional[list[Alert]]:
        """Judge some of what is queued: the alerts, perhaps none; None when all is judged. A live input
        that has nothing is waited for a while."""
        pointer = self._enter()
        try:
            more = self._advance(pointer)
            alerts = self._take()
            return alerts if more or alerts else None
        finally:
            self._leave()

    def __iter__(self) -> Iterator[Alert]:
        """The alerts of all queued inputs, as their events are read."""
        while (alerts := self.read()) is not None:
            yield from alerts

    def run(self) -> int:
        """Judge all that is queued; alerts go to the outputs, and their number is returned."""
        count = 0
        while (alerts := self.read()) is not None:
            count += len(alerts)
        return count

    def close(self) -> None:
        """Give it back; again is fine. What a source in Python raises on its way out arrives here.
        @raise BusyError"""
        outer, ACTIVE.call = ACTIVE.call, self._calls
        try:
            super().close()
        finally:
            ACTIVE.call = outer
        error = self._calls.take_error()
        if error is not None:
            raise error

    # ---- inputs ----

    def open(self: Any, source: str, *paths: Path) -> Any:
        """Queue files or folders; `for alert in worker` judges what is queued. @return self"""
        pointer = self._enter()
        try:
            for path in paths:
                name = c_path(path)
                status = self._call(self._function("open"), pointer, c_string(source, "a source's name"), name)
                check(status, f"source '{source}', '{name.decode('utf-8', 'replace')}'")
        finally:
            self._leave()
        return self

    def configure(self, source: str, **options: str) -> None:
        """Options of a source, before its first event."""
        texts = CStrings()
        rows = ffi.new("rt_option[]", [(texts.add(k), texts.add(v, "an option")) for k, v in options.items()])
        diags = DiagnosticList()
        pointer = self._enter()
        try:
            name = c_string(source, "a source's name")
            status = self._call(self._function("configure"), pointer, name, rows, len(options), diags.handle)
            diags.check(status, f"source '{source}'")
        finally:
            self._leave()

    def finish(self) -> None:
        """Begin no more inputs; a live one ends behind what was made so far."""
        pointer = self._enter()
        try:
            check(self._call(self._function("finish"), pointer))
        finally:
            self._leave()

    # ---- figures ----

    @property
    def skipped(self) -> Sequence[Skipped]:
        """The last records that could not be used, 1000 at most; `stats().skipped` counts all."""
        return tuple(self._calls.skipped)

    def _look(self, function: Any, *arguments: Any) -> int:
        """A call that changes nothing: a callback of this object may make it, too."""
        if self._lock.locked() and self._owner == threading.get_ident():
            return int(function(self.handle, *arguments))
        pointer = self._enter()
        try:
            return int(function(pointer, *arguments))
        finally:
            self._leave()

    def stats(self) -> Stats:
        row = ffi.new("rt_worker_stats *")
        row.size = ffi.sizeof("rt_worker_stats")
        check(self._look(self._function("stats_get"), row))
        return Stats(row.events, row.alerts, row.bytes, row.skipped, row.allocations, row.limits_hit)

    def rule_alerts(self, index: int) -> int:
        """Alerts of rule @p index of the ruleset in force."""
        return self._look(self._function("rule_alerts"), index)

    def losses(self) -> list[Loss]:
        """What did not reach the rules, by cause."""
        pointer = self._enter()
        row = ffi.new("rt_loss *")
        row.size = ffi.sizeof("rt_loss")
        out: list[Loss] = []
        try:
            while (status := self._call(self._function("loss"), pointer, len(out), row)) == 0:
                kind = _LOSSES.get(row.kind, "fact")
                source = from_c(row.source) if row.source != ffi.NULL else ""
                out.append(Loss(from_c(row.cause), from_c(row.part), row.count, kind, source))
            if status != lib.RT_ENOENT:
                check(status)
        finally:
            self._leave()
        return out
