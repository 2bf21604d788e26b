"""Papers as printed, with pictures of their pieces, and as other photos show these."""

from __future__ import annotations

import dataclasses as dc
import random
from collections.abc import Collection

import cv2
import numpy as np

from certcheck.numbers import certificate
from ocr.geometry import Picture
from samples.generator import faults
from samples.generator.content import Certificate
from samples.generator.pieces import draw_piece

# Laboratories whose pictures of plain pieces are from stock.
STOCK = ("feng", "ting")
SIDE = 120
# Certificates of a day that an honest laboratory's numbers reach; those of longer serials count
# months.
A_DAY, A_MONTH, DAILY = 300, 3000, 5
# What a paper says of its piece.
PIECE = (
    "mass", "conclusion", "shape", "colour", "refractive_index", "density", "optic_character",
    "magnification", "fluorescence",
)  # fmt: skip


@dc.dataclass(frozen=True)
class Sheet:
    """A paper as printed.

    Attributes:
        cert: what it says.
        piece: its picture.
        stock: whether the picture is one from stock.
    """

    cert: Certificate
    piece: Picture
    stock: bool = False


def drawn(cert: Certificate, seed: int) -> Picture:
    """A picture of a piece with veins of its own, laid down anew."""
    rng = np.random.default_rng(seed)
    picture = np.asarray(draw_piece(cert.picture, cert.hue, SIDE, rng))[..., ::-1]
    flat = picture.astype(np.float32)
    stone = (np.abs(flat.mean(axis=2) - np.median(flat[:4])) > 12).astype(np.float32)
    for cells, strength in ((6, 22), (12, 16), (24, 10)):
        veins = cv2.resize(
            rng.normal(0, strength, (cells, cells)).astype(np.float32), (SIDE, SIDE),
            interpolation=cv2.INTER_CUBIC,
        )  # fmt: skip
        flat += (veins * stone)[..., None]
    turn = cv2.getRotationMatrix2D((SIDE / 2, SIDE / 2), rng.uniform(-8, 8), rng.uniform(0.9, 1.05))
    out = cv2.warpAffine(flat, turn, (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(np.clip(out, 0, 255), np.uint8)


def taken(picture: Picture, rng: np.random.Generator) -> Picture:
    """A picture on another photo: crop, light, blur, grain, compression."""
    corners = np.array([[0, 0], [SIDE, 0], [SIDE, SIDE], [0, SIDE]], np.float32)
    moved = corners + rng.normal(0, 0.006 * SIDE, (4, 2)).astype(np.float32)
    way = cv2.getPerspectiveTransform(corners, moved)
    out = cv2.warpPerspective(picture, way, (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE)
    light = 1 + rng.uniform(-0.14, 0.14) * np.linspace(-1, 1, SIDE)[None, :, None]
    grey = out * light * (1 + rng.normal(0, 0.05, 3)) + rng.normal(0, 3, out.shape)
    soft = cv2.GaussianBlur(np.clip(grey, 0, 255).astype(np.uint8), (0, 0), rng.uniform(0.2, 0.8))
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(55, 90))]
    data = cv2.imencode(".jpg", soft, quality)[1]
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def fresh(
    seed: int, rng: random.Random, like: Certificate | None = None, used: Collection[str] = ()
) -> Sheet:
    """A new paper; one of the same laboratory and kind of piece where one is given.

    Args:
        seed: of the paper.
        rng: of its number.
        like: the one given.
        used: numbers that are taken.
    """
    for attempt in range(50):
        lab_id = like.lab.lab_id if like else None
        cert = faults.carry_out(
            faults.plan(None), lab_id, np.random.default_rng(seed * 50 + attempt)
        )
        if like is None or cert.picture == like.picture:
            break
    cert = early(cert, rng, used)
    stock = cert.lab.lab_id in STOCK and cert.picture in ("bangle", "beads", "ring")
    return Sheet(cert, drawn(cert, hash_of(cert) if stock else seed), stock)


def early(cert: Certificate, rng: random.Random, used: Collection[str]) -> Certificate:
    """The paper with a number that its laboratory reaches on its day, where numbers count days."""
    own = str(cert.values["certificate_no"].truth)
    parts = certificate.parse(own, names=[cert.lab.name])
    if parts is None or parts.date is None or not parts.serial.isdigit():
        return cert
    most, width = A_DAY if len(parts.serial) <= DAILY else A_MONTH, len(parts.serial)
    number = own
    while number in used or number == own:
        number = own[:-width] + f"{rng.randrange(1, most):0{width}}"
    return dc.replace(
        cert.with_values(certificate_no=number), query=cert.query.replace(own, number)
    )


def hash_of(cert: Certificate) -> int:
    """The number of a laboratory's stock picture for a kind of piece and a colour."""
    return sum(map(ord, cert.lab.lab_id + cert.picture + cert.hue))


def following(sheet: Sheet, other: Sheet, used: set[str]) -> Sheet:
    """A paper of another piece with the next number of a paper's series, its day and people."""
    own = number = str(sheet.cert.values["certificate_no"].truth)
    while number in used:
        number = number[:-4] + f"{(int(number[-4:]) + 1) % 10000:04}"
    of_piece = {key: one for key, one in other.cert.values.items() if key in PIECE}
    cert = dc.replace(
        sheet.cert.without(*PIECE).with_values(certificate_no=number, **of_piece),
        query=sheet.cert.query.replace(own, number), picture=other.cert.picture,
        hue=other.cert.hue,
    )  # fmt: skip
    return Sheet(cert, other.piece, other.stock)


def issued_anew(sheet: Sheet, other: Sheet) -> Sheet:
    """A paper of the same piece with another's number, day and people."""
    of_piece = {key: one for key, one in sheet.cert.values.items() if key in PIECE}
    cert = other.cert.without(*PIECE).with_values(**of_piece)
    return Sheet(cert, sheet.piece, sheet.stock)
