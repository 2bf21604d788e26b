"""What would break: a crafted photo, list, code or text that ends in a traceback or never ends.

A short run of what `python -m tests.fuzz` does for long: inputs to begin with, those that were
found before, and some made of them, the same ones each time.
"""

from __future__ import annotations

import random
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.fuzz.mutate import mutated
from tests.fuzz.targets import TARGETS, Target

# Changed inputs of each run, by what they cost.
CHANGED = {"photo": 40, "fields": 6, "seal": 4, "lists": 8, "codes": 8, "reports": 2}


@contextmanager
def within(seconds: int) -> Iterator[None]:
    """Nothing is timed: what does not end is ended, far beyond what anything takes."""

    def late(_signal: int, _frame: object) -> None:
        raise AssertionError(f"no end within {seconds} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def inputs(target: Target) -> Iterator[tuple[str, bytes]]:
    begun = dict(target.seeds()) | {path.name: path.read_bytes() for path in target.kept}
    yield from begun.items()
    rng, of = random.Random(target.name), list(begun.values())
    for number in range(CHANGED[target.name]):
        yield f"changed {number}", mutated(rng.choice(of), rng, of)[: target.longest]


# Libraries warn of what is wrong with a file; here everything is.
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", TARGETS)
def test_no_input_ends_in_a_traceback_or_never(name: str) -> None:
    target = TARGETS[name]
    for label, data in inputs(target):
        with within(6 * target.seconds):
            try:
                target.run(data)
            except Exception as error:
                raise AssertionError(f"{label}: {data[:200]!r}") from error


def test_every_target_has_inputs_and_a_share_of_the_run() -> None:
    """A run without inputs proves nothing."""
    assert set(CHANGED) == set(TARGETS)
    assert all(len(list(target.seeds())) > 5 for target in TARGETS.values())
