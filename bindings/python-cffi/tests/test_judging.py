# SPDX-License-Identifier: Apache-2.0
"""Batches, outputs, exceptions, threads, figures."""
import gc
import json
import mmap
import resource
import threading
from pathlib import Path
from typing import Any, Callable, Union

import pytest

import libruntime
from helpers import RULES, SOURCE, record

Judge = Union[libruntime.Worker, libruntime.Pool]


def lines(count: int) -> list[bytes]:
    return [json.dumps(record(f"Call{i}")).encode() for i in range(count)]


def names(alerts: list[libruntime.Alert]) -> list[object]:
    return [alert["ct.name"] for alert in alerts]


# ---- batches ----


def test_a_batch_of_anything_is_judged_in_its_order(worker: libruntime.Worker) -> None:
    batch: list[Any] = [record("A"), json.dumps(record("B")), bytearray(json.dumps(record("C")).encode()),
             memoryview(json.dumps({"Records": [record("D"), record("E")]}).encode())]
    assert names(worker.feed(SOURCE, batch)) == ["A", "B", "C", "D", "E"]
    assert names(worker.feed(SOURCE, (item for item in batch[:2]))) == ["A", "B"]
    assert worker.feed(SOURCE, []) == []
    assert len(worker.feed(SOURCE, b"\n".join(lines(3000)))) == 3000
    assert len(worker.feed(SOURCE, lines(3000))) == 3000


def test_dicts_are_judged_like_their_text(worker: libruntime.Worker) -> None:
    odd = record("snowman \u2603 \ud800", nested={"a": [1, None, True, 1.5]})
    first, second = worker.feed(SOURCE, odd), worker.feed(SOURCE, json.dumps(odd))
    assert first[0].fields == second[0].fields


def test_what_is_no_record_is_refused_before_anything_is_judged(worker: libruntime.Worker) -> None:
    for bad, error in [(7, TypeError), ([record(), 7], TypeError), ({"a": object()}, TypeError),
                       ({"a": float("nan")}, ValueError), (None, TypeError), ("\ud800", UnicodeEncodeError)]:
        with pytest.raises(error):
            worker.feed(SOURCE, bad)  # type: ignore[arg-type]
    assert worker.stats().events == 0 and worker.pending() == []


def test_fed_memory_is_let_go(worker: libruntime.Worker) -> None:
    data = bytearray(lines(1)[0])
    worker.feed(SOURCE, [data])
    data += b" "  # raises BufferError while somebody holds it
    with mmap.mmap(-1, 4096) as area:
        area.write(lines(1)[0] + b"\n")
        assert len(worker.feed(SOURCE, memoryview(area)[: area.tell()])) == 1


def test_a_name_with_a_nul_is_refused(worker: libruntime.Worker) -> None:
    for call in (lambda: worker.feed("a\0b", b"{}"), lambda: worker.open(SOURCE, "/tmp/\0"),
                 lambda: worker.configure(SOURCE, **{"a\0": "b"})):
        with pytest.raises(ValueError, match="NUL"):
            call()  # type: ignore[no-untyped-call]


# ---- outputs and exceptions ----


class Stop(Exception):
    pass


def test_outputs_get_each_alert_while_its_event_is_there(engine: libruntime.Engine) -> None:
    seen: list[str] = []

    def explain(alert: libruntime.Alert) -> None:
        seen.append(worker.explain(alert.rule))
        assert worker.stats().events == len(seen)

    engine.use(engine.compile(RULES))
    with engine.worker(outputs=[explain]) as worker:
        assert len(worker.feed(SOURCE, lines(3))) == 3
    assert len(seen) == 3 and all("ct.user.identitytype" in text for text in seen)


def make_judges(engine: libruntime.Engine, **options: Any) -> list[Judge]:
    engine.use(engine.compile(RULES))
    return [engine.worker(**options), engine.pool(workers=2, **options)]


