# SPDX-License-Identifier: Apache-2.0
"""Runtime threat detection: Falco's rule language over CloudTrail, Kubernetes audit and JSON logs.

    import libruntime

    with libruntime.Engine() as engine:
        engine.use(engine.compile(open("rules.yaml").read()))
        with engine.worker() as worker:
            for alert in worker.feed("aws_cloudtrail", open("trail.json", "rb").read()):
                print(alert.text)
"""
from ._alert import Alert, Value
from ._engine import Engine, Field, Rule, Ruleset
from ._errors import Diagnostic, Diagnostics, Error, RuleError
from ._worker import Skipped, Stats, Worker

__all__ = [
    "Alert",
    "Diagnostic",
    "Diagnostics",
    "Engine",
    "Error",
    "Field",
    "Rule",
    "RuleError",
    "Ruleset",
    "Skipped",
    "Stats",
    "Value",
    "Worker",
]
