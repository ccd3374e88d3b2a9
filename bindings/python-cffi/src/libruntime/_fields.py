# SPDX-License-Identifier: Apache-2.0
"""Fields written in Python: functions of other fields, which rules and outputs use like any other.

A function may return a Future: the worker waits, without the interpreter's lock, for a value that comes later. What
asked is held by the Future's callback alone, so that one that is forgotten gives the worker back at once.
"""
from __future__ import annotations

import asyncio
import inspect
import math
from collections.abc import Sequence
from concurrent.futures import Future
from functools import partial
from typing import Any, Callable, Optional

from ._calls import Parts
from ._errors import check
from ._native import ffi, lib
from ._source import FieldSpec, Slot, slots_of
from ._text import CStrings
from ._values import NoMemory, kind_named, of_c, put_list, put_value

FieldFunction = Callable[..., Any]
MOST_MS = 2**32 - 1


class _Provider:
    """A registered field."""

    def __init__(self, function: FieldFunction, spec: FieldSpec, parts: Parts) -> None:
        self.function = function
        self.name = spec.name
        self.kind = kind_named(spec.kind)
        self.is_list = spec.list
        self.arg = spec.arg
        self.parts = parts


class _Instance:
    """A field of one worker: the arguments that the rules in force ask it with."""

    def __init__(self, provider: _Provider) -> None:
        self.provider = provider
        self.arguments: list[tuple[Any, ...]] = []
        self.handle: Any = ffi.new_handle(self)


def _failed(kind: Any, error: BaseException, trace: Any) -> Any:
    error.with_traceback(trace)  # which the callback itself has not got
    local = trace.tb_frame.f_locals if trace is not None else {}
    if isinstance(error, NoMemory):
        return lib.RT_ELIMIT
    if "state" in local:
        ffi.from_handle(local["state"]).provider.parts.report(error)
    elif "config" in local:
        ffi.from_handle(local["config"].user).parts.report(error)
    else:
        raise error
    return lib.RT_EINVAL


@ffi.def_extern(error=lib.RT_EINVAL, onerror=_failed)  # type: ignore[misc]
def rtpy_fields_create(config: Any, ret_state: Any) -> int:
    provider: _Provider = ffi.from_handle(config.user)
    instance = _Instance(provider)
    provider.parts.instances.add(instance.handle)
    ret_state[0] = instance.handle
    return 0


def _failed_quietly(kind: Any, error: BaseException, trace: Any) -> None:
    _failed(kind, error, trace)


@ffi.def_extern(onerror=_failed_quietly)  # type: ignore[misc]
def rtpy_fields_destroy(state: Any) -> None:
    instance: _Instance = ffi.from_handle(state)
    instance.provider.parts.instances.discard(instance.handle)


@ffi.def_extern(error=lib.RT_EINVAL, onerror=_failed)  # type: ignore[misc]
def rtpy_fields_demand(state: Any, demand: Any) -> int:
    instance: _Instance = ffi.from_handle(state)
    instance.arguments = [_argument(instance.provider.arg, slot) for slot in slots_of(demand)]
    return 0


def _argument(arg: str, slot: Slot) -> tuple[Any, ...]:
    if arg == "key":
        return (slot.key or None,)
    return (slot.index,) if arg == "index" else ()


@ffi.def_extern(error=lib.RT_EINVAL, onerror=_failed)  # type: ignore[misc]
def rtpy_fields_extract(state: Any, event: Any, number: int, reads: Any, n_reads: int, ret: Any) -> int:
    instance: _Instance = ffi.from_handle(state)
    provider = instance.provider
    values = [of_c(reads[i]) if reads[i] != ffi.NULL else None for i in range(n_reads)]
    value = provider.function(*instance.arguments[number], *values)
    if isinstance(value, Future):
        if not value.done():
            return _later(provider, event, value)
        value = value.result()
    if value is None:
        return 0
    made = ffi.new("rt_value *")
    (put_list if provider.is_list else put_value)(event, made, provider.kind, value)
    ret[0] = made[0]
    return 1


