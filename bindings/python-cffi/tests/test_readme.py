# SPDX-License-Identifier: Apache-2.0
"""What the documents show works: all blocks of a page run, one after the other, in one place."""
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

import libruntime
from helpers import RULES, record

BLOCK = re.compile(r"^```python\n(.*?)^```$", re.S | re.M)
ROOT = Path(os.environ.get("RT_CHECKOUT", Path(__file__).resolve().parents[3]))
PAGES = ["bindings/python-cffi/README.md"]
PAGES += sorted(str(page.relative_to(ROOT)) for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
                if page.exists() and BLOCK.search(page.read_text(encoding="utf-8")))


@pytest.mark.parametrize("page", PAGES)
def test_the_blocks_of_a_page_run(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not (ROOT / page).exists():
        pytest.skip(f"no {page}: not in a checkout")
    blocks = list(BLOCK.finditer((ROOT / page).read_text(encoding="utf-8")))
    assert blocks
    (tmp_path / "rules" / "aws").mkdir(parents=True)
    (tmp_path / "rules" / "aws" / "rules.yaml").write_text(RULES)
    (tmp_path / "trail.json").write_text(json.dumps(record()))
    monkeypatch.chdir(tmp_path)
    text = (ROOT / page).read_text(encoding="utf-8")
    with libruntime.Engine(hostname="host") as engine:
        engine.use(engine.compile(RULES))
        with engine.worker() as worker:
            lines = json.dumps(record()).encode()
            place: dict[str, Any] = {"libruntime": libruntime, "record": record(), "lines": lines}
            for block in blocks:
                place.setdefault("__name__", "page")
                place.update({} if "with libruntime.Engine" in block.group(1) else {"engine": engine, "worker": worker})
                line = text[: block.start(1)].count("\n")
                exec(compile("\n" * line + block.group(1), page, "exec"), place)  # pylint: disable=exec-used


def test_the_readme_has_an_alert_to_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """The blocks do something: the first one prints the alert of its record."""
    if not (ROOT / PAGES[0]).exists():
        pytest.skip("not in a checkout")
    first = BLOCK.findall((ROOT / PAGES[0]).read_text(encoding="utf-8"))[0]
    (tmp_path / "rules" / "aws").mkdir(parents=True)
    (tmp_path / "rules" / "aws" / "rules.yaml").write_text(RULES)
    (tmp_path / "trail.json").write_text(json.dumps(record()))
    monkeypatch.chdir(tmp_path)
    exec(compile(first, PAGES[0], "exec"), {})  # pylint: disable=exec-used
    assert capsys.readouterr().out == "Warning Root used CreateUser\n"
