"""A JSON report, `certcheck.report/1`, laid out for the page.

Nothing is judged here: statuses, sentences and places are the report's own. What this adds
is the tie between a place on the photo and the findings that speak of it.
"""

from __future__ import annotations

import dataclasses as dc
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from certcheck import messages
from certcheck.confirm import plain
from certcheck.corrections import HAND
from certcheck.errors import SERVER_ERROR, UNREADABLE, Problem
from certcheck.finding import Status, worst
from certcheck.messages import Text
from certcheck.report_parts import next_code
from certcheck.stock.outcome import problem_of
from web import language

JSON = Mapping[str, Any]
Corners = tuple[tuple[float, float], ...]

# What tells at a glance which certificate this is; the laboratory has its own row.
GLANCE = ("certificate_no", "issue_date", "conclusion")
# Items that make the reader look twice are named below the verdict.
TOLD = (Status.INCONSISTENT, Status.SUSPECTED, Status.UNVERIFIABLE)
# Beginnings of what is said of a photo, and the drawing that shows it (`drawings.html`).
_DRAWN = {
    "photo.blurred": "blur",
    "photo.unclear": "blur",
    "photo.not_found": "far",
    "photo.shaken": "shake",
    "photo.glare": "glare",
    "photo.covered": "covered",
    "photo.small": "far",
    "photo.too_far": "far",
    "photo.dark": "dark",
    "photo.cut_edge": "cut",
    "photo.screen": "screen",
    "photo.no_print": "other",
    "photo.not_a_certificate": "other",
}
# An address that a page may make a link of: of the web, and nothing in it that a browser or a
# reader takes otherwise than it stands: no control, no backslash, no name before the host.
_OUTSIDE = re.compile(
    r"https?://[a-z0-9.-]+(?::\d{1,5})?(?:[/?#][!#-;=?-\[\]_a-z~]*)?", re.IGNORECASE
)
# Of these the whole value is compared, character by character.
_COMPARED = frozenset({"seal", "lab_name", "cma_no"})
# What the first page shows beforehand, the commonest first.
SHOWN_BEFORE = ("blur", "glare", "cut", "far", "dark", "screen")
# Of the photo's longer side: the numbered disc of a mark, large enough for a thumb's width
# on a phone without hiding a line of print on a desk's screen.
DISC_SHARE = 0.02


@dc.dataclass(frozen=True, slots=True)
class Mark:
    """A place on the photo.

    Attributes:
        number: shown on the photo and beside the findings.
        anchor: of the mark in the page.
        points: the corners as SVG wants them.
        x: of the disc with the number, in pixels of the photo.
        y: likewise.
        status: the worst of what is said of the place.
        targets: anchors of the evidence that stands there, the worst first.
        items: numbers of the items that speak of it.
        box: the corners.
    """

    number: int
    anchor: str
    points: str
    x: float
    y: float
    status: Status
    targets: tuple[str, ...]
    items: tuple[int, ...]
    box: Corners


@dc.dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One thing read beside what was expected.

    Attributes:
        anchor: of the row in the page.
        json: the report's own evidence.
        mark: the place on the photo, or None.
        slip: whether it was read with a slip, and agrees all the same: the ink was asked.
    """

    anchor: str
    json: JSON
    mark: Mark | None
    slip: bool = False


@dc.dataclass(frozen=True, slots=True)
class FindingBlock:
    """A finding with its evidence; `json` is the report's own."""

    json: JSON
    evidence: tuple[EvidenceRow, ...]


@dc.dataclass(frozen=True, slots=True)
class ItemBlock:
    """One of the eight items with its findings, the worst first."""

    anchor: str
    json: JSON
    findings: tuple[FindingBlock, ...]


