# SPDX-License-Identifier: Apache-2.0
"""Who hears of exceptions in callbacks: the call that this thread is in, else whoever asks next."""
from __future__ import annotations

import threading
from typing import Any, Optional, Protocol


class Hearer(Protocol):
    def failed(self, error: BaseException) -> None: ...


class _Active(threading.local):
    call: Optional[Hearer] = None


ACTIVE = _Active()


class Parts:
    """What in Python an engine calls: its memory, and what went wrong on threads of a pool. Shared by the
    engine and all that may outlive it."""

    def __init__(self) -> None:
        self.kept: list[Any] = []
        """C memory that has to live as long as the engine."""
        self.instances: set[Any] = set()
        """Handles of instances that the library has."""
        self._lock = threading.Lock()
        self._error: Optional[BaseException] = None

    def failed(self, error: BaseException) -> None:
        """The first one is raised by the next call that returns to Python."""
        with self._lock:
            if self._error is None:
                self._error = error

    def forget(self, error: BaseException) -> None:
        """Nobody waits for what it stopped."""
        with self._lock:
            if self._error is error:
                self._error = None

    def take_error(self) -> Optional[BaseException]:
        if self._error is None:
            return None
        with self._lock:
            error, self._error = self._error, None
        return error

    def report(self, error: BaseException) -> None:
        """To the call that this thread is in, if it is in one."""
        (ACTIVE.call or self).failed(error)
