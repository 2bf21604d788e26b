"""The sheet a certificate is printed on: draws, and remembers where each field stands."""

from __future__ import annotations

import dataclasses as dc
import re

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from samples.generator import demo, fonts, hand
from samples.generator.content import Certificate, choose

Colour = tuple[int, int, int]
Box = tuple[float, float, float, float]
Quad = NDArray[np.float64]

INK: Colour = (28, 28, 32)
PALE: Colour = (105, 105, 112)
LINE_SPACING = 1.38
# Names signed by hand are larger than print, in blue-black, black or blue ink.
SIGNED_SIZE = 1.35
INKS: tuple[Colour, ...] = ((22, 26, 58), (18, 18, 22), (30, 50, 130))
_TOKEN = re.compile(r"(?:GB|DB\d\d)(?:/T)? [\d-]+|[!-~]+| +|.")
_NEVER_FIRST = set("，。、；）：,.;:)】")


@dc.dataclass(frozen=True, slots=True)
class Mark:
    """A code, a seal or a signature on the sheet.

    Attributes:
        kind: `code`, `seal` or `signature`.
        facts: what the truth says of it, without the box.
        quad: 4 × 2 corners on the sheet, clockwise from its own top left.
    """

    kind: str
    facts: dict[str, str]
    quad: Quad


def quad_of(box: Box) -> Quad:
    """Corners of an upright box, clockwise from the top left."""
    left, top, right, bottom = box
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], float)


def wrap(text: str, font: ImageFont.FreeTypeFont, width: float) -> list[str]:
    """Breaks a text into lines, never inside a Latin word, a number or a standard.

    Args:
        text: what is to be set.
        font: it is set in.
        width: of the column, pixels.

    Returns:
        The lines; a token wider than the column stands alone.
    """
    lines = [""]
    for token in _TOKEN.findall(text):
        too_wide = font.getlength(lines[-1] + token.rstrip()) > width
        if too_wide and lines[-1] and token not in _NEVER_FIRST:
            lines.append("")
        lines[-1] += token if lines[-1] else token.lstrip()
    return [line.rstrip() for line in lines]


