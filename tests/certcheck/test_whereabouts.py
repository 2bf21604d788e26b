"""What would break: a photographer sent to the wrong part of the paper, or nagged for nothing."""

import dataclasses as dc

import pytest

from certcheck import advice, whereabouts
from certcheck.abroad import Sighting, labs
from certcheck.whereabouts import NOT_FOUND, expected, part_of
from ocr import quality, retake
from ocr.geometry import box_quad
from ocr.reading import Advice, Field, Line, Reading
from tests.certcheck.test_report import build

# Middles in a page of 1000 by 1000.
PLACES = {
    "cma_no": (880, 90), "certificate_no": (400, 200), "conclusion": (400, 260),
    "mass": (400, 320), "fluorescence": (400, 500), "standards": (500, 560),
    "inspector": (200, 780), "checker": (500, 780), "approver": (800, 780),
    "issue_date": (700, 640), "address": (300, 920), "phone": (250, 950), "website": (600, 950),
    "lab_name": (500, 50),
}  # fmt: skip
CORNERS = ((20, 20), (980, 20), (980, 980), (20, 980))


def turned(x: float, y: float) -> tuple[float, float]:
    """Where a place of the page lies in a photo that was taken lying on its side."""
    return 1200 - 0.8 * y, 0.8 * x + 90


def reading(*lost: str, said: tuple[Advice, ...] = ()) -> Reading:
    """All that stands in PLACES but for some, of a photo that lies on its side."""
    fields, lines = {}, []
    for key, (x, y) in PLACES.items():
        if key not in lost:
            box = tuple(turned(x + dx, y + dy) for dx, dy in ((-9, -9), (9, -9), (9, 9), (-9, 9)))
            fields[key] = Field(key, "x", "x", 0.9, box, "x", "", (box,))
    for x, y in (*PLACES.values(), *CORNERS):
        page = box_quad(x - 20, y - 10, 40, 20)
        lines.append(Line("证书", 0.9, tuple(turned(*corner) for corner in page), page, "x"))
    return Reading(1, 1, 1300, 1000, True, tuple(lines), fields=fields, advice=said)  # noqa: FBT003


def told(one: Reading) -> dict[tuple[str, ...], str]:
    return {a.fields: a.part for a in whereabouts.advice(one) if a.code == NOT_FOUND}


@pytest.mark.parametrize(("key", "part"), [
    ("cma_no", "top"), ("certificate_no", "top"), ("conclusion", "top"), ("standards", "centre"),
    ("approver", "bottom_right"), ("address", "bottom_left"),
])  # fmt: skip
def test_the_part_is_told_by_the_neighbours_whatever_way_the_paper_lay(key: str, part: str) -> None:
    assert told(reading(key)) == {(key,): part}


def test_names_beneath_each_other_go_on_downwards() -> None:
    x, y = expected("approver", {"inspector": (0.7, 0.5), "checker": (0.7, 0.6)}) or (0, 0)
    assert (x, y) == pytest.approx((0.7, 0.7))
    assert part_of((0.5, 0.5)) == "centre" and part_of((0.1, 0.5)) == "left"


def test_with_one_neighbour_only_the_level_is_told() -> None:
    assert told(reading("approver", "inspector")) == {("approver",): "bottom"}
    assert expected("address", {"lab_name": (0.5, 0.1)}) is None


def test_fields_of_one_part_are_told_together_and_in_a_sentence() -> None:
    (one,) = whereabouts.advice(reading("cma_no", "certificate_no"))
    assert one.fields == ("cma_no", "certificate_no")
    said = advice.sentence(one)
    assert "上部" in said.zh and "证书编号" in said.zh and "upper part" in said.en


def test_what_was_seen_or_stands_anywhere_or_is_advised_already_is_not_told() -> None:
    assert told(reading()) == {} and told(reading("lab_name", "issue_date", "website")) == {}
    lost = reading("approver")
    box = box_quad(0, 0, 9, 9)
    seen = (
        dc.replace(lost, labels={"approver": box}),
        dc.replace(lost, unread={"approver": box}),
        dc.replace(lost, advice=(Advice(retake.UNCLEAR, 0.1, box, "bottom", ("approver",)),)),
        dc.replace(lost, is_certificate=False),
        dc.replace(lost, several=True),
        dc.replace(lost, lines=lost.lines[:3]),
    )
    assert [told(one) for one in seen] == [{}] * len(seen)


@pytest.mark.parametrize("code", [quality.BLURRED, quality.TOO_FAR, quality.CUT_EDGE])
def test_where_the_whole_photo_is_to_be_taken_again_no_part_is_named(code: str) -> None:
    whole = Advice(code, 1.0)
    assert whereabouts.advice(reading("approver", said=(whole,))) == (whole,)


def test_reports_say_it_but_not_of_a_paper_from_abroad() -> None:
    lost = reading("approver")
    (one,) = build(reading=lost).to_json()["photo"]["advice"]
    assert (one["code"], one["part"], one["fields"]) == (NOT_FOUND, "bottom_right", ["approver"])
    abroad = build(reading=lost, foreign=Sighting(labs()[0], ("domain",)))
    assert abroad.to_json()["photo"]["advice"] == []
    letters = tuple(dc.replace(line, text="Report of a gemstone") for line in lost.lines)
    english = build(reading=dc.replace(lost, lines=letters))
    assert english.to_json()["photo"]["advice"] == []
