"""Seals and codes that somebody entered by hand, beside the fields of `certcheck.corrections`.

Only what was found on the photo can be restated: a seal's ring or its straight line, and a code
that could not be decoded. A seal that was not found has no ink to ask, and what a code's own
checksums bear out is not misread.
"""

from __future__ import annotations

import dataclasses as dc
import re
from collections.abc import Sequence
from typing import Any

from rapidfuzz.distance import Levenshtein

from certcheck.finding import Finding
from certcheck.report_parts import box_json
from ocr.codes import LIKELIHOOD
from ocr.reading import Code, Quad, Reading
from ocr.witness import Answer, Witness

# Who read a value that was entered.
HAND = "hand"
SEAL, SEAL_KIND, CODE = "seal", "seal_kind", "code"
KINDS = (SEAL, SEAL_KIND, CODE)
# The rule that speaks of a seal's straight line; all others speak of its ring.
_KIND_RULE = "item3.seal_kind"
_KEY = re.compile(rf"({'|'.join(KINDS)})\.([1-9][0-9]?)")
# A seal's words: Chinese characters, brackets, and the figures of a numbered stamp.
_SEAL_WORDS = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff（）()〇·0-9A-Z]{2,60}")
_LONGEST_CODE = 400
# The ink of a long ring agrees with many a short text: one as short as this has to be near what
# was read there (`rules.item3_seal` asks second names with the same bounds).
_FULL_NAME, _NEARLY = 8, 0.75
# Shorter texts stand on a page by chance.
_SHORTEST_PRINTED = 6
# What has its number printed beneath it.
_BARS = frozenset({"Code128", "Code93", "EAN13", "Code39", "ITF", "Codabar", "Barcode"})


@dc.dataclass(frozen=True, slots=True)
class Mark:
    """Names a seal or a code: `seal.1`, `seal_kind.1`, `code.2`.

    Attributes:
        kind: one of KINDS.
        number: its place in the report's list, from 1.
    """

    kind: str
    number: int

    def __str__(self) -> str:
        return f"{self.kind}.{self.number}"


@dc.dataclass(frozen=True, slots=True)
class Restated:
    """What was entered of a seal or a code beside what was read.

    Attributes:
        mark: which.
        text: as entered.
        read: as read, "" where nothing was.
        box: where it stands.
        borne_out: whether the ink of the photo agrees with what was entered.
    """

    mark: Mark
    text: str
    read: str
    box: Quad
    borne_out: bool = False

    @property
    def key(self) -> str:
        """As findings and sentences name it."""
        return self.mark.kind

    def shown_by(self, finding: Finding) -> bool:
        """Whether a finding speaks of it; of several seals, or codes, any counts for each."""
        field = CODE if self.key == CODE else SEAL
        if not any(one.field == field for one in finding.evidence):
            return False
        return self.key == CODE or (self.key == SEAL_KIND) == (finding.rule == _KIND_RULE)

    def to_json(self) -> dict[str, Any]:
        """As reports have it."""
        return {
            "field": self.key,
            "number": self.mark.number,
            "read": self.read or None,
            "value": self.text,
            "borne_out": self.borne_out,
            "box": box_json(self.box),
        }


def mark_of(key: str) -> Mark | None:
    """Which seal or code a key names; None for any other.

    >>> str(mark_of("seal.1")), mark_of("seal"), mark_of("mass")
    ('seal.1', None, None)
    """
    found = _KEY.fullmatch(key)
    return Mark(found[1], int(found[2])) if found else None


def parse(mark: Mark, text: str) -> str | None:
    """What was entered, as it is kept; None where no such thing says it.

    >>> parse(Mark(SEAL, 1), "示例 检测 有限公司"), parse(Mark(SEAL, 1), "!")
    ('示例检测有限公司', None)
    """
    if mark.kind == CODE:
        return text if 0 < len(text) <= _LONGEST_CODE else None
    text = "".join(text.split()).upper()
    return text if _SEAL_WORDS.fullmatch(text) else None


def may_restate(code: Code) -> bool:
    """Whether a code may be entered: one that was not decoded, or only by likelihood."""
    return code.text is None or code.reader == LIKELIHOOD


def of(mark: Mark, text: str, reading: Reading) -> Restated | None:
    """What was entered beside what was read; None where that is the same, or is not there."""
    held: Sequence[Any] = reading.codes if mark.kind == CODE else reading.seals
    if mark.number > len(held):
        return None
    one = held[mark.number - 1]
    if mark.kind == CODE and not may_restate(one):
        return None
    read = {SEAL: "name", SEAL_KIND: "kind", CODE: "text"}[mark.kind]
    before = getattr(one, read) or ""
    return None if text == before else Restated(mark, text, before, one.box)


def applied(reading: Reading, restated: Sequence[Restated]) -> Reading:
    """The reading with what was entered in the place of what was read.

    How surely a ring was read stays: it is the ink's, not the hand's.
    """
    seals, codes = list(reading.seals), list(reading.codes)
    for one in restated:
        at = one.mark.number - 1
        if one.key == CODE:
            codes[at] = dc.replace(codes[at], text=one.text, reader=HAND, data=b"")
        elif one.key == SEAL:
            seals[at] = dc.replace(seals[at], name=one.text)
        else:
            seals[at] = dc.replace(seals[at], kind=one.text)
    return dc.replace(reading, seals=tuple(seals), codes=tuple(codes))


def borne_out(one: Restated, reading: Reading, witness: Witness) -> bool:
    """Whether the ink agrees with what was entered.

    A ring is asked itself. Of a bar code the number is printed beneath it, of a seal's line the
    print may be read; what a QR code holds nothing but the code itself can say.

    Raises:
        OcrError: the witness is out of order.
    """
    if one.key == SEAL:
        near = Levenshtein.normalized_similarity(one.text, one.read) >= _NEARLY
        if len(one.text) < _FULL_NAME and not near:
            return False
        asked = [one.text, one.read] if one.read else [one.text]
        return witness.ask_seal(one.mark.number - 1, asked)[0].answer is Answer.AGREES
    if one.key == CODE:
        bars = reading.codes[one.mark.number - 1].symbology in _BARS
        if not bars or len(one.text) < _SHORTEST_PRINTED:
            return False
    return witness.ask_anywhere([one.text])[0].answer is Answer.AGREES
