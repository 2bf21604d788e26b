"""Memory that was freed goes back to the system, not only what lies at the heap's end."""

from __future__ import annotations

import itertools
import resource
from pathlib import Path

import numpy as np
import pytest

from ocr import memory

MB = 2**20


def resident() -> int:
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * resource.getpagesize()


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="tells memory by /proc")
@pytest.mark.skipif(memory._trim() is None, reason="needs glibc")
def test_what_lies_between_pieces_in_use_is_given_back() -> None:
    pieces = [np.ones(60_000, np.uint8) for _ in range(3000)]
    pins = pieces[::50]  # hold the heap's end, and places all over it
    full = resident()
    del pieces
    memory.give_back()
    assert full - resident() > 100 * MB
    assert len(pins) == 60


def test_it_is_given_back_after_every_few_photos(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[int] = []
    monkeypatch.setattr(memory, "give_back", lambda: given.append(photo))
    for photo in range(3 * memory._EVERY):  # noqa: B007 - told by `give_back`
        memory.give_back_now_and_then()
    assert len(given) == 3
    assert {later - sooner for sooner, later in itertools.pairwise(given)} == {memory._EVERY}
