# SPDX-License-Identifier: Apache-2.0
"""Sources written in Python."""
import gc
import ipaddress
import threading
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Union

import pytest

import libruntime
from libruntime import AGAIN, Event, FieldSpec, Input, Slot, Value

RULES = """
- rule: Refused
  desc: d
  condition: auth.result = fail and auth.ip in (192.0.2.7, 198.51.100.7)
  output: "%auth.user from %auth.ip at %auth.port groups=%auth.groups word=%auth.word[user] n=%auth.nth[1]"
  priority: NOTICE
  source: authlog
"""
LINE = "user=root ip=192.0.2.7 port=22 groups=a,b result=fail"


class AuthLog(libruntime.Source):
    """Lines of words."""

    name = "authlog"
    fields = (
        FieldSpec("auth.user", help="who"),
        FieldSpec("auth.ip", "ipaddr"),
        FieldSpec("auth.port", "port"),
        FieldSpec("auth.result", str),
        FieldSpec("auth.groups", list=True),
        FieldSpec("auth.word", arg="key", arg_required=True),
        FieldSpec("auth.nth", arg="index", arg_required=True),
    )
    made: list["weakref.ref[AuthLog]"] = []
    closed: list[str] = []

    def __init__(self, options: Mapping[str, str]) -> None:
        super().__init__(options)
        if set(options) - {"split"}:
            raise ValueError("the only option is split")
        self.split = options.get("split", " ")
        self.restarts = 0
        self.slots: Sequence[Slot] = ()
        self.made.append(weakref.ref(self))

    def next(self, input: Input) -> Union[Event, libruntime.Again, None]:
        line = input.readline()
        if line is None:
            return AGAIN
        if not line:
            return None
        words = dict(word.split("=", 1) for word in line.decode().strip().split(self.split) if "=" in word)
        return Event(line.rstrip(b"\n"), time_ns=1_700_000_000 * 10**9, data=words)

    def extract(self, event: Event, slot: Slot) -> Value:
        words: dict[str, str] = event.data
        if slot.field == "auth.nth":
            assert slot.index is not None
            return list(words.values())[slot.index]
        value = words.get(slot.key or slot.field.partition(".")[2])
        if value is None:
            return None
        if slot.field == "auth.port":
            return int(value)
        if slot.field == "auth.ip":
            return ipaddress.ip_address(value)
        return list(value.split(",")) if slot.field == "auth.groups" else value

    def demand(self, slots: Sequence[Slot]) -> None:
        self.slots = slots

    def restart(self) -> None:
        self.restarts += 1

    def identity(self, event: Event) -> str:
        return event.payload.decode()

    def close(self) -> None:
        self.closed.append(self.name)


def engine_with(source: type[libruntime.Source], rules: str = RULES) -> libruntime.Engine:
    engine = libruntime.Engine(hostname="host")
    engine.add_source(source)
    engine.use(engine.compile(rules))
    return engine


def test_a_source_in_python_is_read_like_any_other(tmp_path: Path) -> None:
    engine = engine_with(AuthLog)
    (tmp_path / "log").write_text(f"{LINE}\n{LINE.replace('fail', 'ok')}\n\n{LINE}\n")
    with engine.worker() as worker:
        fed = worker.feed("authlog", LINE)
        read = list(worker.open("authlog", tmp_path / "log"))
        assert worker.stats().events == 5
    assert fed[0].text.endswith("Notice root from 192.0.2.7 at 22 groups=(a,b) word=root n=192.0.2.7")
    assert fed[0]["auth.ip"] == ipaddress.ip_address("192.0.2.7") and fed[0]["auth.groups"] == ["a", "b"]
    assert fed[0]["auth.port"] == 22 and fed[0].time_ns == 1_700_000_000 * 10**9
    assert [alert.event_number for alert in read] == [2, 5]
    assert fed[0].id == read[0].id == read[1].id  # the same line: identity


def test_the_catalogue_has_its_fields() -> None:
    engine = engine_with(AuthLog)
    assert {field.name for field in engine.fields() if field.source == "authlog"} == {
        spec.name for spec in AuthLog.fields
    }
    assert any(source.name == "authlog" and source.readable for source in engine.sources())


def test_options_arrive_and_bad_ones_are_refused_with_their_reason() -> None:
    engine = engine_with(AuthLog)
    with engine.worker() as worker:
        worker.configure("authlog", split=";")
        assert len(worker.feed("authlog", LINE.replace(" ", ";"))) == 1
    with engine.worker() as worker:
        with pytest.raises(libruntime.Error, match="the only option is split"):
            worker.configure("authlog", spilt=";")


