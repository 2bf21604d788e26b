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
from ocr.reading import Signature
from ocr.signature.read import SURELY_WRITTEN, same_hand, specimen_shape
from ocr.witness import Answer
from registry.models import Signatory

KEY = "approver"
# From here on a name is not held to be print; most printed names lie far below (see
# `ocr.signature.written`), and taking print for a pen only softens what is said of it.
PERHAPS_WRITTEN = 0.6
# A written name read at least so surely, with no character of any registered name, is another
# name: slips lose or change a character, not all of them.
LEGIBLE_HAND = 0.85
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


def nobodys(case: Case, rows: Sequence[Signatory]) -> bool:
    """Whether clear ink differs from the specimens of all who may sign.

    Where the registry lacks one's specimen, it may be his.
    """
    one = comparable(case)
    if one is None or not rows:
        return False
    names = {row.name for row in rows}
    held = {name: specimens(case, [row for row in rows if row.name == name]) for name in names}
    return all(forms and same_hand(one.shape, forms) is Answer.DIFFERS for forms in held.values())


def another_name(read: str, confidence: float, rows: Sequence[Signatory]) -> bool:
    """Whether a handwritten name was surely read as one that no registered name resembles.

    Args:
        read: the free reading.
        confidence: of it, 0..1.
        rows: who may have signed.
    """
    characters = set(plain(read))
    shared = any(characters & set(plain(row.name)) for row in rows)
    return confidence >= LEGIBLE_HAND and len(characters) > 1 and not shared
