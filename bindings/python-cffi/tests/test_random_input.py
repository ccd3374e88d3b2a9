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
