# SPDX-License-Identifier: Apache-2.0
"""Sources written in Python: they turn bytes into events, and read fields of them."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional, Union

from ._calls import ACTIVE, Parts
from ._errors import ClosedError, check
from ._native import ffi, lib
from ._text import CStrings, bytes_of, decode, encode, from_c, from_str
from ._values import NoMemory, Value, kind_named, put_list, put_text, put_value


class Again:
    """The type of AGAIN."""

    def __repr__(self) -> str:
        return "libruntime.AGAIN"


AGAIN = Again()
"""What Source.next returns when a live input has nothing now."""


_ARGS = {
    "": 0,
    "key": lib.RT_FIELD_ARG_KEY,
    "index": lib.RT_FIELD_ARG_INDEX,
    "fields": lib.RT_FIELD_ARG_KEY | lib.RT_FIELD_ARG_FIELDS,
}


@dataclass(frozen=True)
class FieldSpec:
    """A field written in Python.

    @param name     unique in the engine; begins with the source's own word: "access.path"
    @param kind     str, int, float, bool, bytes, or a kind's name: "ipaddr", "uint16", "abstime" ...
    @param list     the value is a list of that kind
    @param arg      "key": name[text] may be asked; "index": name[0]; "": neither; "fields", of functions only:
                    name[ct.srcip,ct.user]
    @param arg_required  name without an argument is refused
    @param flags    RT_FIELD_* besides
    """

    name: str
    kind: Union[str, type] = "string"
    help: str = ""
    list: bool = False
    arg: str = ""
    arg_required: bool = False
    group: str = ""
    flags: int = 0

    def describe(self, row: Any, texts: CStrings, group: str) -> None:
        """Fill an rt_field_desc."""
        if self.arg not in _ARGS:
            raise ValueError(f"arg is one of {', '.join(_ARGS)}, not {self.arg!r}")
        row.name = texts.add(self.name, "a field's name")
        row.group = texts.add(self.group or group, "a group")
        row.help = texts.add(self.help, "a field's help")
        row.kind = kind_named(self.kind)
        row.flags = self.flags | _ARGS[self.arg]
        if self.arg:
            row.flags |= lib.RT_FIELD_ARG_REQUIRED if self.arg_required else lib.RT_FIELD_ARG_OPTIONAL
        if self.list:
            row.flags |= lib.RT_FIELD_LIST


@dataclass(frozen=True)
class Slot:
    """One field, with one argument, that the rules in force can ask for."""

    field: str
    key: str
    """The argument's text; "" without one."""
    index: Optional[int]
    """The argument's number, if it is one."""
    every: bool
    """All values are wanted, as a list."""
    output: bool
    """No condition reads it, only alert texts do."""


def slot_of(row: Any) -> Slot:
    """Of an rt_slot_desc."""
    return Slot(
        field=from_str(row.field),
        key=from_str(row.key),
        index=int(row.index) if row.arg == lib.RT_ARG_INDEX else None,
        every=row.arg == lib.RT_ARG_ANY,
        output=bool(row.output),
    )


def slots_of(demand: Any) -> list[Slot]:
    """Of an rt_demand, or an rt_fields_demand."""
    first = ffi.cast("char *", demand.slots)
    rows = (ffi.cast("rt_slot_desc *", first + i * demand.slot_stride) for i in range(demand.n_slots))
    return [slot_of(row) for row in rows]


class Event:
    """One event, as Source.next returns it.

    @param payload   its bytes; a str is encoded
    @param time_ns   when it happened, in nanoseconds since 1970
    @param data      anything of the source's own, for extract
    @param position  its offset in the input; None: where the input stood before it was read
    """

    __slots__ = ("data", "hostname", "payload", "position", "time_ns")

    def __init__(
        self,
        payload: Union[bytes, str] = b"",
        time_ns: int = 0,
        data: Any = None,
        *,
        position: Optional[int] = None,
        hostname: str = "",
    ) -> None:
        self.payload = encode(payload) if isinstance(payload, str) else bytes(payload)
        self.time_ns = time_ns
        self.data = data
        self.position = position
        self.hostname = hostname


