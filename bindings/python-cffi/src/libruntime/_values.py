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
from operator import index
from typing import Any, Union

from ._native import ffi, lib
from ._text import bytes_of, decode, encode

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

ADDRESS_TYPES = (ipaddress.IPv4Address, ipaddress.IPv6Address, ipaddress.IPv4Network, ipaddress.IPv6Network)
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


def of_c(value: Any) -> Value:
    """An rt_value's."""
    kind, held = value.kind, getattr(value, "as")
    if kind in TEXTS:
        return decode(bytes_of(held.s))
    if kind == lib.RT_KIND_BYTES:
        return bytes_of(held.s)
    if kind in ADDRESSES:
        return address_of(bytes(held.ip), kind, value.count)
    if kind == lib.RT_KIND_LIST:
        return [of_c(held.list[i]) for i in range(value.count)]
    if kind in SIGNED:
        return int(held.i)
    if kind == lib.RT_KIND_DOUBLE:
        return float(held.d)
    if kind == lib.RT_KIND_NONE:
        return None
    return bool(held.u) if kind == lib.RT_KIND_BOOL else int(held.u)


# ---- from Python ----

_RANGES = {
    lib.RT_KIND_INT8: (-(2**7), 2**7 - 1),
    lib.RT_KIND_INT16: (-(2**15), 2**15 - 1),
    lib.RT_KIND_INT32: (-(2**31), 2**31 - 1),
    lib.RT_KIND_INT64: (-(2**63), 2**63 - 1),
    lib.RT_KIND_UINT8: (0, 2**8 - 1),
    lib.RT_KIND_UINT16: (0, 2**16 - 1),
    lib.RT_KIND_UINT32: (0, 2**32 - 1),
    lib.RT_KIND_UINT64: (0, 2**64 - 1),
    lib.RT_KIND_PORT: (0, 2**16 - 1),
    lib.RT_KIND_RELTIME: (0, 2**64 - 1),
    lib.RT_KIND_ABSTIME: (0, 2**64 - 1),
}
KINDS = {
    name: int(getattr(lib, f"RT_KIND_{name.upper()}"))
    for name in (
        "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 double string path relpath bytes ipaddr ipnet "
        "port reltime abstime"
    ).split()
}
_OF_TYPES = {str: "string", int: "int64", float: "double", bool: "bool", bytes: "bytes"}


def kind_named(kind: Union[str, type]) -> int:
    """RT_KIND_* of a kind's name, or of str, int, float, bool, bytes. @raise ValueError"""
    name = kind if isinstance(kind, str) else _OF_TYPES.get(kind, "")
    if name not in KINDS:
        raise ValueError(f"no kind {kind!r}: there are {', '.join(KINDS)}, str, int, float, bool and bytes")
    return KINDS[name]


class NoMemory(Exception):
    """rt_event_alloc gave none: a limit was hit."""


def memory_of(event: Any, raw: bytes) -> Any:
    """A copy that lives until the next event, or as long as a list that stands in its place."""
    if isinstance(event, list):
        event.append(ffi.new("char[]", raw))
        return event[-1]
    made = lib.rt_event_alloc(event, len(raw) or 1)
    if made == ffi.NULL:
        raise NoMemory
    ffi.memmove(made, raw, len(raw))
    return made


def put_text(event: Any, target: Any, text: Union[str, bytes]) -> None:
    """An rt_str of @p text."""
    raw = encode(text) if isinstance(text, str) else bytes(text)
    target.ptr, target.len = memory_of(event, raw), len(raw)


def put_value(event: Any, target: Any, kind: int, value: Any) -> None:
    """An rt_value of @p kind. @raise TypeError, ValueError: the value is none; NoMemory"""
    held = getattr(target, "as")
    target.kind, target.count = kind, 0
    if kind in TEXTS or kind == lib.RT_KIND_BYTES:
        if not isinstance(value, (str, bytes, bytearray, memoryview)):
            raise TypeError(f"a str or bytes is wanted, not {value!r}")
        put_text(event, held.s, value if isinstance(value, str) else bytes(value))
    elif kind in _RANGES:
        number, (least, most) = index(value), _RANGES[kind]
        if not least <= number <= most:
            raise ValueError(f"{number} is not in {least} to {most}")
        if kind in SIGNED:
            held.i = number
        else:
            held.u = number
    elif kind == lib.RT_KIND_DOUBLE:
        held.d = float(value)
    elif kind == lib.RT_KIND_BOOL:
        if not isinstance(value, bool):
            raise TypeError(f"a bool is wanted, not {value!r}")
        held.u = int(value)
    elif kind == lib.RT_KIND_IPADDR:
        address = ipaddress.ip_address(value)
        target.count = len(address.packed)
        ffi.memmove(held.ip, address.packed, len(address.packed))
    else:
        network = ipaddress.ip_network(value)
        packed = network.network_address.packed
        target.count = len(packed) | network.prefixlen << 8
        ffi.memmove(held.ip, packed, len(packed))


def put_list(event: Any, target: Any, kind: int, values: Any) -> None:
    """An rt_value that is a list of @p kind."""
    if isinstance(values, (str, bytes, bytearray)):
        raise TypeError(f"a list is wanted, not {values!r}")
    rows = list(values)
    made = lib.rt_event_alloc(event, max(1, len(rows)) * ffi.sizeof("rt_value"))
    if made == ffi.NULL:
        raise NoMemory
    array = ffi.cast("rt_value *", made)
    for number, value in enumerate(rows):
        put_value(event, array[number], kind, value)
    target.kind, target.count = lib.RT_KIND_LIST, len(rows)
    getattr(target, "as").list = array
