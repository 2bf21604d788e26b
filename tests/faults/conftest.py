from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.house import House
from tests.registry.server import Server, programs


@pytest.fixture
def house_of(tmp_path: Path, demo_url: str) -> Iterator[Callable[..., House]]:
    """Makes houses; their servers end with the test, which shows what they wrote where it fails."""
    made: list[House] = []

    def make(folder: Path | None = None, store: str = "", **more: str) -> House:
        made.append(House(folder or tmp_path / f"work{len(made)}", demo_url, store, more))
        return made[-1]

    yield make
    for house in made:
        house.stop()
        for one in house.started:
            sys.stderr.write(one.said()[-4000:])


@pytest.fixture
def database() -> Iterator[Server]:
    """A PostgreSQL server that may be killed: nobody else's."""
    binaries = programs()
    if binaries is None:
        pytest.skip("no PostgreSQL server is installed")
    started = Server(binaries)
    yield started
    started.stop()
