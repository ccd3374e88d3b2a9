# SPDX-License-Identifier: Apache-2.0
"""Fields written in Python."""
import gc
import ipaddress
import json
import threading
import weakref
from pathlib import Path
from typing import Any, Optional, Union

import pytest

import libruntime
from helpers import SOURCE, record
from libruntime import Value

RULE = """
- rule: r
  desc: d
  condition: {condition}
  output: "%ct.name {output}"
  priority: INFO
  source: aws_cloudtrail
"""


def alerts_of(engine: libruntime.Engine, condition: str, output: str = "", count: int = 1) -> list[libruntime.Alert]:
    engine.use(engine.compile(RULE.format(condition=condition, output=output)))
    with engine.worker() as worker:
        return worker.feed(SOURCE, [record(f"Call{i}") for i in range(count)])


def test_a_function_is_a_field(engine: libruntime.Engine) -> None:
    seen: list[Value] = []

    @engine.field("geo.country", reads=["ct.srcip"], sources=[SOURCE], help="where from")
    def country(srcip: Optional[str]) -> Optional[str]:
        seen.append(srcip)
        return "AQ" if srcip == "192.0.2.7" else None

    alerts = alerts_of(engine, "geo.country = AQ", "%geo.country")
    assert alerts[0]["geo.country"] == "AQ" and alerts[0].text.endswith("Call0 AQ")
    assert seen == ["192.0.2.7"]  # once per event
    assert country("10.0.0.1") is None
    assert any(f.name == "geo.country" and f.help == "where from" and f.group == "geo" for f in engine.fields())


def test_what_is_missing_is_none_both_ways(engine: libruntime.Engine) -> None:
    seen: list[tuple[Value, ...]] = []

    @engine.field("test.nothing", reads=["ct.error", "ct.name"])
    def nothing(*values: Value) -> None:
        seen.append(values)

    assert alerts_of(engine, "test.nothing exists") == []
    assert seen == [(None, "Call0")]


@pytest.mark.parametrize(
    "kind, value, shown",
    [
        (int, -5, "-5"),
        (bool, True, "true"),
        ("uint64", 2**64 - 1, str(2**64 - 1)),
        ("ipaddr", ipaddress.ip_address("2001:db8::1"), "2001:db8::1"),
        (str, "text \u2603", "text \u2603"),
        ("path", "/etc/passwd", "/etc/passwd"),
    ],
)
def test_values_of_any_kind_come_back(engine: libruntime.Engine, kind: Any, value: Value, shown: str) -> None:
    engine.field("test.value", kind=kind)(lambda: value)
    alerts = alerts_of(engine, "test.value exists", "%test.value")
    assert alerts[0]["test.value"] == value and alerts[0].text.endswith(shown)


def test_lists_and_arguments(engine: libruntime.Engine) -> None:
    engine.field("test.words", reads=["ct.name"], is_list=True)(lambda name: [name, "b"])
    engine.field("test.upper", arg="key", arg_required=True)(lambda key: key.upper())
    engine.field("test.nth", arg="index", kind=int)(lambda index: -1 if index is None else index * 2)
    engine.field("test.len", arg="fields", arg_required=True, kind="uint64")(lambda *values: sum(map(len, values)))
    alerts = alerts_of(
        engine,
        "test.words intersects (b, c) and test.upper[ab] = AB and test.nth[21] = 42 and test.nth = -1",
        "%test.len[ct.name] %test.len[ct.name,ct.srcip]",
    )
    assert alerts[0]["test.len[ct.name]"] == 5 and alerts[0].text.endswith("5 14")


def test_pure_fields_are_kept_while_nothing_changes(engine: libruntime.Engine) -> None:
    calls = {"pure": 0, "plain": 0}

    @engine.field("test.pure", reads=["ct.srcip"], pure=True)
    def pure(srcip: str) -> str:
        calls["pure"] += 1
        return srcip

    @engine.field("test.plain", reads=["ct.srcip"])
    def plain(srcip: str) -> str:
        calls["plain"] += 1
        return srcip

    found = alerts_of(engine, 'test.pure = "192.0.2.7" and test.plain = "192.0.2.7"', count=500)
    assert len(found) == 500 and calls["plain"] == 500 and calls["pure"] < 250


