"""`certcheck serve` whose processes load their models with the first photo that needs them.

Files that are no pictures never do, and a server that is killed again and again starts sooner. Its
clock can be set while it runs: it goes wrong by the seconds that stand in the file `FAULTS_CLOCK`.
(Libraries that do so to any program break the semaphores of its processes.)
"""

from __future__ import annotations

import datetime as dt
import functools
import os
import sys
import time
from pathlib import Path
from typing import Any

from flask import Flask

import web.app
from certcheck import cli
from certcheck.runner import work
from web import checks

CLOCK = "FAULTS_CLOCK"
_start, _time, _now = checks.start, time.time, work.now


def start(app: Flask, **_: bool) -> Any:
    """Starts what does the work, without its models."""
    return _start(app, prepare=False)


def wrong_by() -> float:
    """Seconds."""
    return float(Path(os.environ[CLOCK]).read_text("ascii"))


def now() -> dt.datetime:
    """The time of day, as the clock tells it."""
    return _now() + dt.timedelta(seconds=wrong_by())


if __name__ == "__main__":
    checks.start = start
    if CLOCK in os.environ:
        time.time = lambda: _time() + wrong_by()
        work.now = now
        web.app.Work = functools.partial(work.Work, clock=now)  # type: ignore[misc, assignment]
    sys.argv[0] = "certcheck"
    cli.main()
