# SPDX-License-Identifier: Apache-2.0
"""The binding against the real library: rules in, bytes in, alerts and diagnostics out."""
import json
from pathlib import Path

import pytest

import libruntime
from helpers import RULES, record

def test_a_record_that_matches_raises_one_alert(engine: libruntime.Engine) -> None:
    engine.use(engine.compile(RULES))
    with engine.worker() as worker:
        alerts = worker.feed("aws_cloudtrail", json.dumps(record()))
    assert len(alerts) == 1
    alert = alerts[0]
    assert alert.rule == "Root used"
    assert alert.priority == "Warning"
    assert alert.tags == ("T1078", "aws")
    assert alert.text == (
        "10:00:00.000000000: Warning root did CreateUser from 192.0.2.7 (error=<NA>)"
    )
    assert alert.fields["ct.name"] == "CreateUser"
    assert alert.fields["ct.error"] is None
    assert alert.to_dict()["hostname"] == "host"
    assert alert.time_ns == 1714557600 * 10**9
    assert len(alert.id) == 32


def test_a_redelivered_record_keeps_its_id(engine: libruntime.Engine) -> None:
    engine.use(engine.compile(RULES))
    with engine.worker() as worker:
        first = worker.feed("aws_cloudtrail", json.dumps(record()))
        second = worker.feed("aws_cloudtrail", json.dumps({"Records": [record(), record("Other")]}))
    assert first[0].id == second[0].id != second[1].id


def test_bytes_like_data_is_taken_as_it_is(engine: libruntime.Engine) -> None:
    engine.use(engine.compile(RULES))
    data = json.dumps({"Records": [record(), record("ConsoleLogin")]}).encode()
    with engine.worker() as worker:
        for form in (data, bytearray(data), memoryview(data)):
            assert len(worker.feed("aws_cloudtrail", form)) == 1
        assert worker.stats().events == 6
        assert worker.stats().alerts == 3


def test_rejected_rules_say_where_and_what_to_write(engine: libruntime.Engine) -> None:
    with pytest.raises(libruntime.RuleError) as caught:
        engine.compile(RULES.replace("ct.srcip", "ct.srcipp").replace("ct.name in", "ct.nmae in"))
    found = [d for d in caught.value.diagnostics if d.severity == "error"]
    assert found and all(d.line > 0 and d.file == "rules.yaml" for d in found)
    assert any(d.hint and "ct.name" in d.hint for d in found)
    assert "RT10" in str(caught.value)


def test_a_queue_of_files_is_read_by_iterating(engine: libruntime.Engine, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps({"Records": [record("A"), record("B")]}))
    (tmp_path / "b.json").write_text(json.dumps(record("C")))
    engine.use(engine.compile(RULES))
    with engine.worker() as worker:
        names = [a.fields["ct.name"] for a in worker.open("aws_cloudtrail", tmp_path)]
    assert names == ["A", "B", "C"]


def test_broken_records_are_reported_and_the_rest_is_judged(engine: libruntime.Engine) -> None:
    engine.use(engine.compile(RULES))
    lines = json.dumps(record("A")) + "\n{broken\n" + json.dumps(record("B")) + "\n"
    with engine.worker() as worker:
        assert len(worker.feed("aws_cloudtrail", lines)) == 2
        assert len(worker.skipped) == 1
        assert worker.stats().skipped == 1


def test_unknown_sources_and_options_are_errors(engine: libruntime.Engine) -> None:
    engine.use(engine.compile(RULES))
    with engine.worker() as worker:
        with pytest.raises(libruntime.Error, match="RT_ENOENT"):
            worker.feed("no_such_source", b"{}")
        with pytest.raises(libruntime.Error):
            worker.configure("aws_cloudtrail", reading="sideways")


def test_rulesets_know_their_rules(engine: libruntime.Engine) -> None:
    rules = engine.compile(RULES)
    assert len(rules) == 1
    assert [r.name for r in rules] == ["Root used"]
    assert next(iter(rules)).source == "aws_cloudtrail"


def test_the_catalogue_has_every_field(engine: libruntime.Engine) -> None:
    fields = {f.name: f for f in engine.fields()}
    assert len(fields) > 600
    assert fields["ka.user.groups"].is_list and fields["ka.user.groups"].source == "k8s_audit"


def test_closing_in_any_order_is_fine() -> None:
    engine = libruntime.Engine()
    worker = engine.worker()
    engine.use(engine.compile(RULES))
    engine.close()
    assert len(worker.feed("aws_cloudtrail", json.dumps(record()))) == 1
    worker.close()
    worker.close()
