# SPDX-License-Identifier: Apache-2.0
"""Any order of calls: nothing crashes, and workers say what a model says."""
import gc
import json
import os
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, rule

import libruntime
from helpers import RULES, SOURCE, record

ALL = RULES
LOGINS = RULES.replace("not ct.name", "ct.name")
SETS: "dict[str, Callable[[str], bool]]" = {
    ALL: lambda name: name != "ConsoleLogin",
    LOGINS: lambda name: name == "ConsoleLogin",
}
NAMES = st.sampled_from(["A", "B", "ConsoleLogin"])
LINES = st.lists(NAMES | st.just("{broken"), max_size=6)


def line_of(name: str) -> bytes:
    return name.encode() if name.startswith("{") else json.dumps(record(name)).encode()


def text_of(names: "list[str]") -> bytes:
    return b"".join(line_of(name) + b"\n" for name in names)


class Life(RuleBasedStateMachine):
    """Engines, rulesets, workers and pools, made, used, closed and forgotten in any order."""

    engines: "Bundle[Any]" = Bundle("engines")
    rulesets: "Bundle[Any]" = Bundle("rulesets")
    judges: "Bundle[Any]" = Bundle("judges")
    alerts: "Bundle[Any]" = Bundle("alerts")

    def __init__(self) -> None:
        super().__init__()
        self.in_force: "dict[int, str]" = {}
        self.owners: "dict[int, libruntime.Engine]" = {}
        self.waiting: "dict[int, list[str]]" = {}
        self.kept: "list[object]" = []  # so that no id comes twice

    @rule(target=engines)
    def make_engine(self) -> libruntime.Engine:
        engine = libruntime.Engine(hostname="host")
        engine.field("test.shout", reads=["ct.name"])(lambda name: name and name.upper())
        self.kept.append(engine)
        return engine

    @rule(target=rulesets, engine=engines, text=st.sampled_from([ALL, LOGINS]), way=st.sampled_from("tcl"))
    def make_rules(self, engine: libruntime.Engine, text: str, way: str) -> object:
        if engine.closed:
            return None
        rules = engine.compile(text)
        if way == "c":
            rules = engine.load_compiled(rules.bytes())
        return (engine, rules, text)

    @rule(made=rulesets)
    def use(self, made: "tuple[libruntime.Engine, libruntime.Ruleset, str]") -> None:
        if made and not made[0].closed:
            made[0].use(made[1])
            self.in_force[id(made[0])] = made[2]

    @rule(target=judges, engine=engines, pooled=st.booleans(), collect=st.booleans())
    def make_judge(self, engine: libruntime.Engine, pooled: bool, collect: bool) -> object:
        if engine.closed or id(engine) not in self.in_force:
            return None
        outputs = [lambda alert: gc.collect(0)] if collect else []
        judge = engine.pool(workers=2, outputs=outputs) if pooled else engine.worker(outputs=outputs)
        self.kept.append(judge)
        self.owners[id(judge)] = engine
        self.waiting[id(judge)] = []
        return judge

    @rule(target=alerts, judge=judges, names=LINES, cut=st.integers(0, 3))
    def feed(self, judge: "libruntime.Worker", names: "list[str]", cut: int) -> object:
        if judge is None or judge.closed:
            return None
        holds = SETS[self.in_force[id(self.owners[id(judge)])]]
        batch = [text_of(names[:cut]), text_of(names[cut:])]
        found = judge.feed(SOURCE, batch)
        if isinstance(judge, libruntime.Pool):
            found += judge.flush()
        assert [alert["ct.name"] for alert in found] == [n for n in names if not n.startswith("{") and holds(n)]
        return found

    @rule(judge=judges)
    def look(self, judge: "libruntime.Worker") -> None:
        if judge is not None and not judge.closed:
            assert judge.stats().alerts >= 0 and judge.losses() == [] and judge.pending() == []

    @rule(made=alerts)
    def read_alerts(self, made: "list[libruntime.Alert]") -> None:
        for alert in made or []:
            assert json.loads(alert.json)["rule"] == alert.rule == "Root used"

    @rule(judge=judges)
    def close_judge(self, judge: "libruntime.Worker") -> None:
        if judge is not None:
            judge.close()

    @rule(engine=engines)
    def close_engine(self, engine: libruntime.Engine) -> None:
        engine.close()

    @rule(made=consumes(rulesets))
    def forget_rules(self, made: object) -> None:
        del made
        gc.collect(0)

    @rule(judge=consumes(judges))
    def forget_judge(self, judge: object) -> None:
        self.kept = [kept for kept in self.kept if kept is not judge or getattr(judge, "closed")]
        gc.collect(0)


TestLife = Life.TestCase
EXAMPLES = 10 if "RT_PRELOAD" in os.environ else 40
TestLife.settings = settings(max_examples=EXAMPLES, stateful_step_count=30, deadline=None)

ENGINE = libruntime.Engine(hostname="host")
ENGINE.use(ENGINE.compile(RULES))


@settings(max_examples=60, deadline=None)
@given(LINES, st.lists(st.integers(0, 40), max_size=8))
def test_deliveries_cut_anywhere_between_lines_give_the_same(names: "list[str]", cuts: "list[int]") -> None:
    """One by one, in chunks of any size, as one text, and in a pool: the same alerts."""
    lines = [line_of(name) + b"\n" for name in names]
    places = sorted({min(cut, len(lines)) for cut in cuts} | {0, len(lines)})
    chunks = [b"".join(lines[a:b]) for a, b in zip(places, places[1:])]
    found = []
    for batch in (lines, chunks, [b"".join(lines)]):
        with ENGINE.worker(match_all=True) as worker:
            found.append([alert.json for alert in worker.feed(SOURCE, batch)])
            assert worker.stats().skipped == sum(name.startswith("{") for name in names)
    with ENGINE.pool(workers=2, match_all=True, batch_bytes=4096) as pool:
        found.append([alert.json for alert in pool.feed(SOURCE, chunks) + pool.flush()])
    assert found[1:] == found[:1] * 3
