# SPDX-License-Identifier: Apache-2.0
"""Alerts as values: copied from the library as bytes, read when asked for."""
from __future__ import annotations

import html
import importlib
import json
import struct
import sys
from collections.abc import Iterable
from datetime import datetime, timezone
from typing import Any, Iterator, KeysView, Optional

from ._native import lib
from ._text import from_c, shown
from ._values import ADDRESS_TYPES, Reader, Value

_HEAD = struct.Struct("=IIQQ")
PRIORITIES = tuple(from_c(lib.rt_priority_name(number)) for number in range(lib.RT_PRIORITY_DEBUG + 1))


class Alert:
    """One match of one rule. Immutable; equal to an alert with the same content; can be pickled.

    An alert is also a mapping of its output fields: `alert["proc.name"]`, `"proc.name" in alert`,
    `dict(alert)`.
    """

    __slots__ = ("_fields", "_head", "_raw", "_texts", "_at")

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._head: tuple[int, ...] = ()
        self._texts: tuple[str, ...] = ()
        self._fields: Optional[dict[str, Value]] = None
        self._at = 0

    def _number(self, index: int) -> int:
        if not self._head:
            self._head = _HEAD.unpack_from(self._raw)
        return self._head[index]

    def _text(self, index: int) -> str:
        if not self._texts:
            reader = Reader(self._raw, _HEAD.size)
            self._texts = tuple(reader.text() for _ in range(6))
            self._at = reader.at
        return self._texts[index]

    @property
    def priority(self) -> str:
        """One of "Emergency", "Alert", "Critical", "Error", "Warning", "Notice", "Informational", "Debug"."""
        return PRIORITIES[self._number(1)]

    @property
    def severity(self) -> int:
        """The priority as a number: 0 is the most severe, 7 the least."""
        return self._number(1)

    @property
    def time_ns(self) -> int:
        """When it happened, in nanoseconds since 1970."""
        return self._number(2)

    @property
    def time(self) -> datetime:
        """When it happened, cut to microseconds."""
        seconds, rest = divmod(self.time_ns, 1_000_000_000)
        return datetime.fromtimestamp(seconds, tz=timezone.utc).replace(microsecond=rest // 1000)

    @property
    def event_number(self) -> int:
        """From 1, of the source's events."""
        return self._number(3)

    @property
    def id(self) -> str:
        """32 hex digits from the rule and the record's own identity; the same on redelivery."""
        return self._text(0)

    @property
    def rule(self) -> str:
        return self._text(1)

    @property
    def source(self) -> str:
        return self._text(2)

    @property
    def text(self) -> str:
        """The line that Falco would print; empty if it was larger than max_output_bytes."""
        return self._text(3)

    @property
    def json(self) -> str:
        """The alert as Falco's JSON line."""
        return self._text(4)

    @property
    def explanation(self) -> str:
        """What the rule asked and what was seen, of a worker with explain=True; else empty."""
        return self._text(5)

    @property
    def tags(self) -> tuple[str, ...]:
        self._text(0)
        reader = Reader(self._raw, self._at)
        return tuple(reader.text() for _ in range(reader.u32()))

    @property
    def fields(self) -> dict[str, Value]:
        """The output's fields; a missing one is None."""
        if self._fields is None:
            self._text(0)
            reader = Reader(self._raw, self._at)
            for _ in range(reader.u32()):
                reader.bytes()
            self._fields = {reader.text(): reader.value() for _ in range(reader.u32())}
        return self._fields

    def __getitem__(self, name: str) -> Value:
        return self.fields[name]

    def __contains__(self, name: object) -> bool:
        return name in self.fields

    def __iter__(self) -> Iterator[str]:
        return iter(self.fields)

    def keys(self) -> KeysView[str]:
        """Names of the output's fields."""
        return self.fields.keys()

    def get(self, name: str, default: Value = None) -> Value:
        """Output field @p name, or the default if the output has no such field."""
        return self.fields.get(name, default)

    def to_dict(self, flat: bool = False) -> dict[str, Any]:
        """The JSON document as a dict.

        @param flat  one level instead: time, rule and so on, and each output field under its name, with
                     values as in `fields`. pandas.DataFrame(a.to_dict(flat=True) for a in alerts) works.
        """
        if not flat:
            document: dict[str, Any] = json.loads(self.json)
            return document
        return {
            "time": self.time,
            "rule": self.rule,
            "priority": self.priority,
            "source": self.source,
            "tags": list(self.tags),
            "id": self.id,
            "output": self.text,
            **self.fields,
        }

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Alert):
            return NotImplemented
        return self._raw == other._raw

    def __hash__(self) -> int:
        return hash(self._raw)

    def __reduce__(self) -> tuple[type[Alert], tuple[bytes]]:
        return Alert, (self._raw,)

    def __str__(self) -> str:
        """The text, with what is no UTF-8 replaced: printing it never fails."""
        return shown(self.text)

    def __repr__(self) -> str:
        return f"<Alert {shown(self.rule)!r} {self.priority} {self.time.isoformat()} {dict(self.fields)!r}>"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{_escaped(name)}</td><td>{_escaped(value)}</td></tr>"
            for name, value in self.fields.items()
        )
        tags = " ".join(f"<code>{_escaped(tag)}</code>" for tag in self.tags)
        return (
            f"<div><b>{_escaped(self.priority)}</b> {_escaped(self.rule)} {tags}"
            f"<br>{_escaped(self.text)}<table>{rows}</table></div>"
        )


def to_dataframe(alerts: Iterable[Alert]) -> Any:
    """A pandas.DataFrame: a row for each alert, as `to_dict(flat=True)` gives it. Addresses are texts there, so
    that columns can be compared and grouped. @raise ImportError without pandas"""
    pandas: Any = importlib.import_module("pandas")
    rows = [{name: _cell(value) for name, value in alert.to_dict(flat=True).items()} for alert in alerts]
    columns = None if rows else ["time", "rule", "priority", "source", "tags", "id", "output"]
    return pandas.DataFrame(rows, columns=columns)


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return [_cell(item) for item in value]
    return str(value) if isinstance(value, ADDRESS_TYPES) else value


# What would turn the direction of the text around it, or draw nothing: shown as what it is.
_MARKS = (*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF)
_HIDDEN = {code: f"\\u{code:04x}" for code in _MARKS}
_HIDDEN.update({code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0))})


def _escaped(value: object) -> str:
    text = "" if value is None else shown(value) if isinstance(value, str) else str(value)
    return html.escape(text.translate(_HIDDEN), quote=True)


def alerts_in(run: bytes) -> list[Alert]:
    """The alerts that a sink took."""
    found, at, end = [], 0, len(run)
    while at < end:
        size = 4 + int.from_bytes(run[at : at + 4], sys.byteorder)
        found.append(Alert(run[at : at + size]))
        at += size
    return found

