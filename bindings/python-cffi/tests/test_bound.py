# SPDX-License-Identifier: Apache-2.0
"""Whatever the library and the libraries beside it export is used here, or left out for a reason."""
import os
import re
from pathlib import Path

import pytest

ROOT = Path(os.environ.get("RT_CHECKOUT", Path(__file__).resolve().parents[3]))
PACKAGE = ROOT / "bindings" / "python-cffi"
CORE = ROOT / "libruntime.map"
BESIDE = sorted(ROOT.glob("src/*/*.map"))

NOT_NEEDED = "what it does is done another way here"
LEFT_OUT = {
    "rt_list_ref": NOT_NEEDED + ": Python's objects hold each other",
    "rt_compile": NOT_NEEDED + ": a loader, which has options",
    "rt_ruleset_steps": "for whoever writes rules: rtctl; a limit is an option of decide",
    "rt_engine_add_item": "rule files bring no Python: the host adds its fields itself",
    "rt_loader_add_fields": "see rt_engine_add_item",
    "rt_loader_on_match": "see rt_engine_add_item",
    "rt_event_rule": "see rt_loader_on_match",
    "rt_engine_add_async_event": "for libraries whose sources send such events: libruntime-falco",
    "rt_engine_wrap_source": "for libraries that stand behind a source: libruntime-falco",
    "rt_engine_ref": NOT_NEEDED + ": Python's objects hold each other",
    "rt_ruleset_ref": NOT_NEEDED + ": Python's objects hold each other",
    "rt_lua_new": NOT_NEEDED + ": scripts are those of rt_lua_hooks_new",
    "rt_lua_unref": "see rt_lua_new",
    "rt_lua_field_get": "see rt_lua_new",
    "rt_lua_outputs_new": "outputs are functions here",
    "rt_lua_outputs_put": "see rt_lua_outputs_new",
    "rt_lua_outputs_unref": "see rt_lua_outputs_new",
    "rt_lua_outputs_use": "see rt_lua_outputs_new",
    "rt_natives_refused": "see rt_lua_new: scripts with callbacks are rtctl's, and hosts' in C",
    "rt_webhook_new": "needs libmicrohttpd, and Python has servers of its own: feed what they receive",
    "rt_webhook_next": "see rt_webhook_new",
    "rt_webhook_port": "see rt_webhook_new",
    "rt_webhook_stats_get": "see rt_webhook_new",
    "rt_webhook_unref": "see rt_webhook_new",
}
LIBRARIES_LEFT_OUT = {
    "libruntime-falco.map": "Falco's plug-ins are loaded by rtctl and by hosts in C; sources are classes here",
    "libruntime-live.map": "needs root, libbpf and a kernel's BTF: rtctl watches machines",
}


def exported(path: Path) -> "set[str]":
    text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.S)
    return set(re.findall(r"\b(rt_\w+);", text))


def used() -> "set[str]":
    files = [*PACKAGE.glob("src/libruntime/*.py"), *PACKAGE.glob("glue/*.c")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    names = set(re.findall(r"\brt_\w+", text))
    for name in re.findall(r'_function\("(\w+)"\)', text):  # of workers and of pools
        names |= {f"rt_worker_{name}", f"rt_pool_{name}"}
    return names


@pytest.mark.skipif(not CORE.exists(), reason="not in a checkout")
def test_every_exported_function_is_used_or_left_out_for_a_reason() -> None:
    known = exported(CORE)
    assert len(known) > 80
    for path in BESIDE:
        found = exported(path)
        assert found, path
        if path.name not in LIBRARIES_LEFT_OUT:
            known |= found
        else:
            assert not found & used(), "a library that is used is not left out"
    missing = known - used() - set(LEFT_OUT)
    assert not missing, f"neither used nor left out: {sorted(missing)}"


@pytest.mark.skipif(not CORE.exists(), reason="not in a checkout")
def test_what_is_left_out_exists_and_is_not_used() -> None:
    known = set.union(exported(CORE), *map(exported, BESIDE))
    assert set(LEFT_OUT) <= known
    assert not set(LEFT_OUT) & used()
    assert set(LIBRARIES_LEFT_OUT) <= {path.name for path in BESIDE}
