"""Certificates that the tests of the book show it: readings with pictures, no photo."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import random
from collections.abc import Mapping, Sequence
from typing import Any

from certcheck.case import Case
from certcheck.rules.framework import judge
from certcheck.seen.book import Book
from certcheck.seen.memory import Memory
from certcheck.seen.sighting import sighting
from ocr.likeness.hashes import BITS
from ocr.reading import Advice, Likeness
from tests.certcheck import scene

PLACE = (0.1, 0.1, 0.2, 0.2)
PAPER = {
    "lab_name": scene.NAME,
    "certificate_no": "PZ23032100202",
    "issue_date": "2023-03-21",
    "conclusion": "翡翠手镯",
    "mass": "53.786",
    "shape": "圆环形",
    "colour": "浅绿",
    "approver": "沈怀瑾",
}


def picture(seed: int, noise: int = 0) -> bytes:
    """A hash, `noise` bits of it changed as another photo changes them."""
    bits = random.Random(seed).getrandbits(BITS)
    for place in random.Random(f"{seed} {noise}").sample(range(BITS), noise):
        bits ^= 1 << place
    return bits.to_bytes(BITS // 8, "big")


class Eyes(scene.Ink):
    """A witness who reads the same twice, and sees a picture at its place."""

    def __init__(self, fields: Mapping[str, str], at: Sequence[bytes], **more: Any) -> None:
        super().__init__(differs=True, again=fields, **more)
        self.at = tuple(at)

    def hashes_at(self, place: tuple[float, float, float, float]) -> tuple[bytes, ...]:
        return self.at


def paper(
    photo: str,
    *,
    piece: bytes | None = picture(1),
    frame: bytes | None = None,
    confidence: float = 0.98,
    again: Mapping[str, str] | None = None,
    says: Sequence[str] = (),
    code: str | None = None,
    hidden: bool = False,
    lab: Any = None,
    **changes: str,
) -> Case:
    """A certificate; fields that are "" are not on it."""
    fields = {key: value for key, value in {**PAPER, **changes}.items() if value}
    found = []
    if piece is not None:
        found.append(Likeness("piece", scene.BOX, (piece,), (piece,), (PLACE,)))
    if frame is not None:
        found.append(Likeness("photo", scene.BOX, (frame,), (frame,)))
    seen = [piece] if piece is not None else []
    witness = Eyes({**fields, **(again or {})}, seen, says=says)
    given = scene.case(
        fields, witness=witness, confidence=confidence, codes=[code] if code else [], lab=lab,
        issued_on=dt.date.fromisoformat(fields["issue_date"]) if "issue_date" in fields else None,
    )  # fmt: skip
    spots = (Advice("photo.glare", 1.0, scene.BOX),) if hidden else ()
    reading = dc.replace(given.reading, likenesses=tuple(found), advice=spots)
    return dc.replace(given, reading=reading, photo=photo)


def with_book(given: Case, book: Book) -> Case:
    return dc.replace(given, memory=Memory(book, sighting(given, book.key), given))


def kept(given: Case, book: Book) -> Case:
    """Checked, judged and noted."""
    case = with_book(given, book)
    assert case.memory is not None
    case.memory.keep(judge(case))
    return case


def many(book: Book, count: int, *, lab: Any = None, first: int = 1000) -> None:
    """A laboratory that photographs each piece."""
    for number in range(first, first + count):
        day = f"2022-{number % 12 + 1:02}-{number % 28 + 1:02}"
        own, mass = f"PZ220101{number:05}", f"{number / 7:.3f}"
        given = paper(
            f"filler {number}", piece=picture(number), lab=lab, issue_date=day,
            certificate_no=own, mass=mass,
        )  # fmt: skip
        kept(given, book)
