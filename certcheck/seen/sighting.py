"""One certificate as it was seen: what is kept of it, and only what was read surely."""

from __future__ import annotations

import dataclasses as dc
import datetime as dt
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from urllib.parse import unquote

from rapidfuzz.distance import Levenshtein

from certcheck.case import Case
from certcheck.confirm import plain
from certcheck.corrections import HAND
from certcheck.finding import Status
from certcheck.numbers import certificate
from certcheck.rules.framework import ItemResult
from ocr import geometry
from ocr.reading import Field, Likeness

Place = tuple[float, float, float, float]

# What tells one certificate from another of the same number.
COMPARED = ("mass", "conclusion", "shape", "colour")
# A value is kept, and compared, where the reading as a whole and its weakest character are
# at least so sure; softer ones accuse nobody.
SURE, WEAKEST = 0.9, 0.8
# Of these, one value alone may accuse; a second engine is asked for them before they are kept.
TWICE = ("mass", "conclusion")
# What the number is read from: nothing sure, sure print, a code that carries it too.
SOFT, PRINT, CODE = 0, 1, 2
# A laboratory that is in no register is known by its printed name.
_PRINTED = "="
_LONGEST = 160
# What may be a number within a code's address.
_WORDS = re.compile(r"[0-9A-Z]{6,}")
_DIGEST = 32
_SUSPECTED_BITS = 16
# Items 1 to 5 decide (contract).
AGAINST = 0b11111
DOUBTED = AGAINST << _SUSPECTED_BITS
# Overlap of a piece and a spot from which on it is not compared.
_HIDDEN = 0.02


@dc.dataclass(frozen=True, slots=True)
class Sighting:
    """A certificate of a photo.

    Attributes:
        photo: digest of the photo's SHA-256 with page and part.
        lab: key of the laboratory, "" where it is not known.
        number: compact, "" where it was not read.
        number_sure: SOFT, PRINT or CODE.
        fields: values read surely, by contract key.
        again: values of TWICE as the second engine reads them.
        issued_on: the printed day, read surely; else None.
        person: keyed digest of the approver's name, "" where it was not read.
        piece: hashes of the picture of the piece; none where something hides a part of it.
        places: where on the page each was taken, see `ocr.reading.Likeness`.
        page: hash of the page.
        frame: hash of the photo as it was taken.
        accused: bits of the items that contradicted or were suspected.
        seen_on: day of the first check of the photo.
    """

    photo: str
    lab: str
    number: str
    number_sure: int
    fields: Mapping[str, str]
    issued_on: dt.date | None
    person: str
    piece: tuple[bytes, ...]
    places: tuple[Place, ...]
    page: bytes
    frame: bytes
    accused: int
    seen_on: dt.date
    again: Mapping[str, str] = dc.field(default_factory=dict)

    @property
    def contradicts(self) -> bool:
        """Whether an item contradicted the registry when it was checked."""
        return against(self.accused)


def against(accused: int) -> bool:
    """Whether one of items 1 to 5 contradicted."""
    return bool(accused & AGAINST)


def sighting(case: Case, key: bytes, items: Sequence[ItemResult] = ()) -> Sighting:
    """What a case shows.

    Args:
        case: the case.
        key: of signatories' digests, the book's own.
        items: as judged, where they have been.
    """
    number, number_sure = _number(case)
    approver = _sure(case.field("approver"))
    likeness = {one.of: one for one in case.reading.likenesses}
    piece = shown_piece(case)
    fields = {name: field.text for name in COMPARED if (field := _sure(case.field(name)))}
    day = _sure(case.field("issue_date"))
    return Sighting(
        photo=_digest(f"{case.photo}/{case.reading.page}/{case.reading.part}"),
        lab=lab_key(case),
        number=number,
        number_sure=number_sure,
        fields=fields,
        issued_on=_day(day.text) if day else None,
        person=person(key, approver.text) if approver else "",
        piece=_kept(piece),
        places=piece.places if piece else (),
        page=b"".join(_kept(likeness.get("page"))),
        frame=b"".join(_kept(likeness.get("photo"))),
        accused=_accused(items),
        seen_on=case.checked_on,
    )


def shown_piece(case: Case) -> Likeness | None:
    """The picture of the piece; None where there is none, or a reflection or a finger is on it."""
    found = next((one for one in case.reading.likenesses if one.of == "piece"), None)
    if found is None:
        return None
    hidden = [one.box for one in case.reading.advice if one.box is not None]
    return None if any(geometry.overlap(found.box, box) > _HIDDEN for box in hidden) else found


def lab_key(case: Case) -> str:
    """What names the laboratory: its registered name, or its printed one surely read."""
    if case.match is not None:
        return case.match.record.name[:_LONGEST]
    if case.foreign is not None:
        return case.foreign.lab.name[:_LONGEST]
    printed = _sure(case.field("lab_name"))
    return (_PRINTED + plain(printed.text))[:_LONGEST] if printed else ""


def lab_shown(key: str) -> str:
    """A laboratory's key for a reader."""
    return key.removeprefix(_PRINTED)


def person(key: bytes, name: str) -> str:
    """The digest of a name: the same for the same name and the same book."""
    return hmac.new(key, plain(name).encode(), hashlib.sha256).hexdigest()[:_DIGEST]


def sure(field: Field | None) -> bool:
    """Whether a value was read, surely, by a reader."""
    return _sure(field) is not None


def _sure(field: Field | None) -> Field | None:
    if field is None or field.reader == HAND:
        return None
    return field if field.confidence >= SURE and field.weakest >= WEAKEST else None


def _number(case: Case) -> tuple[str, int]:
    """The number, compact, and what it is read from.

    Where a code carries it but for one character, the print was misread and the code was not; a
    paper on which they differ is judged by rules of its own.
    """
    field = case.field("certificate_no")
    if field is None:
        return "", SOFT
    printed = certificate.compact(field.text)
    if field.reader == HAND:
        return printed, SOFT
    codes = [unquote(one.text) for one in case.reading.codes if one.text]
    if any(printed in certificate.compact(text) for text in codes):
        return printed, CODE
    words = {word for text in codes for word in _WORDS.findall(text.upper().replace("-", ""))}
    near = [one for one in words if Levenshtein.distance(one, printed, score_cutoff=1) == 1]
    if len(near) == 1:
        return near[0], CODE
    return printed, PRINT if sure(field) else SOFT


def _kept(one: Likeness | None) -> tuple[bytes, ...]:
    return one.kept if one else ()


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _accused(items: Sequence[ItemResult]) -> int:
    bits = 0
    for one in items:
        if one.status is Status.INCONSISTENT:
            bits |= 1 << (one.item - 1)
        elif one.status is Status.SUSPECTED:
            bits |= 1 << (_SUSPECTED_BITS + one.item - 1)
    return bits


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGEST]
