"""What would break: a picture that hides what was found, or points beside it."""

import copy
from collections.abc import Sequence
from typing import Any

from PIL import Image

from certcheck.annotate import COLOURS, LONGEST_SIDE, Mark, annotate, marks
from certcheck.finding import Status
from ocr.reading import Quad

WHITE = (255, 255, 255)
LOW, HIGH = 300.0, 700.0


def quad(x: float, y: float, width: float = 200, height: float = 60) -> Quad:
    return (x, y), (x + width, y), (x + width, y + height), (x, y + height)


NUMBER, DAY, SEAL, CODE = quad(100, LOW), quad(100, HIGH), quad(500, LOW), quad(500, HIGH)


def finding(status: str, *told: tuple[str, Quad | tuple[()]]) -> dict[str, Any]:
    return {"status": status, "evidence": [{"field": key, "box": box} for key, box in told]}


def report(*findings: dict[str, Any]) -> dict[str, Any]:
    """As a report that went through JSON has it: lists, no tuples."""
    fields = {"cma_no": {"box": NUMBER}, "issue_date": {"box": DAY}, "mass": {"box": []}}
    whole = {
        "fields": fields,
        "seals": [{"box": SEAL}],
        "codes": [{"symbology": "QRCode", "box": CODE}],
        "items": [{"findings": list(findings)}],
    }
    return copy.deepcopy(whole)


def by_key(found: Sequence[Mark]) -> dict[str, Mark]:
    return {mark.key: mark for mark in found}


def rgb(status: Status) -> tuple[int, ...]:
    return tuple(bytes.fromhex(COLOURS[status][1:]))


def colours_near(picture: Image.Image, box: Quad, margin: int = 8) -> set[tuple[int, ...]]:
    left, top, right, bottom = box[0][0], box[0][1], box[2][0], box[2][1]
    part = picture.crop(
        (int(left) - margin, int(top) - margin, int(right) + margin, int(bottom) + margin)
    )
    return {color for _, color in part.getcolors(1 << 20) or [] if isinstance(color, tuple)}


def test_a_place_has_the_worst_that_is_said_of_it_and_is_marked_once() -> None:
    found = marks(
        report(
            finding("consistent", ("cma_no", NUMBER), ("issue_date", DAY)),
            finding("inconsistent", ("cma_no", NUMBER)),
        )
    )
    assert len(found) == 4
    assert by_key(found)["cma_no"].status is Status.INCONSISTENT
    assert by_key(found)["issue_date"].status is Status.CONSISTENT


def test_what_was_read_and_not_judged_is_marked_without_a_status() -> None:
    found = by_key(marks(report()))
    assert {key: mark.status for key, mark in found.items()} == {
        "cma_no": None, "issue_date": None, "seal": None, "QRCode": None,
    }  # fmt: skip


def test_evidence_of_a_place_that_is_no_field_is_marked_too() -> None:
    elsewhere = quad(900, 900)
    found = by_key(marks(report(finding("unverifiable", ("approver", elsewhere), ("mass", ())))))
    assert found["approver"].corners == elsewhere
    assert "mass" not in found


def test_the_worst_is_drawn_last_and_says_so_in_words() -> None:
    found = marks(
        report(finding("suspected", ("seal", SEAL)), finding("consistent", ("cma_no", NUMBER)))
    )
    assert found[-1].label == "seal: suspected"
    assert by_key(found)["cma_no"].label == "cma_no"


def test_the_frame_is_around_its_place_in_its_colour() -> None:
    picture = Image.new("RGB", (1200, 1000), WHITE)
    drawn = annotate(picture, [report(finding("inconsistent", ("seal", SEAL)))])
    assert rgb(Status.INCONSISTENT) in colours_near(drawn, SEAL)
    assert rgb(Status.INCONSISTENT) not in colours_near(drawn, DAY)
    assert picture.getcolors() == [(1200 * 1000, WHITE)]


def test_the_print_inside_a_frame_is_not_covered() -> None:
    below = quad(100, NUMBER[2][1] + 6)  # its label has no room above
    told = report(finding("consistent", ("approver", below)))
    drawn = annotate(Image.new("RGB", (1200, 1000), WHITE), [told])
    for box in (NUMBER, below, DAY, SEAL, CODE):
        assert colours_near(drawn, box, margin=-1) == {WHITE}


def test_a_large_photo_is_made_smaller_and_the_frames_with_it() -> None:
    drawn = annotate(Image.new("RGB", (2 * LONGEST_SIDE, 1000), WHITE), [report()])
    assert drawn.width == LONGEST_SIDE
    half = quad(SEAL[0][0] / 2, SEAL[0][1] / 2, 100, 30)
    assert len(colours_near(drawn, half)) > 1


def test_a_label_stays_inside_the_picture() -> None:
    corner: Quad = ((1150.0, 2.0), (1198.0, 2.0), (1198.0, 30.0), (1150.0, 30.0))
    told = report(finding("inconsistent", ("seal", corner)))
    drawn = annotate(Image.new("RGB", (1200, 1000), WHITE), [told])
    # The label is far longer than its place: most of it must stand to the left.
    left = colours_near(drawn, ((1020.0, 0.0), (1100.0, 0.0), (1100.0, 60.0), (1020.0, 60.0)), 0)
    assert rgb(Status.INCONSISTENT) in left


def test_the_legend_names_each_colour_that_occurs() -> None:
    picture = Image.new("RGB", (1200, 1000), WHITE)
    drawn = annotate(picture, [report(finding("inconsistent", ("seal", SEAL)))])
    legend = drawn.crop((0, 1000, drawn.width, drawn.height))
    found = {color for _, color in legend.getcolors(1 << 20) or []}
    assert rgb(Status.INCONSISTENT) in found
    assert rgb(Status.SUSPECTED) not in found
