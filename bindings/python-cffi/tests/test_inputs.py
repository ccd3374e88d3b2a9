# SPDX-License-Identifier: Apache-2.0
"""Where bytes come from: compressed files, files that grow, captures."""
import gzip
import json
import os
from pathlib import Path
from typing import Union

import pytest

import libruntime
from helpers import RULES, SOURCE, record

ROOT = Path(os.environ.get("RT_CHECKOUT", Path(__file__).resolve().parents[3]))


def engine_with(reader: str) -> libruntime.Engine:
    if reader not in libruntime.readers():
        pytest.skip(f"built without {reader}")
    engine = libruntime.Engine(hostname="host")
    engine.add_reader(reader)
    engine.use(engine.compile(RULES))
    return engine


@pytest.mark.parametrize("pooled", [False, True])
def test_compressed_files_are_read(tmp_path: Path, pooled: bool) -> None:
    engine = engine_with("gzip")
    text = b"".join(json.dumps(record(f"Call{i}")).encode() + b"\n" for i in range(500))
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(text[:9999]) + gzip.compress(text[9999:]))
    (tmp_path / "b.json").write_bytes(text)
    judge: Union[libruntime.Worker, libruntime.Pool] = engine.pool(workers=2) if pooled else engine.worker()
    with judge:
        alerts = list(judge.open(SOURCE, tmp_path))
        assert [alert["ct.name"] for alert in alerts] == 2 * [f"Call{i}" for i in range(500)]


def test_a_damaged_file_gives_what_could_be_read(tmp_path: Path) -> None:
    engine = engine_with("gzip")
    whole = gzip.compress(b"".join(json.dumps(record(f"Call{i}")).encode() + b"\n" for i in range(5000)))
    (tmp_path / "cut.gz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "whole.gz").write_bytes(whole)
    with engine.worker() as worker:
        worker.open(SOURCE, tmp_path / "cut.gz", tmp_path / "whole.gz")
        alerts = list(worker)
        assert 5000 < len(alerts) < 10000
        assert worker.stats().skipped >= 1 and worker.skipped[0].input.endswith("cut.gz")


def test_a_file_that_grows_is_followed(tmp_path: Path) -> None:
    path = tmp_path / "trail.json"
    path.write_text(json.dumps(record("A")) + "\n")
    with engine_with("follow").worker() as worker:
        worker.open(SOURCE, path)

        def following() -> str:
            for _ in range(20):
                for alert in worker.step() or []:
                    return str(alert["ct.name"])
            return ""

        assert following() == "A"
        with path.open("a") as file:
            file.write(json.dumps(record("B")) + "\n")
        assert following() == "B"
        worker.finish()
        assert list(worker) == []


def test_readers_are_known_by_name() -> None:
    engine = libruntime.Engine()
    with pytest.raises(ValueError, match="no reader 'carrier pigeon'"):
        engine.add_reader("carrier pigeon")
    for name in libruntime.readers():
        engine.add_reader(name)
        with pytest.raises(libruntime.Error, match="RT_EEXIST"):
            engine.add_reader(name)


def test_captures_are_read() -> None:
    captures = ROOT / "tests" / "data" / "syscall"
    if not captures.is_dir():
        pytest.skip("not in a checkout")
    if "gzip" not in libruntime.readers():
        pytest.skip("built without gzip")
    with libruntime.Engine(hostname="host") as engine:
        engine.add_reader("gzip")
        engine.use(engine.load(ROOT / "rules" / "linux"))
        with engine.worker() as worker, engine.pool(workers=2) as pool:
            files = sorted(captures.glob("*.scap"))
            alerts = list(worker.open("syscall", *files))
            assert alerts and worker.stats().events > 100
            assert [a.json for a in pool.open("syscall", *files)] == [a.json for a in alerts]
        assert all(alert.source == "syscall" for alert in alerts)


def test_compiled_rules_are_recognised(tmp_path: Path) -> None:
    engine = libruntime.Engine()
    compiled = engine.compile(RULES).bytes()
    assert libruntime.is_compiled(compiled) and libruntime.is_compiled(compiled[:16])
    assert not libruntime.is_compiled(RULES.encode()) and not libruntime.is_compiled(b"")
