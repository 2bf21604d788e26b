"""Places where a value should stand and no line was found.

A detector of lines passes over a lone dash or a single faint character. Where the labels
around have their values on the right or below, an empty label has a place to look at.
"""

from __future__ import annotations

import dataclasses as dc
from collections.abc import Sequence

from ocr.fields.assign import Group
from ocr.fields.labels import OTHER, PEOPLE
from ocr.fields.pieces import Piece
from ocr.reading import Quad

# In heights of print.
SAME_COLUMN = 1.5
WIDTH = 6.0
MARGIN = 0.15
# Nothing stands left of a value below its label, and a dash begins further left than words.
MARGIN_BELOW = 0.4
# A neighbour further away than this many rows says nothing of this one.
NEAR_ROWS = 8.0


@dc.dataclass(frozen=True, slots=True)
class Gap:
    """A label without a value, and where its value would stand in the page."""

    key: str
    box: Quad


def find(groups: Sequence[Group], pieces: Sequence[Piece]) -> list[Gap]:
    """Empty places beside or below labels.

    Args:
        groups: labels with what was found for them.
        pieces: everything printed, none of which may lie in a gap.
    """
    gaps: list[Gap] = []
    for group in groups:
        if group.values or group.key == OTHER:
            continue
        neighbour = _neighbour(group, groups)
        if neighbour is None:
            continue
        box = _place(group, neighbour)
        if box is not None and not any(_touches(piece, box) for piece in pieces):
            left, top, right, bottom = box
            corners = ((left, top), (right, top), (right, bottom), (left, bottom))
            gaps.append(Gap(group.key, corners))
    return gaps


def _neighbour(group: Group, groups: Sequence[Group]) -> Group | None:
    """The nearest label of the same column that has a value; for names, of the same row."""
    height = group.pieces[0].height
    if group.key in PEOPLE:
        row = [
            g
            for g in groups
            if g.key in PEOPLE and g.values and g.relation and abs(g.top - group.top) < height
        ]
        if row:
            return min(row, key=lambda g: abs(g.left - group.left))
    column = [
        g
        for g in groups
        if g.values
        and g.relation
        and abs(g.left - group.left) < SAME_COLUMN * height
        and abs(g.top - group.top) < NEAR_ROWS * height
    ]
    return min(column, key=lambda g: abs(g.top - group.top), default=None)


def _place(group: Group, neighbour: Group) -> tuple[float, float, float, float] | None:
    label, value = group.pieces[0], neighbour.values[0]
    height = value.height
    # Labels of one row differ in length; what lies between label and value does not.
    offset = value.left - neighbour.left
    if group.key in PEOPLE and neighbour.relation == "right":
        offset += (group.right - group.left) - (neighbour.right - neighbour.left)
    left = group.left + offset - MARGIN * height
    if neighbour.relation == "below":
        left -= MARGIN_BELOW * height
        top = group.bottom + (value.top - neighbour.bottom)
        return (left, top, left + WIDTH * height, top + height)
    middle = (label.top + label.bottom) / 2
    end = max(piece.right for piece in group.pieces if piece.line == label.line)
    right = max(left, end) + WIDTH * height
    # A neighbour's label may be longer: the place begins behind the label itself.
    left = end + MARGIN * height
    return (left, middle - height / 2, right, middle + height / 2)


def _touches(piece: Piece, box: tuple[float, float, float, float]) -> bool:
    left, top, right, bottom = box
    inset = 0.25 * (bottom - top)
    return (
        piece.left < right
        and piece.right > left
        and piece.top < bottom - inset
        and piece.bottom > top + inset
    )