@dc.dataclass(frozen=True, slots=True)
class Sheet:
    """One report, ready for the template.

    Attributes:
        number: of the report among those of one upload, from 1.
        json: the report.
        marks: places on the photo.
        items: all eight.
        told: the items named below the verdict.
        disc: radius of a mark's disc in pixels of the photo.
        demo: whether the result rests on invented laboratories.
    """

    number: int
    json: JSON
    marks: tuple[Mark, ...]
    items: tuple[ItemBlock, ...]
    told: tuple[ItemBlock, ...]
    disc: float
    demo: bool

    @property
    def drawn(self) -> list[Mark]:
        """The marks as they are drawn: the worst last, so that nothing covers it."""
        order = list(Status)
        return sorted(self.marks, key=lambda mark: -order.index(mark.status))

    def mark(self, number: int) -> Mark | None:
        """The mark of a number, or None."""
        return next((one for one in self.marks if one.number == number), None)

    def said_of(self, mark: Mark) -> list[tuple[ItemBlock, FindingBlock, EvidenceRow]]:
        """What is said of a place, the worst first."""
        said = [
            (block, finding, row)
            for block in self.items
            for finding in block.findings
            for row in finding.evidence
            if row.mark == mark
        ]
        return sorted(said, key=lambda one: mark.targets.index(one[2].anchor))


def sheet(report: JSON, number: int, disc_share: float = DISC_SHARE) -> Sheet:
    """Lays a report out.

    Args:
        report: as the contract has it.
        number: of the report among those of one upload, from 1.
        disc_share: a disc's radius, of the photo's longer side.
    """
    photo, lab = report["photo"], report["lab"]
    disc = disc_share * max(photo["width"], photo["height"])
    marks = _marks(report, number, disc)
    items = tuple(_item(one, number, marks) for one in report["items"])
    return Sheet(
        number=number,
        json=report,
        marks=tuple(marks.values()),
        items=items,
        told=tuple(one for one in items if one.json["status"] in TOLD),
        disc=disc,
        demo=bool(lab.get("demo")) if lab else bool(report["registry"]["demo"]),
    )


def what_next(report: JSON) -> str:
    """The message that says what to do after a report."""
    findings = (finding for item in report["items"] for finding in item["findings"])
    return next_code(
        report["verdict"], foreign=bool(report.get("foreign_lab")),
        outcome=(report.get("record") or {}).get("outcome"),
        unverifiable=[one["rule"] for one in findings if one["status"] == Status.UNVERIFIABLE],
    )  # fmt: skip


def problem(code: str, **params: object) -> Problem:
    """An error of the web's own, by its code in the catalogue."""
    return Problem(
        code=code,
        message=messages.text(code, **params),
        next_step=messages.next_step(code, **params) or Text("", ""),
        exit_status=messages.exit_status(code) or UNREADABLE,
        http_status=messages.http_status(code) or SERVER_ERROR,
    )


def helpers() -> dict[str, Any]:
    """What templates need of this module."""
    return {
        "GLANCE": GLANCE,
        "SHOWN_BEFORE": SHOWN_BEFORE,
        "HAND": HAND,
        "by_hand_at": by_hand_at,
        "drawn": drawn,
        "value_text": value_text,
        "source_name": source_name,
        "what_next": what_next,
    }


def error_of(report: JSON) -> Problem:
    """Why a certificate could not be checked, as the report says it."""
    return problem_of(report["error"])


def leads_outside(address: str) -> bool:
    r"""Whether an address may be made a link: it plainly is one of the web.

    >>> leads_outside("https://cx.example.com/q?no=1"), leads_outside("javascript:alert(1)")
    (True, False)
    >>> leads_outside("https://cx.example.com@evil.example/"), leads_outside("https://a\\@b.c/")
    (False, False)
    """
    return _OUTSIDE.fullmatch(address) is not None


def drawn(code: str) -> str | None:
    """The drawing of what is wrong with a photo; None where there is none."""
    return next((kind for begin, kind in _DRAWN.items() if code.startswith(begin)), None)


def by_hand_at(report: JSON, fields: Sequence[str], number: int) -> bool:
    """Whether somebody entered what a seal or a code says, by its place in the report's list."""
    entered = report.get("corrections", ())
    return any(one["field"] in fields and one.get("number") == number for one in entered)


