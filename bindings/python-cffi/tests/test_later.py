# SPDX-License-Identifier: Apache-2.0
"""Fields whose values come later."""
import asyncio
import gc
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Optional

import pytest

import libruntime
from helpers import SOURCE, record
from test_fields import RULE, alerts_of

LONG = 60.0  # seconds: nobody waits for so long


@pytest.fixture(name="threads")
def make_threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as threads:
        yield threads


def after_a_while(value: Any) -> Any:
    time.sleep(0.005)
    return value


def late_in(judge: Any) -> int:
    return sum(loss.count for loss in judge.losses() if loss.part == "test" and "too late" in loss.cause)


def failed_in(judge: Any) -> int:
    return sum(loss.count for loss in judge.losses() if loss.part == "test" and "too late" not in loss.cause)


def test_another_thread_gives_the_value(engine: libruntime.Engine, threads: ThreadPoolExecutor) -> None:
    asked: list[int] = []

    def slow(name: str) -> str:
        asked.append(threading.get_ident())
        time.sleep(0.01)
        return name.lower()

    @engine.field("test.lower", reads=["ct.name"], deadline=LONG)
    def lower(name: str) -> "Future[str]":
        return threads.submit(slow, name)

    alerts = alerts_of(engine, "test.lower startswith call", "%test.lower", count=20)
    assert [alert["test.lower"] for alert in alerts] == [f"call{i}" for i in range(20)]
    assert len(asked) == 20 and threading.get_ident() not in asked


@pytest.mark.parametrize("kind, value", [(int, -5), (bool, False), (bytes, b"a\0b"), ("path", ""), ("ipnet", None)])
def test_values_of_any_kind_come_later(
    engine: libruntime.Engine, threads: ThreadPoolExecutor, kind: Any, value: libruntime.Value
) -> None:
    engine.field("test.value", kind=kind, deadline=LONG)(lambda: threads.submit(after_a_while, value))
    alerts = alerts_of(engine, "ct.name exists", "%test.value")
    assert alerts[0]["test.value"] == value


def test_a_value_that_is_there_already_is_taken(engine: libruntime.Engine) -> None:
    done: "Future[str]" = Future()
    done.set_result("x")
    engine.field("test.done")(lambda: done)
    assert len(alerts_of(engine, "test.done = x", count=3)) == 3


def test_an_async_function_runs_on_its_loop(engine: libruntime.Engine) -> None:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:

        @engine.field("test.whois", reads=["ct.srcip"], deadline=LONG, loop=loop)
        async def whois(srcip: str) -> str:
            await asyncio.sleep(0.01)
            return f"owner of {srcip}"

        alerts = alerts_of(engine, "test.whois exists", "%test.whois", count=3)
        assert [alert["test.whois"] for alert in alerts] == ["owner of 192.0.2.7"] * 3
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def test_asyncio_asks_the_loop_that_reads_its_alerts(engine: libruntime.Engine) -> None:
    async def main() -> list[libruntime.Value]:
        @engine.field("test.soon", reads=["ct.name"], deadline=LONG, loop=asyncio.get_running_loop())
        async def soon(name: str) -> str:
            await asyncio.sleep(0.001)
            return name.upper()

        async def deliveries() -> Any:
            yield [record(f"Call{i}") for i in range(5)]

        engine.use(engine.compile(RULE.format(condition="test.soon exists", output="%test.soon")))
        async with engine.alerts(SOURCE, deliveries()) as alerts:
            return [alert["test.soon"] async for alert in alerts]

    assert asyncio.run(main()) == [f"CALL{i}" for i in range(5)]


def test_what_comes_too_late_is_missing_and_counted(engine: libruntime.Engine) -> None:
    asked: "list[Future[str]]" = []

    @engine.field("test.never", deadline=0.01)
    def never() -> "Future[str]":
        asked.append(Future())
        return asked[-1]

    engine.use(engine.compile(RULE.format(condition="not test.never exists", output="")))
    with engine.worker() as worker:
        assert len(worker.feed(SOURCE, [record(), record()])) == 2
        assert late_in(worker) == 2
        asked[0].set_result("x")  # nobody waits for it: nothing happens
        asked[1].set_exception(ValueError("late"))
        assert len(worker.feed(SOURCE, record())) == 1


