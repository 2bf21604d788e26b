"""A work store of a test's own, and photos that need no model to be answered."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from certcheck.check import Wish
from certcheck.runner.settings import Settings
from certcheck.runner.tables import Priority
from certcheck.runner.work import Request, Standing, Work
from registry.lookup import Revision
from registry.revision import NEVER

VISITOR = Wish(visitor=True)
REVISION = Revision("r1", NEVER, demo=True)
# Seconds; processes need some to start on a busy machine.
LONGEST = 120


class Clock:
    """A clock that stands still until it is moved on."""

    def __init__(self) -> None:
        self.now = dt.datetime.now(dt.UTC)

    def __call__(self) -> dt.datetime:
        return self.now

    def on(self, **times: float) -> None:
        self.now += dt.timedelta(**times)


def settings(folder: Path, **changes: object) -> Settings:
    return Settings(folder=folder, **{"workers": 1, "nice": 0, **changes})  # type: ignore[arg-type]


def request(
    name: str = "a.jpg",
    wish: Wish = VISITOR,
    revision: str = REVISION.revision,
    owner: str | None = None,
    token: str = "",
    priority: int = Priority.PERSON,
) -> Request:
    return Request(name, wish, revision, priority, owner, token)


def send(work: Work, data: bytes, asked: Request | None = None) -> str:
    return work.accept(io.BytesIO(data), asked or request())


def standing(work: Work, check_id: str) -> Standing:
    found = work.look(check_id)
    assert found is not None
    return found


@contextlib.contextmanager
def at_work(work: Work, turn: Callable[[], None]) -> Iterator[None]:
    """A thread takes a turn, and another whenever the store is rung."""
    rung, over = threading.Event(), threading.Event()

    def turns() -> None:
        while not over.is_set():
            rung.clear()
            turn()
            rung.wait()

    work.rung = rung.set
    thread = threading.Thread(target=turns)
    thread.start()
    try:
        yield
    finally:
        over.set()
        rung.set()
        thread.join()


def until(met: Callable[[], bool]) -> None:
    """Waits for something that another thread or process does."""
    end = time.monotonic() + LONGEST
    while not met():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.05)
