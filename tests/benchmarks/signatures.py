"""Signatures on generated photographs: false alarms, catches, print told from pen.

    python -m tests.benchmarks.signatures [--seeds 60] [--first 8100000] [--level normal]
    python -m tests.benchmarks.signatures --fit

The first draws `seeds` certificates with all three names signed by hand, half by their owners
and half by forgers of every skill from 0 to 0.5, and as many in print, photographs them, cuts
the names out at their true places, and compares each with its owner's specimen. No text is
read, so a name costs some tens of milliseconds. The second fits the figures of
`ocr/signature/written.toml` anew on slips (`tests.benchmarks.slips`) and prints them, with what
they come to on slips that were held back.
"""

from __future__ import annotations

import argparse
import dataclasses as dc

import numpy as np

from ocr import geometry
from ocr.signature import ink, written
from ocr.signature.compare import Apart, apart
from ocr.signature.read import (
    LOWEST,
    OTHER_HAND,
    OTHER_HAND_AT_BEST,
    SAME_HAND,
    SOFTEST,
    SURELY_WRITTEN,
)
from ocr.signature.shape import Shape, shape_of
from samples.generator import camera, demo, draft, fonts, hand
from samples.generator.blocks import SIGNERS
from samples.generator.content import Certificate, Wish
from samples.generator.layouts import LAYOUTS
from tests.benchmarks.slips import slips

LABS = ("yuan", "feng", "qi", "zhong", "sheng", "can", "tuo", "zhan")
MOST_SKILL = 0.5
SKILL_BANDS = ((0.0, 0.15), (0.15, 0.3), (0.3, 0.5))
RIDGE = 0.0001
FOLDS = 5
SLIPS = ("own", "forged", "other", "print", "print", "print")


@dc.dataclass(frozen=True, eq=False)
class Seen:
    """One name cut out of a photograph.

    Attributes:
        how: `own`, `forged` or `print`.
        skill: of the forger.
        features: what tells print from pen.
        pen: likelihood of a pen.
        clear: whether it may be compared.
        found: how far from the specimen; None where there is too little ink.
    """

    how: str
    skill: float
    features: written.Vector
    pen: float
    clear: bool
    found: Apart | None


def certificate(seed: int, *, by_hand: bool) -> Certificate:
    """A certificate with its names signed, or in print."""
    rng = np.random.default_rng([seed, int(by_hand)])
    cert = draft.draft(demo.labs()[LABS[seed % len(LABS)]], Wish(), rng)
    if not by_hand:
        return cert
    signed = {}
    for key in SIGNERS:
        own = hand.own_hand(str(cert.values[key].truth))
        moment = int(rng.integers(2**31))
        if rng.random() < 0.5:
            signed[key] = hand.Signed("own", own, moment)
        else:
            skill = float(rng.uniform(0, MOST_SKILL))
            other = hand.forger(int(rng.integers(2**31)), own, skill)
            signed[key] = hand.Signed("forged", other, moment)
    return dc.replace(cert, signed=signed)


def look(seed: int, level: str, *, by_hand: bool, known: dict[str, Shape]) -> list[Seen]:
    """The three names of a photograph, each held beside its owner's specimen."""
    cert = certificate(seed, by_hand=by_hand)
    rng = np.random.default_rng([seed, 2])
    layout = tuple(LAYOUTS)[int(rng.integers(len(LAYOUTS)))]
    faces = fonts.body_faces()
    sheet = LAYOUTS[layout](cert, faces[int(rng.integers(len(faces)))], rng)
    page = np.ascontiguousarray(np.asarray(sheet.image)[..., ::-1])
    photo = camera.shoot(page, level, np.random.default_rng([seed, 3]))
    seen = []
    for key in SIGNERS:
        name = str(cert.values[key].truth)
        quad = geometry.as_quad(camera.map_points(photo.homography, sheet.boxes[key]))
        height = geometry.quad_size(quad)[1]
        crop = geometry.crop_quad(photo.image, geometry.pad_quad(quad, 0.5 * height, 0.35 * height))
        one = cert.signed.get(key)
        seen.append(_one(crop, one.how if one else "print", one.writer.skill if one else 0.0,
                         known.setdefault(name, _specimen(name))))  # fmt: skip
    return seen


def _specimen(name: str) -> Shape:
    shape = shape_of(hand.specimen(name) > 100)
    assert shape is not None
    return shape


def ink_of(crop: np.ndarray) -> ink.Mask | None:
    """The ink of a name cut out at its true place."""
    mask = ink.without_specks(ink.without_rules(ink.inked(ink.darkness(crop))))
    rows, columns = np.nonzero(mask)
    if len(rows) == 0:
        return None
    return np.asarray(mask[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1])


def _one(crop: np.ndarray, how: str, skill: float, specimen: Shape) -> Seen:
    dark = ink.darkness(crop)
    mask = ink_of(crop)
    if mask is None:
        return Seen(how, skill, np.zeros(written.FEATURES), 0.0, clear=False, found=None)
    shape = shape_of(mask)
    clear = ink.sharpness(dark) >= SOFTEST and mask.shape[0] >= LOWEST
    return Seen(how, skill, written.features(mask), written.written(mask), clear,
                apart(shape, specimen) if shape else None)  # fmt: skip


