# SPDX-License-Identifier: Apache-2.0
"""Who hears of exceptions in callbacks: the call that this thread is in, else whoever asks next."""
from __future__ import annotations

import threading
from typing import Any, Callable, Optional, Protocol


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
        self.hooks: Any = None
        """Scripts of rule files, if they are allowed."""
        self.natives: Any = None
        self.held = 0
        """The library's objects that may use what is in `last`."""
        self.last: list[Callable[[], object]] = []
        """Called when they are gone."""
        self._lock = threading.RLock()  # memory may be collected meanwhile
        self._error: Optional[BaseException] = None

    def holding(self, unref: Callable[[Any], object]) -> Callable[[Any], None]:
        """A destructor of one of the library's objects, behind the last of which `last` is called. What is garbage
        together is finalised in any order, so that Python's own references cannot see to that."""
        with self._lock:
            self.held += 1

        def end(pointer: Any) -> None:
            unref(pointer)
            with self._lock:
                self.held -= 1
                last, self.last = (self.last, []) if self.held == 0 else ([], self.last)
            while last:
                last.pop()()

        return end

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