def test_instances_end_with_their_worker() -> None:
    AuthLog.made.clear()
    AuthLog.closed.clear()
    engine = engine_with(AuthLog)
    with engine.worker() as worker:
        worker.feed("authlog", LINE)
    assert AuthLog.closed == ["authlog"]
    gc.collect()
    assert AuthLog.made and all(made() is None for made in AuthLog.made)


def test_a_pool_reads_it_too(tmp_path: Path) -> None:
    (tmp_path / "log").write_text(f"{LINE}\n" * 3000)
    engine = engine_with(AuthLog)
    with engine.worker() as worker, engine.pool(workers=2) as pool:
        assert list(pool.open("authlog", tmp_path)) == list(worker.open("authlog", tmp_path))


class Stop(Exception):
    pass


def failing(where: str, error: BaseException) -> type[libruntime.Source]:
    """An AuthLog that raises @p error in @p where, at lines with a word that says so."""

    class Failing(AuthLog):
        def __init__(self, options: Mapping[str, str]) -> None:
            super().__init__(options)
            if where == "create":
                raise error

        def next(self, input: Input) -> Union[Event, libruntime.Again, None]:
            event = super().next(input)
            if where == "next" and isinstance(event, Event) and b"bad" in event.payload:
                raise error
            return event

        def extract(self, event: Event, slot: Slot) -> Value:
            if where == "extract" and b"bad" in event.payload:
                raise error
            return super().extract(event, slot)

        def demand(self, slots: Sequence[Slot]) -> None:
            if where == "demand":
                raise error

        def identity(self, event: Event) -> str:
            if where == "identity" and b"bad" in event.payload:
                raise error
            return super().identity(event)

    return Failing


@pytest.mark.parametrize("where", ["create", "next", "extract", "demand", "identity"])
@pytest.mark.parametrize("pooled", [False, True])
def test_an_exception_arrives_unchanged_and_the_engine_goes_on(where: str, pooled: bool) -> None:
    error = Stop(where)
    engine = engine_with(failing(where, error))
    judge: Union[libruntime.Worker, libruntime.Pool] = engine.pool(workers=2) if pooled else engine.worker()
    with judge:
        with pytest.raises(Stop) as caught:
            judge.feed("authlog", f"{LINE}\n{LINE} bad\n")
            if isinstance(judge, libruntime.Pool):
                judge.flush()
        assert caught.value is error
        assert judge.pending() == [] or where not in ("create", "demand")
        if where in ("next", "extract", "identity"):
            alerts = judge.feed("authlog", LINE)
            alerts += judge.flush() if isinstance(judge, libruntime.Pool) else []
            assert len(alerts) == 1
    with libruntime.Engine() as other:
        assert list(other.sources())


@pytest.mark.parametrize("pooled", [False, True])
def test_an_exception_on_the_way_out_reaches_who_closes(pooled: bool) -> None:
    error = Stop("close")

    class Failing(AuthLog):
        def close(self) -> None:
            raise error

    engine = engine_with(Failing)
    judge: Union[libruntime.Worker, libruntime.Pool] = engine.pool(workers=2) if pooled else engine.worker()
    judge.feed("authlog", LINE)
    with pytest.raises(Stop) as caught:
        judge.close()
    assert caught.value is error and judge.closed
    judge.close()
    with engine.worker() as other:
        assert len(other.feed("authlog", LINE)) == 1
        with pytest.raises(Stop):
            other.close()


class Garbage(libruntime.Source):
    """Returns whatever it was told to."""

    name = "garbage"
    fields = (FieldSpec("garbage.text"), FieldSpec("garbage.number", "uint8"), FieldSpec("garbage.ip", "ipaddr"),
              FieldSpec("garbage.list", list=True), FieldSpec("garbage.truth", bool))
    event: object = Event(b"x")
    value: object = None

    def __init__(self, options: Mapping[str, str]) -> None:
        super().__init__(options)
        self.left = 1

    def restart(self) -> None:
        self.left = 1

    def next(self, input: Input) -> Union[Event, libruntime.Again, None]:
        self.left -= 1
        return Garbage.event if self.left == 0 else None  # type: ignore[return-value]

    def extract(self, event: Event, slot: Slot) -> Value:
        return Garbage.value  # type: ignore[return-value]


