# SPDX-License-Identifier: Apache-2.0
"""Verdicts before the fact."""
import pytest

import libruntime
from helpers import RULES, SOURCE, record


def test_rules_decide(worker: libruntime.Worker) -> None:
    verdict = worker.decide(SOURCE, record(), otherwise="allow", deny_priority="Warning")
    assert not verdict and verdict.verdict == "deny" and verdict.rule == "Root used" and verdict.cause == "RT_OK"
    assert verdict.reason.startswith("root did CreateUser")
    verdict = worker.decide(SOURCE, record("ConsoleLogin"), otherwise="allow", deny_priority="Warning")
    assert verdict and verdict.rule is None
    assert worker.decide(SOURCE, record(), otherwise="allow", ask_priority="Warning").verdict == "ask"
    assert worker.stats().alerts == 0


def test_a_rule_s_own_verdict_counts(engine: libruntime.Engine) -> None:
    engine.use(engine.compile(RULES + "  verdict: allow\n"))
    with engine.worker() as worker:
        assert worker.decide(SOURCE, record()).rule == "Root used"
        assert worker.decide(SOURCE, record())
        assert not worker.decide(SOURCE, record("ConsoleLogin"))


def test_what_cannot_be_judged_is_denied(engine: libruntime.Engine, worker: libruntime.Worker) -> None:
    verdict = worker.decide(SOURCE, b"{broken", otherwise="allow")
    assert not verdict and verdict.cause == "RT_EFORMAT" and verdict.reason
    assert worker.decide(SOURCE, record(), otherwise="allow", max_bytes=10).cause == "RT_ELIMIT"
    with pytest.raises(libruntime.Error, match="RT_ENOENT"):
        worker.decide("nowhere", record())
    with pytest.raises(ValueError, match="no verdict 'perhaps'"):
        worker.decide(SOURCE, record(), otherwise="perhaps")
    with libruntime.Engine().worker() as bare:
        assert bare.decide(SOURCE, record(), otherwise="allow").cause == "RT_ENOENT"
