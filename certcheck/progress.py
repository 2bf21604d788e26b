"""A progress bar on standard error."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn


@contextlib.contextmanager
def bar(total: int, done: int) -> Iterator[Callable[[int], None]]:
    """Shows a bar while work goes on.

    Args:
        total: steps in all.
        done: steps done before.

    Yields:
        A callable that moves the bar on by a number of steps.
    """
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("", total=total, completed=done)
        yield lambda step: progress.advance(task, step)