def collect(seeds: int, first: int, level: str) -> list[Seen]:
    """All names of so many certificates signed and as many printed."""
    known: dict[str, Shape] = {}
    return [
        one
        for seed in range(first, first + seeds)
        for by_hand in (True, False)
        for one in look(seed, level, by_hand=by_hand, known=known)
    ]


def accused(one: Seen) -> bool:
    """Whether the check would call it another's hand."""
    return (
        one.clear
        and one.pen >= SURELY_WRITTEN
        and one.found is not None
        and one.found.mean >= OTHER_HAND
        and one.found.least >= OTHER_HAND_AT_BEST
    )


def _share(some: list[bool]) -> str:
    return f"{np.mean(some):.3f} of {len(some)}" if some else "none"


def report(seen: list[Seen], level: str) -> None:
    """Prints the table."""
    own = [one for one in seen if one.how == "own"]
    forged = [one for one in seen if one.how == "forged"]
    print_ = [one for one in seen if one.how == "print"]
    compared = [one for one in own if one.clear and one.pen >= SURELY_WRITTEN]
    print(f"level {level}: {len(own)} own, {len(forged)} forged, {len(print_)} printed names")
    print(f"  pen told: written {_share([o.pen >= SURELY_WRITTEN for o in own + forged])}")
    print(f"  pen told: print   {_share([o.pen >= SURELY_WRITTEN for o in print_])}")
    print(f"  own hand compared at all    {_share([o in compared for o in own])}")
    agrees = [o.found is not None and o.found.mean <= SAME_HAND for o in compared]
    print(f"  own hand agrees, if compared {_share(agrees)}")
    print(f"  own hand accused            {_share([accused(o) for o in own])}")
    print(f"  print accused               {_share([accused(o) for o in print_])}")
    for low, high in SKILL_BANDS:
        band = [o for o in forged if low <= o.skill < high]
        sure = [o for o in band if o.clear and o.pen >= SURELY_WRITTEN]
        print(
            f"  forged, skill {low}-{high}: caught {_share([accused(o) for o in band])},"
            f" where compared {_share([accused(o) for o in sure])}"
        )
    spread = [o.found.mean for o in compared if o.found]
    if spread:
        print(f"  own hand apart: mean {np.mean(spread):.3f}, deviation {np.std(spread):.3f},"
              f" most {max(spread):.3f}")  # fmt: skip


def fit(rows: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Ridge logistic regression of pen against print, by Newton's method; the bias last."""
    weights = np.zeros(rows.shape[1])
    hold = np.eye(rows.shape[1]) * RIDGE * len(rows)
    hold[-1, -1] = 0
    for _ in range(80):
        likely = 1 / (1 + np.exp(-rows @ weights))
        curve = likely * (1 - likely) + 1e-6
        slope = rows.T @ (likely - wanted) + hold @ weights
        weights -= np.linalg.solve((rows * curve[:, None]).T @ rows + hold, slope)
    return weights


def fit_and_tell(seeds: int, first: int) -> None:
    """Fits on so many sheets of slips, half of the names in print, and prints what came of it."""
    each = [
        (written.features(mask), slip.how != "print")
        for number in range(seeds)
        for slip in slips(first + number, ("normal", "normal", "hard")[number % 3], SLIPS)
        if (mask := ink_of(slip.crop)) is not None
    ]
    rows = np.array([np.append(features, 1.0) for features, _ in each])
    wanted = np.array([pen for _, pen in each], float)
    told = np.zeros(len(rows))
    for fold in range(FOLDS):
        held = np.arange(len(rows)) % FOLDS == fold
        told[held] = rows[held] @ fit(rows[~held], wanted[~held])
    line = np.log(SURELY_WRITTEN / (1 - SURELY_WRITTEN))
    print_, pen = told[wanted == 0], told[wanted == 1]
    print(f"{len(pen)} written, {len(print_)} printed; held back and surely written:")
    print(f"  written {np.mean(pen >= line):.3f}, print {np.mean(print_ >= line):.4f}")
    print(f"  print's largest {np.sort(print_)[-5:].round(2)}, the line at {line:.2f}")
    weights = fit(rows, wanted)
    print("weights = [" + ", ".join(f"{v:.3f}" for v in weights[:-1]) + "]")
    print(f"bias = {weights[-1]:.3f}")


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=60)
    parser.add_argument("--first", type=int, default=8_100_000)
    parser.add_argument("--level", choices=camera.LEVELS, default="normal")
    parser.add_argument("--fit", action="store_true")
    given = parser.parse_args()
    if given.fit:
        fit_and_tell(given.seeds, given.first)
        return
    report(collect(given.seeds, given.first, given.level), given.level)


if __name__ == "__main__":
    main()
