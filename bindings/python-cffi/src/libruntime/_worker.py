# SPDX-License-Identifier: Apache-2.0
"""Workers: bytes or files in, alerts out. A worker is one thread's."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable, Optional

from ._alert import Alert
from ._errors import check
from ._judge import AT_ONCE, Calls, Delivery, Judge, Output, Skipped, delivery_bytes
from ._native import ffi, lib
from ._text import bytes_of, c_string, from_c, from_str

if TYPE_CHECKING:
    from ._engine import Engine

KEEP_ALL = lib.RTPY_TEXT | lib.RTPY_JSON | lib.RTPY_FIELDS


@dataclass(frozen=True)
class RuleProfile:
    """What one rule cost in the sample."""

    events: int
    asked: int
    held: int
    ns: int
    dearest: Optional[int]
    """Index of the predicate that most of it went to."""


@dataclass(frozen=True)
class PredicateProfile:
    """What one comparison cost in the sample, however many rules have it."""

    text: str
    source: str
    asked: int
    held: int
    ns: int


@dataclass(frozen=True)
class Verdict:
    """What Worker.decide has decided. True only if it is to be allowed."""

    verdict: str
    """"deny", "ask" or "allow"."""
    rule: Optional[str]
    """The first one that has this verdict; None: no rule decided."""
    reason: str
    """The rule's output, without time and priority; else a few words."""
    cause: str
    """"RT_OK", or why on_error counted: "RT_EFORMAT", "RT_ELIMIT", "RT_ENOENT" ..."""

    def __bool__(self) -> bool:
        return self.verdict == "allow"


_VERDICTS = {"deny": lib.RT_VERDICT_DENY, "ask": lib.RT_VERDICT_ASK, "allow": lib.RT_VERDICT_ALLOW}
_VERDICT_NAMES = {number: name for name, number in _VERDICTS.items()}


def _verdict_named(name: str) -> int:
    if name not in _VERDICTS:
        raise ValueError(f"no verdict {name!r}: there are {', '.join(_VERDICTS)}")
    return int(_VERDICTS[name])


def _priority_named(name: Optional[str]) -> int:
    if name is None:
        return 0
    return 1 + check(lib.rt_priority_parse(c_string(name, "a priority")), f"priority '{name}'")


