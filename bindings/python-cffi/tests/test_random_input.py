# SPDX-License-Identifier: Apache-2.0
"""Whatever comes, the binding raises nothing and the engine stays usable."""
import json

from hypothesis import given, settings
from hypothesis import strategies as st

import libruntime
from helpers import RULES, record

ENGINE = libruntime.Engine(hostname="host")
ENGINE.use(ENGINE.compile(RULES))
WORKER = ENGINE.worker(match_all=True)

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_may_be_fed(data: bytes) -> None:
    before = WORKER.stats().events
    WORKER.feed("aws_cloudtrail", data)
    WORKER.feed("k8s_audit", data)
    assert WORKER.stats().events >= before


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(["eventName", "userIdentity", "sourceIPAddress", "x"]), values))
def test_records_of_any_shape_are_judged_like_their_text(extra: dict[str, object]) -> None:
    document = {**record(), **extra}
    alerts = WORKER.feed("aws_cloudtrail", json.dumps(document))
    identity = document["userIdentity"]
    is_root = isinstance(identity, dict) and identity.get("type") == "Root"
    login = document["eventName"] == "ConsoleLogin"
    assert len(alerts) == int(is_root and not login)


CHOSEN: list[object] = []
FIELDS = libruntime.Engine(hostname="host")
KINDS = {
    "str": st.text(max_size=30) | st.binary(max_size=30).map(lambda raw: raw.decode("utf-8", "surrogateescape")),
    "bytes": st.binary(max_size=30),
    "int": st.integers(-(2**63), 2**63 - 1),
    "uint64": st.integers(0, 2**64 - 1),
    "bool": st.booleans(),
    "ipaddr": st.ip_addresses(),
}
for kind in KINDS:
    FIELDS.field(f"random.{kind}", kind={"str": str, "int": int}.get(kind, kind))(lambda: CHOSEN[0])
    FIELDS.field(f"random.list_{kind}", kind={"str": str, "int": int}.get(kind, kind), is_list=True)(lambda: CHOSEN[1])
FIELDS.use(FIELDS.compile("".join(
    f"- {{rule: {kind}, desc: d, source: aws_cloudtrail, condition: ct.name = {kind}, priority: INFO, "
    f"output: '%random.{kind} %random.list_{kind}'}}\n" for kind in KINDS
)))
FIELDS_WORKER = FIELDS.worker()


@settings(max_examples=200, deadline=None)
@given(st.data(), st.sampled_from(sorted(KINDS)))
def test_values_come_back_as_they_were_given(data: st.DataObject, kind: str) -> None:
    CHOSEN[:] = [data.draw(KINDS[kind]), data.draw(st.lists(KINDS[kind], max_size=4))]
    (alert,) = FIELDS_WORKER.feed("aws_cloudtrail", record(kind))
    assert [alert[f"random.{kind}"], alert[f"random.list_{kind}"]] == CHOSEN
    for text in (str(alert), repr(alert), alert._repr_html_()):
        text.encode("utf-8")
    json.loads(alert.json)


chunks = st.binary(max_size=60) | st.sampled_from([json.dumps(record(name)).encode() for name in ("A", "B")])


@settings(max_examples=100, deadline=None)
@given(st.lists(chunks | chunks.map(bytearray) | chunks.map(memoryview), max_size=6))
def test_a_batch_gives_what_its_deliveries_give(batch: "list[bytes]") -> None:
    one_by_one = [alert.id for chunk in batch for alert in WORKER.feed("aws_cloudtrail", chunk)]
    assert [alert.id for alert in WORKER.feed("aws_cloudtrail", batch)] == one_by_one
