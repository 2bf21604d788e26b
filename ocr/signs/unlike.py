"""How unlike the other values of its page a value looks.

What is measured of a value (`strokes`) is held against values of like height and against those
nearest on the page, and weighed by a logistic model with linear, absolute and square terms. Its
coefficients are data: `weights.csv`, written by `python -m tests.benchmarks.picture_edits fit`.
"""

from __future__ import annotations

import csv
import dataclasses as dc
import functools
import importlib.resources
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from ocr.reading import Point
from ocr.signs.strokes import OWN, PARTED, Look

Floats = npt.NDArray[np.float64]

FEWEST = 5  # values of a page, among which one can be said to be unlike
_LIKE, _AT_LEAST = 2 / 3, 4  # share of the others that are nearest in height; at least so many
_NEAREST = 3  # others nearest on the page
_ALONE = ("ink", "stroke", "hue", "edge", "ground")  # where even the next but one is far away
_CLIP, _SQUARE = 8.0, 40.0  # scales: what lies beyond counts as much
FEATURES = (
    *(f"{name} of like height" for name in OWN),
    *(f"{name} nearby" for name in OWN),
    *(f"{name} alone" for name in _ALONE),
    *(f"{name} {side} along" for name in PARTED for side in ("up", "down")),
    "edge spread",
    "height",
)
CONSTANT, THRESHOLD = "constant", "threshold"


def features(looks: Mapping[str, tuple[Look, Point]]) -> dict[str, Floats]:
    """FEATURES of each value; nothing where there are too few.

    Args:
        looks: each value's look and its middle, px.
    """
    if len(looks) < FEWEST:
        return {}
    heights = np.array([look.height for look, _ in looks.values()])
    own = np.array([look.own for look, _ in looks.values()], np.float64)
    middles = np.array([middle for _, middle in looks.values()])
    alone = [OWN.index(name) for name in _ALONE]
    found = {}
    for at, (key, (look, _)) in enumerate(looks.items()):
        others = np.array([one for one in range(len(looks)) if one != at])
        count = max(_AT_LEAST, int(len(others) * _LIKE))
        like = others[np.argsort(np.abs(heights[others] - heights[at]), kind="stable")[:count]]
        away = np.hypot(*(middles[others] - middles[at]).T)
        near = others[np.argsort(away, kind="stable")[:_NEAREST]]
        middle = np.median(own[like], axis=0)
        next_but_one = np.sort(np.abs(own[others][:, alone] - own[at, alone]), axis=0)[1]
        spread = 1.48 * float(np.median(np.abs(own[like] - middle)[:, OWN.index("edge")]))
        found[key] = np.concatenate((
            own[at] - middle, own[at] - np.median(own[near], axis=0), next_but_one, look.parted,
            (spread, look.height),
        ))  # fmt: skip
    return found


def terms(rows: Floats, scales: Floats) -> Floats:
    """What the model weighs: n × (3 features and a constant)."""
    scaled = np.clip(rows / scales, -_CLIP, _CLIP)
    squares = np.minimum(scaled**2, _SQUARE) / _CLIP
    ones = np.ones((len(rows), 1))
    return np.hstack((scaled, np.abs(scaled), squares, ones))


@dc.dataclass(frozen=True, eq=False)
class _Model:
    scales: Floats
    weights: Floats
    threshold: float


@functools.cache
def _model() -> _Model:
    path = importlib.resources.files("ocr.signs") / "weights.csv"
    lines = (line for line in path.read_text(encoding="utf-8").splitlines() if line[:1] != "#")
    rows = {row["feature"]: row for row in csv.DictReader(lines)}
    columns = [
        np.array([float(rows[name][column]) for name in FEATURES])
        for column in ("scale", "linear", "absolute", "square")
    ]
    ends = (float(rows[name]["linear"]) for name in (CONSTANT, THRESHOLD))
    constant, threshold = ends
    return _Model(columns[0], np.concatenate((*columns[1:], [constant])), threshold)


def unlike(looks: Mapping[str, tuple[Look, Point]]) -> dict[str, float]:
    """How far above what an honest value reaches each lies, in the model's logarithms; by key."""
    found = features(looks)
    if not found:
        return {}
    model = _model()
    scores = terms(np.array(list(found.values())), model.scales) @ model.weights - model.threshold
    return dict(zip(found, scores.tolist(), strict=True))
