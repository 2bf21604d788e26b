"""Code 128: its characters, its check, and the texts they spell (ISO/IEC 15417)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Widths of bar, space, bar, space, bar, space of the characters 0 to 105, and of the stop.
_TABLE = (
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 "
    "112232 122132 122231 113222 123122 123221 223211 221132 221231 213212 223112 312131 "
    "311222 321122 321221 312212 322112 322211 212123 212321 232121 111323 131123 131321 "
    "112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121 "
    "313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 "
    "314111 221411 431111 111224 111422 121124 121421 141122 141221 112214 112412 122114 "
    "122411 142112 142211 241211 221114 413111 241112 134111 111242 121142 121241 114212 "
    "124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 "
    "114311 411113 411311 113141 114131 311141 411131 211412 211214 211232"
)
_WIDTHS = _TABLE.split()
_STOP = "2331112"
MODULES, STOP_MODULES = 11, 13
STARTS = {103: "A", 104: "B", 105: "C"}
_PRINTABLE = {"A": 64, "B": 95, "C": 0}  # values below stand for themselves, from the space on
CHECKED = 103  # the check character is a remainder of this
_DATA = 103  # characters that may stand between start and check: 0 to 102


def _modules(widths: str) -> Floats:
    """1 for ink, 0 for paper, one entry a module."""
    return np.concatenate(
        [np.full(int(width), 1.0 - index % 2) for index, width in enumerate(widths)]
    )


INK = np.array([_modules(widths) for widths in _WIDTHS])
STOP_INK = _modules(_STOP)


def cheapest(costs: Floats) -> tuple[Ints, float]:
    """Dynamic programming over the remainder that the check character must equal."""
    count = len(costs)
    remainders = np.arange(CHECKED)
    before = np.full(CHECKED, np.inf)
    before[: len(STARTS)] = costs[0, CHECKED : CHECKED + len(STARTS)]
    chosen = np.zeros((count, CHECKED), np.int64)
    for index in range(1, count - 1):
        came_from = (remainders[:, None] - index * remainders[None]) % CHECKED
        totals = before[came_from] + costs[index, None, :CHECKED]
        chosen[index] = totals.argmin(axis=1)
        before = totals[remainders, chosen[index]]
    totals = before + costs[-1, :CHECKED]
    remainder = int(totals.argmin())
    path = np.zeros(count, np.int64)
    path[-1] = remainder
    for index in range(count - 2, 0, -1):
        path[index] = chosen[index, remainder]
        remainder = (remainder - index * int(path[index])) % CHECKED
    path[0] = CHECKED + remainder
    return path, float(totals.min())


def text_of(path: Ints) -> str | None:
    """The characters' text; None for function characters, which certificates do not use."""
    letters = STARTS[int(path[0])]
    text = ""
    for value in (int(one) for one in path[1:-1]):
        if letters == "C" and value < 100:
            text += f"{value:02d}"
        elif value in (99, 100, 101) and letters != "ABC"[101 - value]:
            letters = "ABC"[101 - value]
        elif value < _PRINTABLE[letters]:
            text += chr(ord(" ") + value)
        else:
            return None
    return text or None
