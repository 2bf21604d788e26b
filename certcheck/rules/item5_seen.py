"""Item 5: the number, the picture or the signatory was seen before, on something else.

A copied certificate shows itself the second time (facts 3.5, 4 and 5: 套证, and real numbers
with altered content). Which of two papers is the copy nobody can say, so both sides are told and
neither is more than suspected. Another photo of the same paper, a paper checked once more and a
misread character are no second certificate: `certcheck.seen.compare`.
"""

from __future__ import annotations

import dataclasses as dc
from collections.abc import Iterator, Sequence

from certcheck import ink
from certcheck.case import Case
from certcheck.confirm import Weight, reread, weigh
from certcheck.finding import Evidence, Finding
from certcheck.rules.framework import advise, rule, seen, suspect
from certcheck.rules.signs import LAW
from certcheck.rules.since import MEASURES_39, REGISTRY
from certcheck.seen import compare
from certcheck.seen.memory import Memory
from certcheck.seen.sighting import CODE, SOFT, Sighting, lab_shown, shown_piece
from ocr.likeness.hashes import distance
from ocr.signature.read import same_hand
from ocr.witness import Answer

# A laboratory is known to photograph each piece when so many of its certificates were seen, and
# no more of them than this share an earlier one's picture. Others use pictures from stock.
FEWEST_PICTURED, MOST_REPEATED = 20, 0.02
# Days between two laboratories' certificates within which nobody has changed from one to the
# other: one person may not work for two (39号令 art 7).
_SAME_TIME = 31
# The chance that two signatories are namesakes, by characters of the name, from above (general
# knowledge, not counted here); and the chance of any namesake among those seen, at most.
_NAMESAKES, _RARE_NAME = {2: 1e-4, 3: 1e-5}, 0.01
_MOST_PEOPLE = 2000
_LAW_PEOPLE = ("plan.3.4.5", "39.7")


def _numbered(case: Case) -> bool:
    return case.memory is not None and case.memory.now.number_sure > SOFT


@dc.dataclass(frozen=True, slots=True)
class _Held:
    """An earlier certificate of the number held against this one."""

    earlier: Sighting
    fields: tuple[str, ...]
    picture: bool
    worth: float


@rule(
    "item5.number_seen_before",
    law=LAW,
    since=REGISTRY,
    applies=_numbered,
    messages=("", ".picture", ".other_at_fault"),
)
def number_seen_before(case: Case) -> Iterator[Finding]:
    """The same number of the same laboratory was seen on a paper with another content.

    Mass, stone, shape, colour, day and picture are compared, as far as they were read surely on
    both; the ink is asked before anything is held against anybody. Where the earlier paper
    contradicted the registry by itself, this one is only told of it.
    """
    memory = case.memory
    assert memory is not None
    held = _told(case, memory)
    if held is None:
        return
    params = {"number": memory.now.number, "day": held.earlier.seen_on}
    evidence = _sides(case, held)
    if held.earlier.contradicts:
        yield advise(*evidence, message=".other_at_fault", **params)
    else:
        yield suspect(*evidence, message="" if held.fields else ".picture", **params)


def _told(case: Case, memory: Memory) -> _Held | None:
    """The earlier certificate to tell of; one that was in order by itself comes first."""
    every = [one for one in memory.numbered() if one.number_sure > SOFT]
    found = [_held(case, memory, one, every) for one in every]
    found = [one for one in found if one.worth >= compare.ACCUSES]
    if not found or not _surely(case, []):
        return None
    found.sort(key=lambda one: (one.earlier.contradicts, -one.worth))
    return next((one for one in found if not _misread_then(memory, one.earlier)), None)


