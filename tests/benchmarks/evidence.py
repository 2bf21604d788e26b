"""Honest papers checked, checked again and misread; copied ones among them: who is suspected?

    python -m tests.benchmarks.evidence --checks 2400 --copies 400

A perfect reader's readings of the generator's certificates, with slips put in more often than
`tests.benchmarks.borne` finds them and a second reader who slips by himself; pictures of pieces are
drawn small and taken again in other light, crop and compression. All rules of items 5 and 6 judge,
with a book that fills as it would. Then look-alike hosts (`tests.benchmarks.hosts`) and, where
photographs are given, values changed in the picture (`tests.benchmarks.picture_edits`).
"""

from __future__ import annotations

import argparse
import dataclasses as dc
import random
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from certcheck.case import Case
from certcheck.finding import Status
from certcheck.identify import identify
from certcheck.rules.framework import judge
from certcheck.seen import store
from certcheck.seen.book import Book
from certcheck.seen.memory import Memory
from certcheck.seen.sighting import sighting
from ocr.geometry import Picture
from ocr.likeness.hashes import hashes_of
from ocr.reading import Field, Likeness, Reading
from ocr.witness import Answer, Support
from registry.lookup import Registry
from tests.benchmarks import hosts, picture_edits
from tests.benchmarks.rule_rates import Row, keep_made
from tests.benchmarks.sheets import (
    STOCK,
    Sheet,
    drawn,
    following,
    fresh,
    issued_anew,
    taken,
)
from tests.certcheck import paper

ACCUSED = (Status.INCONSISTENT, Status.SUSPECTED)
PLACE = (0.1, 0.1, 0.2, 0.2)
NUMBER, PICTURE, PEOPLE, WEBSITE = (
    "item5.number_seen_before", "item5.picture_seen_before", "item5.signatory_elsewhere",
    "item5.website_foreign",
)  # fmt: skip
HOW = (
    "made readings of papers checked, photographed again and misread, and of copied numbers and"
    " pictures (`python -m tests.benchmarks.evidence`)."
)
# Values of the certificates that a reader may slip on.
KEYS = ("certificate_no", "mass", "conclusion", "shape", "colour", "issue_date", "approver")
# Chance that a value is misread though the reader is sure, and that it is another's altogether;
# then the second reader and the ink are asked at the wrong place, too.
SLIP, BLUNDER = 0.01, 0.001
# Chance that the ink cannot tell, and that both witnesses make a slip of the first reader.
CANNOT_TELL, BOTH_SLIP = 0.05, 0.1
# Chances that the second reader slips by a character, and that he reads nothing, as
# `tests.benchmarks.borne` finds them: words are hard for him.
SECOND_SLIPS = {"certificate_no": 0.05, "mass": 0.1, "issue_date": 0.05}
WORDS_SLIP, SECOND_NONE = 0.35, 0.1
LIKE = {"0": "O8", "1": "I7", "3": "8", "8": "3", "5": "6", "6": "5", "7": "1", "2": "Z", "9": "4"}
# What the next check is: a new paper, one of a series, one like the last, the same photo again,
# another photo of a paper, a paper issued anew.
KINDS = {"new": 46, "series": 14, "twin": 6, "again": 8, "second photo": 25, "anew": 1}


class Eyes(paper.Print):
    """A witness who sees the print, and now and then cannot tell; a second reader who slips.

    Args:
        seen: the reading that both see: the print, but for mistakes that they share.
        piece: the picture of the piece.
        rng: of their own mistakes.
    """

    def __init__(self, seen: Reading, piece: Picture, rng: random.Random) -> None:
        super().__init__(seen)
        self.piece, self.rng = piece, rng

    def ask_field(self, key: str, texts: Sequence[str]) -> list[Support]:
        if self.rng.random() < CANNOT_TELL:
            return [Support(text, 0.0, Answer.CANNOT_TELL) for text in texts]
        return super().ask_field(key, texts)

    def reread(self, key: str) -> Field | None:
        field = self.reading.fields.get(key)
        slips = SECOND_SLIPS.get(key, WORDS_SLIP)
        chance = self.rng.random()
        if field is None or chance >= slips:
            return field
        if chance < slips * SECOND_NONE:
            return None
        return dc.replace(field, value=slipped(field.text, self.rng), raw="")

    def hashes_at(self, place: tuple[float, float, float, float]) -> tuple[bytes, ...]:
        return hashes_of(self.piece, far=True)


