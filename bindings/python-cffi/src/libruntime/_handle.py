# SPDX-License-Identifier: Apache-2.0
"""Things of the library's that are given back early, not only when nobody holds them any more, and that
one thread uses at a time."""
from __future__ import annotations

import threading
from types import TracebackType
from typing import Any, Optional, TypeVar

from ._errors import BusyError, ClosedError
from ._native import ffi

Own = TypeVar("Own", bound="Handle")


class Handle:
    """Given back by close, or at the end of a with block.

    Whoever calls the library holds `_lock` meanwhile: a second call, from a callback or from another
    thread, is refused with BusyError and changes nothing.
    """

    _pointer: Any
    _lock: threading.Lock
    _owner: int

    def __init__(self, pointer: Any, unref: Any) -> None:
        self._pointer = ffi.gc(pointer, unref)
        self._lock = threading.Lock()
        self._owner = 0

    @property
    def handle(self) -> Any:
        """The library's object, for cffi. @raise ClosedError"""
        if self._pointer is None:
            raise ClosedError(f"this {self._what()} was closed")
        return self._pointer

    @property
    def closed(self) -> bool:
        return self._pointer is None

    def _what(self) -> str:
        return type(self).__name__.lower()

    def _enter(self) -> Any:
        """The library's object, for this thread until _leave."""
        if not self._lock.acquire(False):
            if self._owner == threading.get_ident():
                raise BusyError(f"this {self._what()} is at work: a callback may not call it again")
            raise BusyError(f"this {self._what()} is used by another thread")
        self._owner = threading.get_ident()
        if self._pointer is None:
            self._leave()
        return self.handle

    def _leave(self) -> None:
        self._owner = 0
        self._lock.release()

    def __enter__(self: Own) -> Own:
        self.handle  # pylint: disable=pointless-statement
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give it back; again is fine. @raise BusyError"""
        if self._pointer is None:
            return
        self._enter()
        try:
            pointer, self._pointer = self._pointer, None
            ffi.release(pointer)
        finally:
            self._leave()