def test_an_exception_of_an_output_arrives_unchanged_and_nothing_is_lost(
    engine: libruntime.Engine, tmp_path: Path
) -> None:
    (tmp_path / "a.json").write_bytes(b"\n".join(lines(10)))
    error = Stop("at four")

    def fail(alert: libruntime.Alert) -> None:
        if alert["ct.name"] == "Call3":
            raise error

    for judge in make_judges(engine, outputs=[fail]):
        with judge:
            judge.open(SOURCE, tmp_path / "a.json")
            with pytest.raises(Stop) as caught:
                for _ in range(10):
                    judge.read()
            assert caught.value is error
            rest = judge.pending() + list(judge)
            assert names(rest)[-6:] == [f"Call{i}" for i in range(4, 10)]
            assert judge.stats().alerts >= 9
            feed_all = judge.feed(SOURCE, lines(3))
            feed_all += judge.flush() if isinstance(judge, libruntime.Pool) else []
            assert len(feed_all) == 3


def test_alerts_before_an_exception_come_with_the_next_call(engine: libruntime.Engine) -> None:
    def fail(alert: libruntime.Alert) -> None:
        if alert["ct.name"] == "Call2":
            raise KeyboardInterrupt

    engine.use(engine.compile(RULES))
    with engine.worker(outputs=[fail]) as worker:
        with pytest.raises(KeyboardInterrupt):
            worker.feed(SOURCE, lines(5))
        assert names(worker.feed(SOURCE, record("Next"))) == ["Call0", "Call1", "Call2", "Next"]


def test_what_hears_of_skipped_records_may_raise(engine: libruntime.Engine) -> None:
    def fail(row: libruntime.Skipped) -> None:
        raise Stop(row.what)

    engine.use(engine.compile(RULES))
    with engine.worker(on_skipped=fail) as worker:
        with pytest.raises(Stop):
            worker.feed(SOURCE, b"{broken\n" + lines(1)[0])
        assert len(worker.pending()) == 1
        assert len(worker.skipped) == 1


def test_a_callback_may_not_call_its_worker(engine: libruntime.Engine) -> None:
    errors: list[BaseException] = []

    def again(alert: libruntime.Alert) -> None:
        for call in (lambda: judge.feed(SOURCE, b"{}"), judge.close, judge.read, judge.finish):
            with pytest.raises(libruntime.BusyError, match="a callback may not call it again") as caught:
                call()
            errors.append(caught.value)

    for judge in make_judges(engine, outputs=[again]):
        with judge:
            alerts = judge.feed(SOURCE, lines(1))
            alerts += judge.flush() if isinstance(judge, libruntime.Pool) else []
            assert len(alerts) == 1
    assert len(errors) == 8


def test_a_callback_may_use_another_worker(engine: libruntime.Engine) -> None:
    found: list[libruntime.Alert] = []
    engine.use(engine.compile(RULES))
    with engine.worker() as inner:
        with engine.worker(outputs=[lambda alert: found.extend(inner.feed(SOURCE, lines(1)))]) as outer:
            outer.feed(SOURCE, lines(2))
    assert names(found) == ["Call0", "Call0"]


def test_two_threads_at_once_are_told(engine: libruntime.Engine) -> None:
    inside, leave = threading.Event(), threading.Event()

    def wait(alert: libruntime.Alert) -> None:
        inside.set()
        leave.wait(10)

    engine.use(engine.compile(RULES))
    with engine.worker(outputs=[wait]) as worker:
        thread = threading.Thread(target=worker.feed, args=(SOURCE, lines(1)))
        thread.start()
        assert inside.wait(10)
        for call in (lambda: worker.feed(SOURCE, b"{}"), worker.close, worker.losses):
            with pytest.raises(libruntime.BusyError, match="another thread"):
                call()
        leave.set()
        thread.join()
        assert len(worker.feed(SOURCE, lines(1))) == 1


def test_a_closed_object_says_so(engine: libruntime.Engine) -> None:
    for judge in make_judges(engine):
        judge.close()
        calls: list[Callable[[], object]] = [lambda: judge.feed(SOURCE, b""), judge.stats, judge.read, judge.__enter__]
        for call in calls:
            with pytest.raises(libruntime.ClosedError, match="was closed"):
                call()
    engine.close()
    with pytest.raises(libruntime.ClosedError, match="this engine was closed"):
        engine.worker()


def test_an_error_in_a_batch_says_where(engine: libruntime.Engine) -> None:
    engine = libruntime.Engine(sources=["json"])
    with engine.worker() as worker:
        with pytest.raises(libruntime.Error, match="RT_ENOENT") as caught:
            worker.feed("nowhere", [b"{}", b"{}"])
    assert caught.value.status == -6 and caught.value.name == "RT_ENOENT" and caught.value.fed == 0