def slipped(text: str, rng: random.Random) -> str:
    """A text with one character misread, mostly as one like it."""
    at = rng.randrange(len(text))
    other = rng.choice(LIKE.get(text[at], "0123456789")) if text[at].isdigit() else text[at - 1]
    return text[:at] + (other if rng.random() < 0.9 else "") + text[at + 1 :]


class Desk:
    """Checks papers one after the other, with one book.

    Args:
        registry: the demo registry.
        book: that fills.
        seed: of all chance.
    """

    def __init__(self, registry: Registry, book: Book, seed: int) -> None:
        self.registry, self.book = registry, book
        self.rng, self.numbers = random.Random(seed), np.random.default_rng(seed)
        self.checked = 0

    def check(self, sheet: Sheet, *, again: str = "") -> tuple[str, dict[str, Status]]:
        """Checks a photo of a paper.

        Args:
            sheet: the paper.
            again: name of the photo, where it is one that was checked before.

        Returns:
            The photo's name; the rules of items 5 and 6 that accused.
        """
        self.checked += 1
        photo = again or f"{self.checked:064}"
        case = self._case(sheet, photo)
        case = dc.replace(case, memory=Memory(self.book, sighting(case, self.book.key), case))
        items = judge(case)
        assert case.memory is not None
        case.memory.keep(items)
        found = [one for item in items[4:6] for one in item.findings]
        return photo, {one.rule: one.status for one in found if one.status in ACCUSED}

    def _case(self, sheet: Sheet, photo: str) -> Case:
        rng = random.Random(photo)
        picture = taken(sheet.piece, self.numbers)
        hashes = hashes_of(picture)
        truth = paper.reading_of(sheet.cert)
        fields, shared = {}, {}
        for key, one in truth.fields.items():
            fields[key], both = self._read(one, rng)
            shared[key] = fields[key] if both else one
        frame = rng.randbytes(32)
        likenesses = (
            Likeness("photo", paper.BOX, (frame,), (frame,)),
            Likeness("piece", paper.BOX, hashes[:1], hashes, (PLACE,)),
        )
        # Boxes of advice and of the picture lie apart; nothing is hidden here.
        read = dc.replace(truth, fields=fields, likenesses=likenesses)
        witness = Eyes(dc.replace(truth, fields=shared), picture, rng)
        return Case(
            reading=read, witness=witness, registry=self.registry,
            match=identify(truth, witness, self.registry), issued_on=sheet.cert.day,
            checked_on=paper.TODAY, photo=photo,
        )  # fmt: skip

    def _read(self, field: Field, rng: random.Random) -> tuple[Field, bool]:
        """A field as it is read, and whether the witnesses make the same mistake."""
        if field.key not in KEYS or not isinstance(field.value, str):
            return field, False
        chance = rng.random()
        if chance < BLUNDER:
            text = f"{rng.uniform(1, 90):.2f}"
            return dc.replace(field, value=text, raw=text), True
        if chance < BLUNDER + SLIP and field.key != "issue_date":
            text = slipped(field.text, rng)
            return dc.replace(field, value=text, raw=text), rng.random() < BOTH_SLIP
        return field, False


def honest(desk: Desk, count: int) -> Iterator[tuple[str, Sheet, dict[str, Status]]]:
    """Checks honest papers with repeats as they come.

    Yields:
        What kind of check it was, the paper, and the rules that accused.
    """
    rng = desk.rng
    done: list[tuple[Sheet, str]] = []
    used: set[str] = set()
    for at in range(count):
        kind = rng.choices(list(KINDS), list(KINDS.values()))[0] if done else "new"
        sheet, photo = (
            done[rng.randrange(max(0, len(done) - 300), len(done))] if done else (None, "")
        )
        if kind == "new" or sheet is None:
            sheet, photo = fresh(at, rng, None, used), ""
        elif kind == "series":
            sheet, photo = following(sheet, fresh(at, rng, sheet.cert, used), used), ""
        elif kind == "twin":
            other = fresh(at, rng, sheet.cert, used)
            sheet, photo = Sheet(other.cert, drawn(sheet.cert, at), other.stock), ""
        elif kind == "anew":
            sheet, photo = issued_anew(sheet, fresh(at, rng, sheet.cert, used)), ""
        elif kind == "second photo":
            photo = ""
        used.add(str(sheet.cert.values["certificate_no"].truth))
        photo, accused = desk.check(sheet, again=photo)
        done.append((sheet, photo))
        yield kind, sheet, accused


