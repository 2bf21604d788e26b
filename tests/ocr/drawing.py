"""Papers and photos of them, drawn here so that the truth is known to the pixel."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from ocr.geometry import Matrix, as_array, box_quad, homography, map_quad
from ocr.photo import Photo
from ocr.reading import Quad

Picture = npt.NDArray[np.uint8]

DESKS = ("plain", "wood", "cloth", "checked", "dark", "light")
PAPERS = {
    "white": (246, 248, 248),
    "cream": (214, 236, 246),
    "blue": (240, 226, 205),
    "green": (215, 235, 215),
    "red cover": (40, 30, 140),
    "blue cover": (120, 50, 30),
}


def photo_of(image: Picture) -> Photo:
    return Photo(image, 1, image.shape[1], image.shape[0], "0" * 64)


def draw_print(
    image: Picture, box: tuple[int, int, int, int], size: int, ink: tuple[int, int, int], seed: int
) -> None:
    """Lines of square characters made of strokes, as Chinese print has them, in a box."""
    rng = np.random.default_rng(seed)
    left, top, right, bottom = box
    y = top
    while y + size <= bottom:
        x, end = left, left + int((right - left) * rng.uniform(0.35, 1.0))
        while x + size <= end:
            _draw_character(image, (x, y), size, ink, rng)
            x += round(size * 1.12)
        y += round(size * rng.choice([1.7, 2.1]))


def _draw_character(
    image: Picture, at: tuple[int, int], size: int, ink: tuple[int, int, int],
    rng: np.random.Generator,
) -> None:  # fmt: skip
    x, y = at
    thick = max(1, size // 11)
    rows = np.linspace(y + thick, y + size - thick, 4)
    columns = np.linspace(x + thick, x + size - thick, 3)
    for row in rng.choice(rows, 3, replace=False):
        cv2.line(image, (x + thick, int(row)), (x + size - thick, int(row)), ink, thick)
    column = int(rng.choice(columns))
    cv2.line(image, (column, y + thick), (column, y + size - thick), ink, thick)
    if rng.random() < 0.5:
        cv2.line(image, (x + thick, y + size - thick), (x + size // 2, y + size // 2), ink, thick)


def draw_paper(
    paper: str = "white", width: int = 1200, height: int = 800, seed: int = 0
) -> Picture:
    """A certificate: frame, heading, two columns, a table, a picture of the stone."""
    colour = PAPERS[paper]
    image = np.full((height, width, 3), colour, np.uint8)
    ink = (40, 40, 40) if sum(colour) > 380 else (120, 190, 215)
    frame = tuple(int(0.8 * c) for c in colour)
    inset = width // 40
    cv2.rectangle(image, (inset, inset), (width - inset, height - inset), frame, 4)
    unit = min(width, height)
    draw_print(image, (width // 3, unit // 12, width * 2 // 3, unit // 6), unit // 16, ink, seed)
    text_right = width * 6 // 10
    draw_print(
        image, (width // 12, unit // 5, text_right, height - unit // 8), unit // 32, ink, seed + 1
    )
    if sum(colour) > 380:
        left, top = width * 65 // 100, height // 4
        cv2.rectangle(image, (left, top), (width * 92 // 100, height * 6 // 10), (70, 60, 50), -1)
        cv2.ellipse(
            image, (width * 78 // 100, height * 42 // 100), (width // 12, unit // 9), 20, 0, 360,
            (90, 190, 120), -1,
        )  # fmt: skip
        seal = (width * 80 // 100, height * 78 // 100)
        cv2.circle(image, seal, unit // 9, (60, 50, 200), 4)
    return image


def draw_desk(desk: str, width: int, height: int, seed: int = 0) -> Picture:
    """A table top."""
    rng = np.random.default_rng(seed)
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    if desk == "wood":
        slow = cv2.GaussianBlur(rng.normal(0, 40, (height, width)).astype(np.float32), (0, 0), 40)
        grain = np.sin((y + 25 * slow) / 9) + 0.6 * np.sin((y + 40 * slow) / 3.1)
        image = np.stack([70 + 8 * grain, 115 + 12 * grain, 160 + 14 * grain], axis=-1)
    elif desk == "cloth":
        weave = 14 * np.sin(x / 2.3) * np.sin(y / 2.7)
        image = np.stack([150 + weave, 120 + weave, 110 + weave], axis=-1)
    elif desk == "checked":
        check = ((x // (width / 14)).astype(int) + (y // (width / 14)).astype(int)) % 2
        image = np.stack([120 + 70 * check, 100 + 60 * check, 150 + 50 * check], axis=-1)
    else:
        colour = {"plain": (120, 130, 125), "dark": (35, 32, 38), "light": (200, 205, 207)}[desk]
        image = np.full((height, width, 3), colour, np.float32)
    image = image + rng.normal(0, 4, (height, width, 1))
    return np.clip(image, 0, 255).astype(np.uint8)


def lay_on_desk(
    paper: Picture, desk: Picture, corners: Quad, *, shade: float = 0.25, blur: float = 0.8,
    noise: float = 4.0, seed: int = 0,
) -> Picture:  # fmt: skip
    """A photograph of the paper, its own corners (from its top left) at the given places."""
    height, width = paper.shape[:2]
    matrix = homography(box_quad(-0.5, -0.5, width, height), corners)
    size = (desk.shape[1], desk.shape[0])
    mask = np.full((height, width), 255, np.uint8)
    placed = cv2.warpPerspective(paper, matrix, size, flags=cv2.INTER_AREA).astype(np.float32)
    cover = cv2.warpPerspective(mask, matrix, size).astype(np.float32)[..., None] / 255
    shadow = cv2.GaussianBlur(np.roll(cover[..., 0], 6, axis=(0, 1)), (0, 0), 7)[..., None]
    image = desk * (1 - 0.35 * shadow * (1 - cover)) * (1 - cover) + placed * cover
    return photograph(image, shade=shade, blur=blur, noise=noise, seed=seed)


def photograph(
    image: npt.NDArray[np.generic], *, shade: float, blur: float, noise: float, seed: int
) -> Picture:
    """Uneven light, a soft lens and a noisy sensor."""
    rng = np.random.default_rng(seed)
    height, width = image.shape[:2]
    x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    angle = rng.uniform(0, 2 * np.pi)
    light = 1 - shade * (0.5 + 0.5 * (x * np.cos(angle) + y * np.sin(angle)))
    lit = cv2.GaussianBlur((image * light[..., None]).astype(np.float32), (0, 0), blur)
    return np.clip(lit + rng.normal(0, noise, lit.shape), 0, 255).astype(np.uint8)


def random_corners(
    paper: Picture, width: int, height: int, rng: np.random.Generator, *, share: float, turn: float
) -> Quad:
    """The paper seen by a hand-held camera: turned by up to `turn` degrees, tilted."""
    tall, wide = paper.shape[:2]
    angle = np.deg2rad(rng.uniform(-turn, turn))
    tilt_x, tilt_y = rng.uniform(-0.35, 0.35, 2)
    corners = as_array(box_quad(-0.5, -0.5, 1, 1)) * (1.0, tall / wide)
    spin = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    corners = corners @ spin.T
    depth = 1 + tilt_x * 0.5 * corners[:, :1] + tilt_y * 0.5 * corners[:, 1:]
    corners = corners / depth
    span = corners.max(axis=0) - corners.min(axis=0)
    corners = corners * (share * min(width / span[0], height / span[1]))
    low, high = corners.min(axis=0), corners.max(axis=0)
    place = rng.uniform(0.2, 0.8, 2)
    room = np.array([width, height]) - (high - low)
    moved = corners - low + place * room
    return tuple((float(px), float(py)) for px, py in moved)  # type: ignore[return-value]


def corner_error(found: Quad, truth: Quad) -> float:
    """Largest distance of a corner to the nearest true one, over the page's diagonal."""
    one, two = as_array(found), as_array(truth)
    distances = np.linalg.norm(one[:, None] - two[None], axis=2)
    diagonal = float(np.linalg.norm(two[0] - two[2]))
    return float(max(distances.min(axis=0).max(), distances.min(axis=1).max())) / diagonal


def mapped(quad: Quad, matrix: Matrix) -> Quad:
    return map_quad(quad, matrix)
