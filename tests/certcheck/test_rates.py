"""What would break: a flood let in because it came through two servers, or a guest kept out."""

from __future__ import annotations

import concurrent.futures
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import Session, select

from certcheck.runner.rates import Rates
from certcheck.runner.store import open_store
from certcheck.runner.tables import Requested
from tests.certcheck.work_store import Clock

WHO = "address 192.0.2.7"


@pytest.fixture
def both(work_url: str | None, tmp_path: Path, clock: Clock) -> Iterator[list[Rates]]:
    """Two servers with one work store."""
    engines = [open_store(tmp_path, work_url) for _ in range(2)]
    yield [Rates(one, clock) for one in engines]
    for one in engines:
        one.dispose()


def test_two_servers_count_together_in_a_window_that_moves(both: list[Rates], clock: Clock) -> None:
    first, second = both
    assert first.take(WHO, 60, most=2) == 1
    clock.on(seconds=30)
    assert second.take(WHO, 60, most=2) == 2
    assert not first.take(WHO, 60, most=2) and not second.take(WHO, 60, most=2)
    assert second.take("another", 60, most=2) == 1
    began, count = first.window(WHO)
    assert count == 2 and (clock.now - began).total_seconds() == 30
    clock.on(seconds=30.1)
    assert first.window(WHO)[1] == 1 and second.take(WHO, 60, most=2) == 2
    assert not first.take(WHO, 60, amount=2, most=3), "all of them or none"
    assert first.forget(WHO) == 2 and second.take(WHO, 60, amount=2, most=2) == 2


def test_no_more_get_in_where_all_come_at_once(both: list[Rates]) -> None:
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(lambda at: both[at % 2].take(WHO, 60, most=5), range(16)))
    assert sorted(counts) == [0] * 11 + [1, 2, 3, 4, 5]


def test_nobody_reads_who_it_was_and_nothing_stays(both: list[Rates], clock: Clock) -> None:
    first, second = both
    first.take(WHO, 60)
    with Session(first._engine) as opened:
        (row,) = opened.exec(select(Requested)).all()
    assert "192" not in row.key and len(row.key) == 64
    clock.on(seconds=61)
    second.take("another", 60)
    with Session(first._engine) as opened:
        assert len(opened.exec(select(Requested)).all()) == 1