def _held(case: Case, memory: Memory, earlier: Sighting, every: Sequence[Sighting]) -> _Held:
    """What differs, and what it is worth when the ink was asked.

    Args:
        case: the case.
        memory: the book.
        earlier: an earlier certificate of the number.
        every: all of them; another photo of it may have been read alike.
    """
    apart = compare.apart(memory.now, memory.distance(earlier), earlier)
    then = {key: _borne_then(memory.now, earlier, key, every) for key in apart.fields}
    # What is not enough with all that the ink may add needs no asking.
    most = {
        key: compare.stands(each, compare.READ_TWICE, then[key])
        for key, each in apart.fields.items()
    }
    if apart.picture + sum(most.values()) < compare.ACCUSES:
        return _Held(earlier, (), apart.picture > 0, apart.picture)
    worth, fields = apart.picture, []
    for key, each in sorted(apart.fields.items(), key=lambda item: -item[1]):
        weight = weigh(case, key, [_text(earlier, key)]).weight
        if weight <= Weight.UNREAD:
            continue
        # Whether the ink can tell or not, a second engine that reads the same bears it out.
        second = reread(case, key)
        twice = weight is Weight.CERTAIN or (
            second is not None
            and compare.borne_out(key, _text(memory.now, key), second.text, _text(earlier, key))
        )
        worth += compare.stands(each, compare.READ_TWICE * twice, then[key])
        fields.append(key)
    return _Held(earlier, tuple(fields), apart.picture > 0, worth)


def _borne_then(now: Sighting, earlier: Sighting, key: str, every: Sequence[Sighting]) -> float:
    """What bears an earlier value out: a second engine, another photo that was read alike.

    Where a third photo was read as this one is, the earlier value is the odd one, and both
    engines may have been led to another line.
    """
    alike = sum(_text(one, key) == _text(earlier, key) for one in every) > 1
    second, first, other = earlier.again.get(key, ""), _text(earlier, key), _text(now, key)
    twice = compare.borne_out(key, first, second, other) and all(
        _text(one, key) != other for one in every
    )
    return compare.READ_TWICE * twice + compare.SEEN_TWICE * alike


def _surely(case: Case, others: Sequence[str]) -> bool:
    """Whether the number is read beyond doubt: a code bears it, or two engines read it so.

    Args:
        case: the case.
        others: numbers that it would be if it was misread.
    """
    memory = case.memory
    assert memory is not None
    if memory.now.number_sure == CODE:
        return True
    return weigh(case, "certificate_no", others).weight is Weight.CERTAIN


def _misread_then(memory: Memory, earlier: Sighting) -> bool:
    """Whether the earlier number was one like it, misread: its picture stands under that too."""
    if earlier.number_sure == CODE or not earlier.piece:
        return False
    found = memory.book.pictured(earlier.piece, b"", earlier.photo, earlier.number)
    return any(
        one.lab == earlier.lab
        and compare.same_number(one.number, earlier.number)
        and one.fields.get("mass") == earlier.fields.get("mass")
        and compare.nearest_kept(one, earlier) <= compare.SAME_PIECE
        for one in found
    )


def _text(one: Sighting, key: str) -> str:
    if key == "issue_date":
        return one.issued_on.isoformat() if one.issued_on else ""
    return one.fields.get(key, "")


def _sides(case: Case, held: _Held) -> list[Evidence]:
    """Both sides: what this paper says, and what the earlier one said."""
    source = f"seen: {held.earlier.seen_on}"
    sides = [
        seen(case, key, expected=_text(held.earlier, key), source=source) for key in held.fields
    ]
    if held.picture:
        sides.append(_piece(case, source))
    return [*sides, seen(case, "certificate_no", source=source)]


def _piece(case: Case, source: str) -> Evidence:
    found = shown_piece(case)
    return Evidence("piece", "", "", found.box if found else None, source)


@rule(
    "item5.picture_seen_before",
    law=LAW,
    since=REGISTRY,
    applies=_numbered,
    messages=("", ".photo", ".lot", ".again", ".stock"),
)
def picture_seen_before(case: Case) -> Iterator[Finding]:
    """The picture of the piece, or the whole photo, was seen with another number.

    Of a laboratory that is known to photograph each piece this is a sign; of others a picture
    from stock. Pieces of one day are often one lot, and a paper issued anew shows the same piece.
    """
    memory = case.memory
    assert memory is not None
    found = [
        _pictured(case, memory, one, apart)
        for one, apart in memory.pictured()
        if one.number and one.number_sure > SOFT
    ]
    told = sorted((one for one in found if one is not None), key=lambda one: _ORDER[one[0]])
    if told:
        message, earlier = told[0]
        evidence = (
            _piece(case, f"seen: {earlier.seen_on}"),
            seen(
                case, "certificate_no", expected=earlier.number, source=f"seen: {earlier.seen_on}"
            ),
        )
        params = {"number": memory.now.number, "other": earlier.number, "day": earlier.seen_on,
                  "lab": lab_shown(earlier.lab)}  # fmt: skip
        if message in ("", ".photo"):
            yield suspect(*evidence, message=message, **params)
        else:
            yield advise(*evidence, message=message, **params)