def value_text(value: str | Sequence[str]) -> str:
    """A field's value on one line, in the language of the page."""
    return value if isinstance(value, str) else language.word("web.list_mark").join(value)


def source_name(source: str) -> str:
    """What a row of evidence rests on, in words: the table's name, "" where it has none."""
    table = source.partition(":")[0].partition(".")[0]
    return language.word(f"table.{table}") if f"table.{table}" in messages.catalogue() else ""


def _evidence_anchor(sheet_number: int, item: int, finding: int, row: int) -> str:
    return f"s{sheet_number}-item{item}-{finding}-{row}"


def _rows(report: JSON, sheet_number: int) -> Iterator[tuple[int, Status, str, JSON]]:
    """Every evidence with its item, its finding's status and its anchor."""
    for item in report["items"]:
        for at, finding in enumerate(item["findings"]):
            for row, evidence in enumerate(_told(finding)):
                anchor = _evidence_anchor(sheet_number, item["item"], at, row)
                yield item["item"], Status(finding["status"]), anchor, evidence


def _told(finding: JSON) -> list[JSON]:
    """The evidence that has something to show."""
    return [one for one in finding["evidence"] if one["read"] or one["expected"]]


def _marks(report: JSON, sheet_number: int, disc: float) -> dict[Corners, Mark]:
    """One mark a place, numbered down the photo; places without extent get none."""
    held: dict[Corners, list[tuple[int, Status, str]]] = {}
    for item, status, anchor, evidence in _rows(report, sheet_number):
        if evidence["box"]:
            held.setdefault(_corners(evidence["box"]), []).append((item, status, anchor))
    in_order = sorted(held, key=lambda box: (min(y for _, y in box), min(x for x, _ in box)))
    return {
        box: _mark(number, box, held[box], sheet_number, report["photo"], disc)
        for number, box in enumerate(in_order, start=1)
    }


def _mark(
    number: int,
    box: Corners,
    said: list[tuple[int, Status, str]],
    sheet_number: int,
    photo: JSON,
    disc: float,
) -> Mark:
    order = list(Status)
    by_weight = sorted(said, key=lambda one: order.index(one[1]))
    left, top = min(x for x, _ in box), min(y for _, y in box)
    return Mark(
        number=number,
        anchor=f"s{sheet_number}-mark{number}",
        points=" ".join(f"{x:g},{y:g}" for x, y in box),
        # Beside the print, not on it, and never outside the photo.
        x=_between(left - disc, disc, photo["width"] - disc),
        y=_between(top, disc, photo["height"] - disc),
        status=worst(status for _, status, _ in said),
        targets=tuple(anchor for _, _, anchor in by_weight),
        items=tuple(sorted({item for item, _, _ in said})),
        box=box,
    )


def _slipped(status: str, evidence: JSON) -> bool:
    """Whether what agrees was read otherwise."""
    if status != Status.CONSISTENT or evidence["field"] not in _COMPARED:
        return False
    read, expected = plain(evidence["read"]), plain(evidence["expected"])
    return bool(read and expected) and read != expected


def _between(value: float, low: float, high: float) -> float:
    return max(low, min(value, high))


def _corners(box: Iterable[Sequence[float]]) -> Corners:
    return tuple((float(x), float(y)) for x, y in box)


def _item(item: JSON, sheet_number: int, marks: Mapping[Corners, Mark]) -> ItemBlock:
    order = [str(one) for one in Status]
    findings = [
        FindingBlock(
            finding,
            tuple(
                EvidenceRow(
                    _evidence_anchor(sheet_number, item["item"], at, row),
                    evidence,
                    marks.get(_corners(evidence["box"])),
                    _slipped(finding["status"], evidence),
                )
                for row, evidence in enumerate(_told(finding))
            ),
        )
        for at, finding in enumerate(item["findings"])
    ]
    findings.sort(key=lambda one: order.index(one.json["status"]))
    return ItemBlock(f"s{sheet_number}-item{item['item']}", item, tuple(findings))
