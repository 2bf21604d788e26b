"""Names of people: which print beside their label is the name, and whether it is whole.

Half a name is worse than none: 顾明 for 顾明哲 is another person. A recogniser passes over a
character that is written thinly or lies under a seal, and leaves its place empty.
"""

from __future__ import annotations

import dataclasses as dc
import math
import re
from collections.abc import Sequence

from ocr.fields import values
from ocr.fields.assign import Group
from ocr.fields.labels import PEOPLE, vocabulary
from ocr.fields.pieces import Piece
from ocr.geometry import pad_quad
from ocr.reading import Quad

# In heights of the line's box. Behind the middle of a whole name's last character its line
# ends at 0.35 to 0.62 (16 names on generated photographs), that of one which lacks characters
# at 0.89 to 2.1 (six); characters of one name stand 0.4 to 0.85 apart.
REST = 0.75
STEP = 1.25
_HAN = re.compile(r"[\u3400-\u9fff]+")
# Where a last character ends, behind its middle, and the margin left beside a name.
END = 0.5
BESIDE = 0.1
# A name without a known surname is taken where its weakest character is this sure.
SURE = 0.97
# Longest name whose surname has one character.
LONGEST_SIMPLE = 3


@dc.dataclass(frozen=True, slots=True)
class Name:
    """A person's name.

    Attributes:
        value: in its normal form.
        pieces: the print it was read from.
        whole: whether no character seems to be lost or to be a seal's.
    """

    value: str
    pieces: list[Piece]
    whole: bool


def name(pieces: Sequence[Piece]) -> Name | None:
    """The name among the texts beside a person's label, or None where none is one.

    Args:
        pieces: of one label, in reading order.
    """
    found: list[Name] = []
    for members in [*([piece] for piece in pieces), list(pieces)]:
        value = values.person("".join(piece.text for piece in members))
        if value is not None:
            found.append(Name(value, members, _whole(value, members)))
    return next((one for one in found if one.whole), found[0] if found else None)


def whole_line(value: str, rest: float, steps: Sequence[float]) -> bool:
    """Whether the characters of a name fill their line.

    Args:
        value: the name; behind one of three characters hardly ever stands a fourth.
        rest: what of the line lies behind the last character's middle, in heights.
        steps: from one character's middle to the next, likewise.
    """
    ends = len(value) >= LONGEST_SIMPLE or rest <= REST
    return ends and all(step <= STEP for step in steps)


def plausible(value: str) -> bool:
    """Whether a name has no more characters than its surname allows.

    >>> plausible("胡清扬"), plausible("示胡清扬"), plausible("欧阳明月")
    (True, False, True)
    """
    simple = _HAN.fullmatch(value) is None or len(value) <= LONGEST_SIMPLE
    return simple or value.startswith(vocabulary().surnames)


def misread(value: str, weakest: float) -> bool:
    """Whether a name that is not read surely begins with no surname.

    >>> misread("压晓", 0.9), misread("压晓", 0.99), misread("庄晓", 0.9), misread("J. Doe", 0.9)
    (True, False, False, False)
    """
    words = vocabulary()
    known = value[0] in words.simple_surnames or value.startswith(words.surnames)
    return weakest < SURE and _HAN.match(value) is not None and not known


def places(groups: Sequence[Group]) -> dict[str, Quad]:
    """Where in the page the print beside each person's label stands, by key.

    With what lies behind it in its line, and one row of print only.
    """
    found: dict[str, Quad] = {}
    for group in groups:
        if group.key in PEOPLE and group.rows == 1 and group.key not in found:
            first, last = group.values[0], group.values[-1]
            box = (first.box[0], last.box[1], last.box[2], first.box[3])
            more = max(0.0, last.rest - END) * last.height
            found[group.key] = _longer(pad_quad(box, BESIDE * last.height, 0.0), more)
    return found


def _longer(box: Quad, more: float) -> Quad:
    """A box that goes on to the right, in its own direction."""
    (ax, ay), (bx, by), c, d = box
    length = max(1e-6, math.dist(box[0], box[1]))
    along = ((bx - ax) / length * more, (by - ay) / length * more)
    return (box[0], (bx + along[0], by + along[1]), (c[0] + along[0], c[1] + along[1]), d)


def _whole(value: str, pieces: Sequence[Piece]) -> bool:
    if _HAN.match(value) is None:
        return True
    return plausible(value) and whole_line(value, pieces[-1].rest, _steps(pieces))


def _steps(pieces: Sequence[Piece]) -> list[float]:
    """Distances between the middles of neighbouring characters, in heights."""
    middles = [
        (piece.left + centre * (piece.right - piece.left)) / piece.height
        for piece in pieces
        for char, centre in zip(piece.text, piece.centres, strict=False)
        if char.strip()
    ]
    return [b - a for a, b in zip(middles, middles[1:], strict=False)]
