"""How often a value that was changed in the picture is told, and how often an honest one.

    python -m tests.benchmarks.picture_edits make FOLDER --photographs 160
    python -m tests.benchmarks.picture_edits fit FOLDER...
    python -m tests.benchmarks.picture_edits weigh FOLDER...
    python -m tests.benchmarks.picture_edits measure FOLDER --flat 100

Photographs of generated papers, of each two honest files and one changed in each way
(`tests.benchmarks.forging`). Values lie where the truth says, a little off it as a reader's boxes
do; nothing is read. `fit` weighs the looks anew and writes `ocr/signs/weights.csv`; measure on
photographs of other seeds.
"""

from __future__ import annotations

import argparse
import csv
import dataclasses as dc
import itertools
import json
import time
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ocr import geometry
from ocr.geometry import Picture
from ocr.photo import load
from ocr.reading import ALTERED, Field, Line, Point, Quad
from ocr.signs import altered as rules
from ocr.signs import net, unlike, weighing
from ocr.signs.saved import saving
from ocr.signs.strokes import Look, look_at
from tests.benchmarks import flat_pages, forging
from tests.benchmarks.forging import Sent
from tests.benchmarks.rule_rates import keep_made

Floats = npt.NDArray[np.float64]

WEIGHTS = Path(__file__).parents[2] / "ocr" / "signs" / "weights.csv"
WEIGHING = WEIGHTS.with_name("weighing.csv")
FIRST_SEED = 6_300_000
FLAT_SEED = 6_250_000
# Share of the honest values that may be thought unlike the rest: 0.55 % of 906 honest photographs
# left out of the fit, so that blocks may err on as many (docs/benchmarks.md).
FALSE = 0.0005
# Share of the honest files in which the net and the looks together may tell a value.
FALSE_FILES = 0.006
HOW = (
    "files of photographs that nobody changed, screenshots and scans among them, and files with"
    " one value changed in the picture; told as advice"
    " (`python -m tests.benchmarks.picture_edits measure`)."
)
_STEPS, _RIDGE, _ENOUGH = 25, 3.0, 1e-3


@dc.dataclass(frozen=True, eq=False)
class Page:
    """A file and where its values lie, as a reader finds them."""

    sent: Sent
    photograph: str
    image: Picture
    fields: dict[str, Field]
    lines: list[Line]
    seals: list[Quad]


def pages(folders: Iterable[Path]) -> Iterator[Page]:
    """Two honest files and one of each way of every photograph in the folders."""
    before = None
    for told in sorted(one for folder in folders for one in folder.glob("*.json")):
        picture, truth = told.with_suffix(".jpg"), json.loads(told.read_text(encoding="utf-8"))
        if not picture.exists() or truth.get("others") or not truth.get("certificate", True):
            continue
        rng = np.random.default_rng(zlib.crc32(told.name.encode()))
        photo = forging.shown(picture.read_bytes(), truth, rng)
        if sum(key in photo.boxes for key in forging.KEYS) < 3:
            continue
        sent = [forging.honest(photo, rng) for _ in range(2)]
        if before is not None:
            sent += [forging.forged(photo, before, way, rng) for way in forging.WAYS]
        before = photo
        seals = [geometry.as_quad(seal["box"]) for seal in truth.get("seals", ())]
        for one in sent:
            yield _page(one, told.stem, seals, max(truth["size"]), rng)


def _page(
    sent: Sent, name: str, seals: Sequence[Quad], side: int, rng: np.random.Generator
) -> Page:
    image = load(sent.data, name)[0].image
    scale = max(image.shape[:2]) / side
    fields, lines = {}, []
    for key, quad in sent.boxes.items():
        height = min(geometry.quad_size(quad))
        along, across = rng.uniform(-0.05, 0.3), rng.uniform(-0.05, 0.15)
        box = geometry.pad_quad(quad, along * height, across * height)
        fields[key] = Field(key, "", "", 1.0, box, "truth")
        lines.append(Line("", 1.0, box, box, "truth"))
    scaled = [geometry.as_quad(geometry.as_array(seal) * scale) for seal in seals]
    return Page(sent, name, image, fields, lines, scaled)


def looks(page: Page) -> dict[str, tuple[Look, Point]]:
    """What the model weighs of a page."""
    places = rules.bare(page.fields, page.seals)
    seen = ((key, look_at(page.image, quad), quad) for key, quad in places.items())
    return {key: (look, geometry.centre(quad)) for key, look, quad in seen if look is not None}


