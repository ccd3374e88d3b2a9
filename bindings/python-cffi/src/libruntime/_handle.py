# SPDX-License-Identifier: Apache-2.0
"""Things of the library's that are given back early, not only when nobody holds them any more."""
from __future__ import annotations

from types import TracebackType
from typing import Any, Optional, TypeVar

from ._native import ffi

Own = TypeVar("Own", bound="Handle")


class Handle:
    """Given back by close, or at the end of a with block."""

    def __init__(self, pointer: Any, unref: Any) -> None:
        self.handle: Any = ffi.gc(pointer, unref)

    def __enter__(self: Own) -> Own:
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self.close()

    def close(self) -> None:
        if self.handle != ffi.NULL:
            ffi.release(self.handle)
            self.handle = ffi.NULL
