"""What the approver's ink says: whose specimen it is like, and whether it is anybody's at all.

A signature that cannot be read is no fault, and one that was written is not read like print:
a recogniser's slip in handwriting is the rule, not the exception. What ink alone says is never
more than suspected.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence

from certcheck.case import Case
from certcheck.confirm import ask_field, best, plain
from ocr import quality, retake
from ocr.geometry import overlap
from ocr.reading import Signature
from ocr.signature.read import SURELY_WRITTEN, far_apart, same_hand, specimen_shape
from ocr.witness import Answer
from registry.models import Signatory

KEY = "approver"
# From here on a name is not held to be print; most printed names lie far below (see
# `ocr.signature.written`), and taking print for a pen only softens what is said of it.
PERHAPS_WRITTEN = 0.6
# A written name read at least so surely, with no character of any registered name, is another
# name: slips lose or change a character, not all of them.
LEGIBLE_HAND = 0.85
# A single character may be a slip for any other.
_FEWEST_CHARACTERS = 2
# Advice that says that something lies over the print.
_HIDING = frozenset({quality.GLARE, retake.COVERED})
# Pictures of specimens whose forms a process keeps.
_KEPT = 512


def signature(case: Case) -> Signature | None:
    """The ink beside the approver's label, print or pen; None where none was found."""
    return next((one for one in case.reading.signatures if one.key == KEY), None)


def perhaps_written(case: Case) -> bool:
    """Whether the approver's name may have been written by hand."""
    one = signature(case)
    return one is not None and one.written >= PERHAPS_WRITTEN


def comparable(case: Case) -> Signature | None:
    """The approver's ink where it is surely a pen's and clear enough to be compared."""
    one = signature(case)
    return one if one and one.clear and one.written >= SURELY_WRITTEN else None


@functools.lru_cache(maxsize=_KEPT)
def _form(picture: bytes) -> bytes | None:
    return specimen_shape(picture)


def specimens(case: Case, rows: Iterable[Signatory]) -> list[bytes]:
    """Forms of the specimens that the registry holds of these rows, each once."""
    pictures = {
        row.specimen_sha256: case.registry.specimen(row) for row in rows if row.specimen_sha256
    }
    forms = (_form(picture) for picture in pictures.values() if picture)
    return [form for form in forms if form is not None]


def named_by_ink(case: Case, rows: Sequence[Signatory]) -> str:
    """The signatory whose specimen the ink is like, "" where it is like none or several.

    Args:
        case: the case.
        rows: who may have signed.
    """
    one = signature(case)
    if one is None or not perhaps_written(case):
        return ""
    like = {
        row.name for row in rows if same_hand(one.shape, specimens(case, [row])) is Answer.AGREES
    }
    return like.pop() if len(like) == 1 else ""


def named_by_text(case: Case, names: Sequence[str]) -> str:
    """The one name that explains ink which could not be read freely, "" for none or several."""
    if not names or signature(case) is None:
        return ""
    supports = ask_field(case, KEY, names)
    agreed = [one for one in supports if one.answer is Answer.AGREES]
    return best(agreed) if len(agreed) == 1 else ""


def unlike(case: Case, one: Signature, forms: Sequence[bytes]) -> bool:
    """Whether ink is unlike all of a person's known signatures.

    Under a seal, a finger or a reflection strokes are lost and others seem to be there: ink
    that something lies over must differ by a wide margin. (A stamp of the signatory's own hand
    under a seal lay at 0.29, beyond what any of 380 that nothing lay over reached.)
    """
    if same_hand(one.shape, forms) is not Answer.DIFFERS:
        return False
    return far_apart(one.shape, forms) or not _may_be_hidden(case, one)


def nobodys(case: Case, rows: Sequence[Signatory]) -> bool:
    """Whether ink differs from the specimens of all who may sign.

    Clear ink of a pen is compared as it is. Ink that is less clear must lie apart by a wide
    margin, and what it says must be none of their names either. Where the registry lacks one's
    specimen, it may be his.
    """
    names = list(dict.fromkeys(row.name for row in rows))
    held = [specimens(case, [row for row in rows if row.name == name]) for name in names]
    if not held or not all(held):
        return False
    one = comparable(case)
    if one and all(unlike(case, one, forms) for forms in held):
        return True
    one = signature(case)
    if one is None or not perhaps_written(case) or _may_be_hidden(case, one):
        return False
    return all(far_apart(one.shape, forms) for forms in held) and _says_none_of(case, rows)


def _may_be_hidden(case: Case, one: Signature) -> bool:
    """Whether a finger, a reflection or a seal lies over the ink: what is left is like nobody's."""
    hidden = (KEY in each.fields for each in case.reading.advice if each.code in _HIDING)
    return any(hidden) or any(overlap(seal.box, one.box) > 0 for seal in case.reading.seals)


def _says_none_of(case: Case, rows: Sequence[Signatory]) -> bool:
    """Whether what ink that was not read may say is surely none of these names.

    The doubted reading shares no character with any of them, and held beside the ink each of
    them is denied.
    """
    doubted = case.reading.doubted.get(KEY)
    characters = set(plain(doubted.text)) if doubted else set()
    if len(characters) < _FEWEST_CHARACTERS or _shared(characters, rows):
        return False
    supports = ask_field(case, KEY, list(dict.fromkeys(row.name for row in rows)))
    return bool(supports) and all(one.answer is Answer.DIFFERS for one in supports)


def _shared(characters: set[str], rows: Sequence[Signatory]) -> bool:
    return any(characters & set(plain(row.name)) for row in rows)


def another_name(read: str, confidence: float, rows: Sequence[Signatory]) -> bool:
    """Whether a handwritten name was surely read as one that no registered name resembles.

    Args:
        read: the free reading.
        confidence: of it, 0..1.
        rows: who may have signed.
    """
    characters = set(plain(read))
    legible = confidence >= LEGIBLE_HAND and len(characters) >= _FEWEST_CHARACTERS
    return legible and not _shared(characters, rows)