# ---- pools ----


def test_a_pool_gives_what_a_worker_gives(engine: libruntime.Engine, tmp_path: Path) -> None:
    for i in range(5):
        (tmp_path / f"{i}.json").write_bytes(b"\n".join(lines(500)))
    engine.use(engine.compile(RULES))
    with engine.worker() as worker, engine.pool(workers=3) as pool:
        expected = list(worker.open(SOURCE, tmp_path))
        assert list(pool.open(SOURCE, tmp_path)) == expected
        assert pool.stats().alerts == len(expected) == pool.rule_alerts(0)
        alerts = pool.feed(SOURCE, lines(100)) + pool.flush()
        assert names(alerts) == [f"Call{i}" for i in range(100)]


def test_a_pool_binds_keys_to_workers(engine: libruntime.Engine) -> None:
    seen: dict[bytes, set[int]] = {}
    engine.use(engine.compile(RULES))
    keyed = [record("A", userIdentity={"type": "Root", "accountId": str(i % 5)}) for i in range(50)]
    with engine.pool(workers=3, key="account",
                     on_keyed=lambda worker, key, number: seen.setdefault(key, set()).add(worker)) as pool:
        pool.feed(SOURCE, keyed)
        pool.flush()
    assert seen and all(len(workers) == 1 for workers in seen.values())


# ---- figures and rules ----


def test_profiles_tell_what_rules_cost(engine: libruntime.Engine) -> None:
    engine.use(engine.compile(RULES))
    with engine.worker(sample_every=1) as worker:
        worker.feed(SOURCE, lines(10))
        rule = worker.rule_profile(0)
        assert rule.events == 10 and rule.held == 10
        assert any("ct.user.identitytype" in p.text for p in worker.predicate_profiles())
        profile = worker.profile()
    engine.use(engine.compile(RULES, profile=profile))
    with pytest.raises(libruntime.Error, match="RT_EFORMAT"):
        engine.compile(RULES, profile=b"nonsense")


def test_losses_are_a_list(worker: libruntime.Worker) -> None:
    worker.feed(SOURCE, lines(1))
    assert worker.losses() == []


def test_a_step_judges_one_event(worker: libruntime.Worker, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"\n".join(lines(2)))
    worker.open(SOURCE, tmp_path / "a.json")
    assert names(worker.step() or []) == ["Call0"]
    assert "ct.user.identitytype" in worker.explain("Root used")
    with pytest.raises(libruntime.Error, match="RT_ENOENT"):
        worker.explain("No such rule")
    assert names(worker.step() or []) == ["Call1"]
    assert worker.step() is None and worker.read() is None


def test_stopping_ends_a_run_and_resuming_goes_on(worker: libruntime.Worker, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"\n".join(lines(2)))
    worker.open(SOURCE, tmp_path / "a.json")
    worker.stop()
    assert worker.read() == []
    worker.resume()
    assert len(list(worker)) == 2


def test_compiled_rules_are_kept_and_loaded(engine: libruntime.Engine, tmp_path: Path) -> None:
    block = engine.compile(RULES).bytes()
    (tmp_path / "rules.rtp").write_bytes(block)
    forms: list[Union[bytes, Path]] = [block, tmp_path / "rules.rtp"]
    for given in forms:
        rules = engine.load_compiled(given)
        assert [rule.name for rule in rules] == ["Root used"] and rules.disassembly()
        engine.use(rules)
        with engine.worker() as worker:
            assert len(worker.feed(SOURCE, lines(1))) == 1
    with pytest.raises(libruntime.RuleError):
        engine.load_compiled(block[:-8])


def test_loaders_select_and_describe(engine: libruntime.Engine) -> None:
    with engine.loader(min_priority="Warning") as loader:
        loader.add(RULES).add(RULES.replace("Root used", "Second"), "second.yaml")
        assert len(loader.compile(disable=["Second"])) == 1
        assert loader.select("aws", enable=True, by="tag") == 2
        assert len(loader.compile()) == 2
        assert loader.describe("Second")["rules"][0]["info"]["name"] == "Second"
    assert len(engine.compile(RULES, min_priority="Error")) == 0
    with pytest.raises(libruntime.Error, match="Emergency"):
        engine.loader(min_priority="loud")


