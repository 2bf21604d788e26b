"""Reports from abroad: English labels, carats, English dates, names without Chinese."""

from __future__ import annotations

import pytest

from certcheck import abroad
from ocr.fields import latin, values, weights
from ocr.fields.extract import extract
from ocr.read import read_photo
from ocr.reading import Glyph, Line
from samples.generator import foreign
from samples.generator.sample import encode
from tests.ocr.lines import box, read, width
from tests.ocr.lines import values as found

WIDE_CAPITALS = 1.6  # how much wider M and W are set than other letters


def line(x: float, y: float, text: str) -> Line:
    """A line as the recogniser gives print in Latin letters: it sees the spaces itself."""
    widths = [width(char) * (WIDE_CAPITALS if char in "MW" else 1) for char in text]
    ends = [sum(widths[: n + 1]) for n in range(len(text))]
    length = ends[-1]
    glyphs = tuple(
        Glyph(char, (end - w / 2) / length, (end - w / 2) / length, 0.99)
        for char, w, end in zip(text, widths, ends, strict=True)
    )
    quad = box(x, y, length)
    return Line(text, 0.99, quad, quad, "test", glyphs)


@pytest.mark.parametrize(
    ("text", "label", "grams", "printed", "unit"),
    [
        ("1.01 carat", "Carat Weight", "0.202", "1.01", "ct"),
        ("3.025 cts", "Weight", "0.605", "3.025", "ct"),
        ("12.50ct", "", "2.5", "12.50", "ct"),
        ("2.00克拉", "质量", "0.4", "2.00", "ct"),
        ("5.08", "Weight (ct)", "1.016", "5.08", "ct"),
        ("0.302 g (1.51 ct)", "Weight", "0.302", "0.302", "g"),
        ("1.51ct (0.302g)", "", "0.302", "0.302", "g"),
        ("41.163g", "总质量", "41.163", "41.163", "g"),
        ("41.163", "总质量(g)", "41.163", "41.163", "g"),
        ("3.154克", "质量", "3.154", "3.154", "g"),
        ("41.16q", "质量", "41.16", "41.16", "g"),
    ],
)
def test_a_mass_is_in_grams_and_keeps_its_print(
    text: str, label: str, grams: str, printed: str, unit: str
) -> None:
    weight = weights.parse(text, label)
    assert weight is not None
    assert (weight.grams, weight.printed, weight.unit) == (grams, printed, unit)


def test_a_carat_weight_on_a_report() -> None:
    field = read(line(0, 0, "Carat Weight .......... 1.01 carat")).fields["mass"]
    assert (field.value, field.printed, field.unit) == ("0.202", "1.01", "ct")
    bare = read(line(0, 0, "Carat Weight: 1.01")).fields["mass"]
    assert (bare.value, bare.unit) == ("0.202", "ct")
    words = read(line(0, 0, "总质量：因镶嵌未测")).fields["mass"]
    assert (words.value, words.unit) == ("因镶嵌未测", "")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("June 12, 2023", "2023-06-12"),
        ("June12,2023", "2023-06-12"),
        ("12th June 2019", "2019-06-12"),
        ("3rd of May 2021", "2021-05-03"),
        ("12-Jun-2023", "2023-06-12"),
        ("JAN. 5 2024", "2024-01-05"),
        ("21.03.2022", "2022-03-21"),
        ("25/03/2022", "2022-03-25"),
        ("03/25/2022", "2022-03-25"),
        ("05/05/2022", "2022-05-05"),
        ("03/04/2022", None),
        ("February 30, 2022", None),
    ],
)
def test_dates_as_written_abroad(text: str, day: str | None) -> None:
    assert values.issue_date(text) == day


DIAMOND = (
    line(300, 0, "EXAMPLE GEMOLOGICAL INSTITUTE"),
    line(300, 80, "NATURAL DIAMOND GRADING REPORT"),
    line(0, 160, "June 12, 2023"),
    line(0, 220, "Report Number .......... 6501234567"),
    line(0, 280, "Shape and Cutting Style .......... Round Brilliant"),
    line(0, 340, "Measurements .......... 6.43 - 6.47 x 3.99 mm"),
    line(0, 400, "Carat Weight .......... 1.01 carat"),
    line(0, 460, "Color Grade .......... F"),
    line(0, 520, "Clarity Grade .......... VS1"),
    line(0, 580, "Cut Grade .......... Excellent"),
    line(0, 640, "Fluorescence .......... None"),
    line(0, 700, "Comments: Additional clouds are not shown."),
)


def test_a_diamond_report() -> None:
    got = extract(DIAMOND, ())
    assert got.is_certificate
    assert {key: field.value for key, field in got.fields.items()} == {
        "lab_name": "EXAMPLE GEMOLOGICAL INSTITUTE",
        "certificate_no": "6501234567",
        "issue_date": "2023-06-12",
        "shape": "Round Brilliant",
        "mass": "0.202",
        "colour": "F",
        "fluorescence": "None",
        "remarks": "Additional clouds are not shown.",
    }


def test_species_and_description_give_way_to_better_labels() -> None:
    coloured = found(
        line(0, 0, "Species: Natural Corundum"), line(0, 60, "Variety: Ruby"),
        line(0, 120, "Weight: 3.02 ct"),
    )  # fmt: skip
    assert coloured["conclusion"] == "Ruby"
    diamond = found(
        line(0, 0, "Description: Natural Diamond"), line(0, 60, "Shape and Cut: Oval Brilliant")
    )
    assert diamond == {"conclusion": "Natural Diamond", "shape": "Oval Brilliant"}
    alone = found(line(0, 0, "Species: Jadeite"), line(0, 60, "Description: Bangle"))
    assert alone == {"conclusion": "Jadeite", "shape": "Bangle"}


def test_an_english_name_beside_chinese_is_a_translation() -> None:
    chinese: tuple[Line, ...] = (
        line(0, 800, "检验结论：翡翠手镯  总质量：41.163g  折射率：1.66(点测)"),
        line(0, 860, "本证书仅对来样负责，未经书面批准不得部分复制本证书"),
    )
    assert "lab_name" in read(*DIAMOND).fields
    assert "lab_name" not in read(*DIAMOND, *chinese).fields


@pytest.mark.parametrize(
    ("text", "is_name"),
    [
        ("Gübelin Gem Lab", True),
        ("SWISS GEMMOLOGICAL INSTITUTE", True),
        ("EXAMPLE DIAMOND LABORATORY", True),
        ("GEMSTONE REPORT", False),
        ("LABORATORY GROWN DIAMOND REPORT", False),
        ("This gem was tested by the laboratory; see the terms. Results hold", False),
        ("Lab", False),
    ],
)
def test_names_of_laboratories_and_what_is_none(text: str, *, is_name: bool) -> None:
    assert (latin.lab_name(text) is not None) is is_name


@pytest.mark.parametrize("layout", foreign.layouts())
def test_a_photographed_report_end_to_end(layout: str) -> None:
    sample = foreign.make(4242, level="mild", layout=layout)
    (part,) = read_photo(encode(sample.image, ".jpg"), "report.jpg")
    assert part.reading.is_certificate
    fields = part.reading.fields
    assert {key: field.value for key, field in fields.items()} == sample.truth["fields"]
    assert {"printed": fields["mass"].printed, "unit": fields["mass"].unit} == sample.truth[
        "printed"
    ]["mass"]
    assert {code.text for code in part.reading.codes} == {
        code["text"] for code in sample.truth["codes"]
    }
    seen = abroad.recognise(part.reading)
    assert seen is not None and seen.lab.key.startswith("example-")
