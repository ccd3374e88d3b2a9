# SPDX-License-Identifier: Apache-2.0
"""Runtime threat detection: Falco's rule language over system calls, CloudTrail, Kubernetes audit and JSON.

    import libruntime

    with libruntime.Engine() as engine:
        engine.use(engine.load("rules"))
        with engine.worker() as worker:
            for alert in worker.open("aws_cloudtrail", "trail.json"):
                print(alert)
"""
from ._alert import Alert, to_dataframe
from ._engine import Engine, Field, SourceInfo, readers
from ._errors import BusyError, ClosedError, Diagnostic, Diagnostics, Error, RuleError
from ._hooks import Hook, Report
from ._judge import Loss, Skipped, Stats
from ._lists import List, ListInfo
from ._native import lib as _lib
from ._outputs import JsonLines
from ._pool import Pool
from ._rules import Loader, Row, Rule, Ruleset, is_compiled, table
from ._source import AGAIN, Again, Event, FieldSpec, Input, Slot, Source
from ._stream import AlertStream
from ._text import from_c as _from_c
from ._values import Value
from ._worker import PredicateProfile, RuleProfile, Verdict, Worker

__version__ = _from_c(_lib.rtpy_version())

__all__ = [
    "AGAIN",
    "Again",
    "Alert",
    "AlertStream",
    "BusyError",
    "ClosedError",
    "Diagnostic",
    "Diagnostics",
    "Engine",
    "Error",
    "Event",
    "Field",
    "FieldSpec",
    "Hook",
    "Input",
    "JsonLines",
    "List",
    "ListInfo",
    "Loader",
    "Loss",
    "Pool",
    "PredicateProfile",
    "Report",
    "Row",
    "Rule",
    "RuleError",
    "RuleProfile",
    "Ruleset",
    "Skipped",
    "Slot",
    "Source",
    "SourceInfo",
    "Stats",
    "Value",
    "Verdict",
    "Worker",
    "is_compiled",
    "readers",
    "table",
    "to_dataframe",
]
