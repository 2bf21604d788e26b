"""Which text belongs to which label.

A value stands on its label's line, right of it in another column or cell, or below it;
it may go on over the next line. Texts are taken in reading order, and each asks which
label it sees first, to the left and above, with no other text in between.
"""

from __future__ import annotations

import dataclasses as dc
from collections.abc import Sequence

from ocr.fields import values
from ocr.fields.labels import OTHER, PEOPLE, fold, vocabulary
from ocr.fields.pieces import Piece

STANDARDS = "standards"
OPTIC = "optic_character"
# The letters of a mark are labels too, but head no column of print.
MARKS = frozenset({"cma_no", "cnas_no"})
SIGNERS_LEVEL = 0.6
# All distances are in heights of print.
ROW_OVERLAP = 0.5
LOOSE_ROW_OVERLAP = 0.2
# A value a little above or below its label, when nothing else claims it.
ASKEW_ROW_OVERLAP = -0.4
FARTHEST_RIGHT = 22.0
FARTHEST_BELOW = 2.2
NEXT_LINE = 1.1
SAME_LEFT = 1.3
BILINGUAL_BELOW = 1.0
ROW_JOIN = 3.0
HEIGHT_RATIO = 1.5
WRAPPED_SLACK = 2.5
CLOSE_BEHIND = 1.5
# A value goes on over the next line only where its first line is long: after a short one
# stands another field whose label was not read.
FULL_LINE = 5.0
COLUMN_HEAD = 6.0
REMAINS = 2
REMAINS_WITHIN = 6.0


@dc.dataclass(slots=True, eq=False)
class Group:
    """A label, in one language or both, and the texts found for it."""

    key: str
    pieces: list[Piece]
    values: list[Piece] = dc.field(default_factory=list)
    relation: str = ""

    @property
    def left(self) -> float:
        """Left edge in the page."""
        return min(p.left for p in self.pieces)

    @property
    def right(self) -> float:
        """Right edge in the page."""
        return max(p.right for p in self.pieces)

    @property
    def top(self) -> float:
        """Upper edge in the page."""
        return min(p.top for p in self.pieces)

    @property
    def bottom(self) -> float:
        """Lower edge in the page."""
        return max(p.bottom for p in self.pieces)

    @property
    def text(self) -> str:
        """The label as printed."""
        return " ".join(p.text for p in self.pieces)

    @property
    def rows(self) -> int:
        """Lines of print its values take so far."""
        return len({p.line for p in self.values})

    @property
    def most_rows(self) -> int:
        """Lines of print its values may take."""
        return vocabulary().lines[self.key]


def assign(pieces: Sequence[Piece]) -> tuple[list[Group], list[Piece]]:
    """Gives each text to its label.

    Args:
        pieces: as `pieces.cut` returns them.

    Returns:
        The labels with their values, and the texts that belong to none.
    """
    groups = _groups([p for p in pieces if p.label is not None])
    texts = _without_remains([p for p in pieces if p.label is None], groups)
    texts = _with_missing_signer(texts, groups)
    owner: dict[int, Group] = {}
    _inline(groups, texts, owner)
    for overlap in (ROW_OVERLAP, LOOSE_ROW_OVERLAP, ASKEW_ROW_OVERLAP):
        for text in sorted(texts, key=lambda p: (round(p.top / p.height), p.left)):
            if id(text) not in owner:
                group = _owner(text, groups, texts, owner, overlap)
                if group is not None:
                    owner[id(text)] = group
                    group.values.append(text)
    for group in groups:
        group.values.sort(key=lambda p: (p.line, p.left))
    return groups, [t for t in texts if id(t) not in owner]


def _groups(labels: Sequence[Piece]) -> list[Group]:
    groups: list[Group] = []
    for piece in labels:
        assert piece.label is not None  # noqa: S101 - narrows the type
        twin = next((g for g in groups if _same_label(g, piece)), None)
        if twin is None:
            groups.append(Group(piece.label.key, [piece]))
        else:
            twin.pieces.append(piece)
    return groups


def _same_label(group: Group, piece: Piece) -> bool:
    """An English label beside or below its Chinese twin."""
    last = group.pieces[-1]
    if piece.label is None or last.label is None or piece.label.key != group.key:
        return False
    if last.label.latin == piece.label.latin or group.key == OTHER:
        return False
    if last.line == piece.line:
        return piece.order == last.order + 1
    below = (piece.top - last.bottom) / last.height
    aligned = abs(piece.left - last.left) < SAME_LEFT * last.height or _overlap_x(piece, last) > 0.5
    return -0.6 < below < BILINGUAL_BELOW and aligned


