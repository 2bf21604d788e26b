"""What would break: a thing done by two servers at once, or by none after one mistake."""

from __future__ import annotations

import queue
from pathlib import Path

import pytest

from certcheck.errors import StorageError
from certcheck.runner.alone import Alone
from certcheck.runner.work import Work
from registry.errors import RegistryError
from tests.certcheck.work_store import settings

LONG = 30.0  # seconds: longer than any turn of these tests


class Turner(Alone):
    """Writes down what it does; its turns fail as they are told to."""

    def __init__(self, work: Work, name: str, told: queue.Queue[str]) -> None:
        super().__init__(work, "turns", look=0.01, pause=0.01)
        self.own, self.told = name, told
        self.failures: list[Exception] = []

    def begin(self) -> None:
        self.told.put(f"{self.own} begins")

    def turn(self) -> None:
        if self.failures:
            raise self.failures.pop()
        self.told.put(f"{self.own} turns")

    def end(self) -> None:
        self.told.put(f"{self.own} ends")


@pytest.fixture
def work(tmp_path: Path) -> Work:
    return Work(settings(tmp_path))


def until(told: queue.Queue[str], wanted: str) -> list[str]:
    """What was told up to that, which comes at last."""
    seen = [told.get(timeout=LONG)]
    while seen[-1] != wanted:
        seen.append(told.get(timeout=LONG))
    return seen


def test_the_next_takes_over_only_when_the_first_has_ended(work: Work) -> None:
    told: queue.Queue[str] = queue.Queue()
    first, second = Turner(work, "first", told), Turner(work, "second", told)
    first.start()
    until(told, "first turns")
    second.start()
    assert not any("second" in one for one in (told.get(timeout=LONG) for _ in range(20)))
    first.stop()
    seen = until(told, "second turns")
    second.stop()
    assert seen[-3:] == ["first ends", "second begins", "second turns"]


@pytest.mark.parametrize("error", [
    RegistryError(), StorageError(), ValueError("a mistake"),
])  # fmt: skip
def test_after_a_failure_it_lets_go_and_begins_anew(
    work: Work, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    told: queue.Queue[str] = queue.Queue()
    one = Turner(work, "one", told)
    one.failures = [error]
    one.start()
    seen = until(told, "one turns")
    one.stop()
    assert seen == ["one begins", "one ends", "one begins", "one turns"]
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "turns" in caplog.text
