"""A photograph with something the matter: one or two papers, and what befalls them."""

from __future__ import annotations

import dataclasses as dc
import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from samples.generator import camera, lens, overlays, pose, screen, treatments
from samples.generator.camera import Picture, Plane, Strength
from samples.generator.pose import Panel, Points

PAIR_SIDE = 1.3  # long side of a photo of two papers, over that of one
FAR_PRINT = (11.5, 14.0)  # px
WASHED_OUT = 0.88  # share of other light beyond which grain hides what is left of the print
_NEAR_QUARTER = 12.0  # degrees
_SHADES = (0.86, 1.06)  # of a folded paper's halves


@dc.dataclass(frozen=True, eq=False)
class Subject:
    """A sheet to be photographed.

    Attributes:
        page: BGR.
        print_height: px of its body text's characters on the sheet.
        fields: corners of its values on the sheet, each 4 × 2.
    """

    page: Picture
    print_height: float
    fields: Sequence[Points]

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, pixels."""
        return int(self.page.shape[1]), int(self.page.shape[0])


@dc.dataclass(frozen=True, eq=False)
class Laid:
    """Where a sheet came to lie in the photo.

    Attributes:
        panels: its flat parts.
        rotation: degrees clockwise, 0 to 360.
    """

    panels: tuple[Panel, ...]
    rotation: float

    def map_points(self, points: Points) -> Points:
        """Sheet points (n × 2) in photo pixels, each through the part it lies on."""
        mapped = camera.map_points(self.panels[-1].homography, points)
        for panel in self.panels[:-1]:
            low, high = panel.outline.min(axis=0), panel.outline.max(axis=0)
            inside = ((points >= low) & (points <= high)).all(axis=1)
            if inside.any():
                mapped[inside] = camera.map_points(panel.homography, points[inside])
        return mapped


@dc.dataclass(frozen=True, eq=False)
class Scene:
    """A photograph of one or more sheets.

    Attributes:
        image: BGR.
        laid: where each sheet lies, in the order given.
        hidden: height × width, 0..1: how much of each pixel is covered or washed out.
    """

    image: Picture
    laid: tuple[Laid, ...]
    hidden: Plane

    def hides(self, quad: Points, share: float) -> bool:
        """Whether more than that share of a place in the photo (4 × 2) cannot be seen."""
        mask = np.zeros(self.hidden.shape, np.uint8)
        cv2.fillConvexPoly(mask, np.round(quad).astype(np.int32), 1)
        covered = (self.hidden > WASHED_OUT) & (mask > 0)
        return float(covered.sum()) > share * max(1, int(mask.sum()))


def shoot(
    subjects: Sequence[Subject],
    level: str,
    names: Sequence[str],
    rng: np.random.Generator,
) -> Scene:
    """Photographs sheets with treatments.

    Args:
        subjects: one, or two for `pair`.
        level: one of `camera.LEVELS` but `flat`.
        names: of `treatments.TREATMENTS`.
        rng: source of chance.

    Returns:
        The photo, and where everything is.
    """
    strength = camera.STRENGTHS[level]
    size, laid = _place(subjects, level, names, rng)
    ground = _ground(size, names, rng)
    pages = [_prepared(one, names, rng) for one in subjects]
    density = 0.0
    if "moire" in names:
        density = screen.pitch(laid[0].panels[0], subjects[0].size, rng)
        pages = [screen.show(page, density) for page in pages]
    image = ground
    for page, one in zip(pages, laid, strict=True):
        image = _lay(page, image, one.panels, rng)
    if density:
        screen.photograph(image, laid[0].panels[0], density, rng)
    hidden = _cover(image, subjects, laid, names, rng)
    image = camera.expose(image, strength, rng)
    for name in ("shade", "glare"):
        if name == "shade" and name in names:
            overlays.shade(image, rng)
        elif name in names:
            fields = subjects[0].fields
            target = laid[0].map_points(fields[int(rng.integers(len(fields)))])
            np.maximum(hidden, overlays.glare(image, target, rng), out=hidden)
    height = subjects[0].print_height * _scale(laid[0].panels, subjects[0].size)
    image = lens.soften(image, names, height, rng)
    photo = camera.develop(image, dc.replace(strength, quality=_quality(strength, names)), rng)
    photo, factor = lens.send(photo, names, rng)
    return _shrunk(Scene(photo, tuple(laid), hidden), factor)


def _quality(strength: Strength, names: Sequence[str]) -> tuple[int, int]:
    return lens.JPEG if "jpeg" in names else strength.quality


def _place(
    subjects: Sequence[Subject], level: str, names: Sequence[str], rng: np.random.Generator
) -> tuple[tuple[int, int], list[Laid]]:
    """The photo's size (width, height) and where each sheet lies."""
    strength = camera.STRENGTHS[level]
    lean = _lean(level, names, rng)
    turn = _turn(level, names, strength, rng)
    poses = []
    for one in subjects:
        posed = pose.draw(rng, lean=lean, turn=turn + rng.uniform(-4, 4) * (len(subjects) - 1))
        crease = pose.fold(one.size, rng) if "fold" in names else None
        poses.append(dc.replace(posed, crease=crease))
    every = np.vstack(pose.project(subjects[0].size, poses[0]))
    wide, tall = np.ptp(every, axis=0)
    beside = len(subjects) > 1
    # Two papers lie side by side across their narrow way, and the phone is held to suit.
    long = round(strength.long_side * (PAIR_SIDE if beside else 1))
    lies_wide = (wide < tall) if beside else wide > tall
    size = (long, long * 3 // 4) if lies_wide else (long * 3 // 4, long)
    laid = []
    for index, (one, posed) in enumerate(zip(subjects, poses, strict=True)):
        cell = _cell(size, index, len(subjects))
        scale = rng.uniform(*FAR_PRINT) / one.print_height if "far" in names else None
        shift = tuple(float(v) for v in rng.uniform(-0.7, 0.7, 2))
        fill = float(rng.uniform(*strength.fill))
        panels = pose.fit(one.size, posed, cell, fill, (shift[0], shift[1]), scale)
        laid.append(Laid(tuple(panels), posed.turn % 360))
    return size, laid


def _cell(size: tuple[int, int], index: int, count: int) -> tuple[float, float, float, float]:
    width, height = size
    if count == 1:
        return (0, 0, width, height)
    if width > height:
        step = width / count
        return (index * step, 0, (index + 1) * step, height)
    step = height / count
    return (0, index * step, width, (index + 1) * step)


def _lean(level: str, names: Sequence[str], rng: np.random.Generator) -> float:
    if "tilt" in names:
        return float(rng.uniform(18.0, pose.MOST_LEAN))
    return float(rng.uniform(0, pose.MOST_LEAN if level == "hard" else 6.0))


def _turn(level: str, names: Sequence[str], strength: Strength, rng: np.random.Generator) -> float:
    hard = level == "hard" and "pair" not in names and rng.random() < treatments.ANY_TURN
    if "spin" in names or hard:
        return float(rng.uniform(0, 360))
    quarter = int(rng.integers(4)) if level == "hard" else 0
    tilt = _NEAR_QUARTER if level == "hard" else strength.tilt
    return 90.0 * quarter + float(rng.uniform(-tilt, tilt))


def _ground(size: tuple[int, int], names: Sequence[str], rng: np.random.Generator) -> Plane:
    if "moire" not in names:
        return camera.desk_of(size, rng)
    shade = rng.uniform(25, 70)  # a picture viewer's window
    return np.full((size[1], size[0], 3), shade, np.float32)


def _prepared(subject: Subject, names: Sequence[str], rng: np.random.Generator) -> Picture:
    return overlays.stain(subject.page, rng) if "stain" in names else subject.page


def _scale(panels: Sequence[Panel], size: tuple[int, int]) -> float:
    """Photo pixels a sheet pixel, over all of it."""
    area = sum(cv2.contourArea(panel.corners().astype(np.float32)) for panel in panels)
    return math.sqrt(area / (size[0] * size[1]))


def _lay(page: Picture, ground: Plane, panels: Sequence[Panel], rng: np.random.Generator) -> Plane:
    """Puts a sheet on the ground, each flat part lit as it stands, with a soft shadow."""
    height, width = ground.shape[:2]
    scale = _scale(panels, (page.shape[1], page.shape[0]))
    # Shrinking by warping alone would skip pixels; averaging first keeps thin strokes.
    soft = cv2.GaussianBlur(page, (0, 0), 0.45 / scale) if scale < 0.9 else page
    mask = np.zeros((height, width), np.float32)
    turned = np.zeros((height, width, 3), np.float32)
    for panel in panels:
        part = np.zeros(page.shape[:2], np.uint8)
        low, high = (np.round(v).astype(int) for v in (panel.outline[0], panel.outline[2]))
        part[low[1] : high[1], low[0] : high[0]] = 255
        own = cv2.warpPerspective(part, panel.homography, (width, height)).astype(np.float32) / 255
        seen = cv2.warpPerspective(
            soft, panel.homography, (width, height), flags=cv2.INTER_CUBIC,
            borderMode=cv2.BORDER_REPLICATE,
        )  # fmt: skip
        light = np.float32(rng.uniform(*_SHADES) if len(panels) > 1 else 1.0)
        turned += (seen.astype(np.float32) * light - turned) * own[..., None]
        mask = np.maximum(mask, own)
    if len(panels) > 1:
        _crease(turned, panels)
    move = np.array([[1, 0, rng.uniform(-10, 10)], [0, 1, rng.uniform(-10, 10)]], np.float64)
    shadow = cv2.GaussianBlur(cv2.warpAffine(mask, move, (width, height)), (0, 0), 9)
    image = ground * (1 - np.float32(0.45) * shadow[..., None])
    image += (turned - image) * mask[..., None]
    return np.asarray(image, np.float32)


def _crease(turned: Plane, panels: Sequence[Panel]) -> None:
    """The dark line of a fold with its light rim, where the first two parts meet."""
    shared = [p for p in panels[0].outline if (panels[1].outline == p).all(axis=1).any()]
    ends = camera.map_points(panels[0].homography, np.array(shared))
    line = np.full(turned.shape[:2], 255, np.uint8)
    (ax, ay), (bx, by) = np.round(ends).astype(int)
    cv2.line(line, (int(ax), int(ay)), (int(bx), int(by)), 0, 1)
    away = cv2.distanceTransform(line, cv2.DIST_L2, 5)
    gain = 1 - 0.22 * np.exp(-((away / 2.5) ** 2)) + 0.06 * np.exp(-(((away - 7) / 4) ** 2))
    turned *= gain.astype(np.float32)[..., None]


def _cover(
    image: Plane,
    subjects: Sequence[Subject],
    laid: Sequence[Laid],
    names: Sequence[str],
    rng: np.random.Generator,
) -> Plane:
    """Lays sleeve and fingers on, in place; returns what they hide."""
    hidden = np.zeros(image.shape[:2], np.float32)
    for subject, one in zip(subjects, laid, strict=True):
        if "sleeve" in names:
            own = overlays.sleeve(image, one.panels[0], subject.size, rng)
            np.maximum(hidden, own, out=hidden)
    if "hand" in names:
        width, height = subjects[0].size
        outline = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
        own = overlays.hand(image, laid[0].map_points(outline), rng)
        np.maximum(hidden, own, out=hidden)
    return hidden


def _shrunk(scene: Scene, factor: float) -> Scene:
    """The scene's places after the picture was shrunk by a factor."""
    if factor == 1.0:
        return scene
    shrink: NDArray[np.float64] = np.diag([factor, factor, 1.0])
    laid = tuple(
        Laid(
            tuple(dc.replace(p, homography=shrink @ p.homography) for p in one.panels), one.rotation
        )
        for one in scene.laid
    )
    size = (scene.image.shape[1], scene.image.shape[0])
    hidden = cv2.resize(scene.hidden, size, interpolation=cv2.INTER_AREA)
    return Scene(scene.image, laid, np.asarray(hidden, np.float32))
