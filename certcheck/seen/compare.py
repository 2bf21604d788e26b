"""Are two sightings of one certificate, misread, or of two? Weighed by likelihood.

Every difference is worth the negative natural logarithm of the chance that a reader makes it.
Either of the two readings may be the one that is wrong, so a difference stands only as well as
the reading that is less borne out. An honest laboratory called a cheat is the worst: a difference
of one like character is worth little, a whole value no more than the chance that a reader took
another line for it, and one value alone does not accuse unless both readings were borne out.
"""

from __future__ import annotations

import dataclasses as dc
import math
from collections.abc import Mapping

from rapidfuzz.distance import Levenshtein

from certcheck import gems
from certcheck.confirm import plain
from certcheck.numbers import cleaning
from certcheck.seen.sighting import COMPARED, Sighting
from ocr.likeness.hashes import nearest

# Of characters read surely, those that were read as one like them, as another, lost or made
# up; about ten times what is measured (docs/benchmarks.md), as soft photos have many together.
_LIKE, _OTHER, _LOST = 4.6, 6.9, 5.8
# A whole value was another's: a line taken for the wrong field, an old value on the paper.
BLUNDER = 7.6
# Digits that readers take for one another, beside `cleaning.fold`.
_ALIKE = frozenset(
    {"38", "83", "56", "65", "17", "71", "49", "94", "69", "96", "08", "80", "06", "60"}
)
# From here on two readings are not of one print: one whole value that a second engine read the
# same on both papers, two values, or a picture that nothing explains. Of 3 164 masses read surely
# on generated photographs none was wrong, of 3 167 conclusions five, none of them another species.
ACCUSES = 10.5
# What a second engine adds to a reading that it repeats or nearly so, and what another photo of
# the same paper adds that was read alike.
READ_TWICE = SEEN_TWICE = 4.0
# Words of a stone that are not the same species are worth at least this, and others at most.
_SPECIES = 6.9

# Bits in which the pictures of one piece differ on two photos, at most, and those of two pieces
# at least, as measured (docs/benchmarks.md); between them nothing is said.
SAME_PIECE, OTHER_PIECE = 24, 56
# What another picture is worth, and one so far apart that nothing on the paper explains it.
_PICTURE = 7.6
FAR_PIECE, _FAR_PICTURE = 76, 12.0
# Bits of one photo, sent on.
SAME_FRAME = 14


@dc.dataclass(frozen=True, slots=True)
class Apart:
    """How two sightings differ.

    Attributes:
        fields: worth of each field that differs, by contract key.
        picture: worth of the pictures' difference, 0 where they do not differ.
        distance: between the pictures of the piece in bits; 256 where one has none.
    """

    fields: Mapping[str, float]
    picture: float
    distance: int

    @property
    def worth(self) -> float:
        """Of all differences."""
        return sum(self.fields.values()) + self.picture


def misread(one: str, other: str) -> float:
    """How unlikely it is that two texts are readings of one print, 0 where they are equal.

    >>> misread("33.786", "33.786")
    0.0
    >>> misread("33.786", "33.736") < misread("33.786", "33.746") < misread("33.786", "12.05")
    True
    """
    one, other = plain_number(one), plain_number(other)
    worth = 0.0
    for step in Levenshtein.editops(one, other):
        if step.tag != "replace":
            worth += _LOST
            continue
        pair = one[step.src_pos] + other[step.dest_pos]
        like = pair in _ALIKE or cleaning.fold(pair[0]) == cleaning.fold(pair[1])
        worth += _LIKE if like else _OTHER
    return min(worth, BLUNDER)


def stands(worth: float, now: float, earlier: float) -> float:
    """What a difference is worth where either reading may be wrong.

    Args:
        worth: of the difference, as one reader's mistake.
        now: what bears this reading out, 0 for nothing.
        earlier: what bears the earlier one out.

    >>> stands(7.6, 4.0, 0.0) < 7.6 < stands(7.6, 4.0, 4.0) < 11.6
    True
    """
    return worth - math.log(math.exp(-now) + math.exp(-earlier))


def borne_out(key: str, first: str, second: str, other: str) -> bool:
    """Whether a second engine's reading bears out that print is not another value.

    It need not be the same to a character, but it has to be the first one's print, garbled a
    little, and as far from the other value.

    >>> borne_out("mass", "33.786", "33.78", "12.05"), borne_out("mass", "33.786", "12.0", "12.05")
    (True, False)
    """
    if not second:
        return False
    form = plain_number if key == "mass" else plain
    near = Levenshtein.distance(form(first), form(second))
    if near == 0:
        return True
    garbled = 1 if key == "mass" else len(form(first)) // 2
    return near <= garbled and _worth(key, second, other) >= _worth(key, first, other)


def plain_number(text: str) -> str:
    """A value for comparing; the point of a decimal stays, ending zeros do not."""
    kept = "".join(char for char in cleaning.plain(text) if char.isalnum() or char == ".")
    return kept.rstrip("0").rstrip(".") if "." in kept and kept.replace(".", "").isdigit() else kept


def apart(now: Sighting, distance: int, earlier: Sighting) -> Apart:
    """How a certificate under check differs from one that was seen.

    Args:
        now: under check.
        distance: between the pictures of their pieces, see `Memory.distance`.
        earlier: seen before.
    """
    both = [key for key in COMPARED if key in now.fields and key in earlier.fields]
    fields = {key: _worth(key, now.fields[key], earlier.fields[key]) for key in both}
    if now.issued_on and earlier.issued_on:
        fields["issue_date"] = misread(
            now.issued_on.strftime("%Y%m%d"), earlier.issued_on.strftime("%Y%m%d")
        )
    picture = 0.0
    if now.piece and earlier.piece and distance >= OTHER_PIECE:
        picture = _FAR_PICTURE if distance >= FAR_PIECE else _PICTURE
    return Apart({key: worth for key, worth in fields.items() if worth}, picture, distance)


def nearest_kept(one: Sighting, other: Sighting) -> int:
    """Bits between the pictures of two sightings as they were kept."""
    return nearest(one.piece, other.piece)


def same_number(one: str, other: str) -> bool:
    """Whether two numbers may be one, misread: look-alikes, or no more than two slips."""
    if cleaning.fold(one) == cleaning.fold(other):
        return True
    return Levenshtein.distance(one, other) <= 1


def _worth(key: str, now: str, earlier: str) -> float:
    if key == "mass":
        return misread(now, earlier)
    if plain(now) == plain(earlier):
        return 0.0
    # Words of shape and colour run into others' lines and are cut off; so do a stone's, and what
    # names no stone that is known is misread.
    most = _LIKE
    if key == "conclusion":
        ours, theirs = gems.find(now), gems.find(earlier)
        if ours is not None and theirs is not None:
            if ours.name != theirs.name:
                return max(_SPECIES, misread(now, earlier))
            most = _SPECIES
    return min(most, misread(plain(now), plain(earlier)))