@dc.dataclass(frozen=True, eq=False)
class Rows:
    """Values as the model sees them: n × FEATURES, whether forged, and the photograph."""

    rows: Floats
    forged: npt.NDArray[np.bool_]
    photograph: npt.NDArray[np.str_]


def rows(of: Iterable[Page]) -> Rows:
    """All values of honest pages, the changed one of the others."""
    found: list[Floats] = []
    forged, names = [], []
    for page in of:
        for key, row in unlike.features(looks(page)).items():
            if page.sent.key in ("", key):
                found.append(row)
                forged.append(bool(page.sent.key))
                names.append(page.photograph)
    return Rows(np.array(found), np.array(forged), np.array(names))


def fitted(given: Rows) -> tuple[Floats, Floats, float]:
    """Scales, weights and threshold; the threshold from photographs left out of the fit."""
    scales = 1.48 * np.median(np.abs(given.rows[~given.forged]), axis=0) + 1e-3
    terms = unlike.terms(given.rows, scales)
    names = sorted(set(given.photograph.tolist()))
    fold = {name: at % 4 for at, name in enumerate(names)}
    folds = np.array([fold[name] for name in given.photograph.tolist()])
    scores = np.zeros(len(terms))
    for at in range(4):
        own = folds == at
        scores[own] = terms[own] @ _regression(terms[~own], given.forged[~own])
    threshold = float(np.quantile(scores[~given.forged], 1 - FALSE))
    return scales, _regression(terms, given.forged), threshold


def _regression(terms: Floats, forged: npt.NDArray[np.bool_]) -> Floats:
    """Logistic regression with a ridge, by Newton's steps."""
    weights = np.zeros(terms.shape[1])
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(terms @ weights, -30, 30)))
        bend = terms.T @ (terms * (chance * (1 - chance) + 1e-6)[:, None])
        slope = terms.T @ (forged - chance) - _RIDGE * weights
        step = np.linalg.solve(bend + _RIDGE * np.eye(len(weights)), slope)
        weights += step
        if float(np.abs(step).max()) < _ENOUGH:
            break
    return weights


def write(given: Rows) -> None:
    """Fits and writes the weights."""
    scales, weights, threshold = fitted(given)
    with WEIGHTS.open("w", encoding="utf-8", newline="") as file:
        file.write(
            "# What a value's look is weighed with (ocr/signs/unlike.py), fitted by `python -m"
            f" tests.benchmarks.picture_edits fit`\n# on {int((~given.forged).sum())} honest and"
            f" {int(given.forged.sum())} changed values of {len(set(given.photograph.tolist()))}"
            " generated photographs.\n"
        )
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("feature", "scale", "linear", "absolute", "square"))
        parts = weights[:-1].reshape(3, -1)
        for name, scale, *three in zip(unlike.FEATURES, scales, *parts, strict=True):
            table.writerow((name, f"{scale:.5g}", *(f"{one:.5g}" for one in three)))
        table.writerow((unlike.CONSTANT, "", f"{weights[-1]:.5g}", "", ""))
        table.writerow((unlike.THRESHOLD, "", f"{threshold:.5g}", "", ""))


@dc.dataclass(frozen=True, eq=False)
class Words:
    """Values as they are weighed: n × TERMS, whether forged, the file, the photograph."""

    rows: Floats
    forged: npt.NDArray[np.bool_]
    file: npt.NDArray[np.int64]
    photograph: npt.NDArray[np.str_]


def words(of: Iterable[Page]) -> Words:
    """All values of honest pages, the changed one of the others."""
    found: list[Floats] = []
    forged, files, names = [], [], []
    for at, page in enumerate(of):
        seen = unlike.unlike(looks(page))
        for key, one in net.judged(page.image, rules.bare(page.fields, page.seals)).items():
            if page.sent.key in ("", key):
                found.append(weighing.terms(one, seen.get(key)))
                forged.append(bool(page.sent.key))
                files.append(at)
                names.append(page.photograph)
    return Words(np.array(found), np.array(forged), np.array(files), np.array(names))


def weighed(given: Words) -> tuple[Floats, float]:
    """Weights with their constant, and the threshold from photographs left out of the fit."""
    rows = np.hstack((given.rows, np.ones((len(given.rows), 1))))
    folds = np.unique(given.photograph, return_inverse=True)[1] % 5
    scores = np.zeros(len(rows))
    for at in range(5):
        own = folds == at
        scores[own] = rows[own] @ _regression(rows[~own], given.forged[~own])
    honest = ~given.forged
    highest = [scores[honest & (given.file == one)].max() for one in set(given.file[honest])]
    threshold = float(np.quantile(highest, 1 - FALSE_FILES))
    return _regression(rows, given.forged), threshold


