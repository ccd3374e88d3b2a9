# SPDX-License-Identifier: Apache-2.0
from typing import Iterator

import pytest

import libruntime
from helpers import RULES


@pytest.fixture()
def engine() -> libruntime.Engine:
    return libruntime.Engine(hostname="host")


@pytest.fixture()
def worker(engine: libruntime.Engine) -> Iterator[libruntime.Worker]:
    engine.use(engine.compile(RULES))
    with engine.worker() as made:
        yield made