@pytest.mark.parametrize(
    "field, value, error",
    [
        ("text", 7, TypeError),
        ("text", ["a"], TypeError),
        ("text", "\ud800", UnicodeEncodeError),
        ("number", 256, ValueError),
        ("number", -1, ValueError),
        ("number", "1", TypeError),
        ("ip", "nowhere", ValueError),
        ("ip", object(), ValueError),
        ("list", "text", TypeError),
        ("list", [["nested"]], TypeError),
        ("list", 7, TypeError),
        ("truth", "yes", TypeError),
    ],
)
def test_a_value_of_a_wrong_type_is_an_error(field: str, value: object, error: type[Exception]) -> None:
    rules = f"- {{rule: r, desc: d, source: garbage, condition: garbage.{field} exists, output: x, priority: INFO}}"
    engine = engine_with(Garbage, rules)
    Garbage.value = value
    with engine.worker() as worker:
        with pytest.raises(error):
            worker.feed("garbage", b"x")
        assert worker.pending() == []
        Garbage.value = None
        assert worker.feed("garbage", b"x") == []


def test_what_is_no_event_is_an_error() -> None:
    rules = "- {rule: r, desc: d, source: garbage, condition: evt.num > 0, output: x, priority: INFO}"
    engine = engine_with(Garbage, rules)
    with engine.worker() as worker:
        try:
            Garbage.event = "event"
            with pytest.raises(TypeError, match="which is no Event"):
                worker.feed("garbage", b"x")
        finally:
            Garbage.event = Event(b"x")
        assert len(worker.feed("garbage", b"x")) == 1


def test_an_input_is_not_kept() -> None:
    kept: list[Input] = []

    class Keeping(AuthLog):
        def next(self, input: Input) -> Union[Event, libruntime.Again, None]:
            kept.append(input)
            return super().next(input)

    with engine_with(Keeping).worker() as worker:
        worker.feed("authlog", LINE)
    with pytest.raises(libruntime.ClosedError):
        kept[0].read()


def test_bad_records_are_told() -> None:
    class Strict(AuthLog):
        def next(self, input: Input) -> Union[Event, libruntime.Again, None]:
            while (line := input.readline()) and b"=" not in line:
                input.skipped("a line without words")
            return Event(line, data={"result": "fail", "ip": "192.0.2.7"}) if line else None

    with engine_with(Strict).worker() as worker:
        worker.feed("authlog", f"nothing\n{LINE}\n")
        assert [row.what for row in worker.skipped] == ["a line without words"]
        assert worker.stats().skipped == 1


def test_a_source_may_open_its_inputs_itself() -> None:
    class Clock(libruntime.Source):
        name = "clock"
        opens = True
        fields = (FieldSpec("clock.tick", "uint64"),)

        def __init__(self, options: Mapping[str, str]) -> None:
            super().__init__(options)
            self.ticks = 0

        def next(self, input: Input) -> Union[Event, libruntime.Again, None]:
            self.ticks += 1
            if self.ticks > int(input.name):
                return None
            return Event(data=self.ticks) if self.ticks % 2 else AGAIN

        def extract(self, event: Event, slot: Slot) -> Value:
            return int(event.data)

    rules = ("- {rule: r, desc: d, source: clock, condition: clock.tick > 2, output: '%clock.tick', "
             "priority: INFO}")
    with engine_with(Clock, rules).worker() as worker:
        assert [alert["clock.tick"] for alert in worker.open("clock", "7")] == [3, 5, 7]


def test_registration_is_checked() -> None:
    engine = libruntime.Engine()
    with pytest.raises(TypeError, match="derived from libruntime.Source"):
        engine.add_source(AuthLog({}))  # type: ignore[arg-type]

    class Wrong(libruntime.Source):
        name = "wrong"
        fields = [FieldSpec("wrong.a", "number")]

    with pytest.raises(ValueError, match="no kind 'number'"):
        engine.add_source(Wrong)
    engine.add_source(AuthLog)
    with pytest.raises(libruntime.Error):
        engine.add_source(AuthLog)
    engine.worker().close()
    Wrong.fields = []
    with pytest.raises(libruntime.Error):
        engine.add_source(Wrong)


def test_workers_on_threads_have_instances_of_their_own() -> None:
    engine = engine_with(AuthLog)
    counts: list[int] = []

    def judge() -> None:
        with engine.worker() as worker:
            counts.append(sum(len(worker.feed("authlog", f"{LINE}\n" * 50)) for _ in range(20)))

    threads = [threading.Thread(target=judge) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [1000] * 4
