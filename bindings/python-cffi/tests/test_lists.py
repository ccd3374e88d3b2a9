# SPDX-License-Identifier: Apache-2.0
"""Lists that change while rules are in force."""
from __future__ import annotations

from pathlib import Path

import pytest

import libruntime

RULES = """
- list: bad
  items: []
  items_at: runtime
- rule: r
  desc: d
  source: json
  priority: NOTICE
  output: o
  condition: json.value[/n] in (bad)
"""


def fed(worker: libruntime.Worker, name: str) -> int:
    return len(worker.feed("json", b'{"n":"%s"}' % name.encode()))


def test_an_exchange_is_seen_by_the_next_event() -> None:
    with libruntime.Engine() as engine:
        rules = engine.compile(RULES)
        assert [d.id for d in rules.diagnostics] == ["RT1208"]
        assert list(rules.lists()) == [libruntime.ListInfo("bad", "string", 0)]
        engine.use(rules)
        with engine.worker() as worker:
            assert fed(worker, "eve") == 0
            engine.use_list("bad", engine.new_list(elements=["eve", b"amy"]))
            assert fed(worker, "eve") == 1
            assert list(engine.lists()) == [libruntime.ListInfo("bad", "string", 2)]
            engine.use_list("bad", None)
            assert fed(worker, "eve") == 0
        with pytest.raises(libruntime.Error):
            engine.use_list("bad", engine.new_list("ip", ["10.0.0.1"]))


def test_elements_come_from_texts_and_files(tmp_path: Path) -> None:
    with libruntime.Engine() as engine, engine.new_list("ip") as ips:
        ips.add_text("# ours\n10.0.0.0/8\n::1")
        path = tmp_path / "more"
        path.write_text("192.0.2.1\n10.0.0.0/8\n")
        ips.add_path(path)
        assert len(ips) == 3 and "10.1.2.3" in ips and "11.1.2.3" not in ips
        assert not ips.add("::1")
        with pytest.raises(libruntime.RuleError) as caught:
            ips.add_text("1.2.3.4\nx")
        assert caught.value.diagnostics[0].line == 2
        with pytest.raises(libruntime.RuleError):
            ips.add_path(tmp_path / "none")
        with pytest.raises(libruntime.Error):
            ips.add("x")
        engine.use_list("ips", ips)
        with pytest.raises(libruntime.Error):
            ips.add("1.1.1.1")
        numbers = engine.new_list("number", [1, "-2"])
        assert -2 in numbers and 2 not in numbers and bool(engine.new_list())
    with pytest.raises(ValueError):
        engine.new_list("bool")