class Stop(Exception):
    pass


@pytest.mark.parametrize("pooled", [False, True])
def test_an_exception_arrives_and_other_rules_are_judged(engine: libruntime.Engine, pooled: bool) -> None:
    error = Stop()

    @engine.field("test.bad", reads=["ct.name"])
    def bad(name: str) -> str:
        if name == "Call1":
            raise error
        return name

    other = RULE.format(condition="ct.name exists", output="").replace("rule: r", "rule: other")
    engine.use(engine.compile(RULE.format(condition="test.bad = x", output="") + other))
    judge: Union[libruntime.Worker, libruntime.Pool] = engine.pool(workers=2) if pooled else engine.worker()
    with judge:
        with pytest.raises(Stop) as caught:
            judge.feed(SOURCE, b"\n".join(json.dumps(record(f"Call{i}")).encode() for i in range(3)))
            if isinstance(judge, libruntime.Pool):
                judge.flush()
        assert caught.value is error
        assert len(judge.pending()) == 3  # the field was missing, that is all
        assert any(loss.part == "test" and loss.count for loss in judge.losses())


@pytest.mark.parametrize("value", [7, "\ud800", ["a"], object()])
def test_a_wrong_value_is_an_error(engine: libruntime.Engine, value: Any) -> None:
    engine.field("test.text")(lambda: value)
    with pytest.raises((TypeError, UnicodeEncodeError)):
        alerts_of(engine, "test.text exists")


def test_a_field_may_not_call_its_worker(engine: libruntime.Engine) -> None:
    workers: list[libruntime.Worker] = []
    engine.field("test.again")(lambda: workers[0].feed(SOURCE, b"{}"))
    engine.use(engine.compile(RULE.format(condition="test.again exists", output="")))
    with engine.worker() as worker:
        workers.append(worker)
        with pytest.raises(libruntime.BusyError, match="a callback may not call it again"):
            worker.feed(SOURCE, record())


def test_names_and_reads_are_checked(engine: libruntime.Engine) -> None:
    with pytest.raises(libruntime.Error, match="RT_EEXIST"):
        engine.field("ct.name")(lambda: "")
    with pytest.raises(libruntime.Error, match="field 'test.a'"):
        engine.field("test.a", reads=["no.such"], sources=[SOURCE])(lambda value: value)
    with pytest.raises(ValueError, match="no kind"):
        engine.field("test.b", kind="number")(lambda: 1)
    with pytest.raises(ValueError, match="begins with the name of 'ct.name'"):
        engine.field("ct.name_length")(lambda: "")
    with pytest.raises(ValueError, match="arg is one of"):
        engine.field("test.c", arg="text")(lambda: 1)


def test_fields_may_be_added_later(engine: libruntime.Engine) -> None:
    assert len(alerts_of(engine, "ct.name exists")) == 1
    engine.field("late.one")(lambda: "x")
    assert len(alerts_of(engine, "late.one = x")) == 1


def test_instances_end_with_their_worker_and_functions_with_their_engine() -> None:
    class Held:
        def __call__(self) -> str:
            return "x"

    held = Held()
    gone = weakref.ref(held)
    with libruntime.Engine() as engine:
        engine.field("test.held")(held)
        assert len(alerts_of(engine, "test.held = x")) == 1
        assert not engine.parts.instances
    del held, engine
    gc.collect()
    assert gone() is None


def test_a_pool_and_threads_share_a_field(engine: libruntime.Engine, tmp_path: Path) -> None:
    engine.field("test.size", reads=["ct.name"], kind="uint64")(len)
    engine.use(engine.compile(RULE.format(condition="test.size >= 5", output="%test.size")))
    batch = [record(f"Call{i}") for i in range(2000)]
    with engine.worker() as worker, engine.pool(workers=3) as pool:
        expected = worker.feed(SOURCE, batch)
        assert pool.feed(SOURCE, batch) + pool.flush() == expected and len(expected) == 2000
    counts: list[int] = []

    def judge() -> None:
        with engine.worker() as own:
            counts.append(len(own.feed(SOURCE, batch)))

    threads = [threading.Thread(target=judge) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [2000] * 3