def _without_remains(texts: Sequence[Piece], groups: Sequence[Group]) -> list[Piece]:
    """The texts, less what is left of a wide-set label of which a detector lost the rest.

    结　　论 above Conclusion found as 论 alone must not pass for a conclusion.
    """
    english = [g for g in groups if all(p.label is not None and p.label.latin for p in g.pieces)]
    chinese = [g for g in groups if not any(p.label is None or p.label.latin for p in g.pieces)]
    kept = []
    for text in texts:
        owner = next((g for g in english if _remains(text, g)), None)
        owner = owner or next((g for g in chinese if _misread_twin(text, g)), None)
        if owner is None:
            kept.append(text)
        else:
            owner.pieces.append(text)
    return kept


def _with_missing_signer(texts: Sequence[Piece], groups: list[Group]) -> list[Piece]:
    """The texts, less the label of the third signature where a seal made it hard to read.

    Of three labels in a row two tell what the third is: a short text in their row that
    shares a character with a label of the missing one (笼发 for 签发).
    """
    signers = [g for g in groups if g.key in PEOPLE]
    missing = PEOPLE - {g.key for g in signers}
    if len(missing) != 1 or len(signers) != len(PEOPLE) - 1:
        return list(texts)
    (key,) = missing
    for text in texts:
        level = all(abs(g.top - text.top) < SIGNERS_LEVEL * text.height for g in signers)
        if level and vocabulary().resembles(key, fold(text.text)):
            groups.append(Group(key, [text]))
            return [t for t in texts if t is not text]
    return list(texts)


def _remains(text: Piece, group: Group) -> bool:
    word = text.text.replace(" ", "")
    if not 0 < len(word) <= REMAINS:
        return False
    english = group.pieces[0]
    near = -0.6 < (english.top - text.bottom) / text.height < BILINGUAL_BELOW
    inside = -1 < (text.left - english.left) / text.height < REMAINS_WITHIN
    return near and inside and vocabulary().part_of_label(group.key, fold(word))


def _misread_twin(text: Piece, group: Group) -> bool:
    """An English label beside or below its Chinese twin that was misread or cut short."""
    word = fold(text.text).strip(":：.")
    if not word.isascii() or not vocabulary().english_like(group.key, word):
        return False
    label = group.pieces[0]
    if text.line == label.line:
        return text.order == label.order + 1
    below = (text.top - label.bottom) / label.height
    return -0.6 < below < BILINGUAL_BELOW and abs(text.left - label.left) < SAME_LEFT * label.height


def _inline(groups: Sequence[Group], texts: Sequence[Piece], owner: dict[int, Group]) -> None:
    place = {(p.line, p.order): p for p in texts}
    for group in groups:
        last = group.pieces[-1]
        for piece in group.pieces:
            text = place.get((piece.line, piece.order + 1))
            if text is not None and id(text) not in owner:
                near = text.left - piece.right < FARTHEST_RIGHT * text.height
                if near and (piece is last or text.line != last.line):
                    owner[id(text)] = group
                    group.values.append(text)
                    group.relation = "right"


def _owner(
    text: Piece,
    groups: Sequence[Group],
    texts: Sequence[Piece],
    owner: dict[int, Group],
    overlap: float,
) -> Group | None:
    left = _left_of(text, groups, overlap)
    neighbour = _text_left_of(text, texts, overlap)
    if neighbour is not None and (left is None or neighbour.right > left.right):
        held = owner.get(id(neighbour))
        gap = (text.left - neighbour.right) / text.height
        if held is not None and held.relation == "right" and gap < ROW_JOIN:
            return held
        left = None
    if left is not None and _takes_right(left, text):
        left.relation = "right"
        return left
    # Of the label and the text above, the nearer one counts.
    above = _above(text, groups, texts)
    if above is not None and not above.values and _fits(above, text):
        above.relation = "below"
        return above
    return _continues(text, texts, owner)


def _takes_right(group: Group, text: Piece) -> bool:
    if not group.values:
        return _fits(group, text)
    # A label in the middle of its cell beside a value of two lines, the first of them long.
    full = any(_long(group, piece) for piece in (*group.values, text))
    return group.relation == "right" and group.rows < group.most_rows and full