def copies(
    desk: Desk, sheets: Sequence[Sheet], count: int
) -> Iterator[tuple[str, dict[str, Status]]]:
    """Checks papers that bear the number of one that was checked before, on something else."""
    rng = desk.rng
    for at in range(count):
        own = rng.choice(sheets)
        other = fresh(900_000 + at, rng)
        kind = rng.choice(("mass", "stone", "picture", "everything", "everything"))
        values = other.cert.values
        taken_over = {
            "mass": ("mass",),
            "stone": ("conclusion", "colour", "shape"),
            "picture": (),
            "everything": ("mass", "conclusion", "colour", "shape"),
        }[kind]
        changed = {key: values[key] for key in taken_over if key in values}
        piece = own.piece if kind == "mass" and rng.random() < 0.5 else drawn(other.cert, at + 777)
        if kind == "mass" and "mass" not in own.cert.values:
            continue
        yield kind, desk.check(Sheet(own.cert.with_values(**changed), piece))[1]


def borrowed(desk: Desk, sheets: Sequence[Sheet], count: int) -> Iterator[dict[str, Status]]:
    """Checks papers of another number with the picture of one that was checked before."""
    rng = desk.rng
    known = [one for one in sheets if one.cert.lab.lab_id not in STOCK]
    for at in range(count):
        own = rng.choice(known)
        other = fresh(700_000 + at, rng, own.cert)
        yield desk.check(Sheet(other.cert, own.piece))[1]


def _table(title: str, counted: Mapping[str, tuple[int, int]]) -> None:
    print(f"\n{title}")
    for kind, (hits, of) in counted.items():
        print(f"  {kind:<14} {hits:>5} of {of:<5} {hits / max(1, of):.4f}")


def _count(
    pairs: Iterator[tuple[str, bool]] | Sequence[tuple[str, bool]],
) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for kind, hit in [*pairs]:
        for name in (kind, "all"):
            hits, of = found.get(name, (0, 0))
            found[name] = (hits + hit, of + 1)
    return found


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checks", type=int, default=2400)
    parser.add_argument("--copies", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rates", type=Path, help="a file for tests.benchmarks.rule_rates")
    parser.add_argument("--photographs", type=Path, help="as `picture_edits make` keeps them")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        book = Book(store.opened(str(Path(folder) / "seen.sqlite")))
        desk = Desk(paper.registry(), book, asked.seed)
        done = list(honest(desk, asked.checks))
        rules = Counter(f"{rule} {state}" for _, _, told in done for rule, state in told.items())
        for state in ACCUSED:
            rows = [(kind, state in told.values()) for kind, _, told in done]
            _table(f"honest checks, {state}", _count(rows))
        print("  by rule:", dict(rules))
        sheets = list({id(sheet): sheet for _, sheet, _ in done}.values())
        numbers = _count([
            (kind, NUMBER in told) for kind, told in copies(desk, sheets, asked.copies)
        ])  # fmt: skip
        _table("copied numbers told", numbers)
        pictures = _count([
            ("picture", PICTURE in told) for told in borrowed(desk, sheets, asked.copies // 2)
        ])  # fmt: skip
        _table("pictures under another number told", pictures)
    if asked.rates:
        alarms = Counter(rule for _, _, told in done for rule in told)
        rates: dict[str, Row] = {
            rule: (len(done), alarms[rule], of, hits)
            for rule, (hits, of) in
            ((NUMBER, numbers["all"]), (PICTURE, pictures["all"]), (PEOPLE, (0, 0)),
             (WEBSITE, (0, 0)))
        }  # fmt: skip
        keep_made(asked.rates, HOW, rates)
    result = hosts.measure(hosts.registered(300), 1000)
    print(f"\nlook-alike hosts caught {result.caught:.4f} of {result.made.total()}")
    print(f"registered hosts and subdomains {result.registered}, false {len(result.false)}")
    if asked.photographs is not None:
        print("\nvalues changed in the picture")
        picture_edits.measure(asked.photographs, 0, None)


if __name__ == "__main__":
    main()
