"""Lines and codes to the contract's named fields."""

from __future__ import annotations

import collections
import dataclasses as dc
import re
import statistics
from collections.abc import Mapping, Sequence

import numpy as np

from ocr.fields import doubt, forms, gaps, latin, people, values, weights, wording
from ocr.fields.assign import MARKS, STANDARDS, Group, assign
from ocr.fields.gaps import Gap
from ocr.fields.labels import OTHER, PEOPLE, fold, vocabulary
from ocr.fields.pieces import Piece, cut
from ocr.reading import FIELD_KEYS, Code, Field, Line, Quad

# In a number every character counts: its weakest one says how sure the reading is.
NUMBER_KEYS = frozenset(
    {"certificate_no", "security_code", "cma_no", "cnas_no", "issue_date", "mass", "density"}
)
# Below this a name is noise. Of 924 names on generated photographs the right ones were read
# at 0.73 and above; between the two the ink can still be asked for a registered name.
LEGIBLE_NAME = 0.5
# A standard that is not in the list of known ones, and a CMA number with a digit too many or
# too few, is taken where every character is this sure.
EXACT = 0.97
# A remark shorter than this does not go on with a word that might be a name.
WRAPS_FROM = 12
# Fields that may stand in the middle of other print.
PARTS_OF_PRINT = frozenset(
    {"certificate_no", "security_code", "cma_no", "cnas_no", "lab_name", "phone", "website"}
)
# A paper with fewer known labels than this, and no heading, is another kind of document.
FEWEST_LABELS = 4
FEWEST_LABELS_WITH_HEADING = 2
# Without these a paper says nothing about a stone or who tested it.
TELLING_KEYS = frozenset(
    {"conclusion", "refractive_index", "density", "magnification", "mass", "standards", "metal"}
)
# What a paper has once, however many stones it is about.
ONCE = frozenset(
    {"certificate_no", "conclusion", "standards", "issue_date", "security_code", "address"}
    | {"phone", "website", *PEOPLE}
)
# As many of them twice are two papers.
TWICE = 4


@dc.dataclass(frozen=True, slots=True)
class Extract:
    """What the lines say.

    Attributes:
        fields: by key.
        labels: place of each contract label found, with or without a value.
        is_certificate: whether this is a jade or gem certificate.
        gaps: where a value should stand and no line was found.
        people: place in the page of the print beside each person's label, by key.
        several: whether labels of a whole paper stand there twice: two papers read as one.
    """

    fields: dict[str, Field]
    labels: dict[str, Quad]
    is_certificate: bool
    gaps: tuple[Gap, ...] = ()
    people: Mapping[str, Quad] = dc.field(default_factory=dict)
    several: bool = False


def extract(lines: Sequence[Line], codes: Sequence[Code]) -> Extract:
    """Finds every field of the contract.

    Args:
        lines: of one page, in any order.
        codes: decoded codes of the same page.
    """
    pieces = cut(lines)
    groups, free = assign(pieces)
    _settle(groups)
    candidates: list[Field] = []
    for group in groups:
        free.extend(_strays(group))
        read = _labelled(group)
        candidates.extend(read)
        if group.key in MARKS or (not read and group.key != OTHER):
            # What cannot be this field may be another, known by its form; and the numbers
            # under two marks are often one line.
            free.extend(group.values)
    fields: dict[str, Field] = {}
    for field in sorted(candidates, key=_trust, reverse=True):
        fields.setdefault(field.key, field)
    by_form = forms.find(free, codes)
    if latin.is_latin(lines):
        by_form += latin.find(free)
    for key, value, members in by_form:
        if key not in fields:
            fields[key] = _field(key, value, members, "")
    labels = {g.key: g.pieces[0].photo_box for g in groups if g.key != OTHER}
    ordered = {key: fields[key] for key in FIELD_KEYS if key in fields}
    empty = [gap for gap in gaps.find(groups, pieces) if gap.key not in fields]
    return Extract(
        ordered,
        labels,
        _is_certificate(lines, labels, ordered),
        tuple(empty),
        people.places(groups),
        _several(groups),
    )


def _several(groups: Sequence[Group]) -> bool:
    """Whether values that a paper has once stand beside labels of their own twice."""
    valued = collections.Counter(group.key for group in groups if group.values)
    return sum(valued[key] > 1 for key in ONCE) >= TWICE


def _settle(groups: Sequence[Group]) -> None:
    """Labels that mean something else beside others (see `latin.settle`)."""
    told = [
        (g.key, g.text, all(p.label is not None and p.label.latin for p in g.pieces))
        for g in groups
    ]
    for group, key in zip(groups, latin.settle(told), strict=True):
        group.key = key


def _strays(group: Group) -> list[Piece]:
    """What stands beside another value, taken off it: standards, the heading below a signer."""
    if group.key in (STANDARDS, OTHER):
        return []
    strays = [
        p
        for p in group.values
        if values.only_standards(p.text) or (group.key in PEOPLE and values.lab_name(p.text))
    ]
    if len(strays) < len(group.values):
        group.values = [p for p in group.values if p not in strays]
        return strays
    return []


