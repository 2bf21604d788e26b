"""A photo with the places that its report speaks of, each in the colour of what was found.

    python -m certcheck.annotate PHOTO OUT.jpg

Made from the JSON report alone. Labels are the contract's own keys and statuses, which are
Latin letters: the font inside Pillow is enough, and none has to be installed.
"""

from __future__ import annotations

import argparse
import dataclasses as dc
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from PIL import Image, ImageDraw, ImageFont

from certcheck import files
from certcheck.check import check_bytes
from certcheck.errors import CertcheckError, Problem, explain
from certcheck.finding import Status, worst
from ocr import geometry
from ocr.errors import OcrError
from ocr.photo import Photo, load
from ocr.reading import Quad
from registry import store
from registry.errors import RegistryError
from registry.lookup import Registry

JSON = Mapping[str, Any]
Font = ImageFont.ImageFont | ImageFont.FreeTypeFont

# The page's colours (web/static/style.css), on white; the word beside a place says the same
# to who cannot tell them apart.
COLOURS: Mapping[Status, str] = {
    Status.INCONSISTENT: "#a3231b",
    Status.SUSPECTED: "#8a4b00",
    Status.UNVERIFIABLE: "#4a5568",
    Status.CONSISTENT: "#1b6a4f",
    Status.ADVICE: "#1f4f86",
    Status.NOT_APPLICABLE: "#5c655f",
}
INK, GROUND = "#1c2320", "#ffffff"
# A place that was read and that no rule speaks of.
READ = "read"
# Sharp enough for the print to be read, small enough for a document.
LONGEST_SIDE = 1400
JPEG_QUALITY = 75
# Of the picture's longest side.
_FONT_SHARE = 1 / 82
_LINE_SHARE = 1 / 500
# Statuses whose word stands beside the place, not only in the legend.
_WORDED = (Status.INCONSISTENT, Status.SUSPECTED, Status.UNVERIFIABLE)


@dc.dataclass(frozen=True, slots=True)
class Mark:
    """A place on the photo.

    Attributes:
        key: contract field key, `seal`, `code`, or a code's symbology.
        corners: in pixels of the upright photo.
        status: the worst that is said of the place; None where no rule speaks of it.
    """

    key: str
    corners: Quad
    status: Status | None

    @property
    def label(self) -> str:
        """The key, with the status where it is not good."""
        return f"{self.key}: {self.status}" if self.status in _WORDED else self.key

    @property
    def colour(self) -> str:
        """Of frame and label."""
        return COLOURS[self.status or Status.NOT_APPLICABLE]


def marks(report: JSON) -> list[Mark]:
    """Every place of a report, once; the worst last, so that nothing covers it.

    Args:
        report: `certcheck.report/1`.
    """
    said: dict[Quad, list[Status]] = {}
    keys: dict[Quad, str] = {}
    for key, box in _places(report):
        keys.setdefault(geometry.as_quad(box), key)
    for item in report["items"]:
        for finding in item["findings"]:
            for evidence in filter(lambda one: one["box"], finding["evidence"]):
                corners = geometry.as_quad(evidence["box"])
                keys.setdefault(corners, evidence["field"])
                said.setdefault(corners, []).append(Status(finding["status"]))
    found = [Mark(key, box, worst(said[box]) if box in said else None) for box, key in keys.items()]
    order = [None, *reversed(Status)]
    return sorted(found, key=lambda mark: order.index(mark.status))


def annotate(picture: Image.Image, reports: Sequence[JSON]) -> Image.Image:
    """Draws the places of every report of one page.

    Args:
        picture: the upright page, RGB, of the size that the reports name.
        reports: of the certificates on it.

    Returns:
        A new picture, LONGEST_SIDE at most, with a legend below.
    """
    scale = min(1.0, LONGEST_SIDE / max(picture.size))
    size = (round(picture.width * scale), round(picture.height * scale))
    font = ImageFont.load_default(max(picture.size) * scale * _FONT_SHARE)
    line = max(2, round(max(size) * _LINE_SHARE))
    found = [
        dc.replace(mark, corners=_around(mark.corners, scale, line))
        for report in reports
        for mark in marks(report)
    ]
    strip = round(2 * _text_size("A", font)[1])
    canvas = Image.new("RGB", (size[0], size[1] + strip), GROUND)
    canvas.paste(picture.resize(size, Image.Resampling.LANCZOS))
    draw = ImageDraw.Draw(canvas)
    for mark in found:
        draw.polygon(mark.corners, outline=mark.colour, width=line)
    taken = [mark.corners for mark in found]
    # The worst chooses its place first.
    for mark in reversed(found):
        at = _free_place(mark, _text_size(mark.label, font), size, taken)
        taken.append(at)
        _write(draw, at, mark, font)
    _legend(draw, found, font, size[1], strip)
    return canvas


