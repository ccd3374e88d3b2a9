# SPDX-License-Identifier: Apache-2.0
"""Alerts for asyncio: the blocking calls run in a thread of the stream's own, one at a time.

    async with engine.alerts("aws_cloudtrail", "trail.json") as alerts:
        async for alert in alerts:
            ...

Nothing is judged ahead of the consumer but the batch at hand, so that a slow consumer slows reading down.
"""
from __future__ import annotations

import asyncio
import weakref
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, Optional, Union

from ._alert import Alert
from ._judge import Delivery, Judge, Stats
from ._pool import Pool
from ._text import Path

Deliveries = AsyncIterable[Union[Delivery, "list[Delivery]"]]


def _abandon(judge: Judge, executor: ThreadPoolExecutor) -> None:
    """Nobody reads any more: what is being judged ends soon, and its thread with it."""
    judge.stop()
    executor.shutdown(wait=False)


class AlertStream:
    """Made by Engine.alerts. An asynchronous iterator; for one task at a time.

    Cancelling the task that waits loses nothing: what is judged meanwhile comes first the next time.
    """

    def __init__(self, judge: Judge, source: str, inputs: Union[Path, list[Path], Deliveries]) -> None:
        self._judge = judge
        self._source = source
        self._paths: list[Path] = []
        self._deliveries: Optional[AsyncIterator[Union[Delivery, list[Delivery]]]] = None
        if isinstance(inputs, AsyncIterable):
            self._deliveries = inputs.__aiter__()
        else:
            self._paths = list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]
        self._ready: deque[Alert] = deque()
        self._running: Optional[asyncio.Future[Optional[list[Alert]]]] = None
        self._fetching: Optional[asyncio.Future[tuple[Any, ...]]] = None
        self._ended = False
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="libruntime")
        self._finalizer = weakref.finalize(self, _abandon, judge, self._executor)

    def __aiter__(self) -> AlertStream:
        return self

    async def __anext__(self) -> Alert:
        while not self._ready:
            if self._ended:
                raise StopAsyncIteration
            alerts = await self._more()
            if alerts is None:
                await self.aclose()
            else:
                self._ready.extend(alerts)
        return self._ready.popleft()

    async def _more(self) -> Optional[list[Alert]]:
        """The next batch of alerts; None at the end. Whatever is cancelled here goes on, and is waited for
        the next time."""
        if self._running is None and self._deliveries is not None:
            if self._fetching is None:
                self._fetching = asyncio.ensure_future(self._fetch(self._deliveries))
            await asyncio.wait([self._fetching])
            fetched, self._fetching = self._fetching, None
            delivery = fetched.result()
            if delivery:
                self._start(self._feed, delivery[0])
            else:
                self._deliveries = None
        if self._running is None:
            self._start(self._read)
        running = self._running
        assert running is not None
        await asyncio.wait([running])
        self._running = None
        return running.result()

    @staticmethod
    async def _fetch(deliveries: AsyncIterator[Any]) -> tuple[Any, ...]:
        """The next delivery; nothing at the end."""
        try:
            return (await deliveries.__anext__(),)
        except StopAsyncIteration:
            return ()

    def _start(self, function: Any, *arguments: Any) -> None:
        loop = asyncio.get_running_loop()
        self._running = loop.run_in_executor(self._executor, function, *arguments)

    def _read(self) -> Optional[list[Alert]]:
        if self._paths:
            self._judge.open(self._source, *self._paths)
            self._paths = []
        return self._judge.read()

    def _feed(self, delivery: Any) -> list[Alert]:
        alerts = self._judge.feed(self._source, delivery)
        if isinstance(self._judge, Pool):
            alerts += self._judge.flush()  # the next delivery may be long in coming
        return alerts

    async def stats(self) -> Stats:
        """Counts so far, when what is being judged now is."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, self._judge.stats)

    async def aclose(self) -> None:
        """End judging, wait for the thread, give everything back. Alerts not yet asked for are dropped."""
        if self._ended:
            return
        self._ended = True
        self._judge.stop()
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.wait([self._fetching])
            self._fetching = None
        if self._running is not None:
            await asyncio.wait([self._running])
            self._running.exception()  # seen: nobody waits for it any more
            self._running = None
        await asyncio.get_running_loop().run_in_executor(self._executor, self._judge.close)
        self._finalizer.detach()
        self._executor.shutdown()  # its thread has nothing left to do

    async def __aenter__(self) -> AlertStream:
        return self

    async def __aexit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        await self.aclose()
