from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.house import House
from tests.registry.server import Server
from tests.servers.redis import Redis


@pytest.fixture(scope="module")
def house_of(
    tmp_path_factory: pytest.TempPathFactory, demo_url: str
) -> Iterator[Callable[..., House]]:
    """Makes houses; their servers end with the module, which then shows what they wrote."""
    made: list[House] = []
    place = tmp_path_factory.mktemp("houses")

    def make(folder: Path | None = None, store: str = "", **more: str) -> House:
        logs = place / str(len(made))  # a small disk may be full
        logs.mkdir()
        made.append(House(folder or logs / "work", demo_url, store, more, logs))
        return made[-1]

    yield make
    for house in made:
        house.stop()
        for one in house.started:
            sys.stderr.write(one.said()[-4000:])


@pytest.fixture(scope="module")
def database(server: Server) -> Iterator[Server]:
    """The PostgreSQL server of all tests, which may be killed: it is there again for the others."""
    yield server
    if not server.runs:
        server.start()


@pytest.fixture(scope="module")
def broker(redis: Redis) -> Iterator[Redis]:
    """Likewise their Redis server."""
    yield redis
    if not redis.runs:
        redis.start()