class Sheet:
    """A page under way.

    Attributes:
        cert: what it says.
        image: RGB picture.
        labels: the label variant that this sheet uses, by contract key.
        boxes: place of each printed field, 4 × 2 corners on the sheet.
        marks: codes and seals.
        written: each printed line with the box of its ink.
        united: keys whose unit stands in the label, so that the value goes without.
    """

    def __init__(
        self,
        cert: Certificate,
        size: tuple[int, int],
        face: str,
        rng: np.random.Generator,
        paper: Colour = (253, 252, 249),
    ) -> None:
        self.cert = cert
        self.face = face
        self.rng = rng
        self.title_face = fonts.first_of(fonts.TITLE_FACES)
        self.hand_face = fonts.first_of(fonts.HAND_FACES)
        self.image = Image.new("RGB", size, paper)
        self.draw = ImageDraw.Draw(self.image)
        self.tables = demo.read_toml("labels")
        self.labels = {key: choose(rng, table["zh"]) for key, table in self.tables.items()}
        self.boxes: dict[str, Quad] = {}
        self.marks: list[Mark] = []
        self.united: set[str] = set()
        self.written: list[tuple[str, Box]] = []

    @property
    def width(self) -> int:
        """Pixels across."""
        return self.image.width

    @property
    def height(self) -> int:
        """Pixels down."""
        return self.image.height

    def refresh(self, image: Image.Image) -> None:
        """Takes a new picture of the same size, after blending."""
        self.image = image
        self.draw = ImageDraw.Draw(image)

    def write(
        self,
        at: tuple[float, float],
        text: str,
        size: int,
        face: str = "",
        fill: Colour = INK,
        anchor: str = "la",
    ) -> Box:
        """Prints one line.

        Args:
            at: where the anchor stands.
            text: one line.
            size: of the type, pixels.
            face: a face of `fonts`, the sheet's own where empty.
            fill: colour of the ink.
            anchor: Pillow's two letters.

        Returns:
            The box of its ink.
        """
        font = fonts.load(face or self.face, size)
        self.draw.text(at, text, font=font, fill=fill, anchor=anchor)
        left, top, right, bottom = self.draw.textbbox(at, text, font=font, anchor=anchor)
        self.written.append((text, (left, top, right, bottom)))
        return (left, top, right, bottom)

    def fit(self, text: str, size: int, width: float, face: str = "") -> int:
        """The largest size up to `size` at which the text is not wider than `width`."""
        length = fonts.load(face or self.face, size).getlength(text)
        return size if length <= width else max(12, int(size * width / length))

    def has(self, key: str) -> bool:
        """Whether the certificate prints this field."""
        return key in self.cert.values

    def printed(self, key: str) -> str:
        """The field as it stands on this sheet; the unit may stand in its label."""
        value = self.cert.values[key]
        return str(value.truth) if key in self.united else value.printed

    def remember(self, key: str, box: Box) -> None:
        """Notes where a field stands; the first place counts."""
        self.boxes.setdefault(key, quad_of(box))

    def put(
        self,
        key: str,
        at: tuple[float, float],
        size: int,
        width: float = 0,
        face: str = "",
        fill: Colour = INK,
        anchor: str = "la",
        words: str = "",
    ) -> float:
        """Prints a field's value and remembers its place.

        Args:
            key: contract key; nothing happens where the certificate lacks it.
            at: top left of the first line, or as the anchor says.
            size: of the type, pixels.
            width: of the column to wrap in; 0 for one line.
            face: a face of `fonts`, the sheet's own where empty.
            fill: colour of the ink.
            anchor: Pillow's two letters.
            words: printed instead of the certificate's own form of the same value.

        Returns:
            The y under the last line.
        """
        if not self.has(key):
            return at[1] + size * LINE_SPACING
        text = words or self.printed(key)
        if key in self.cert.signed:
            return self._sign(key, at, size, text)
        # The old GB 2312 faces have no superscript; their users print the plain figure.
        if not fonts.covers(face or self.face, "³"):
            text = text.replace("³", "3")
        font = fonts.load(face or self.face, size)
        lines = wrap(text, font, width) if width else [text]
        boxes = []
        y = at[1]
        for line in lines:
            boxes.append(self.write((at[0], y), line, size, face, fill, anchor))
            y += size * LINE_SPACING
        spans = np.array(boxes)
        low, high = spans.min(axis=0), spans.max(axis=0)
        self.remember(key, (low[0], low[1], high[2], high[3]))
        return y

    def _sign(self, key: str, at: tuple[float, float], size: int, name: str) -> float:
        """Writes a name by hand, over the line that others stand on; returns the y beneath."""
        one = self.cert.signed[key]
        mask = hand.draw(name, one, round(size * SIGNED_SIZE))
        tall, wide = mask.shape
        # Its own source of chance, so that what is printed after it stays where it was.
        rng = np.random.default_rng([one.seed or 0, ord(key[0])])
        left = round(at[0] + rng.uniform(-0.1, 0.4) * size)
        top = round(at[1] + 0.5 * size - tall / 2 + rng.uniform(-0.25, 0.1) * size)
        ink = Image.new("RGB", (wide, tall), INKS[int(rng.integers(len(INKS)))])
        self.image.paste(ink, (left, top), Image.fromarray(mask))
        box = (left, top, left + wide, top + tall)
        self.remember(key, box)
        facts = {"field": key, "name": name, "how": one.how}
        self.marks.append(Mark("signature", facts, quad_of(box)))
        return at[1] + size * LINE_SPACING

    def label(self, key: str, form: str = "zh") -> str:
        """The label of a field.

        Args:
            key: contract key.
            form: `zh`, `en`, `both` (Chinese and English) or `inner` (justified with spaces).
        """
        english = str(self.tables[key]["en"])
        forms = {
            "zh": self.labels[key],
            "en": english,
            "both": f"{self.labels[key]} {english}",
            "inner": str(self.tables[key]["inner"]),
        }
        if forms[form].split()[0].endswith("(g)"):
            self.united.add(key)
        return forms[form]
