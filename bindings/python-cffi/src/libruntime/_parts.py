# SPDX-License-Identifier: Apache-2.0
"""What in Python an engine calls: its memory, and what went wrong on threads of a pool."""
from __future__ import annotations

import threading
from typing import Any, Optional


class Parts:
    """Shared by the engine and all that may outlive it."""

    def __init__(self) -> None:
        self.kept: list[Any] = []
        """C memory that has to live as long as the engine."""
        self._lock = threading.Lock()
        self._error: Optional[BaseException] = None

    def failed(self, error: BaseException) -> None:
        """The first one is raised by the next call that returns to Python."""
        with self._lock:
            if self._error is None:
                self._error = error

    def take_error(self) -> Optional[BaseException]:
        if self._error is None:
            return None
        with self._lock:
            error, self._error = self._error, None
        return error
