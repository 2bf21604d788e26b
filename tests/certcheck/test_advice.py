"""Every piece of advice has its sentence, in whole, with its part and with its fields."""

import pytest

from certcheck import advice, messages
from ocr import quality, retake
from ocr.reading import Advice

WHOLE = (
    quality.BLURRED, quality.SHAKEN, quality.GLARE, quality.DARK, quality.TOO_FAR,
    quality.CUT_EDGE, quality.SCREEN, quality.NO_PRINT,
)  # fmt: skip
PARTS = ("top_left", "top", "top_right", "left", "centre", "right")
PARTS += ("bottom_left", "bottom", "bottom_right")


def test_each_fault_of_a_photo_has_its_own_sentence() -> None:
    said = [advice.sentence(Advice(code, 1.0)) for code in WHOLE]
    assert len({one.zh for one in said}) == len({one.en for one in said}) == len(WHOLE)


@pytest.mark.parametrize("code", [quality.GLARE, retake.COVERED, retake.SMALL, retake.UNCLEAR])
def test_part_and_fields_are_named(code: str) -> None:
    told = advice.sentence(Advice(code, 1.0, None, "bottom_right", ("mass", "colour", "density")))
    assert "右下部" in told.zh
    assert "lower right part" in told.en
    for key in ("mass", "colour", "density"):
        name = messages.text(f"field.{key}")
        assert name.zh in told.zh
        assert name.en in told.en


@pytest.mark.parametrize("code", [quality.GLARE, retake.COVERED])
def test_a_part_alone_is_named(code: str) -> None:
    said = {advice.sentence(Advice(code, 1.0, None, part)).zh for part in PARTS}
    assert len(said) == len(PARTS)