def test_tables_of_the_language_are_read(engine: libruntime.Engine) -> None:
    names = [row.name for row in libruntime.table("operators")]
    assert "startswith" in names and len(names) == len(set(names))
    assert all(libruntime.table(name) for name in ("kinds", "limits", "events", "params", "diagnostics"))
    with pytest.raises(ValueError, match="no table 'verbs'"):
        libruntime.table("verbs")
    with engine.loader() as loader:
        loader.add(RULES).compile()
        with pytest.raises(libruntime.Error, match="stage 'nothing'"):
            loader.dump("nothing")


def test_sources_are_listed_and_renamed() -> None:
    engine = libruntime.Engine(sources=["json"])
    engine.alias_source("json", "access")
    assert {"json", "access"} <= {source.name for source in engine.sources() if source.readable}
    rules = "- {rule: r, desc: d, source: access, condition: 'json.value[/a] = 1', output: x, priority: INFO}"
    engine.use(engine.compile(rules))
    with engine.worker() as worker:
        assert len(worker.feed("access", [{"a": 1}, {"a": 2}])) == 1
    with pytest.raises(libruntime.Error):
        engine.alias_source("json", "late")


def test_lines_go_to_a_file(engine: libruntime.Engine, tmp_path: Path) -> None:
    engine.use(engine.compile(RULES))
    with open(tmp_path / "alerts", "wb") as file:
        with engine.worker(outputs=[libruntime.JsonLines(file)]) as worker:
            alerts = worker.feed(SOURCE, lines(3))
    assert (tmp_path / "alerts").read_text().splitlines() == [alert.json for alert in alerts]


# ---- leaks ----


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def test_a_hundred_thousand_feeds_leak_nothing(engine: libruntime.Engine) -> None:
    engine.use(engine.compile(RULES))
    quiet, loud = json.dumps(record("ConsoleLogin")), lines(1)[0]

    def run(count: int) -> None:
        for i in range(count):
            worker.feed(SOURCE, loud if i % 10 == 0 else quiet)
            if i % 1000 == 0:
                worker.feed(SOURCE, b"{broken")

    with engine.worker() as worker:
        run(20_000)
        gc.collect()
        before, objects = resident(), len(gc.get_objects())
        run(100_000)
        gc.collect()
        assert resident() - before < 2 << 20
        assert len(gc.get_objects()) - objects < 1000


def test_engines_and_workers_come_and_go_without_a_trace() -> None:
    def once() -> None:
        with libruntime.Engine(hostname="h") as engine:
            engine.use(engine.compile(RULES))
            with engine.worker(outputs=[lambda alert: None]) as worker:
                worker.feed(SOURCE, lines(2))

    for _ in range(20):
        once()
    gc.collect()
    before = resident()
    for _ in range(100):
        once()
    gc.collect()
    assert resident() - before < 4 << 20


def test_callbacks_leak_nothing(engine: libruntime.Engine) -> None:
    @engine.field("test.name", reads=["ct.name", "ct.srcip"], is_list=True)
    def name(*values: str) -> list[str]:
        return list(values)

    rule = (
        "- {rule: r, desc: d, source: aws_cloudtrail, condition: test.name intersects (Call0), "
        "output: '%test.name', priority: INFO}"
    )
    engine.use(engine.compile(rule))
    heard: list[int] = []
    data = lines(1)[0]
    with engine.worker(outputs=[lambda alert: heard.append(1)], on_skipped=lambda row: None) as worker:
        for count in (5_000, 20_000):
            before, objects = resident(), len(gc.get_objects())
            for _ in range(count):
                worker.feed(SOURCE, data)
            worker.feed(SOURCE, b"{broken\n" * 100)
            gc.collect()
    assert len(heard) == 25_000
    assert resident() - before < 2 << 20
    assert len(gc.get_objects()) - objects < 1000


def test_rules_outlive_their_engine() -> None:
    with libruntime.Engine() as engine:
        rules = engine.compile(RULES)
    del engine
    gc.collect()
    assert [rule.name for rule in rules] == ["Root used"] and len(rules.bytes()) > 0


def test_the_version_is_the_library_s() -> None:
    assert libruntime.__version__.count(".") == 2
