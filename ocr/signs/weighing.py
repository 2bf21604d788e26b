"""The net's word on a value and that of its look, weighed together.

They err on other honest values, so both together tell far more than either where as few honest
photographs are told (docs/benchmarks.md). A logistic model; its coefficients are data,
`weighing.csv`, written by `python -m tests.benchmarks.picture_edits weigh`.
"""

from __future__ import annotations

import csv
import functools
import importlib.resources
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from ocr.signs.net import Judged

Floats = npt.NDArray[np.float64]

TERMS = ("both", "whole", "worst", "next", "look", "no look")
CONSTANT, THRESHOLD = "constant", "threshold"
_CLIP, _LOOK = 6.0, (-6.0, 4.0)  # logarithms of odds, beyond which none counts


def terms(judged: Judged, look: float | None) -> Floats:
    """What is weighed of a value, in the order of TERMS.

    Args:
        judged: the net's word.
        look: how unlike the others it looks (`ocr.signs.unlike`); None where that is not known.
    """
    words = np.clip((judged.both, judged.whole, judged.worst, judged.next), -_CLIP, _CLIP)
    seen = 0.0 if look is None else min(max(look, _LOOK[0]), _LOOK[1])
    return np.array((*words, seen, float(look is None)), np.float64)


def weighed(judged: Mapping[str, Judged], looks: Mapping[str, float]) -> dict[str, float]:
    """How far above what an honest value reaches each lies, logarithms of odds; by key."""
    weights = _weights()
    known = np.array([weights[name] for name in TERMS])
    above = weights[CONSTANT] - weights[THRESHOLD]
    return {key: float(terms(one, looks.get(key)) @ known) + above for key, one in judged.items()}


@functools.cache
def _weights() -> Mapping[str, float]:
    path = importlib.resources.files("ocr.signs") / "weighing.csv"
    lines = (line for line in path.read_text(encoding="utf-8").splitlines() if line[:1] != "#")
    return {row["term"]: float(row["weight"]) for row in csv.DictReader(lines)}
