# SPDX-License-Identifier: Apache-2.0
"""Alerts as values."""
import copy
import ipaddress
import pickle
import sys
import types

import pytest

import libruntime
from helpers import RULES, SOURCE, record
from libruntime import _values
from libruntime._native import lib

HOSTILE = '<script>alert("x")</script>\u202e&\x1b[31m'


def alert_named(worker: libruntime.Worker, name: str = "CreateUser") -> libruntime.Alert:
    return worker.feed(SOURCE, record(name))[0]


def test_an_alert_is_a_mapping_of_its_fields(worker: libruntime.Worker) -> None:
    alert = alert_named(worker)
    assert alert["ct.name"] == "CreateUser" == alert.get("ct.name")
    assert "ct.srcip" in alert and "ct.other" not in alert
    assert alert.get("ct.other", "none") == "none"
    assert list(alert) == list(alert.keys()) == list(alert.fields)
    assert dict(alert) == alert.fields
    with pytest.raises(KeyError):
        alert["ct.other"]  # pylint: disable=pointless-statement


def test_alerts_are_equal_by_content_and_travel(worker: libruntime.Worker) -> None:
    alert = alert_named(worker)
    worker.feed(SOURCE, record())
    assert pickle.loads(pickle.dumps(alert)) == alert == copy.deepcopy(alert)
    assert len({alert, pickle.loads(pickle.dumps(alert))}) == 1
    assert alert != alert_named(worker, "Other") and alert != "alert"


def test_an_alert_outlives_its_worker_and_engine() -> None:
    with libruntime.Engine(hostname="host") as engine:
        engine.use(engine.compile(RULES))
        with engine.worker() as worker:
            alert = alert_named(worker)
    assert alert.fields["ct.srcip"] == "192.0.2.7" and alert.rule == "Root used"


def test_a_table_can_be_made_of_flat_dicts(worker: libruntime.Worker) -> None:
    row = alert_named(worker).to_dict(flat=True)
    assert row["ct.name"] == "CreateUser" and row["rule"] == "Root used"
    assert row["time"].isoformat() == "2024-05-01T10:00:00+00:00"
    assert not any(isinstance(value, dict) for value in row.values())


def test_html_shows_hostile_text_as_text(worker: libruntime.Worker) -> None:
    page = alert_named(worker, HOSTILE)._repr_html_()
    assert "<script" not in page and "\u202e" not in page and "\x1b" not in page
    assert "&lt;script&gt;" in page and "\\u202e" in page
    page.encode("utf-8")


def test_text_that_is_no_utf8_survives_and_prints(engine: libruntime.Engine) -> None:
    engine.use(engine.compile(RULES))
    line = b'{"eventID":"1","eventTime":"2024-05-01T10:00:00Z","eventName":"a\xffb","userIdentity":{"type":"Root"}}'
    with engine.worker() as worker:
        for alert in worker.feed(SOURCE, line):
            name = alert["ct.name"]
            assert isinstance(name, str)
            name.encode("utf-8", "surrogateescape")
            for text in (str(alert), alert._repr_html_(), repr(alert)):
                text.encode("utf-8")


def test_explanations_come_on_request(engine: libruntime.Engine) -> None:
    engine.use(engine.compile(RULES))
    with engine.worker(explain=True) as worker:
        assert "ct.user.identitytype" in alert_named(worker).explanation
    with engine.worker() as worker:
        assert alert_named(worker).explanation == ""


def text(raw: bytes) -> bytes:
    return len(raw).to_bytes(4, sys.byteorder) + raw


@pytest.mark.parametrize(
    "kind, count, rest, value",
    [
        ("NONE", 0, bytes(8), None),
        ("BOOL", 0, (1).to_bytes(8, sys.byteorder), True),
        ("INT64", 0, (-5).to_bytes(8, sys.byteorder, signed=True), -5),
        ("UINT64", 0, b"\xff" * 8, 2**64 - 1),
        ("PORT", 0, (443).to_bytes(8, sys.byteorder), 443),
        ("ABSTIME", 0, (7).to_bytes(8, sys.byteorder), 7),
        ("STRING", 0, text(b"a\xff"), "a\udcff"),
        ("PATH", 0, text(b"/etc"), "/etc"),
        ("BYTES", 0, text(b"\0\xff"), b"\0\xff"),
        ("IPADDR", 4, bytes([192, 0, 2, 1]) + bytes(12), ipaddress.ip_address("192.0.2.1")),
        ("IPADDR", 16, bytes(15) + b"\1", ipaddress.ip_address("::1")),
        ("IPNET", 4 | 24 << 8, bytes([192, 0, 2, 0]) + bytes(12), ipaddress.ip_network("192.0.2.0/24")),
        ("LIST", 0, b"", []),
    ],
)
def test_every_kind_has_its_type(kind: str, count: int, rest: bytes, value: object) -> None:
    number = getattr(lib, f"RT_KIND_{kind}")
    head = number.to_bytes(4, sys.byteorder) + count.to_bytes(4, sys.byteorder)
    got = _values.Reader(head + rest).value()
    assert got == value and type(got) is type(value)
    listed = lib.RT_KIND_LIST.to_bytes(4, sys.byteorder) + (2).to_bytes(4, sys.byteorder)
    assert _values.Reader(listed + (head + rest) * 2).value() == [value, value]


def test_a_dataframe_has_a_row_for_each_alert(worker: libruntime.Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    """With pandas or, where it is missing, with what stands in for it."""
    frames: list[tuple[list[dict[str, object]], object]] = []
    stand_in = types.ModuleType("pandas")
    stand_in.DataFrame = lambda rows, columns: frames.append((rows, columns))  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pandas", stand_in)
    alerts = worker.feed(SOURCE, [record("A"), record("B")])
    libruntime.to_dataframe(iter(alerts))
    libruntime.to_dataframe([])
    (rows, columns), (no_rows, default) = frames
    assert [row["ct.name"] for row in rows] == ["A", "B"] and columns is None
    assert rows[0]["rule"] == "Root used" and rows[0]["tags"] == ["T1078", "aws"]
    assert no_rows == [] and "rule" in default  # type: ignore[operator]
    monkeypatch.undo()
    pandas = pytest.importorskip("pandas")
    assert isinstance(libruntime.to_dataframe(alerts), pandas.DataFrame)