class Input:
    """Bytes on their way into a source; for use inside of next."""

    __slots__ = ("_handle",)

    def __init__(self, handle: Any) -> None:
        self._handle = handle

    def _open(self) -> Any:
        if self._handle is None:
            raise ClosedError("an input is only there while next runs")
        return self._handle

    @property
    def name(self) -> str:
        """Of the file, or what was given to open."""
        return from_c(lib.rt_input_name(self._open()))

    @property
    def is_live(self) -> bool:
        """Does what it tells happen while it is read, as far as can be known? False: it was recorded."""
        return bool(lib.rt_input_is_live(self._open()))

    @property
    def offset(self) -> int:
        """How much was read so far."""
        return int(lib.rt_input_offset(self._open()))

    def _read(self, function: Any, *arguments: Any) -> Optional[bytes]:
        ret = ffi.new("rt_str *")
        status = function(self._open(), *arguments, ret)
        if status == lib.RT_EAGAIN:
            return None
        check(status, "input")
        return bytes_of(ret[0])

    def readline(self) -> Optional[bytes]:
        """The next line with its line feed, b"" at the end, None: a live input has no whole line now."""
        return self._read(lib.rtpy_input_line)

    def read(self, size: int = -1) -> Optional[bytes]:
        """So many bytes, or all; less at the end only. None: a live input has not so many now."""
        return self._read(lib.rtpy_input_read, 2**63 - 1 if size < 0 else size)

    def skipped(self, what: str, offset: Optional[int] = None) -> None:
        """Say that a record could not be used: counted, and told to the host. One sentence, no full stop."""
        where = self.offset if offset is None else offset
        lib.rt_input_skipped(self._open(), where, encode(what).replace(b"\0", b""))

    def limited(self, what: str, offset: Optional[int] = None) -> None:
        """The same because of a limit of the source's own: counted among the limits hit, too."""
        where = self.offset if offset is None else offset
        lib.rt_input_limited(self._open(), where, encode(what).replace(b"\0", b""))


class Source:
    """A source: derive from it, set `name` and `fields`, write `next` and `extract`.

    The engine makes an instance for each worker, which is only used by one thread at a time.
    """

    name = ""
    """The rules' `source:` key."""
    plugin = ""
    """evt.pluginname; the name, if empty."""
    version = "0.1.0"
    """What required_plugin_versions is compared with."""
    fields: Sequence[FieldSpec] = ()
    opens = False
    """The source reads no bytes: `open` gives it a name (Input.name), which it makes events for."""
    replaces = False
    """It takes the place of a source of that name."""

    def __init__(self, options: Mapping[str, str]) -> None:
        """@param options of `configure`. Raise ValueError to refuse them."""

    def next(self, input: Input) -> Union[Event, Again, None]:  # pylint: disable=redefined-builtin
        """The next event; None: the input is used up; AGAIN: nothing is there now."""
        raise NotImplementedError

    def extract(self, event: Event, slot: Slot) -> Value:
        """The value of a field; None: the event has none."""
        raise NotImplementedError

    def demand(self, slots: Sequence[Slot]) -> None:
        """What extract will be asked for, from now on."""

    def restart(self) -> None:
        """Another input begins: forget what was half read."""

    def identity(self, event: Event) -> Union[str, bytes, None]:
        """The event's own identity, of which alert ids are made."""
        return None

    def info(self, event: Event) -> Union[str, bytes, None]:
        """One line that describes the event."""
        return None

    def close(self) -> None:
        """The worker ends."""


class _Kind:
    """A registered class of sources."""

    def __init__(self, made_by: type[Source], parts: Parts) -> None:
        self.made_by = made_by
        self.parts = parts
        self.kinds = {spec.name: (kind_named(spec.kind), spec.list) for spec in made_by.fields}


class _Instance:
    """A source of one worker, and the event at hand."""

    def __init__(self, kind: _Kind, source: Source) -> None:
        self.kind = kind
        self.source = source
        self.event: Optional[Event] = None
        self.payload: Any = None
        self.slots: list[tuple[Slot, int, bool]] = []
        self.handle: Any = ffi.new_handle(self)


def _failed(kind: Any, error: BaseException, trace: Any) -> Any:
    """An exception in a callback: tell the call that this thread is in."""
    error.with_traceback(trace)  # which the callback itself has not got
    local = trace.tb_frame.f_locals if trace is not None else {}
    if isinstance(error, NoMemory):
        return lib.RT_ELIMIT
    if "state" in local:
        instance = ffi.from_handle(local["state"])
        instance.kind.parts.report(error)
    elif "config" in local:
        ffi.from_handle(local["config"].user).parts.report(error)
    else:
        raise error
    return lib.RT_EINVAL


def _failed_quietly(kind: Any, error: BaseException, trace: Any) -> None:
    """In a callback that returns nothing."""
    _failed(kind, error, trace)


@ffi.def_extern(error=lib.RT_EINVAL, onerror=_failed)  # type: ignore[misc]
def rtpy_source_create(config: Any, diags: Any, ret_state: Any) -> int:
    kind: _Kind = ffi.from_handle(config.user)
    rows = [config.options[i] for i in range(config.n_options)]
    options = {from_c(row.key): from_c(row.value) for row in rows}
    try:
        instance = _Instance(kind, kind.made_by(options))
    except ValueError as error:
        if diags == ffi.NULL or not rows:
            raise
        key, said = rows[0].key, encode(str(error)).replace(b"\0", b"")
        check(lib.rt_diags_add_option(diags, key, said))
        return int(lib.RT_EINVAL)
    kind.parts.instances.add(instance.handle)
    ret_state[0] = instance.handle
    return 0


def _failed_late(kind: Any, error: BaseException, trace: Any) -> None:
    """In destroy: if nobody closes the worker but Python's memory, cffi prints the exception."""
    error.with_traceback(trace)
    if ACTIVE.call is None:
        raise error
    ACTIVE.call.failed(error)


