"""What may befall a photograph, by name, and what the level `hard` draws by lot."""

from __future__ import annotations

import numpy as np

# How the paper lies. Every photo of the level `hard` leans and most are turned.
POSES = {
    "tilt": "the phone held 18 to 25 degrees off the paper's upright",
    "spin": "the paper turned by any angle",
    "fold": "folded once across the middle, not lying flat",
    "far": "from far away: print 11.5 to 14 px high",
    "pair": "a second certificate beside it",
}
# What lies on it or falls on it.
COVERS = {
    "glare": "a reflection over one field",
    "shade": "a lamp on one side and the edge of a shadow across",
    "sleeve": "in a plastic sleeve that shines in streaks",
    "hand": "fingers over one corner",
    "moire": "photographed off a screen",
}
# What the phone does.
LENS = {
    "motion": "shaken by a quarter to two fifths of the print's height",
    "defocus": "out of focus by a tenth to a sixth of the print's height",
    "jpeg": "JPEG of quality 45 to 55",
}
# For tests/benchmarks only: no test and no threshold may know these.
BENCHMARK = {
    "messenger": "sent on twice by a messenger that shrinks pictures to 1440 px",
    "stain": "tea spilt on the paper",
    "night": "in poor light, grain smoothed away by the phone",
}
TREATMENTS = {**POSES, **COVERS, **LENS, **BENCHMARK}
PLAIN = "plain"  # asked for by name: nothing beyond what the level does anyway

ANY_TURN = 0.5  # share of hard photographs that lie at any angle, the others near a quarter's
_UNTREATED = 0.08  # of hard photographs: only turned, leaning, grainy
_SECOND = 0.25  # of hard photographs have a second of these
_ADDED = ("glare", "shade", "sleeve", "hand", "jpeg")
_FIRST = ("fold", "far", "pair", *COVERS, *LENS)
# Small print takes no more; a screen has neither folds nor a sleeve, and a sleeve keeps flat.
_ALONE = {"moire", "far", "pair"}
_APART = {"fold", "sleeve"}


def parse(names: str) -> tuple[str, ...]:
    """`"fold+glare"` as the names in it.

    Raises:
        ValueError: a name is unknown.
    """
    if names == PLAIN:
        return ()
    chosen = tuple(dict.fromkeys(names.split("+")))
    for name in chosen:
        if name not in TREATMENTS:
            raise ValueError(f"unknown treatment {name!r}, one of {', '.join(TREATMENTS)}")
    return chosen


def by_lot(rng: np.random.Generator) -> tuple[str, ...]:
    """What a photo of the level `hard` has besides turn and lean."""
    if rng.random() < _UNTREATED:
        return ()
    first = _FIRST[int(rng.integers(len(_FIRST)))]
    second = _ADDED[int(rng.integers(len(_ADDED)))]
    clash = second == first or {first, second} == _APART
    if first in _ALONE or clash or rng.random() >= _SECOND:
        return (first,)
    return (first, second)