class Worker(Judge):
    """One thread's evaluation state.

    @param match_all     every matching rule raises an alert, not only the first
    @param iso_time      ISO 8601 times in alert texts
    @param explain       alerts have an `explanation`
    @param sample_every  one event in so many is profiled; 0: 512
    @param outputs       called with each alert, in their order, before the next event is judged
    @param on_skipped    called for each record that could not be used
    """

    _kind = "worker"

    def __init__(
        self,
        engine: Engine,
        *,
        match_all: bool = False,
        iso_time: bool = False,
        explain: bool = False,
        sample_every: int = 0,
        outputs: Iterable[Output] = (),
        on_skipped: Optional[Callable[[Skipped], object]] = None,
    ) -> None:
        calls = Calls(outputs, on_skipped)
        user = ffi.new_handle(calls)
        opts = ffi.new("rt_worker_opts *")
        opts.size = ffi.sizeof("rt_worker_opts")
        opts.rule_matching = lib.RT_MATCH_ALL if match_all else lib.RT_MATCH_FIRST
        opts.alert_flags = lib.RT_ALERT_TIME_ISO_8601 if iso_time else 0
        opts.sample_every = sample_every
        opts.skipped = lib.rtpy_on_skipped
        opts.skipped_user = user
        ret = ffi.new("rt_worker **")
        check(lib.rt_worker_new(engine.handle, opts, ret))
        self._opts_user = user
        keep = KEEP_ALL | (lib.RTPY_EXPLAIN if explain else 0)
        super().__init__(engine, ret[0], engine.parts.holding(lib.rt_worker_unref), calls, keep)

    def _advance(self, pointer: Any) -> bool:
        return self._steps(pointer, AT_ONCE)

    def _steps(self, pointer: Any, count: int) -> bool:
        status = self._call(lib.rtpy_step, pointer, count, self._sink)
        if status == lib.RT_EOF:
            return False
        check(status, "input")
        return True

    def step(self) -> Optional[list[Alert]]:
        """Judge the next event of the queued inputs: its alerts, perhaps none; None at the end."""
        pointer = self._enter()
        try:
            more = self._steps(pointer, 1)
            alerts = self._take()
            return alerts if more or alerts else None
        finally:
            self._leave()

    def decide(
        self,
        source: str,
        record: Delivery,
        *,
        otherwise: str = "deny",
        on_error: str = "deny",
        deny_priority: Optional[str] = None,
        ask_priority: Optional[str] = None,
        max_bytes: int = 0,
        max_steps: int = 0,
    ) -> Verdict:
        """May it be? The strictest verdict of the rules that match @p record decides. Raises no alerts.

        @param otherwise      no rule that matches has a verdict
        @param on_error       the verdict is no milder than this if the record cannot be judged as a whole
        @param deny_priority  rules without a verdict that are as severe or more deny; ask_priority: ask
        @param max_bytes      larger records are errors; max_steps: so are rules that may take more for these
        @raise Error          nothing was decided, which must not be taken for leave
        """
        opts, ret = ffi.new("rt_decide_opts *"), ffi.new("rt_verdict *")
        opts.size, ret.size = ffi.sizeof("rt_decide_opts"), ffi.sizeof("rt_verdict")
        opts.otherwise, opts.on_error = _verdict_named(otherwise), _verdict_named(on_error)
        opts.deny_priority, opts.ask_priority = _priority_named(deny_priority), _priority_named(ask_priority)
        opts.max_bytes, opts.max_steps = max_bytes, max_steps
        name = c_string(source, "a source's name")
        pointer = self._enter()
        try:
            with ffi.from_buffer(delivery_bytes(record)) as view:
                check(self._call(lib.rt_worker_decide, pointer, name, (view, len(view)), opts, ret), source)
            rule = None if ret.rule == ffi.NULL else from_c(ret.rule)
            cause = from_c(lib.rt_status_name(ret.cause))
            return Verdict(_VERDICT_NAMES[ret.verdict], rule, from_str(ret.reason), cause)
        finally:
            self._leave()

    def explain(self, rule: str) -> str:
        """What @p rule asked of the event judged last, and what was seen: in an output, or after `step`."""
        ret = ffi.new("rt_str *")
        check(self._look(lib.rt_worker_explain, c_string(rule, "a rule's name"), ret), f"rule '{rule}'")
        return from_str(ret[0])

    def rule_profile(self, index: int) -> RuleProfile:
        """What rule @p index of the ruleset in force cost in the sample."""
        row = ffi.new("rt_rule_profile *")
        row.size = ffi.sizeof("rt_rule_profile")
        check(self._look(lib.rt_worker_rule_profile, index, row), f"rule {index}")
        dearest = None if row.dearest == 2**64 - 1 else row.dearest
        return RuleProfile(row.events, row.asked, row.held, row.ns, dearest)

    def predicate_profiles(self) -> list[PredicateProfile]:
        """What each comparison of the ruleset in force cost in the sample."""
        pointer = self._enter()
        row = ffi.new("rt_pred_profile *")
        row.size = ffi.sizeof("rt_pred_profile")
        out: list[PredicateProfile] = []
        try:
            while (status := lib.rt_worker_pred_profile(pointer, len(out), row)) == 0:
                text, source = from_str(row.text), from_c(row.source)
                out.append(PredicateProfile(text, source, row.asked, row.held, row.ns))
            if status != lib.RT_ENOENT:
                check(status)
        finally:
            self._leave()
        return out

    def profile(self) -> bytes:
        """All that was measured, for Engine.compile(profile=...)."""
        pointer = self._enter()
        try:
            ret = ffi.new("rt_str *")
            check(lib.rt_worker_profile(pointer, ret))
            return bytes_of(ret[0])
        finally:
            self._leave()
