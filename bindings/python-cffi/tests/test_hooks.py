# SPDX-License-Identifier: Apache-2.0
"""Hooks in Lua and functions of shared libraries that rule files bring."""
import gc
import os
from pathlib import Path
from typing import Any

import pytest

import libruntime
from helpers import SOURCE, record
from libruntime._hooks import HAVE_HOOKS, HAVE_NATIVES, REPORTS_KEPT
from test_fields import RULE

LUA = pytest.mark.skipif(not HAVE_HOOKS, reason="built without libruntime-lua")
NATIVES = pytest.mark.skipif(not HAVE_NATIVES, reason="built without libruntime-natives")
FIELD = """
runtime.sources { "aws_cloudtrail" }
runtime.field { name = "lua.lower", type = "string", reads = { "ct.name" },
  extract = function(name) runtime.log(name) return name:lower() end }
"""
DETECTION = """
runtime.sources { "aws_cloudtrail" }
runtime.detect { rule = "Many", condition = "ct.name exists", key = "ct.srcip", reads = { "ct.name" },
  on = function(event, state)
    state.n = (state.n or 0) + 1
    return state.n == 3
  end }
"""


def hooked(**options: Any) -> libruntime.Engine:
    engine = libruntime.Engine(hostname="host")
    engine.allow_hooks(**options)
    return engine


def feed(engine: libruntime.Engine, count: int = 1) -> "list[libruntime.Alert]":
    with engine.worker() as worker:
        return worker.feed(SOURCE, [record(f"Call{i}") for i in range(count)])


@LUA
def test_rule_files_bring_hooks(tmp_path: Path) -> None:
    said: "list[tuple[str, str]]" = []
    (tmp_path / "lower.lua").write_text(FIELD)
    rules = tmp_path / "rules.yaml"
    rules.write_text("- hooks: lower.lua\n" + RULE.format(condition="lua.lower = call0", output="%lua.lower"))
    with hooked(on_log=lambda script, text: said.append((script, text))) as engine:
        engine.use(engine.load(rules))
        assert [alert["lua.lower"] for alert in feed(engine, 2)] == ["call0"]
        assert said == [(str(tmp_path / "lower.lua"), f"Call{i}") for i in range(2)]
        hook, = engine.hooks()
        assert (hook.name, hook.kind, hook.line, hook.failures) == ("lua.lower", "field", 4, 0)


@LUA
def test_a_detection_counts_and_a_pool_says_that_it_cannot() -> None:
    with hooked() as engine:
        with engine.loader() as loader:
            rules = loader.add_script(DETECTION, "many.lua").compile()
        engine.use(rules)
        assert [alert.rule for alert in feed(engine, 5)] == ["Many"]
        with engine.pool(workers=1) as pool:
            assert len(pool.feed(SOURCE, [record()] * 3) + pool.flush()) == 1
        with pytest.raises(libruntime.Error, match="a pool of several workers cannot judge the rule") as caught:
            engine.pool(workers=2)
        found, = caught.value.diagnostics
        assert (found.id, found.item, found.file, found.line) == ("RT1209", "Many", "many.lua", 3)
        assert found.hint == "judge with one worker"


@LUA
def test_a_pool_hears_of_rules_that_come_later() -> None:
    with hooked() as engine, engine.pool(workers=2) as pool:
        with engine.loader() as loader:
            engine.use(loader.add_script(DETECTION, "many.lua").compile())
        with pytest.raises(libruntime.Error, match="cannot judge the rule"):
            pool.feed(SOURCE, record())
            pool.flush()


@LUA
def test_what_is_wrong_with_a_script_is_said() -> None:
    with hooked(max_instructions=1000, max_failures=2) as engine:
        with engine.loader() as loader:
            with pytest.raises(libruntime.Error, match="bad.lua:2: "):
                loader.add_script("local a = 1\na = = 2", "bad.lua")
            with pytest.raises(libruntime.Error, match="instructions"):
                loader.add_script("while true do end", "long.lua")
        with pytest.raises(libruntime.RuleError, match="'lua.x' is defined in line 1 already"):
            twice = "runtime.field { name = 'lua.x', type = 'int', extract = function() end }\\n"
            engine.compile(f'- hooks: twice\n  script: "{twice * 2}"\n')
        with pytest.raises(libruntime.RuleError, match="None of that|No such file|rules that are read from one"):
            engine.compile("- hooks: nowhere.lua\n")
        engine.hook_reports()
        engine.use(
            engine.compile(
                "- hooks: x\n  script: |\n    runtime.field { name = 'lua.bad', type = 'int',\n"
                "      extract = function() error('mine') end }\n"
                + RULE.format(condition="not lua.bad exists", output="")
            )
        )
        assert len(feed(engine, 5)) == 5
        hook, = engine.hooks()
        assert hook.failures == 2 and hook.off == 1
        assert any("mine" in report.message and report.hook == "lua.bad" for report in engine.hook_reports())
        assert not engine.hook_reports()


