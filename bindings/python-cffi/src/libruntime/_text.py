# SPDX-License-Identifier: Apache-2.0
"""Strings across the border: UTF-8, and bytes that are none survive the way there and back."""
from typing import Any, Optional

from ._native import ffi


def decode(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def from_c(pointer: Any) -> str:
    """A C string that is always there."""
    return decode(ffi.string(pointer))


def from_c_or_none(pointer: Any) -> Optional[str]:
    return None if pointer == ffi.NULL else from_c(pointer)


def from_str(value: Any) -> str:
    """An rt_str."""
    return decode(bytes_of(value))


def bytes_of(value: Any) -> bytes:
    return bytes(ffi.buffer(value.ptr, value.len)) if value.len else b""


def list_from_c(array: Any) -> tuple[str, ...]:
    """A NULL-terminated array of C strings."""
    out: list[str] = []
    while array != ffi.NULL and array[len(out)] != ffi.NULL:
        out.append(from_c(array[len(out)]))
    return tuple(out)
