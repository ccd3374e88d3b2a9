# SPDX-License-Identifier: Apache-2.0
"""Lives and deaths: of objects in any order, of processes, and of whoever waits."""
import atexit
import gc
import json
import os
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Optional

import pytest

import libruntime
from helpers import RULES, SOURCE, record
from libruntime import Event, FieldSpec, Input, Slot, Value


class Numbers(libruntime.Source):
    """One event a line; what it reads is the line."""

    name = "numbers"
    fields = (FieldSpec("numbers.line"),)

    def hook(self, where: str) -> object:
        """Called in each function."""

    def __init__(self, options: Mapping[str, str]) -> None:
        super().__init__(options)
        self.hook("create")

    def next(self, input: Input) -> Optional[Event]:
        self.hook("next")
        line = input.readline()
        return Event(line) if line else None

    def extract(self, event: Event, slot: Slot) -> Value:
        self.hook("extract")
        return event.payload.rstrip()

    def restart(self) -> None:
        self.hook("restart")

    def identity(self, event: Event) -> Optional[str]:
        self.hook("identity")
        return event.payload.decode()

    def close(self) -> None:
        self.hook("close")


NUMBERS = ("- {rule: n, desc: d, condition: numbers.line exists, output: '%numbers.line', priority: INFO, "
           "source: numbers}")


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError])
@pytest.mark.parametrize("where", ["create", "next", "extract", "restart", "identity", "close", "field", "output"])
def test_what_ends_a_program_ends_it(kind: "type[BaseException]", where: str) -> None:
    """Whatever kind of exception comes out of a callback, it arrives, and the engine goes on."""
    armed = [True]

    def fire(here: str) -> None:
        if armed[0] and here == where:
            armed[0] = False
            raise kind(where)

    class Own(Numbers):
        def hook(self, where: str) -> None:
            fire(where)

    engine = libruntime.Engine(hostname="host")
    engine.add_source(Own)
    engine.field("my.field", reads=["numbers.line"])(lambda line: fire("field"))
    engine.use(engine.compile(NUMBERS.replace("exists", "exists and not my.field exists")))
    worker = engine.worker(outputs=[lambda alert: fire("output")])
    with pytest.raises(kind) as caught:
        worker.feed("numbers", "1\n")
        worker.feed("numbers", "2\n")
        worker.close()
    assert str(caught.value) == where and caught.traceback[-1].name == "fire"
    worker.close()
    with engine.worker() as again:
        assert len(again.feed("numbers", "3\n")) == 1


def test_ctrl_c_ends_a_long_batch(engine: libruntime.Engine) -> None:
    engine.use(engine.compile(RULES))
    batch = [json.dumps(record()).encode()] * 200_000
    timer = threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT))
    with engine.worker() as worker:
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            for _ in range(1000):
                worker.feed(SOURCE, batch)
        worker.pending()
        assert len(worker.feed(SOURCE, record())) == 1
    timer.join()


def test_sources_and_fields_may_use_other_workers(engine: libruntime.Engine) -> None:
    """A field that asks another engine, and a source that loads rules meanwhile."""
    inner_engine = libruntime.Engine(hostname="host")
    inner_engine.use(inner_engine.compile(RULES))
    inner = inner_engine.worker()
    engine.field("inner.alerts", kind=int)(lambda: len(inner.feed(SOURCE, record())))

    class Busy(Numbers):
        def hook(self, where: str) -> None:
            if where == "next":
                engine.use(engine.compile(rules))

    engine.add_source(Busy)
    rules = NUMBERS.replace("numbers.line exists", "inner.alerts = 1")
    engine.use(engine.compile(rules))
    with engine.worker() as worker:
        assert len(worker.feed("numbers", "1\n2\n3\n")) == 3


def in_child(function: "Callable[[], bool]") -> bool:
    """Run it in a forked child, which ends as a script would: exit functions, collected objects and all."""
    child = os.fork()
    if child == 0:
        code = 3
        try:
            code = 0 if function() else 1
            gc.collect()
            atexit._run_exitfuncs()
        finally:
            os._exit(code)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status) == 0
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


def test_a_child_goes_on_with_workers(engine: libruntime.Engine) -> None:
    engine.use(engine.compile(RULES))
    with engine.worker() as worker:
        worker.feed(SOURCE, record("A"))

        def child() -> bool:
            with engine.worker() as own, engine.pool(workers=2) as pool:
                pool.feed(SOURCE, record("C"))
                return len(worker.feed(SOURCE, record("B"))) == len(own.feed(SOURCE, record())) == len(pool.flush())

        assert in_child(child)
        assert len(worker.feed(SOURCE, record("C"))) == 1


def test_a_child_has_no_pool_of_its_parent_s_and_ends(engine: libruntime.Engine) -> None:
    engine.use(engine.compile(RULES))
    with engine.pool(workers=3) as pool:
        pool.feed(SOURCE, [record()] * 100)

        def child() -> bool:
            with pytest.raises(libruntime.ClosedError):
                pool.feed(SOURCE, record())
            pool.close()
            engine.close()
            return True

        assert in_child(child)
        assert len(pool.flush()) == 100
    dropped = engine.pool(workers=2)
    assert in_child(lambda: dropped.closed)


SCRIPT = """
import sys
sys.path[:0] = {path!r}
import libruntime
from helpers import RULES, SOURCE, record

class Kept(libruntime.Source):
    name = "kept"
    fields = ()
    def next(self, input):
        line = input.readline()
        return libruntime.Event(line) if line else None
    def close(self):
        print("closed", flush=True)

engine = libruntime.Engine()
engine.add_source(Kept)
engine.use(engine.compile(RULES + "- {{rule: k, desc: d, condition: evt.num > 0, output: k, priority: INFO, "
                          "source: kept}}"))
worker = engine.worker()
pool = engine.pool(workers=2)
assert len(worker.feed("kept", "1\\n")) == 1
pool.feed(SOURCE, [record()] * 10)
me = [engine]
me.append(me)
{end}
"""


@pytest.mark.parametrize("end, code", [("", 0), ("sys.exit(3)", 3), ("raise KeyboardInterrupt", -signal.SIGINT),
                                       ("del engine, worker", 0), ("import os; os.kill(os.getpid(), 15)", -15)])
def test_a_program_ends_without_closing_anything(end: str, code: int) -> None:
    path = [str(Path(libruntime.__file__).parents[1]), str(Path(__file__).parent)]
    done = subprocess.run([sys.executable, "-c", SCRIPT.format(path=path, end=end)], capture_output=True,
                          text=True, timeout=60, check=False)
    assert done.returncode == code, done.stderr
    assert done.stdout == ("" if code == -15 else "closed\n")


def test_cycles_through_everything_are_collected() -> None:
    class Node:
        def __init__(self) -> None:
            self.engine = libruntime.Engine()
            self.value = "x"

            node = self

            class Own(Numbers):
                def hook(self, where: str) -> object:
                    return node

            self.engine.add_source(Own)
            self.engine.field("my.field")(lambda: self.value)
            self.rules = self.engine.compile(NUMBERS + "\n")
            self.engine.use(self.rules)
            self.worker = self.engine.worker(outputs=[self.take], on_skipped=self.take)
            self.alerts: list[Any] = [self]
            self.worker.feed("numbers", "1\n")

        def take(self, what: object) -> None:
            self.alerts.append(what)

    gone = [weakref.ref(Node()) for _ in range(5)]
    for node in gone:
        alive = node()
        assert alive is None or len(alive.alerts) == 2
        del alive
    gc.collect()
    gc.collect()
    assert [node() for node in gone] == [None] * 5
