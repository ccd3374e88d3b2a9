# SPDX-License-Identifier: Apache-2.0
"""What went wrong: exceptions, and diagnostics as values."""
from dataclasses import dataclass
from typing import Any, Optional

from ._native import ffi, lib
from ._text import from_c, from_c_or_none, from_str


@dataclass(frozen=True)
class Diagnostic:
    """One problem in a rule file."""

    id: str
    severity: str
    """"error", "warning" or "note"."""
    message: str
    file: Optional[str]
    line: int
    column: int
    end_line: int
    end_column: int
    item: Optional[str]
    """The rule, macro or list it is in."""
    hint: Optional[str]
    """What to write instead."""
    name: Optional[str]
    """Falco's code, e.g. LOAD_ERR_COMPILE_CONDITION."""

    def __str__(self) -> str:
        place = f"{self.file or '?'}:{self.line}:{self.column}"
        hint = f" ({self.hint})" if self.hint else ""
        return f"{place}: {self.severity}: {self.message}{hint} [{self.id}]"


Diagnostics = tuple[Diagnostic, ...]


class Error(Exception):
    """A call failed."""

    def __init__(self, status: int, what: str = "", diagnostics: Diagnostics = ()) -> None:
        name = from_c(lib.rt_status_name(status))
        super().__init__(f"{what}: {name}" if what else name)
        self.status = status
        """RT_E*, a negative number."""
        self.name = name
        """The same as text: "RT_ENOENT"."""
        self.diagnostics = diagnostics
        """What the library had to say; may be empty."""
        self.fed: Optional[int] = None
        """Of a batch: so many deliveries were judged before the one that failed."""


class RuleError(Error):
    """Rules were rejected; `diagnostics` says why, `text` says it for a terminal."""

    def __init__(self, status: int, diagnostics: Diagnostics, text: str) -> None:
        super().__init__(status, diagnostics=diagnostics)
        self.text = text

    def __str__(self) -> str:
        return self.text.rstrip("\n") or super().__str__()


class BusyError(Error, RuntimeError):
    """The object is in use: by a callback's caller, or by another thread."""

    def __init__(self, what: str) -> None:
        super().__init__(lib.RT_EINVAL, what)

    def __str__(self) -> str:
        return str(self.args[0]).rpartition(":")[0]


class ClosedError(Error, ValueError):
    """The object was closed."""

    def __init__(self, what: str) -> None:
        super().__init__(lib.RT_EINVAL, what)

    def __str__(self) -> str:
        return str(self.args[0]).rpartition(":")[0]


def check(status: int, what: str = "") -> int:
    """The status, unless it is an error."""
    if status < 0:
        raise Error(status, what)
    return status


_SEVERITIES = {lib.RT_ERROR: "error", lib.RT_WARNING: "warning", lib.RT_NOTE: "note"}


class DiagnosticList:
    """An rt_diags."""

    def __init__(self) -> None:
        ret = ffi.new("rt_diags **")
        check(lib.rt_diags_new(ret))
        self.handle: Any = ffi.gc(ret[0], lib.rt_diags_unref)

    def values(self) -> Diagnostics:
        row = ffi.new("rt_diag *")
        row.size = ffi.sizeof("rt_diag")
        out = []
        for index in range(lib.rt_diags_count(self.handle, 0)):
            check(lib.rt_diags_get(self.handle, index, row))
            out.append(
                Diagnostic(
                    id=from_c(row.id),
                    severity=_SEVERITIES.get(row.severity, "note"),
                    message=from_c(row.message),
                    file=from_c_or_none(row.file),
                    line=row.line,
                    column=row.column,
                    end_line=row.end_line,
                    end_column=row.end_column,
                    item=from_c_or_none(row.item),
                    hint=from_c_or_none(row.hint),
                    name=from_c_or_none(row.name),
                )
            )
        return tuple(out)

    def text(self) -> str:
        ret = ffi.new("rt_str *")
        check(lib.rt_diags_print(self.handle, lib.RT_DIAGS_TEXT, 0, ret))
        return from_str(ret[0])

    def check(self, status: int, what: str = "") -> int:
        """The status, unless it is an error; rejected rules become a RuleError."""
        if status == lib.RT_ERULES:
            raise RuleError(status, self.values(), self.text())
        if status < 0:
            found = self.values()
            said = "; ".join(d.message for d in found)
            raise Error(status, ": ".join(part for part in (what, said) if part), found)
        return status
