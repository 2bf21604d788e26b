"""A photo read end to end, with engines that work, are missing, or break."""

from __future__ import annotations

import functools
import io
import types
from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from ocr import geometry, readers
from ocr.errors import EngineFailedError, EngineMissingError
from ocr.geometry import Picture
from ocr.likeness.hashes import nearest
from ocr.read import Part, read_photo
from ocr.text.engine import Capability, PageLine, Recognition
from ocr.text.rapid import RapidEngine
from ocr.text.tesseract import TesseractEngine
from ocr.witness import Answer
from samples.generator import Sample, make

SEED = 77
LAB = "yuan"


def encoded(image: Picture, suffix: str = ".png") -> bytes:
    return bytes(cv2.imencode(suffix, image)[1])


@pytest.fixture(scope="module")
def sample() -> Sample:
    return make(SEED, level="mild", layout="card", font="sans", lab_id=LAB)


@pytest.fixture(scope="module")
def part(sample: Sample) -> Part:
    (only,) = read_photo(encoded(sample.image), "card.png")
    return only


def as_truth(part: Part) -> dict[str, Any]:
    fields = part.reading.fields
    return {k: f.value if isinstance(f.value, str) else list(f.value) for k, f in fields.items()}


def test_every_printed_field_is_read_right(part: Part, sample: Sample) -> None:
    assert part.reading.is_certificate
    assert as_truth(part) == sample.truth["fields"]


def test_values_are_where_they_are_printed(part: Part, sample: Sample) -> None:
    for key, true_box in sample.truth["boxes"].items():
        middle = geometry.centre(geometry.as_quad(true_box))
        assert geometry.contains(part.reading.fields[key].box, middle), key


def test_seal_and_codes_come_with_it(part: Part, sample: Sample) -> None:
    assert [s.name for s in part.reading.seals] == [s["name"] for s in sample.truth["seals"]]
    assert {c.text for c in part.reading.codes} == {c["text"] for c in sample.truth["codes"]}


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_paper_lying_any_way_is_read_alike(sample: Sample, part: Part, turns: int) -> None:
    turned = np.ascontiguousarray(np.rot90(sample.image, turns))
    (other,) = read_photo(encoded(turned), "turned.png")
    read, upright = as_truth(other), as_truth(part)
    assert {k: v for k, v in upright.items() if k in read} == read, "nothing is read wrong"
    assert len(read) >= len(upright) - 1
    height, width = turned.shape[:2]
    assert (other.reading.width, other.reading.height) == (width, height)
    mine, kept = (
        next(x for x in one.reading.likenesses if x.of == "piece") for one in (other, part)
    )
    assert nearest(mine.hashes, kept.kept) <= 24, "the picture of the piece is known again"
    # The box starts at the text's own top left, so its top side runs along the print.
    a, b, *_ = other.reading.fields["certificate_no"].box
    along = np.array(b) - np.array(a)
    expected = [(0, -1), (-1, 0), (0, 1)][turns - 1]
    assert np.dot(along / np.linalg.norm(along), expected) > 0.9


def test_the_ink_tells_the_printed_text_from_its_neighbours(part: Part, sample: Sample) -> None:
    truth = sample.truth["fields"]
    number = truth["cma_no"]
    other = number[:-1] + str((int(number[-1]) + 1) % 10)
    answers = [s.answer for s in part.witness.ask_field("cma_no", [number, other])]
    assert answers == [Answer.AGREES, Answer.DIFFERS]
    name = truth["lab_name"]
    forged = name.replace("检验", "鉴定") if "检验" in name else name.replace("检测", "鉴定")
    assert [s.answer for s in part.witness.ask_anywhere([name, forged])] == [
        Answer.AGREES,
        Answer.DIFFERS,
    ]
    assert [s.answer for s in part.witness.ask_seal(0, [name, forged])] == [
        Answer.AGREES,
        Answer.DIFFERS,
    ]


def test_a_field_that_was_not_read_cannot_be_asked(part: Part) -> None:
    assert [s.answer for s in part.witness.ask_field("cnas_no", [])] == []
    missing = next(key for key in ("metal", "website", "cnas_no") if key not in part.reading.fields)
    assert part.witness.ask_field(missing, ["x"])[0].answer is Answer.CANNOT_TELL
    assert part.witness.reread(missing) is None


