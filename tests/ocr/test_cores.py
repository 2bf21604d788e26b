"""Work beside other work: on a second core where there is one, else when it is asked for."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from ocr import cores


@pytest.fixture(autouse=True)
def two_cores(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(cores, "available", lambda: 2)
    yield
    cores.limit(2)


def test_with_two_cores_work_goes_on_beside() -> None:
    cores.limit(2)
    begun = threading.Event()
    asked = cores.beside(begun.set)
    # Nobody has asked yet; with the work put off this would wait for ever.
    assert begun.wait(30)
    asked()


def test_with_one_core_work_waits_until_it_is_asked_for() -> None:
    cores.limit(1)
    assert cores.most() == 1
    done: list[str] = []
    asked = cores.beside(lambda: done.append(threading.current_thread().name))
    assert done == []
    asked()
    assert done == [threading.current_thread().name]


@pytest.mark.parametrize("count", [1, 2])
def test_what_the_work_raises_is_raised_where_it_is_asked_for(count: int) -> None:
    cores.limit(count)

    def broken() -> None:
        raise ValueError("planted")

    asked = cores.beside(broken)
    with pytest.raises(ValueError, match="planted"):
        asked()


def test_no_more_cores_than_there_are() -> None:
    cores.limit(64)
    assert cores.most() == 2


def test_opencv_leaves_the_other_core_to_other_stages() -> None:
    told = subprocess.run(
        [sys.executable, "-c", "import cv2, ocr.cores; print(cv2.getNumThreads())"],
        capture_output=True, check=True, text=True,
    )  # fmt: skip
    assert told.stdout.strip() == "1"
