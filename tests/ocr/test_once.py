"""What is kept of a picture must be that picture's, and go with it."""

from __future__ import annotations

import gc
import weakref

import numpy as np

from ocr.geometry import Picture
from ocr.once import once_a_picture


def test_a_picture_is_worked_on_once() -> None:
    asked: list[int] = []

    @once_a_picture
    def brightest(image: Picture) -> int:
        asked.append(1)
        return int(image.max())

    one, two = np.full((4, 4, 3), 7, np.uint8), np.full((4, 4, 3), 9, np.uint8)
    assert [brightest(one), brightest(two), brightest(one), brightest(two)] == [7, 9, 7, 9]
    assert len(asked) == 2


def test_another_picture_in_the_same_place_of_memory_has_its_own_answer() -> None:
    @once_a_picture
    def brightest(image: Picture) -> int:
        return int(image.max())

    for level in range(100):
        assert brightest(np.full((64, 64, 3), level, np.uint8)) == level


def test_the_answer_goes_with_its_picture() -> None:
    @once_a_picture
    def copied(image: Picture) -> Picture:
        return image.copy()

    image = np.zeros((4, 4, 3), np.uint8)
    kept = weakref.ref(copied(image))
    assert kept() is not None
    del image
    gc.collect()
    assert kept() is None
