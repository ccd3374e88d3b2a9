# SPDX-License-Identifier: Apache-2.0
"""Alerts for asyncio."""
import asyncio
import gc
import os
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

import libruntime
from helpers import RULES, SOURCE, record
from test_judging import lines, names


@pytest.fixture()
def folder(engine: libruntime.Engine, tmp_path: Path) -> Path:
    engine.use(engine.compile(RULES))
    for i in range(3):
        (tmp_path / f"{i}.json").write_bytes(b"\n".join(lines(2000)))
    return tmp_path


@pytest.mark.parametrize("pool", [False, True])
def test_alerts_are_iterated_over(engine: libruntime.Engine, folder: Path, pool: bool) -> None:
    async def main() -> int:
        async with engine.alerts(SOURCE, folder, pool=pool) as alerts:
            return len([alert async for alert in alerts])

    assert asyncio.run(main()) == 6000


@pytest.mark.parametrize("pool", [False, True])
def test_deliveries_may_come_as_they_come(engine: libruntime.Engine, folder: Path, pool: bool) -> None:
    async def deliveries() -> AsyncIterator[Any]:
        yield record("A")
        await asyncio.sleep(0)
        yield [record("B"), b'{"broken']
        yield b""

    async def main() -> list[libruntime.Alert]:
        return [alert async for alert in engine.alerts(SOURCE, deliveries(), pool=pool)]

    assert names(asyncio.run(main())) == ["A", "B"]


def test_a_slow_reader_slows_reading_down(engine: libruntime.Engine, folder: Path) -> None:
    async def main() -> int:
        async with engine.alerts(SOURCE, folder) as alerts:
            await alerts.__anext__()
            await asyncio.sleep(0.05)
            return (await alerts.stats()).events

    assert asyncio.run(main()) <= 1024


def test_errors_arrive_unchanged(engine: libruntime.Engine, folder: Path) -> None:
    async def main() -> None:
        async with engine.alerts("nowhere", folder) as alerts:
            await alerts.__anext__()

    with pytest.raises(libruntime.Error, match="RT_ENOENT"):
        asyncio.run(main())


def waiting_input(folder: Path) -> Path:
    """Nobody writes to it yet, but it can be opened."""
    path = folder / "fifo"
    os.mkfifo(path)
    return path


def test_waiting_can_be_cancelled_and_goes_on(engine: libruntime.Engine, folder: Path) -> None:
    path = waiting_input(folder)

    async def main() -> list[object]:
        async with engine.alerts(SOURCE, path) as alerts:
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(alerts.__anext__(), 0.05)
            writer = threading.Thread(target=path.write_bytes, args=(b"\n".join(lines(2)),))
            writer.start()
            found = [alert async for alert in alerts]
            writer.join()
            return names(found)

    assert asyncio.run(main()) == ["Call0", "Call1"]


@pytest.mark.parametrize("pool", [False, True])
def test_waiting_for_a_delivery_can_be_cancelled_and_goes_on(
    engine: libruntime.Engine, folder: Path, pool: bool
) -> None:
    go = asyncio.Event()

    async def deliveries() -> AsyncIterator[Any]:
        await go.wait()
        yield record("A")
        await asyncio.Event().wait()

    async def main() -> list[object]:
        async with engine.alerts(SOURCE, deliveries(), pool=pool) as alerts:
            for _ in range(3):
                with pytest.raises(asyncio.TimeoutError):
                    await asyncio.wait_for(alerts.__anext__(), 0.02)
            go.set()
            return names([await asyncio.wait_for(alerts.__anext__(), 20)])

    assert asyncio.run(main()) == ["A"]


def test_a_failing_generator_is_told_once(engine: libruntime.Engine, folder: Path) -> None:
    async def deliveries() -> AsyncIterator[Any]:
        yield record("A")
        raise ConnectionError("gone")

    async def main() -> list[object]:
        found = []
        async with engine.alerts(SOURCE, deliveries()) as alerts:
            found.append(await alerts.__anext__())
            with pytest.raises(ConnectionError):
                await alerts.__anext__()
            found += [alert async for alert in alerts]
        return names(found)

    assert asyncio.run(main()) == ["A"]


def test_a_task_that_is_cancelled_gives_everything_back(engine: libruntime.Engine, folder: Path) -> None:
    async def forever() -> AsyncIterator[bytes]:
        while True:
            await asyncio.sleep(0.001)
            yield lines(1)[0]

    async def main() -> None:
        async def read() -> None:
            async with engine.alerts(SOURCE, forever()) as alerts:
                async for _ in alerts:
                    pass

        task = asyncio.create_task(read())
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert not [t for t in threading.enumerate() if t.name.startswith("libruntime")]


def test_a_stream_that_is_left_alone_ends_its_thread(engine: libruntime.Engine, folder: Path) -> None:
    async def main() -> None:
        async for _ in engine.alerts(SOURCE, folder):
            break

    asyncio.run(main())
    gc.collect()
    for thread in threading.enumerate():
        if thread.name.startswith("libruntime"):
            thread.join(10)
            assert not thread.is_alive()
