# SPDX-License-Identifier: Apache-2.0
"""Pools: several workers on threads of their own that judge as one would."""
from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Callable, Optional

from ._alert import Alert
from ._errors import DiagnosticList, check
from ._judge import Calls, Judge, Output, Skipped
from ._native import ffi, lib
from ._text import CStrings
from ._worker import KEEP_ALL

if TYPE_CHECKING:
    from ._engine import Engine


class Pool(Judge):
    """The same alerts as a worker's, byte for byte and in the same order, judged on several cores.

    Alerts of small deliveries may come with a later call, `flush` at the latest. Outputs are called by the
    thread that uses the pool.

    @param workers      threads; 0: one for each processor
    @param batches      of input in memory; 0: eight for each worker
    @param batch_bytes  of input judged at a time; 0: 256 KiB
    @param alert_bytes  of a batch's alerts, which are then given out; 0: 1 MiB
    @param key          a field, or `process`, `account`, `cluster`: events with the same value are bound to
                        the same worker
    @param on_keyed     called with (worker, key, event number) of each event that has the key, on that
                        worker's thread
    For the rest see Worker. A pool is its process's: in a child that was forked it is closed.
    """

    _kind = "pool"

    def __init__(
        self,
        engine: Engine,
        *,
        workers: int = 0,
        match_all: bool = False,
        iso_time: bool = False,
        batches: int = 0,
        batch_bytes: int = 0,
        alert_bytes: int = 0,
        key: Optional[str] = None,
        outputs: Iterable[Output] = (),
        on_skipped: Optional[Callable[[Skipped], object]] = None,
        on_keyed: Optional[Callable[[int, bytes, int], object]] = None,
    ) -> None:
        calls = Calls(outputs, on_skipped)
        calls.on_keyed = on_keyed
        user = ffi.new_handle(calls)
        self._texts = CStrings()
        opts = ffi.new("rt_pool_opts *")
        opts.size = ffi.sizeof("rt_pool_opts")
        opts.rule_matching = lib.RT_MATCH_ALL if match_all else lib.RT_MATCH_FIRST
        opts.alert_flags = lib.RT_ALERT_TIME_ISO_8601 if iso_time else 0
        opts.skipped = lib.rtpy_on_skipped
        opts.skipped_user = user
        opts.workers = workers
        opts.batches = batches
        opts.batch_bytes = batch_bytes
        opts.alert_bytes = alert_bytes
        opts.key = self._texts.add(key, "a key")
        if on_keyed is not None:
            opts.keyed = lib.rtpy_on_keyed
            opts.keyed_user = user
        ret = ffi.new("rt_pool **")
        self._diags = DiagnosticList()
        opts.diags = self._diags.handle
        self._diags.check(lib.rt_pool_new(engine.handle, opts, ret), f"key '{key}'" if key else "")
        self._opts_user = user
        super().__init__(engine, ret[0], engine.parts.holding(lib.rt_pool_unref), calls, KEEP_ALL)

    def _forked(self) -> None:
        """In a child of this process there are no threads to wait for: what there is of the pool is left."""
        if self._pointer is not None:
            ffi.gc(self._pointer, None)
            self._pointer = None

    def _glue(self, name: str) -> str:
        return f"rtpy_pool_{name}"

    def _advance(self, pointer: Any) -> bool:
        status = self._call(lib.rtpy_pool_step, pointer, self._sink)
        if status == lib.RT_EOF:
            return False
        self._diags.check(status, "input")
        return True

    def flush(self) -> list[Alert]:
        """Judge all that was fed: its alerts."""
        pointer = self._enter()
        try:
            self._diags.check(self._call(lib.rtpy_pool_flush, pointer, self._sink))
            return self._take()
        finally:
            self._leave()