def write_weighing(given: Words) -> None:
    """Weighs and writes the weights."""
    weights, threshold = weighed(given)
    honest = given.file[~given.forged]
    with WEIGHING.open("w", encoding="utf-8", newline="") as file:
        file.write(
            "# What the net says of a value and how it looks, weighed together"
            " (ocr/signs/weighing.py), fitted by `python -m tests.benchmarks.picture_edits weigh`"
            f"\n# on {len(honest)} honest values of {len(set(honest.tolist()))} files and"
            f" {int(given.forged.sum())} changed ones, of"
            f" {len(set(given.photograph.tolist()))} generated photographs.\n"
        )
        table = csv.writer(file, lineterminator="\n")
        names = (*weighing.TERMS, weighing.CONSTANT, weighing.THRESHOLD)
        table.writerow(("term", "weight"))
        both = zip(names, (*weights, threshold), strict=True)
        table.writerows((name, f"{one:.5g}") for name, one in both)


def flat(count: int) -> Iterator[Page]:
    """Honest screenshots and scans."""
    for number in range(FLAT_SEED, FLAT_SEED + count):
        for kind in flat_pages.KINDS:
            sent, truth = flat_pages.page(number, kind)
            seals = [geometry.as_quad(seal["box"]) for seal in truth["seals"]]
            rng = np.random.default_rng(number)
            yield _page(sent, f"{kind}-{number}", seals, max(truth["size"]), rng)


def measure(folder: Path, flat_ones: int, made: Path | None) -> None:
    """Prints what was told."""
    counted: Counter[tuple[str, ...]] = Counter()
    taken = []
    for page in itertools.chain(pages([folder]), flat(flat_ones)):
        photo = load(page.sent.data, page.photograph)[0]
        began = time.process_time()
        how = saving(page.sent.data, photo)
        signs = rules.altered(photo.image, how, page.fields, page.lines, page.seals)
        taken.append(time.process_time() - began)
        told = {sign.key: sign.detail for sign in signs if sign.kind == ALTERED}
        sent = page.sent
        if sent.key:
            part = "part" if sent.part else "whole"
            by = told.get(sent.key, "")
            way = (part, sent.way, sent.went)
            for group in (
                ("all",),
                (part,),
                way[:2],
                way,
                (part, sent.went),
                (sent.went,),
                ("by", by),
            ):
                counted["edited", *group] += 1
                counted["told", *group] += bool(by)
        else:
            asked = set(page.fields)
            counted["values", sent.went] += len(asked)
            counted["photos", sent.went] += 1
            counted["false values", sent.went] += len(told)
            counted["false photos", sent.went] += bool(told)
            counted.update(("false by", one) for one in told.values())
    for name, count in sorted(counted.items()):
        share = counted["told", *name[1:]] / count if name[0] == "edited" else 0
        print(f"{' '.join(name):<32} {count:>6}" + (f"  told {share:.3f}" if share else ""))
    print(f"processor time a page: {1000 * float(np.median(taken)):.0f} ms")
    if made is not None:
        honest, false = (
            sum(count for name, count in counted.items() if name[0] == what)
            for what in ("photos", "false photos")
        )
        row = (honest, false, counted["edited", "all"], counted["told", "all"])
        keep_made(made, HOW, {"item5.picture_altered": row})


def main(arguments: Sequence[str] | None = None) -> None:
    """Makes, fits or measures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("make", "fit", "weigh", "measure"))
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--photographs", type=int, default=160)
    parser.add_argument("--first", type=int, default=FIRST_SEED)
    parser.add_argument("--flat", type=int, default=0, help="screenshots and scans, of each")
    parser.add_argument("--rates", type=Path, help="where to keep them for rule_rates --made")
    asked = parser.parse_args(arguments)
    if asked.what == "make":
        for number in range(asked.photographs):
            forging.photograph(asked.first + number, asked.folders[0])
    elif asked.what == "fit":
        write(rows(pages(asked.folders)))
    elif asked.what == "weigh":
        write_weighing(words(pages(asked.folders)))
    else:
        measure(asked.folders[0], asked.flat, asked.rates)


if __name__ == "__main__":
    main()
