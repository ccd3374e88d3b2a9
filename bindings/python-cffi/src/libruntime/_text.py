# SPDX-License-Identifier: Apache-2.0
"""Strings across the border: UTF-8, and bytes that are none survive the way there and back."""
from os import PathLike, fsencode
from typing import Any, Optional, Union

from ._native import ffi

Path = Union[str, bytes, "PathLike[str]", "PathLike[bytes]"]


def decode(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """@raise UnicodeEncodeError for surrogates that stand for no byte."""
    return text.encode("utf-8", "surrogateescape")


def shown(text: str) -> str:
    """The text with what is no UTF-8 replaced, so that it can be printed anywhere."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def c_string(text: Union[str, bytes], what: str) -> bytes:
    """For a C string. @raise ValueError for a NUL in it."""
    raw = encode(text) if isinstance(text, str) else text
    if b"\0" in raw:
        raise ValueError(f"{what} has a NUL in it: {text!r}")
    return raw


def c_path(path: Path) -> bytes:
    return c_string(fsencode(path), "a path")


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


class CStrings:
    """C strings and arrays that live as long as this."""

    def __init__(self) -> None:
        self.kept: list[Any] = []

    def add(self, text: Optional[str], what: str = "a name") -> Any:
        if text is None:
            return ffi.NULL
        self.kept.append(ffi.new("char[]", c_string(text, what)))
        return self.kept[-1]

    def keep(self, made: Any) -> Any:
        self.kept.append(made)
        return made

    def list(self, texts: Any, what: str = "a name") -> Any:
        """NULL-terminated."""
        return self.keep(ffi.new("char *[]", [*(self.add(text, what) for text in texts), ffi.NULL]))
