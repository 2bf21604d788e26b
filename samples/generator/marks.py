"""What stands on a certificate beside its text: marks, codes, seal, pattern."""

from __future__ import annotations

import cv2
import numpy as np
import zxingcpp
from PIL import Image, ImageDraw

from samples.generator import fonts, seal_ways, square
from samples.generator.content import digits
from samples.generator.paper import PALE, Box, Colour, Mark, Sheet, quad_of
from samples.generator.seal import draw_seal

MARK_COLOURS: tuple[Colour, ...] = ((190, 32, 38), (24, 62, 140), (30, 30, 34))
SEAL_TILT_DEGREES = 12.0
MARK_FACES = ("sans-bold", "zenhei", "sans", "microhei", "serif-bold")
_SUPERSAMPLING = 4


def _badge(letters: str, size: int, colour: Colour) -> Image.Image:
    """A wide C around two letters, as the CMA and CAL marks are built."""
    big = size * _SUPERSAMPLING
    image = Image.new("RGBA", (int(big * 1.5), big), (*colour, 0))
    draw = ImageDraw.Draw(image)
    stroke = big // 8
    box = (stroke // 2, stroke // 2, big * 1.5 - stroke, big - stroke)
    draw.arc(box, 38, 322, fill=(*colour, 255), width=stroke)
    font = fonts.load(fonts.first_of(MARK_FACES), int(big * 0.46))
    draw.text((big * 0.83, big * 0.49), letters, font=font, fill=(*colour, 255), anchor="mm")
    return image.resize((int(size * 1.5), size), Image.Resampling.LANCZOS)


def accreditation_marks(sheet: Sheet, right: float, top: float, size: int, numbers: int) -> float:
    """CMA, CAL, ilac-MRA and CNAS marks in a row, each with its number beneath if it has one.

    Args:
        sheet: to print on.
        right: x where the row ends.
        top: y of the row.
        size: height of a mark, pixels.
        numbers: size of the numbers' type, pixels.

    Returns:
        The x where the row begins.
    """
    colour = MARK_COLOURS[int(sheet.rng.integers(len(MARK_COLOURS)))]
    x = right
    if sheet.has("cnas_no"):
        x = _cnas(sheet, x, top, size, numbers)
        if sheet.cert.ilac:
            x = _ilac(sheet, x, top, size)
    if sheet.cert.cal_no:
        width = size * 1.5
        words = fonts.load(sheet.face, numbers).getlength(sheet.cert.cal_no)
        middle = x - max(width, words) / 2
        _paste(sheet, _badge("AL", size, colour), middle - width / 2, top)
        sheet.write((middle, top + size + 6), sheet.cert.cal_no, numbers, anchor="ma")
        x = middle - max(width, words) / 2 - size * 0.25
    if sheet.has("cma_no"):
        width = size * 1.5
        words = fonts.load(sheet.face, numbers).getlength(sheet.printed("cma_no"))
        middle = x - max(width, words) / 2
        _paste(sheet, _badge("MA", size, colour), middle - width / 2, top)
        sheet.put("cma_no", (middle, top + size + 6), numbers, anchor="ma")
        x = middle - max(width, words) / 2 - size * 0.25
    return x


def _cnas(sheet: Sheet, right: float, top: float, size: int, numbers: int) -> float:
    colour = (24, 62, 140)
    face = fonts.first_of(MARK_FACES)
    words = fonts.load(sheet.face, numbers).getlength(sheet.printed("cnas_no"))
    width = max(size * 1.5, words)
    left = right - width
    middle = left + width / 2
    half = size * 0.75
    oval = (middle - half, top + size * 0.08, middle + half, top + size * 0.62)
    sheet.draw.ellipse(oval, outline=colour, width=max(2, size // 28))
    sheet.write((middle, top + size * 0.35), "CNAS", int(size * 0.34), face, colour, "mm")
    sheet.write((middle, top + size * 0.8), "中国认可 检测", int(size * 0.2), face, colour, "mm")
    sheet.put("cnas_no", (middle, top + size + 6), numbers, anchor="ma")
    return left - size * 0.25


def _ilac(sheet: Sheet, right: float, top: float, size: int) -> float:
    """A stand-in for the mark of mutual recognition: its letters in a frame, no number."""
    colour = (24, 62, 140)
    left = right - size * 1.1
    frame = (left, top + size * 0.08, right, top + size * 0.62)
    sheet.draw.rounded_rectangle(frame, size * 0.14, outline=colour, width=max(2, size // 28))
    middle = ((left + right) / 2, top + size * 0.35)
    sheet.write(middle, "ilac-MRA", int(size * 0.23), fonts.first_of(MARK_FACES), colour, "mm")
    return left - size * 0.1  # the next mark is narrower than its number, and keeps off


def _paste(sheet: Sheet, image: Image.Image, left: float, top: float) -> None:
    sheet.image.paste(image, (int(left), int(top)), image)


def _code_image(text: str, symbology: str, scale: int) -> Image.Image:
    level = {"ec_level": "M"} if symbology == "QRCode" else {}
    kind = getattr(zxingcpp.BarcodeFormat, symbology)
    made = zxingcpp.create_barcode(text, kind, **level)
    return Image.fromarray(np.array(made.to_image(scale=scale, add_quiet_zones=False)))


def qr_code(sheet: Sheet, left: float, top: float, size: int, caption: str = "") -> None:
    """The QR code of the query address, if the certificate has one."""
    text = sheet.cert.query
    if not text:
        return
    image = _code_image(text, "QRCode", 1)
    scale = max(2, size // image.width)
    side = image.width * scale
    x, y = int(left + (size - side) / 2), int(top)
    quiet = scale * 3
    sheet.draw.rectangle((x - quiet, y - quiet, x + side + quiet, y + side + quiet), fill="white")
    sheet.image.paste(image.resize((side, side), Image.Resampling.NEAREST), (x, y))
    facts = {"symbology": "QRCode", "text": text}
    sheet.marks.append(Mark("code", facts, quad_of((x, y, x + side, y + side))))
    if caption:
        at = (x + side / 2, y + side + quiet + 4)
        sheet.write(at, caption, max(18, size // 10), fill=PALE, anchor="ma")


def bar_code(sheet: Sheet, left: float, top: float, width: int, height: int, text: str) -> Box:
    """A Code 128 bar code, about `width` pixels wide.

    Returns:
        Its box on the sheet.
    """
    one = _code_image(text, "Code128", 1)
    scale = max(2, round(width / one.width))
    image = one.resize((one.width * scale, height), Image.Resampling.NEAREST)
    x, y = int(left), int(top)
    quiet = scale * 10
    white = (x - quiet, y - 4, x + image.width + quiet, y + height + 4)
    sheet.draw.rectangle(white, fill="white")
    sheet.image.paste(image, (x, y))
    box = (x, y, x + image.width, y + height)
    facts = {"symbology": "Code128", "text": text}
    sheet.marks.append(Mark("code", facts, quad_of(box)))
    return box


def stamp(sheet: Sheet, centre: tuple[float, float], size: int) -> None:
    """Stamps the seal over what is printed: ink is multiplied, not pasted.

    Args:
        sheet: to stamp.
        centre: of the seal, unless its way puts it elsewhere.
        size: of its longer axis, pixels.
    """
    cert = sheet.cert
    way = seal_ways.way(cert.seal_way)
    if cert.seal_name:
        tone = sheet.rng.integers((185, 15, 25), (225, 50, 55))
        colour = way.colour or (int(tone[0]), int(tone[1]), int(tone[2]))
        shape = way.shape or cert.seal_shape
        kind = cert.seal_kind if shape != "square" else ""
        _press(sheet, seal_ways.centre(way, sheet, centre, size), size, colour, kind, shape)
        if way.second:
            _press(sheet, seal_ways.beside(sheet, centre, size), size, colour, "", "round")
    if way.decoy:
        at = seal_ways.beside(sheet, centre, size) if cert.seal_name else centre
        sheet.refresh(seal_ways.DECOYS[way.decoy](sheet.image, at, size, sheet.rng))


def _press(
    sheet: Sheet,
    centre: tuple[float, float],
    size: int,
    colour: Colour,
    kind: str,
    shape: str,
) -> None:
    """One impression, in the certificate's way, noted among the sheet's marks."""
    cert, way = sheet.cert, seal_ways.way(sheet.cert.seal_way)
    star = shape == "round"
    # A company's own seal has the police's register number where others have their kind;
    # both at once leave no room that a reader, or a person, could read.
    number = "" if kind or not star else digits(sheet.rng, 13)
    seal = draw_seal(
        cert.seal_name, kind, shape=shape, size=size, rng=sheet.rng, colour=colour,
        star=star, number=number,
    )  # fmt: skip
    if way.strength < 1:
        seal.putalpha(seal.getchannel("A").point(lambda value: int(value * way.strength)))
    tilt = float(sheet.rng.uniform(-SEAL_TILT_DEGREES, SEAL_TILT_DEGREES))
    if way.tilt:
        tilt += way.tilt * float(sheet.rng.choice((-1, 1)))
    turned = seal.rotate(tilt, expand=True, resample=Image.Resampling.BICUBIC)
    corner = (round(centre[0] - turned.width / 2), round(centre[1] - turned.height / 2))
    sheet.refresh(_multiply(sheet.image, turned, corner))
    half = np.array([seal.width, seal.height]) / 2
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * half
    angle = np.deg2rad(-tilt)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    name = square.filled(cert.seal_name) if shape == "square" else cert.seal_name
    facts = {"name": name, "kind": kind, "shape": shape}
    sheet.marks.append(Mark("seal", facts, corners @ turn.T + np.array(centre)))


def _multiply(image: Image.Image, ink: Image.Image, corner: tuple[int, int]) -> Image.Image:
    place = (*corner, corner[0] + ink.width, corner[1] + ink.height)
    paper = np.asarray(image.crop(place), np.float32)
    red = np.asarray(ink, np.float32)
    alpha = red[..., 3:] / 255
    tint = 1 - alpha * (1 - red[..., :3] / 255)
    image.paste(Image.fromarray((paper * tint).clip(0, 255).astype(np.uint8)), corner)
    return image


def guilloche(sheet: Sheet, colour: Colour, strength: float) -> None:
    """A light pattern of interlaced waves behind the text.

    Args:
        sheet: to print on.
        colour: of the lines.
        strength: of the lines against the paper, 0..1.
    """
    width, height = sheet.image.size
    layer = np.array(sheet.image)
    lines = layer.copy()
    x = np.linspace(0, width, 400)
    phase = sheet.rng.uniform(0, 6.28, 3)
    for row in range(36):
        base = height * (row + 0.5) / 36
        swing = np.sin(x / width * 9 + phase[0] + row * 0.35) * height * 0.05
        swing += np.sin(x / width * 23 - phase[1] + row * 0.21) * height * 0.018
        points = np.stack([x, base + swing], axis=1).round().astype(np.int32)
        cv2.polylines(lines, [points], isClosed=False, color=colour, lineType=cv2.LINE_AA)
    for ring in range(18):
        axes = (int(width * (0.08 + ring * 0.014)), int(height * (0.06 + ring * 0.011)))
        turn = float(np.rad2deg(phase[2])) + ring * 10
        centre = (width // 2, height // 2)
        cv2.ellipse(lines, centre, axes, turn, 0, 360, colour, 1, cv2.LINE_AA)
    mixed = cv2.addWeighted(layer, 1 - strength, lines, strength, 0)
    sheet.refresh(Image.fromarray(mixed))