def test_one_that_is_dropped_or_cancelled_ends_the_wait(engine: libruntime.Engine) -> None:
    names: list[str] = []

    @engine.field("test.gone", reads=["ct.name"], deadline=LONG)
    def gone(name: str) -> "Future[str]":
        names.append(name)
        future: "Future[str]" = Future()
        if name == "Call0":
            threading.Timer(0.02, future.cancel).start()
        return future  # held by nobody else

    engine.use(engine.compile(RULE.format(condition="not test.gone exists", output="")))
    with engine.worker() as worker:
        started = time.monotonic()
        assert len(worker.feed(SOURCE, [record(f"Call{i}") for i in range(2)])) == 2
        assert time.monotonic() - started < LONG / 2
        assert names == ["Call0", "Call1"] and failed_in(worker) == 2 and late_in(worker) == 0


class Stop(Exception):
    pass


@pytest.mark.parametrize("pooled", [False, True])
def test_what_it_raises_reaches_the_caller(
    engine: libruntime.Engine, threads: ThreadPoolExecutor, pooled: bool
) -> None:
    error = Stop()

    def fail() -> str:
        time.sleep(0.01)
        raise error

    engine.field("test.bad", deadline=LONG)(lambda: threads.submit(fail))
    engine.use(engine.compile(RULE.format(condition="not test.bad exists", output="")))
    judge: Any = engine.pool(workers=2) if pooled else engine.worker()
    with judge:
        with pytest.raises(Stop) as caught:
            judge.feed(SOURCE, record())
            if pooled:
                judge.flush()
        assert caught.value is error
        assert len(judge.pending()) == 1 and failed_in(judge) == 1


@pytest.mark.parametrize("value", [7, "\ud800", object()])
def test_a_wrong_value_is_an_error(
    engine: libruntime.Engine, threads: ThreadPoolExecutor, value: Any
) -> None:
    engine.field("test.text", deadline=LONG)(lambda: threads.submit(after_a_while, value))
    with pytest.raises((TypeError, UnicodeEncodeError)):
        alerts_of(engine, "test.text exists")


def test_a_text_that_is_too_long_is_counted(engine: libruntime.Engine, threads: ThreadPoolExecutor) -> None:
    engine.field("test.long", deadline=LONG)(lambda: threads.submit(after_a_while, "x" * 65537))
    engine.use(engine.compile(RULE.format(condition="not test.long exists", output="")))
    with engine.worker() as worker:
        assert len(worker.feed(SOURCE, record())) == 1
        assert failed_in(worker) == 1


def test_a_list_cannot_come_later(engine: libruntime.Engine) -> None:
    engine.field("test.list", is_list=True)(Future)
    with pytest.raises(TypeError, match="'test.list' is a list, which cannot come later"):
        alerts_of(engine, "test.list exists")


def test_options_are_checked(engine: libruntime.Engine) -> None:
    async def later() -> Optional[str]:
        return None

    loop = asyncio.new_event_loop()
    try:
        with pytest.raises(TypeError, match="'test.a': a function that is async, and no other, needs the loop"):
            engine.field("test.a")(later)
        with pytest.raises(TypeError, match="needs the loop"):
            engine.field("test.a", loop=loop)(lambda: None)
    finally:
        loop.close()
    for deadline in (0, -1, 5e6, float("nan")):
        with pytest.raises(ValueError, match="a deadline is more than 0"):
            engine.field("test.a", deadline=deadline)(lambda: None)


def test_the_workers_of_a_pool_wait_side_by_side(engine: libruntime.Engine, threads: ThreadPoolExecutor) -> None:
    barrier = threading.Barrier(2)

    def meet(name: str) -> str:
        barrier.wait(LONG)
        return name

    engine.field("test.met", reads=["ct.name"], deadline=LONG)(lambda name: threads.submit(meet, name))
    engine.use(engine.compile(RULE.format(condition="test.met exists", output="%test.met")))
    with engine.pool(workers=4, batch_bytes=400) as pool:
        alerts = pool.feed(SOURCE, [record(f"Call{i}") for i in range(16)]) + pool.flush()
    assert [alert["test.met"] for alert in alerts] == [f"Call{i}" for i in range(16)]


def test_an_answer_may_come_when_worker_and_engine_are_gone() -> None:
    asked: "list[Future[str]]" = []

    def ask() -> "Future[str]":
        asked.append(Future())
        return asked[-1]

    with libruntime.Engine() as engine:
        engine.field("test.gone", deadline=0.001)(ask)
        assert len(alerts_of(engine, "not test.gone exists")) == 1
    del engine
    gc.collect()
    asked.pop().set_result("x")
