# SPDX-License-Identifier: Apache-2.0
"""Outputs: anything that can be called with an alert is one; these are ready to use."""
from __future__ import annotations

from typing import BinaryIO

from ._alert import Alert
from ._text import encode


class JsonLines:
    """Writes each alert as Falco's JSON line.

    @param file   opened for bytes: open(path, "ab"), sys.stdout.buffer
    @param flush  after each line; else when the file does
    """

    def __init__(self, file: BinaryIO, flush: bool = True) -> None:
        self._file = file
        self._flush = flush

    def __call__(self, alert: Alert) -> None:
        self._file.write(encode(alert.json) + b"\n")
        if self._flush:
            self._file.flush()
