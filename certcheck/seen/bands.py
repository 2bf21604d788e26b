"""Pieces of a hash that an index can hold: two hashes that are near share some of them.

A hash of 256 bits is cut into bands of 16 bits (multi-index hashing: Norouzi, Punjani and
Fleet, "Fast Search in Hamming Space with Multi-Index Hashing", 2012). Of two hashes that differ
in a tenth of their bits, at least one of 16 bands is equal with a chance of 0.96, and of the
shifted hashes of a picture under check, one is nearer still.

The bits of a band lie far apart: neighbours among the frequencies go together, and a band of
neighbours would be the same for half of all bangles.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Iterable

from ocr.likeness.hashes import BITS

# Kinds of hashes that are looked for.
PIECE, FRAME = 0, 1
# Bands of each; a frame that is known again was compressed, nothing else, and differs in few.
COUNT = {PIECE: 16, FRAME: 4}
WIDTH = 16


@functools.cache
def _order() -> tuple[int, ...]:
    order = list(range(BITS))
    random.Random(BITS).shuffle(order)  # noqa: S311 - always the same, nothing is secret
    return tuple(order)


def bands(kind: int, hashes: Iterable[bytes]) -> list[int]:
    """The bands of some hashes, each once.

    Args:
        kind: PIECE or FRAME.
        hashes: of BITS bits each.
    """
    found: dict[int, None] = {}
    for one in hashes:
        bits = f"{int.from_bytes(one, 'big'):0{BITS}b}"
        mixed = "".join(bits[place] for place in _order())
        for number in range(COUNT[kind]):
            value = int(mixed[number * WIDTH : (number + 1) * WIDTH], 2)
            found[((kind << 8 | number) << WIDTH) | value] = None
    return list(found)