@LUA
def test_a_script_s_mistake_is_said_when_as_many_reports_are_kept_as_can_be() -> None:
    with hooked() as engine, engine.loader() as loader:
        for number in range(REPORTS_KEPT + 3):
            with pytest.raises(libruntime.Error, match=f"bad{number}.lua:1: "):
                loader.add_script("= =", f"bad{number}.lua")
        reports = engine.hook_reports()
        assert len(reports) == REPORTS_KEPT
        assert f"bad{REPORTS_KEPT + 2}.lua:1: " in reports[-1].message


@LUA
def test_compiled_rules_want_their_scripts() -> None:
    text = RULE.format(condition="lua.lower = call0", output="")
    with hooked() as engine:
        with engine.loader() as loader:
            compiled = loader.add_script(FIELD, "lower.lua").add(text).compile().bytes()
    with hooked() as engine:
        with pytest.raises(libruntime.RuleError, match="lua.lower"):
            engine.load_compiled(compiled)
        engine.add_script(FIELD, "lower.lua")
        engine.use(engine.load_compiled(compiled))
        assert len(feed(engine)) == 1


@LUA
def test_an_exception_of_on_log_arrives() -> None:
    def on_log(script: str, text: str) -> None:
        raise KeyError(text)

    with hooked(on_log=on_log) as engine:
        with engine.loader() as loader:
            engine.use(loader.add_script(FIELD, "f.lua").add(RULE.format(condition="lua.lower exists", output=""))
                       .compile())
        with pytest.raises(KeyError, match="Call0"):
            feed(engine)


@LUA
def test_scripts_need_permission_once(engine: libruntime.Engine) -> None:
    with engine.loader() as loader, pytest.raises(RuntimeError, match="Engine.allow_hooks"):
        loader.add_script(FIELD, "f.lua")
    with hooked() as other, pytest.raises(libruntime.Error, match="RT_EEXIST"):
        other.allow_hooks()
    with pytest.raises(libruntime.Error):
        engine.allow_hooks()  # a loader was made


LIBRARY = """
- natives: libbound.so
  functions:
    - {name: ours.length, signature: u32 (str)}
"""


def library() -> Path:
    place = Path(os.environ.get("RT_BUILD_DIR", "")) / "bindings" / "lua"
    if not (place / "libbound.so").exists():
        pytest.skip("no library to call")
    return place


@NATIVES
def test_functions_of_libraries_are_fields_where_that_is_allowed() -> None:
    place = library()
    text = LIBRARY + RULE.format(condition='ours.length[ct.name] = 5', output="%ours.length[ct.name]")
    with libruntime.Engine() as engine:
        engine.allow_natives([place])
        engine.use(engine.compile(text))
        assert feed(engine)[0]["ours.length[ct.name]"] == 5
    refused: "list[dict[str, Any]]" = [
        {"paths": ()}, {"paths": ["/nowhere"]}, {"paths": [place], "require_description": True}
    ]
    for options in refused:
        with libruntime.Engine() as engine:
            engine.allow_natives(**options)
            with pytest.raises(libruntime.RuleError) as caught:
                engine.compile(text)
            assert caught.value.diagnostics[0].id == "RT1207"


@NATIVES
@LUA
def test_scripts_call_what_is_allowed() -> None:
    place = library()
    script = """
    local length = runtime.native("libbound.so", "ours_length", "u32 (str)")
    runtime.field { name = "lua.len", type = "uint", reads = { "ct.name" }, extract = function(s) return length(s) end }
    """
    with libruntime.Engine() as engine:
        engine.allow_natives([place])
        engine.allow_hooks()
        with engine.loader() as loader:
            loader.add_script(script, "len.lua")
            engine.use(loader.add(RULE.format(condition="ct.name exists", output="%lua.len")).compile())
        assert feed(engine)[0]["lua.len"] == 5


@NATIVES
@LUA
def test_what_is_left_ends_in_any_order() -> None:
    place = library()
    for order in range(4):
        engine = libruntime.Engine()
        engine.allow_natives([place])
        engine.allow_hooks()
        text = LIBRARY + RULE.format(condition="ours.length[ct.name] = 5 and ct.name exists", output="")
        kept: "list[Any]" = [engine, engine.compile(text)]
        engine.use(kept[1])
        kept.append(engine.worker())
        parts = engine.parts
        if order == 3:  # all of it garbage at once
            kept[1].cycle = kept
        else:
            engine.close()
        del engine
        for _ in range(3):
            kept.pop((order + 1) % 2 * (len(kept) - 1))
        del kept
        gc.collect()
        assert parts.held == 0 and not parts.last
