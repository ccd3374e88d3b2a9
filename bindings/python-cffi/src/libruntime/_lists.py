# SPDX-License-Identifier: Apache-2.0
"""Lists that change while rules are in force."""
from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Union

from ._errors import DiagnosticList, check
from ._handle import Handle
from ._native import ffi, lib
from ._text import Path, c_path, c_string, encode, from_c

KINDS = {"string": "RT_KIND_STRING", "ip": "RT_KIND_IPNET", "number": "RT_KIND_INT64"}

Element = Union[str, bytes, int]


@dataclass(frozen=True)
class ListInfo:
    """A list that changes at run time."""

    name: str
    kind: str
    """"string", "ip", "number"; "" if it was never filled."""
    count: int
    """Elements; 0 of what a ruleset asks for."""


class List(Handle):
    """Elements for Engine.use_list: `engine.new_list("ip", ["10.0.0.0/8"])`. Once in force it does not change.

    @raise Error with what is wrong in a file or text, and where
    """

    def __init__(self, engine: Any, kind: str = "string", elements: Iterable[Element] = ()) -> None:
        if kind not in KINDS:
            raise ValueError(f"no kind of list: {kind!r}; there are {', '.join(KINDS)}")
        ret = ffi.new("rt_list **")
        check(lib.rt_list_new(engine.handle, getattr(lib, KINDS[kind]), ret))
        super().__init__(ret[0], lib.rt_list_unref)
        self._engine = engine
        self.update(elements)

    def add(self, element: Element) -> bool:
        """Was it not there yet?"""
        raw = _bytes_of(element)
        return bool(check(lib.rt_list_add(self.handle, (ffi.from_buffer(raw), len(raw))), f"{element!r}"))

    def update(self, elements: Iterable[Element]) -> None:
        for element in elements:
            self.add(element)

    def add_text(self, text: Union[str, bytes], name: str = "text") -> None:
        """Lines are elements; those that are empty or begin with # are none."""
        raw = encode(text) if isinstance(text, str) else text
        diags = DiagnosticList()
        where = (ffi.from_buffer(raw), len(raw))
        diags.check(lib.rt_list_add_text(self.handle, c_string(name, "a name"), where, diags.handle), name)

    def add_path(self, path: Path) -> None:
        """The same of a file, read piece by piece."""
        diags = DiagnosticList()
        diags.check(lib.rt_list_add_path(self.handle, c_path(path), diags.handle), repr(path))

    def __len__(self) -> int:
        return int(lib.rt_list_count(self.handle))

    def __bool__(self) -> bool:
        return True

    def __contains__(self, element: Element) -> bool:
        """An address is in the networks that have it."""
        raw = _bytes_of(element)
        return bool(check(lib.rt_list_has(self.handle, (ffi.from_buffer(raw), len(raw))), f"{element!r}"))


def _bytes_of(element: Element) -> bytes:
    if isinstance(element, bytes):
        return element
    return encode(element if isinstance(element, str) else str(element))


def infos(get: Any, handle: Any) -> Iterator[ListInfo]:
    """What rt_engine_list and rt_ruleset_list tell."""
    names = {getattr(lib, value): key for key, value in KINDS.items()}
    row = ffi.new("rt_list_info *")
    row.size = ffi.sizeof("rt_list_info")
    index = 0
    while get(handle, index, row) == 0:
        yield ListInfo(from_c(row.name), names.get(row.kind, ""), row.count)
        index += 1