@ffi.def_extern(onerror=_failed_late)  # type: ignore[misc]
def rtpy_source_destroy(state: Any) -> None:
    instance: _Instance = ffi.from_handle(state)
    try:
        instance.source.close()
    finally:
        instance.kind.parts.instances.discard(instance.handle)


@ffi.def_extern(error=lib.RT_EINVAL, onerror=_failed)  # type: ignore[misc]
def rtpy_source_demand(state: Any, demand: Any) -> int:
    instance: _Instance = ffi.from_handle(state)
    slots = slots_of(demand)
    kinds = instance.kind.kinds
    if any(slot.field not in kinds for slot in slots):
        return int(lib.RT_ENOENT)
    instance.slots = [(slot, kinds[slot.field][0], kinds[slot.field][1] or slot.every) for slot in slots]
    instance.source.demand(slots)
    return 0


@ffi.def_extern(onerror=_failed_quietly)  # type: ignore[misc]
def rtpy_source_restart(state: Any) -> None:
    instance: _Instance = ffi.from_handle(state)
    instance.source.restart()


@ffi.def_extern(error=lib.RT_EINVAL, onerror=_failed)  # type: ignore[misc]
def rtpy_source_next(state: Any, handle: Any, target: Any) -> int:
    instance: _Instance = ffi.from_handle(state)
    source_input = Input(handle)
    start = lib.rt_input_offset(handle)
    try:
        event = instance.source.next(source_input)
    finally:
        source_input._handle = None  # pylint: disable=protected-access
    if event is None:
        return int(lib.RT_EOF)
    if event is AGAIN:
        return int(lib.RT_EAGAIN)
    if not isinstance(event, Event):
        raise TypeError(f"{type(instance.source).__name__}.next returned {event!r}, which is no Event")
    instance.event = event
    instance.payload = ffi.from_buffer(event.payload)  # read until the next call
    target.payload.ptr, target.payload.len = instance.payload, len(event.payload)
    target.position = start if event.position is None else event.position
    target.time_ns = event.time_ns
    if event.hostname:
        put_text(target, target.hostname, event.hostname)
    return 1


@ffi.def_extern(error=lib.RT_EINVAL, onerror=_failed)  # type: ignore[misc]
def rtpy_source_extract(state: Any, event: Any, number: int, ret: Any) -> int:
    instance: _Instance = ffi.from_handle(state)
    slot, kind, is_list = instance.slots[number]
    assert instance.event is not None
    value = instance.source.extract(instance.event, slot)
    if value is None:
        return 0
    made = ffi.new("rt_value *")
    (put_list if is_list else put_value)(event, made, kind, value)
    ret[0] = made[0]
    return 1


def _text(instance: _Instance, event: Any, text: Union[str, bytes, None], ret: Any) -> int:
    if text is None:
        return 0
    put_text(event, ret, text)
    return 1


@ffi.def_extern(error=lib.RT_EINVAL, onerror=_failed)  # type: ignore[misc]
def rtpy_source_info(state: Any, event: Any, ret: Any) -> int:
    instance: _Instance = ffi.from_handle(state)
    assert instance.event is not None
    return _text(instance, event, instance.source.info(instance.event), ret)


@ffi.def_extern(error=lib.RT_EINVAL, onerror=_failed)  # type: ignore[misc]
def rtpy_source_identity(state: Any, event: Any, ret: Any) -> int:
    instance: _Instance = ffi.from_handle(state)
    assert instance.event is not None
    return _text(instance, event, instance.source.identity(instance.event), ret)


def add_source(engine: Any, parts: Parts, made_by: type[Source]) -> None:
    """Make @p made_by known to an rt_engine."""
    texts = CStrings()
    kind = _Kind(made_by, parts)
    ops = ffi.new("rt_source_ops *")
    ops.size, ops.abi = ffi.sizeof("rt_source_ops"), lib.RT_SOURCE_ABI
    ops.flags = (lib.RT_SOURCE_OPENS if made_by.opens else 0) | (lib.RT_SOURCE_REPLACES if made_by.replaces else 0)
    ops.name = texts.add(made_by.name, "a source's name")
    ops.plugin = texts.add(made_by.plugin or made_by.name, "a plug-in's name")
    ops.version = texts.add(made_by.version, "a version")
    rows = texts.keep(ffi.new("rt_field_desc[]", max(1, len(made_by.fields))))
    for number, spec in enumerate(made_by.fields):
        spec.describe(rows[number], texts, made_by.plugin or made_by.name)
    ops.fields, ops.n_fields, ops.field_stride = rows, len(made_by.fields), ffi.sizeof("rt_field_desc")
    for name in ("create", "destroy", "demand", "restart", "next", "extract"):
        setattr(ops, name, getattr(lib, f"rtpy_source_{name}"))
    for name in ("info", "identity"):
        if getattr(made_by, name) is not getattr(Source, name):
            setattr(ops, name, getattr(lib, f"rtpy_source_{name}"))
    ops.user = texts.keep(ffi.new_handle(kind))
    parts.kept += [texts, kind]
    check(lib.rt_engine_add_source(engine, ops), f"source '{decode(encode(made_by.name))}'")
