"""How a sheet lies before a pinhole camera: turned, leaning away, folded, near or far."""

from __future__ import annotations

import dataclasses as dc
import math

import cv2
import numpy as np
from numpy.typing import NDArray

from samples.generator.camera import Matrix, map_points

Points = NDArray[np.float64]
Size = tuple[int, int]

MOST_LEAN = 25.0  # degrees that a phone is held off the paper's upright
FOLD = (5.0, 14.0)  # degrees that each half of a folded paper stands up
CREASE = (0.4, 0.6)  # of the side across which the crease runs
# Of the paper's diagonal: a phone's main lens (79 degrees corner to corner) sees a paper
# that fills its picture from 0.6; people stand a little further off.
DISTANCE = (1.0, 1.8)


@dc.dataclass(frozen=True, slots=True)
class Crease:
    """A fold across a sheet.

    Attributes:
        upright: whether it runs from top to bottom, else from left to right.
        at: sheet pixels from the left (or the top).
        lifts: degrees that the part before it and the part behind it stand up.
    """

    upright: bool
    at: float
    lifts: tuple[float, float]


@dc.dataclass(frozen=True, slots=True)
class Pose:
    """How a sheet lies.

    Attributes:
        turn: degrees clockwise in the photo.
        lean: degrees between the paper's upright and the camera's axis.
        towards: degrees, the direction in the photo that it leans away to.
        distance: of the camera, in diagonals of the sheet.
        crease: where it is folded, or None.
    """

    turn: float
    lean: float
    towards: float
    distance: float
    crease: Crease | None = None


@dc.dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """A flat part of a sheet in the photo.

    Attributes:
        outline: 4 × 2 corners on the sheet.
        homography: 3 × 3, sheet pixels to photo pixels.
    """

    outline: Points
    homography: Matrix

    def corners(self) -> Points:
        """The outline in the photo, 4 × 2."""
        return map_points(self.homography, self.outline)


def flat(size: Size, homography: Matrix) -> Panel:
    """The whole of a sheet of that width and height, without a fold."""
    return Panel(_box(0, 0, *size), homography)


def draw(rng: np.random.Generator, *, lean: float, turn: float) -> Pose:
    """A pose by lot, leaning that much to any side."""
    return Pose(turn % 360, lean, float(rng.uniform(0, 360)), float(rng.uniform(*DISTANCE)))


def fold(size: Size, rng: np.random.Generator) -> Crease:
    """A crease across the middle of a sheet of that width and height: across its long side."""
    width, height = size
    upright = width > height
    at = float(rng.uniform(*CREASE)) * (width if upright else height)
    first, second = (float(v) for v in rng.uniform(*FOLD, 2))
    return Crease(upright, at, (first, second))


def outlines(size: Size, crease: Crease | None) -> list[Points]:
    """The sheet's flat parts, each by its four corners, clockwise from its top left."""
    width, height = size
    if crease is None:
        return [_box(0, 0, width, height)]
    if crease.upright:
        return [_box(0, 0, crease.at, height), _box(crease.at, 0, width, height)]
    return [_box(0, 0, width, crease.at), _box(0, crease.at, width, height)]


def _box(left: float, top: float, right: float, bottom: float) -> Points:
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float64)


def project(size: Size, pose: Pose) -> list[Points]:
    """Corners of each flat part on the picture plane; the scale at the sheet's middle is 1.

    Args:
        size: width and height of the sheet.
        pose: how it lies.

    Returns:
        For each of `outlines` its corners, 4 × 2, about the sheet's middle.
    """
    width, height = size
    distance = pose.distance * math.hypot(width, height)
    turn, lean, towards = (math.radians(v) for v in (pose.turn, pose.lean, pose.towards))
    spin = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    axis = np.array([math.sin(towards), -math.cos(towards), 0.0])
    parts = []
    for part, outline in enumerate(outlines(size, pose.crease)):
        flat = _lift(outline, pose.crease, part) - (width / 2, height / 2, 0)
        flat[:, :2] = flat[:, :2] @ spin.T
        tilt, _ = cv2.Rodrigues(axis * lean)
        space = flat @ np.asarray(tilt, np.float64).T
        parts.append(space[:, :2] * (distance / (distance - space[:, 2]))[:, None])
    return parts


def _lift(outline: Points, crease: Crease | None, part: int) -> Points:
    """The part's corners in space, x and y on the sheet and z towards the camera."""
    space = np.hstack([outline, np.zeros((4, 1))])
    if crease is not None:
        angle = math.radians(crease.lifts[part])
        along = 0 if crease.upright else 1
        reach = outline[:, along] - crease.at
        space[:, along] = crease.at + reach * math.cos(angle)
        space[:, 2] = np.abs(reach) * math.sin(angle)
    return space


def fit(
    size: Size,
    pose: Pose,
    cell: tuple[float, float, float, float],
    fill: float,
    shift: tuple[float, float] = (0.0, 0.0),
    scale: float | None = None,
) -> list[Panel]:
    """The sheet set into a part of the photo.

    Args:
        size: width and height of the sheet.
        pose: how it lies.
        cell: left, top, right, bottom in photo pixels.
        fill: share of the cell that it takes up the one way or the other.
        shift: of the room left, -1..1 across and down.
        scale: photo pixels a sheet pixel at the sheet's middle, instead of the fill;
            kept to what the cell holds.

    Returns:
        One panel a flat part.
    """
    parts = project(size, pose)
    every = np.vstack(parts)
    low, high = every.min(axis=0), every.max(axis=0)
    room = np.array([cell[2] - cell[0], cell[3] - cell[1]])
    most = float(np.min(room / (high - low)))
    factor = most * fill if scale is None else min(scale, most * 0.98)
    spare = (room - (high - low) * factor) / 2
    middle = np.array([cell[0] + cell[2], cell[1] + cell[3]]) / 2 + spare * shift
    panels = []
    for outline, part in zip(outlines(size, pose.crease), parts, strict=True):
        corners = (part - (low + high) / 2) * factor + middle
        matrix = cv2.getPerspectiveTransform(outline.astype(np.float32), corners.astype(np.float32))
        panels.append(Panel(outline, np.asarray(matrix, np.float64)))
    return panels