def _labelled(group: Group) -> list[Field]:
    if group.key == OTHER or not group.values or not _legible(group):
        return []
    if group.key in PEOPLE:
        return _named(group)
    text = _join(group.values)
    pair = forms.two_groups(text) if group.key in ("security_code", "issue_date") else None
    if pair is not None:
        return [
            _field("issue_date", pair[0], group.values[:1], group.text),
            _field("security_code", pair[1], group.values[-1:], group.text),
        ]
    value = values.parse(group.key, text)
    if value is not None:
        return [_field(group.key, value, group.values, group.text)]
    # Beside the value may stand what is none of it: a date beside a signature.
    for piece in group.values if len(group.values) > 1 else ():
        value = values.parse(group.key, piece.text)
        if value is not None:
            return [_field(group.key, value, [piece], group.text)]
    return []


def _named(group: Group) -> list[Field]:
    """A person's name; nothing hangs on one of which a character seems to be lost."""
    name = people.name(group.values)
    if name is None:
        return []
    field = _field(group.key, name.value, name.pieces, group.text)
    sure = name.whole and not people.misread(name.value, field.weakest)
    return [field if sure else dc.replace(field, weakest=0.0)]


def _legible(group: Group) -> bool:
    """Names are pen and seal over one another: half a name is worse than none."""
    if group.key not in PEOPLE:
        return True
    return statistics.fmean(p.mean for p in group.values) >= LEGIBLE_NAME


def _join(members: Sequence[Piece]) -> str:
    """Texts of one value: run on without a space where Chinese meets, else with one."""
    text = ""
    for piece in members:
        glue = " " if text and text[-1].isascii() and piece.text[:1].isascii() else ""
        if glue and members[0].line != piece.line and re.search(r"[-/]$", text):
            glue = ""
        text += glue + piece.text
    return text


def _trust(field: Field) -> tuple[int, int, float]:
    """Longer labels say more than short ones; a value of known form more than any words."""
    known_form = int(field.key in values.PARSERS)
    return (known_form, len(fold(field.label)), field.confidence)


def _weakest(key: str, value: values.Value, members: Sequence[Piece]) -> float:
    """Confidence of the weakest character; 0 where the form says that one is missing or wrong."""
    weakest = min(p.confidence for p in members)
    if key == STANDARDS and not isinstance(value, str):
        strange = [name for name in value if not values.known_standard(name)]
        lost = any(values.digits_lost(name) for name in strange)
        if lost or values.standards_left_over(_join(members)) or (strange and weakest < EXACT):
            return 0.0
    if key == "refractive_index" and values.index_left_over(_join(members)):
        return 0.0
    if wording.misread(key, [c for p in members for c in p.characters]):
        return 0.0
    short = sum(len(p.text) for p in members[:-1]) < WRAPS_FROM
    if key == "remarks" and len(members) > 1 and short and values.person(members[-1].text):
        return 0.0
    if key == "security_code" and isinstance(value, str) and doubt.stray_letter(value):
        return 0.0
    if key == "issue_date" and values.whole_date(_join(members)):
        # With all eight digits there, the signs between them are layout.
        return min(p.digits for p in members)
    if key == "cma_no" and not forms.whole_cma(str(value)) and weakest < EXACT:
        return 0.0
    return weakest


def _field(key: str, value: values.Value, members: Sequence[Piece], label: str) -> Field:
    if isinstance(value, str) and key in PARTS_OF_PRINT:
        members = [_narrowed(piece, value) for piece in members]
    printed = unit = ""
    raw = _join(members)
    if key == "mass" and values.not_tested(raw) is None:
        weight = weights.parse(raw, label)
        if weight is not None:
            value, printed, unit = weight.grams, weight.printed, weight.unit
    weakest = min(p.confidence for p in members)
    mean = statistics.fmean(p.mean for p in members)
    return Field(
        key=key,
        value=value,
        raw=raw,
        confidence=weakest if key in NUMBER_KEYS else mean,
        box=union([p.photo_box for p in members]),
        reader=members[0].reader,
        label=label,
        parts=tuple(p.photo_box for p in members),
        printed=printed,
        unit=unit,
        weakest=_weakest(key, value, members),
    )


def _narrowed(piece: Piece, value: str) -> Piece:
    """The value's own print, where it stands among other print: a number after a mark's."""
    start = piece.text.find(value)
    return piece if start < 0 else piece.part(start, start + len(value))


def union(quads: Sequence[Quad]) -> Quad:
    """The smallest box around several, turned like the first."""
    if len(quads) == 1:
        return quads[0]
    origin = np.array(quads[0][0])
    along = np.array(quads[0][1]) - origin
    along = along / max(1e-6, float(np.linalg.norm(along)))
    down = np.array([-along[1], along[0]])
    points = np.array([corner for quad in quads for corner in quad]) - origin
    x, y = points @ along, points @ down
    corners = [(x.min(), y.min()), (x.max(), y.min()), (x.max(), y.max()), (x.min(), y.max())]
    a, b, c, d = (origin + u * along + v * down for u, v in corners)
    return (_point(a), _point(b), _point(c), _point(d))


def _point(array: np.ndarray) -> tuple[float, float]:
    return (float(array[0]), float(array[1]))


def _is_certificate(
    lines: Sequence[Line], labels: dict[str, Quad], fields: dict[str, Field]
) -> bool:
    if not TELLING_KEYS & fields.keys():
        return False
    print_ = fold("".join(line.text for line in lines))
    headed = any(fold(word) in print_ for word in vocabulary().headings)
    telling = len(TELLING_KEYS & labels.keys())
    if headed:
        return len(labels) >= FEWEST_LABELS_WITH_HEADING and telling >= 1
    return len(labels) >= FEWEST_LABELS and telling >= 2
