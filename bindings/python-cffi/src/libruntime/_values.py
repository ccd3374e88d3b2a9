# SPDX-License-Identifier: Apache-2.0
"""Values of fields, in both directions.

    none                          None
    bool                          bool
    integers, ports, times (ns)   int
    double                        float
    strings and paths             str; bytes that are no UTF-8 become lone surrogates (surrogateescape)
    raw bytes                     bytes
    addresses                     ipaddress.IPv4Address, IPv6Address
    networks                      ipaddress.IPv4Network, IPv6Network
    lists                         list
"""
import ipaddress
import struct
from typing import Any, Union

from ._native import lib
from ._text import decode

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

SIGNED = frozenset((lib.RT_KIND_INT8, lib.RT_KIND_INT16, lib.RT_KIND_INT32, lib.RT_KIND_INT64))
TEXTS = frozenset((lib.RT_KIND_STRING, lib.RT_KIND_PATH, lib.RT_KIND_RELPATH))
ADDRESSES = frozenset((lib.RT_KIND_IPADDR, lib.RT_KIND_IPNET))

_U32 = struct.Struct("=I")
_HEAD = struct.Struct("=II")
_U64 = struct.Struct("=Q")
_I64 = struct.Struct("=q")
_DOUBLE = struct.Struct("=d")


class Reader:
    """Reads what glue.c wrote: see glue.h."""

    __slots__ = ("at", "raw")

    def __init__(self, raw: bytes, at: int = 0) -> None:
        self.raw = raw
        self.at = at

    def u32(self) -> int:
        at, self.at = self.at, self.at + 4
        return int(_U32.unpack_from(self.raw, at)[0])

    def bytes(self) -> bytes:
        start = self.at + 4
        self.at = start + int(_U32.unpack_from(self.raw, self.at)[0])
        return self.raw[start : self.at]

    def text(self) -> str:
        return decode(self.bytes())

    def _eight(self, form: struct.Struct) -> Any:
        at, self.at = self.at, self.at + 8
        return form.unpack_from(self.raw, at)[0]

    def value(self) -> Value:
        kind, count = _HEAD.unpack_from(self.raw, self.at)
        self.at += 8
        if kind in TEXTS:
            return self.text()
        if kind == lib.RT_KIND_BYTES:
            return self.bytes()
        if kind in ADDRESSES:
            at, self.at = self.at, self.at + 16
            return address_of(self.raw[at : self.at], kind, count)
        if kind == lib.RT_KIND_LIST:
            return [self.value() for _ in range(count)]
        if kind in SIGNED:
            return int(self._eight(_I64))
        if kind == lib.RT_KIND_DOUBLE:
            return float(self._eight(_DOUBLE))
        number = int(self._eight(_U64))
        if kind == lib.RT_KIND_NONE:
            return None
        return bool(number) if kind == lib.RT_KIND_BOOL else number


def address_of(raw: bytes, kind: int, count: int) -> Value:
    """An address or a network, as rt_value has them."""
    address = ipaddress.ip_address(raw[: count & 0xFF])
    if kind == lib.RT_KIND_IPADDR:
        return address
    return ipaddress.ip_network((address, count >> 8), strict=False)