def _long(group: Group, piece: Piece) -> bool:
    """Whether a line is so long that its value may go on; standards stand one a line."""
    return group.key == STANDARDS or piece.right - piece.left >= FULL_LINE * piece.height


def _fits(group: Group, text: Piece) -> bool:
    """Whether a text in another box may be the label's value, where values have a form."""
    if group.key in values.PARSERS:
        return values.parse(group.key, text.text) is not None
    return not values.only_standards(text.text)


def _left_of(text: Piece, groups: Sequence[Group], overlap: float) -> Group | None:
    """The nearest label to the left on the text's row, within its own column."""
    edge = text.left + 0.5 * text.height
    columns = [
        g.left
        for g in groups
        if g.key not in MARKS and -0.5 < (text.top - g.bottom) / text.height < COLUMN_HEAD
    ]
    seen = [
        g
        for g in groups
        if g.right <= text.left + 0.5 * text.height
        and text.left - g.right < FARTHEST_RIGHT * text.height
        and _overlap_y(g, text) >= overlap
        # A label further up that begins in between heads another column, unless the text
        # stands close behind its label.
        and (
            text.left - g.right < CLOSE_BEHIND * text.height
            or not any(g.right + 0.5 * text.height < left <= edge for left in columns)
        )
    ]
    return max(seen, key=lambda g: g.right, default=None)


def _text_left_of(text: Piece, texts: Sequence[Piece], overlap: float) -> Piece | None:
    seen = [
        t
        for t in texts
        if t is not text
        and t.right <= text.left + 0.5 * text.height
        and _overlap_y(t, text) >= overlap
    ]
    return max(seen, key=lambda t: t.right, default=None)


def _above(text: Piece, groups: Sequence[Group], texts: Sequence[Piece]) -> Group | None:
    seen = [
        g
        for g in groups
        if -0.5 < (text.top - g.bottom) / text.height < FARTHEST_BELOW
        and (_overlap_x(g, text) > 0.3 or abs(g.left - text.left) < SAME_LEFT * text.height)
    ]
    nearest = max(seen, key=lambda g: (g.bottom, -abs(g.left - text.left)), default=None)
    if nearest is None:
        return None
    between = any(
        t is not text
        and nearest.bottom - 0.3 * t.height < t.top
        and t.bottom < text.top + 0.3 * text.height
        and _overlap_x(t, text) > 0.3
        for t in texts
    )
    return None if between else nearest


def _continues(text: Piece, texts: Sequence[Piece], owner: dict[int, Group]) -> Group | None:
    above = [
        t
        for t in texts
        if id(t) in owner
        and -0.6 < (text.top - t.bottom) / text.height < NEXT_LINE
        and 1 / HEIGHT_RATIO < t.height / text.height < HEIGHT_RATIO
        and text.right <= t.right + WRAPPED_SLACK * text.height
    ]
    for upper in sorted(above, key=lambda t: -t.bottom):
        group = owner[id(upper)]
        if group.rows >= group.most_rows:
            continue
        if not _goes_on(group, text) or not _long(group, upper):
            continue
        # Wrapped lines begin under the value, or under the label where print runs on.
        first = group.values[0]
        starts = (
            (upper.left, first.left)
            if group.relation == "below"
            else (
                upper.left,
                first.left,
                group.left,
            )
        )
        if any(abs(text.left - start) < SAME_LEFT * text.height for start in starts):
            return group
    return None


def _goes_on(group: Group, text: Piece) -> bool:
    """Whether a text may be a further line of a value: standards and words do not mix."""
    if group.key == STANDARDS:
        return text.text.isascii() or values.standards(text.text) is not None
    if group.key not in (OPTIC, "remarks") and values.optic(text.text):
        return False
    return not values.only_standards(text.text)


def _overlap_y(a: Group | Piece, b: Piece) -> float:
    shared = min(a.bottom, b.bottom) - max(a.top, b.top)
    return shared / max(1.0, min(a.bottom - a.top, b.bottom - b.top))


def _overlap_x(a: Group | Piece, b: Piece) -> float:
    shared = min(a.right, b.right) - max(a.left, b.left)
    return shared / max(1.0, min(a.right - a.left, b.right - b.left))