def _places(report: JSON) -> Iterator[tuple[str, Sequence[Sequence[float]]]]:
    """What was read and where, judged or not."""
    for key, field in report["fields"].items():
        if field["box"]:
            yield key, field["box"]
    for seal in report["seals"]:
        yield "seal", seal["box"]
    for code in report["codes"]:
        yield code["symbology"], code["box"]


def _around(quad: Quad, scale: float, line: int) -> Quad:
    """The place in the drawn picture, a little larger: the frame does not lie on the print."""
    drawn = geometry.as_quad(geometry.as_array(quad) * scale)
    return geometry.pad_quad(drawn, line, line)


def _text_size(text: str, font: Font) -> tuple[float, float]:
    """Width of the text and height of a line, with a margin of a quarter line around."""
    _, top, _, bottom = font.getbbox("Ag")
    margin = (bottom - top) / 2
    return font.getlength(text) + margin, bottom - top + margin


def _free_place(
    mark: Mark, size: tuple[float, float], picture: tuple[int, int], taken: Sequence[Quad]
) -> Quad:
    """Beside the mark, inside the picture, where it hides least."""
    left, top, right, bottom = geometry.bounds(mark.corners)
    width, height = size
    # Not to the left of it, where on most certificates its printed label stands.
    tried = [
        (left, top - height), (right, (top + bottom - height) / 2), (left, bottom),
        (right - width, top - height), (right - width, bottom), (left, top),
    ]  # fmt: skip
    places = [
        geometry.box_quad(
            max(0.0, min(x, picture[0] - width)), max(0.0, min(y, picture[1] - height)), *size
        )
        for x, y in tried
    ]
    return min(places, key=lambda place: sum(geometry.overlap(place, one) for one in taken))


def _write(
    draw: ImageDraw.ImageDraw,
    at: Quad,
    mark: Mark,
    font: Font,
) -> None:
    draw.rectangle(geometry.bounds(at), fill=mark.colour)
    draw.text(geometry.centre(at), mark.label, GROUND, font, anchor="mm")


def _legend(
    draw: ImageDraw.ImageDraw,
    found: Sequence[Mark],
    font: Font,
    top: int,
    strip: int,
) -> None:
    """The colours that occur, the worst first."""
    words = {mark.colour: str(mark.status or READ) for mark in reversed(found)}
    x, middle, side = strip / 2, top + strip / 2, strip / 4
    for colour, word in words.items():
        draw.rectangle((x, middle - side / 2, x + side, middle + side / 2), fill=colour)
        draw.text((x + 2 * side, middle), word, INK, font, anchor="lm")
        x += 4 * side + font.getlength(word)


def main() -> None:
    """Checks a photo and writes it with its places; one picture a page."""
    parser = argparse.ArgumentParser(prog="python -m certcheck.annotate", description=__doc__)
    parser.add_argument("photo", type=Path)
    parser.add_argument("out", type=Path, help="picture to write; page 2 goes to OUT-2")
    parser.add_argument("--database", metavar="URL", help="as for certcheck check")
    wanted = parser.parse_args()
    try:
        data = files.read(wanted.photo)
        photos = load(data, str(wanted.photo))
        registry = Registry(store.open_registry(wanted.database))
        reports = [one.to_json() for one in check_bytes(data, str(wanted.photo), registry)]
    except (CertcheckError, OcrError, RegistryError) as error:
        _fail(explain(error))
    for photo in photos:
        out = wanted.out
        if photo.page > 1:
            out = out.with_stem(f"{out.stem}-{photo.page}")
        here = [one for one in reports if one["photo"]["page"] == photo.page]
        annotate(_picture(photo), here).save(out, quality=JPEG_QUALITY)


def _picture(photo: Photo) -> Image.Image:
    return Image.fromarray(photo.image[:, :, ::-1].copy())


def _fail(problem: Problem) -> NoReturn:
    for text in (problem.message, problem.next_step):
        sys.stderr.write(f"{text.zh}\n{text.en}\n")
    sys.exit(problem.exit_status)


if __name__ == "__main__":
    main()