# ---- values that come later ----


def _later(provider: _Provider, event: Any, future: Future[Any]) -> int:
    """The worker waits for the Future's result."""
    if provider.is_list:
        raise TypeError(f"'{provider.name}' is a list, which cannot come later")
    answer = lib.rt_event_later(event)
    if answer == ffi.NULL:
        raise NoMemory
    future.add_done_callback(partial(_answer, provider, ffi.gc(answer, lib.rt_answer_unref)))
    return int(lib.RT_LATER)


def _answer(provider: _Provider, answer: Any, future: Future[Any]) -> None:
    """On whatever thread set the result. Of a Future that was cancelled there is none."""
    try:
        if not future.cancelled():
            _give(provider, answer, future)
    finally:
        ffi.release(answer)


def _give(provider: _Provider, answer: Any, future: Future[Any]) -> None:
    made, memory = ffi.new("rt_value *"), list[Any]()
    try:
        value = future.result()
        if value is not None:
            put_value(memory, made, provider.kind, value)
    except BaseException as error:  # pylint: disable=broad-exception-caught
        # Before the worker goes on: the call that it is in raises it, unless that has gone on without.
        provider.parts.failed(error)
        if lib.rt_answer_give(answer, lib.RT_EINVAL, ffi.NULL) < 0:
            provider.parts.forget(error)
        return
    if lib.rt_answer_give(answer, 0 if value is None else 1, made) == lib.RT_ELIMIT:
        lib.rt_answer_give(answer, lib.RT_ELIMIT, ffi.NULL)


def _on_loop(function: FieldFunction, loop: asyncio.AbstractEventLoop) -> FieldFunction:
    """A coroutine function as one that returns Futures."""

    def ask(*values: Any) -> Future[Any]:
        return asyncio.run_coroutine_threadsafe(function(*values), loop)

    return ask


def deadline_ms(deadline: Optional[float]) -> int:
    """Of seconds; 0: the library's own."""
    if deadline is None:
        return 0
    if not 0 < deadline <= MOST_MS / 1000:
        raise ValueError(f"a deadline is more than 0 and at most {MOST_MS // 1000} seconds, not {deadline!r}")
    return math.ceil(deadline * 1000)


def add_field(
    engine: Any,
    parts: Parts,
    function: FieldFunction,
    spec: FieldSpec,
    reads: Sequence[str],
    sources: Optional[Sequence[str]],
    version: str,
    deadline: Optional[float],
    loop: Optional[asyncio.AbstractEventLoop],
) -> None:
    """Make the field known to an rt_engine."""
    if inspect.iscoroutinefunction(function) != (loop is not None):
        raise TypeError(f"field '{spec.name}': a function that is async, and no other, needs the loop that runs it")
    function = function if loop is None else _on_loop(function, loop)
    texts = CStrings()
    group = spec.group or spec.name.partition(".")[0]
    row = texts.keep(ffi.new("rt_field_desc[1]"))
    spec.describe(row[0], texts, group)
    provider = _Provider(function, spec, parts)
    ops = ffi.new("rt_fields_ops *")
    ops.size, ops.abi = ffi.sizeof("rt_fields_ops"), lib.RT_FIELDS_ABI
    ops.name, ops.version = texts.add(group, "a group"), texts.add(version, "a version")
    if sources is not None:
        ops.sources = texts.list(sources, "a source's name")
    ops.fields, ops.n_fields, ops.field_stride = row, 1, ffi.sizeof("rt_field_desc")
    ops.reads = texts.keep(ffi.new("char *[]", [texts.add(", ".join(reads), "a field's name")]))
    for name in ("create", "destroy", "demand", "extract"):
        setattr(ops, name, getattr(lib, f"rtpy_fields_{name}"))
    ops.deadline_ms = deadline_ms(deadline)
    ops.user = texts.keep(ffi.new_handle(provider))
    parts.kept += [texts, provider]
    check(lib.rt_engine_add_fields(engine, ops), f"field '{spec.name}'")
