"""What would break: a process that hangs holds up all that wait, or a clock ends a reading."""

from __future__ import annotations

import time

import pytest
from pebble.common.types import ProcessFuture

from certcheck.runner.time_limit import TimeLimit, late
from tests.certcheck.work_store import until


def test_what_runs_too_long_is_cancelled_whatever_the_clock_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Another that nobody has taken yet waits on."""
    monkeypatch.setattr(time, "time", lambda: 0.0)
    running: ProcessFuture[None] = ProcessFuture()
    waiting: ProcessFuture[None] = ProcessFuture()
    running.set_running_or_notify_cancel()
    with TimeLimit(0.1) as limit:
        limit.watch(running)
        limit.watch(waiting)
        until(running.cancelled)
    assert late(running) and not late(waiting) and not waiting.cancelled()
    assert not limit.stuck


def test_where_no_process_takes_what_waits_that_is_told() -> None:
    """One that hangs before it takes anything keeps the others from it."""
    waiting: ProcessFuture[None] = ProcessFuture()
    with TimeLimit(0.1, 0.1) as limit:
        limit.watch(waiting)
        until(lambda: limit.stuck)
    assert not late(waiting)
