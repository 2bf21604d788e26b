"""What every test of this room has."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from certcheck import messages
from certcheck.runner.work import Work
from tests.certcheck.work_store import Clock, settings

if TYPE_CHECKING:
    from certcheck.ahead import Read
    from ocr.read import Part
    from tests.certcheck.lookups import Desk


@pytest.fixture(autouse=True)
def strict_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(messages.STRICT, "1")


@pytest.fixture(scope="session")
def read_once() -> Read:
    """As `read_print`, a photo once for all tests of a worker: reading takes seconds."""
    from ocr.read import read_print

    kept = functools.cache(functools.partial(read_print, name=""))

    def read(data: bytes, name: str, *, engine: str | None = None) -> list[Part]:  # noqa: ARG001
        return kept(data, engine=engine)

    return read


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A laboratory's query site that has one certificate's record."""
    from tests.certcheck import lookups

    made = lookups.opened(monkeypatch)
    yield made
    made.server.stop()


@pytest.fixture
def work(work_url: str | None, tmp_path: Path, clock: Clock) -> Iterator[Work]:
    """An empty work store, on each kind of database."""
    made = Work(settings(tmp_path / "work", url=work_url, most_queued=5), clock)
    yield made
    made.close()