_ORDER = {".photo": 0, "": 1, ".stock": 2, ".again": 3, ".lot": 4}


def _pictured(
    case: Case, memory: Memory, earlier: Sighting, apart: int
) -> tuple[str, Sighting] | None:
    """What an earlier certificate with this picture tells; None for nothing."""
    now = memory.now
    framed = bool(now.frame and earlier.frame)
    one_photo = framed and distance(now.frame, earlier.frame) <= compare.SAME_FRAME
    if not one_photo and apart > compare.SAME_PIECE:
        return None
    if compare.same_number(now.number, earlier.number) and not _surely(case, [earlier.number]):
        return None
    if one_photo:
        return (".photo", earlier) if _surely(case, [earlier.number]) else None
    same_lab = now.lab == earlier.lab
    if same_lab and now.issued_on and now.issued_on == earlier.issued_on:
        return ".lot", earlier
    # A character misread makes no other piece of it.
    differ = compare.apart(now, 0, earlier).fields
    alike = all(differ.get(key, 0.0) < compare.BLUNDER for key in ("mass", "conclusion"))
    if same_lab and alike and "mass" in now.fields:
        return ".again", earlier
    individual = all(_individual(memory, lab) for lab in {now.lab, earlier.lab})
    if not individual or not _surely(case, [earlier.number]):
        return ".stock", earlier
    return "", earlier


def _individual(memory: Memory, lab: str) -> bool:
    totals = memory.totals(lab)
    return totals.pictured >= FEWEST_PICTURED and totals.repeated <= MOST_REPEATED * totals.pictured


@rule(
    "item5.signatory_elsewhere",
    law=_LAW_PEOPLE,
    since=MEASURES_39,
    applies=lambda case: case.memory is not None and bool(case.memory.now.person),
    messages=("", ".same_hand", ".listed", ".namesake"),
)
def signatory_elsewhere(case: Case) -> Iterator[Finding]:
    """The approver's name stands on another laboratory's certificate of the same weeks.

    The same hand on both is a sign where the registry does not list him here. The same name
    alone is one only where a namesake is out of the ordinary, too: the name is of three
    characters and few signatories were seen. Who wrote with another hand is somebody else.
    """
    memory = case.memory
    assert memory is not None
    day, name = memory.now.issued_on, case.field("approver")
    others = [
        one for one in memory.signed()
        if day and one.issued_on and abs((day - one.issued_on).days) <= _SAME_TIME
    ]  # fmt: skip
    if not others or name is None:
        return
    other = others[0]
    hand = _hands(case, name.text, other.lab)
    if hand is Answer.DIFFERS:
        return
    source = f"seen: {other.seen_on}"
    evidence = seen(case, "approver", expected=lab_shown(other.lab), source=source)
    params = {"name": name.text, "other": lab_shown(other.lab), "day": str(other.issued_on)}
    listed = case.lab is not None and any(one.name == name.text for one in case.lab.signatories)
    if hand is Answer.AGREES:
        # Whose own signatory signed is in order; his hand on another's paper may be a copy.
        if listed:
            yield advise(evidence, message=".listed", **params)
        else:
            yield suspect(evidence, message=".same_hand", **params)
        return
    chance = _NAMESAKES.get(min(len(name.text), 3), 1.0) * memory.people(_MOST_PEOPLE)
    if listed or chance > _RARE_NAME or not _twice(case):
        yield advise(evidence, message=".namesake", **params)
    else:
        yield suspect(evidence, **params)


def _twice(case: Case) -> bool:
    """Whether a second reading bears the approver's name out."""
    return weigh(case, "approver", []).weight is Weight.CERTAIN


def _hands(case: Case, name: str, lab: str) -> Answer:
    """Whether the ink is that of the other laboratory's certificates."""
    one = ink.comparable(case)
    if one is None or case.ink_book is None:
        return Answer.CANNOT_TELL
    earlier = case.ink_book.earlier(lab, name, case.photo, case.certificate_no)
    return same_hand(one.shape, [each.shape for each in earlier]) if earlier else Answer.CANNOT_TELL
