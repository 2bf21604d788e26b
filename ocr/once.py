"""What was worked out from a picture is kept as long as the picture is.

Several stages ask the same of one page: where its print lies, how high it is. Pictures
are never drawn into once they were made, so the first answer holds for all.
"""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable
from typing import Any, TypeVar

import numpy.typing as npt

T = TypeVar("T")
Array = npt.NDArray[Any]


def once_a_picture(work: Callable[[Array], T]) -> Callable[[Array], T]:
    """Works something out once for each picture; nobody may change the answer.

    A network's table of probabilities serves as well as a picture.

    Args:
        work: depends on nothing but the picture.
    """
    kept: dict[int, tuple[weakref.ref[Array], T]] = {}

    @functools.wraps(work)
    def answer(image: Array) -> T:
        key = id(image)
        known = kept.get(key)
        if known is not None and known[0]() is image:
            return known[1]
        found = work(image)
        # Gone with the picture, before another can have its place and so its key.
        kept[key] = (weakref.ref(image, lambda _: kept.pop(key, None)), found)
        return found

    return answer
