# SPDX-License-Identifier: Apache-2.0
"""Alerts as values: all is copied, so that an alert outlives the event it came from."""
import html
import ipaddress
import json
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, Union

from ._errors import check
from ._native import ffi, lib
from ._text import bytes_of, from_c, from_str, list_from_c

Value = Union[
    None,
    bool,
    int,
    float,
    str,
    bytes,
    ipaddress.IPv4Address,
    ipaddress.IPv6Address,
    ipaddress.IPv4Network,
    ipaddress.IPv6Network,
    list[Any],
]



def value_of(value: Any) -> Value:
    """An rt_value as Python sees it."""
    kind, held = value.kind, getattr(value, "as")
    if kind == lib.RT_KIND_NONE:
        return None
    if kind == lib.RT_KIND_BOOL:
        return bool(held.u)
    if kind in (lib.RT_KIND_INT8, lib.RT_KIND_INT16, lib.RT_KIND_INT32, lib.RT_KIND_INT64):
        return int(held.i)
    if kind == lib.RT_KIND_DOUBLE:
        return float(held.d)
    if kind in (lib.RT_KIND_STRING, lib.RT_KIND_PATH, lib.RT_KIND_RELPATH):
        return from_str(held.s)
    if kind == lib.RT_KIND_BYTES:
        return bytes_of(held.s)
    if kind in (lib.RT_KIND_IPADDR, lib.RT_KIND_IPNET):
        address = ipaddress.ip_address(bytes(ffi.buffer(held.ip, value.count & 0xFF)))
        if kind == lib.RT_KIND_IPADDR:
            return address
        return ipaddress.ip_network(f"{address}/{value.count >> 8}", strict=False)
    if kind == lib.RT_KIND_LIST:
        return [value_of(held.list[i]) for i in range(value.count)]
    return int(held.u)


@dataclass(frozen=True)
class Alert:
    """One match of one rule."""

    rule: str
    priority: str
    source: str
    time_ns: int
    event_number: int
    tags: tuple[str, ...]
    id: str
    """32 hex digits from the rule and the record's own identity; the same on redelivery."""
    text: str
    """The line that Falco would print."""
    fields: dict[str, Value] = field(hash=False)
    """The output's fields; a missing one is None."""
    json: str = field(repr=False)
    """The alert as Falco's JSON line."""

    @property
    def time(self) -> datetime:
        """The event's time, cut to microseconds."""
        return datetime.fromtimestamp(self.time_ns // 1000 / 1e6, tz=timezone.utc)

    def to_dict(self) -> dict[str, Any]:
        """The JSON document as a dict; pandas.DataFrame(a.to_dict() for a in alerts) works."""
        document: dict[str, Any] = json.loads(self.json)
        return document

    def __str__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{html.escape(name)}</td><td>{html.escape(str(value))}</td></tr>"
            for name, value in self.fields.items()
        )
        return (
            f"<b>{html.escape(self.priority)}</b> {html.escape(self.rule)}"
            f"<br>{html.escape(self.text)}<table>{rows}</table>"
        )


def alert_of(handle: Any) -> Alert:
    """Copy an rt_alert inside its callback."""
    text, document = ffi.new("rt_str *"), ffi.new("rt_str *")
    check(lib.rt_alert_text(handle, text))
    check(lib.rt_alert_json(handle, document))
    name, value = ffi.new("const char **"), ffi.new("rt_value *")
    fields: dict[str, Value] = {}
    while lib.rt_alert_field(handle, len(fields), name, value) == 0:
        fields[from_c(name[0])] = value_of(value)
    return Alert(
        rule=from_c(lib.rt_alert_rule(handle)),
        priority=from_c(lib.rt_priority_name(lib.rt_alert_priority(handle))),
        source=from_c(lib.rt_alert_source(handle)),
        time_ns=lib.rt_alert_time_ns(handle),
        event_number=lib.rt_alert_event_number(handle),
        tags=list_from_c(lib.rt_alert_tags(handle)),
        id=from_c(lib.rt_alert_id(handle)),
        text=from_str(text[0]),
        fields=fields,
        json=from_str(document[0]),
    )