def test_the_second_engine_reads_a_number_again(part: Part, sample: Sample) -> None:
    again = part.witness.reread("cma_no")
    assert again is not None
    assert (again.value, again.reader) == (sample.truth["fields"]["cma_no"], "tesseract")


def test_tesseract_reads_where_it_is_chosen(sample: Sample) -> None:
    (only,) = read_photo(encoded(sample.image), "card.png", engine="tesseract")
    assert {line.reader for line in only.reading.lines} == {"tesseract"}
    right = [k for k, v in as_truth(only).items() if sample.truth["fields"].get(k) == v]
    assert len(right) >= len(sample.truth["fields"]) // 3


def test_a_picture_without_text_is_no_certificate_and_no_failure() -> None:
    noise = np.random.default_rng(1).integers(90, 130, (300, 400, 3)).astype(np.uint8)
    exif = Image.Exif()
    exif[0x0112] = 6  # turn clockwise to view
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, "PNG", exif=exif)
    (only,) = read_photo(buffer.getvalue(), "stone.png")
    assert (only.reading.width, only.reading.height) == (300, 400), "of the upright photo"
    assert not only.reading.is_certificate
    assert only.reading.lines == ()
    assert only.reading.failures == ()


class BrokenEngine(RapidEngine):
    """Finds lines and breaks on reading them."""

    def read_boxes(
        self,
        image: Picture,
        boxes: Sequence[geometry.Quad],
        known: Mapping[geometry.Quad, Recognition] = types.MappingProxyType({}),
    ) -> list[PageLine]:
        raise EngineFailedError(engine=self.name, detail="planted")


def test_an_engine_that_breaks_is_told_apart_from_an_empty_page(
    sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = BrokenEngine()
    broken = readers.Readers(engine, None, engine, ())
    monkeypatch.setattr("ocr.read.readers", lambda setting: broken)
    (only,) = read_photo(encoded(sample.image), "card.png")
    assert [f.code for f in only.reading.failures] == ["engine.failed"]
    assert only.reading.lines == ()
    assert only.reading.codes and only.reading.seals, "the other readers go on"


@pytest.fixture
def fresh_engines(monkeypatch: pytest.MonkeyPatch) -> None:
    """No engine is loaded; those that are, other tests have again after."""
    monkeypatch.setattr(readers, "_load", functools.cache(readers._load.__wrapped__))


def _missing() -> Any:
    raise EngineMissingError(engine="planted", detail="planted")


def test_without_the_first_engine_the_second_reads(
    monkeypatch: pytest.MonkeyPatch, fresh_engines: None
) -> None:
    monkeypatch.setitem(readers._ENGINES, "rapidocr", _missing)  # type: ignore[arg-type]
    found = readers.readers()
    assert found.first.name == "tesseract"
    assert found.rapid is None
    assert [(f.reader, f.code) for f in found.failures] == [("rapidocr", "engine.missing")]


def test_without_any_engine_the_error_says_so(
    monkeypatch: pytest.MonkeyPatch, fresh_engines: None
) -> None:
    for name in readers.ORDER:
        monkeypatch.setitem(readers._ENGINES, name, _missing)  # type: ignore[arg-type]
    with pytest.raises(EngineMissingError):
        readers.readers()


def test_the_engine_is_chosen_by_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(readers.ENGINE_SETTING, "tesseract")
    assert readers.readers().first.name == "tesseract"
    assert readers.readers("rapidocr").first.name == "rapidocr"
    with pytest.raises(EngineMissingError):
        readers.readers("no-such-engine")


def test_engines_keep_the_interface(engine: RapidEngine) -> None:
    for one in (engine, TesseractEngine()):
        assert one.version
        assert {"zh", "en"} <= one.languages
        assert {Capability.PAGE, Capability.LINE} <= one.capabilities
        blank = np.full((60, 400, 3), 255, np.uint8)
        assert one.read_page(blank) == []
        assert one.read_lines([blank[:1]]) == [Recognition("", 0.0)]
