"""Where a seal lies on a page."""

from __future__ import annotations

import dataclasses as dc
import math

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.reading import Quad
from ocr.seal.density import Image, Plane

Points = NDArray[np.float64]

_ANGLES = 360


@dc.dataclass(frozen=True, slots=True)
class SealPlace:
    """Where a seal's outer edge runs.

    Attributes:
        centre: x and y in the page's pixels.
        axes: half axes of the outer edge of the ring, long one first, pixels; half sides
            (across, down) of a square seal.
        angle: of the first axis against the page's x axis, clockwise, degrees, −90..90.
        shape: `round`, `oval` or `square`.
        score: share of the visible course of ring or frame that carries ink, 0..1.
        ink: one of `density.INKS`.
    """

    centre: tuple[float, float]
    axes: tuple[float, float]
    angle: float
    shape: str
    score: float
    ink: str = "red"

    def outline(self, scale: float = 1.0, count: int = _ANGLES) -> Points:
        """Points on the edge, `scale` times as far out; count × 2.

        They start right of the centre along the long axis and run clockwise. For a square
        seal they run on the ellipse that lies around it.
        """
        if self.shape == "square":
            scale *= math.sqrt(2)
        turn = np.linspace(0, 2 * math.pi, count, endpoint=False)
        return self.at(turn, np.full(count, scale))

    def at(self, turn: NDArray[np.float64], scale: NDArray[np.float64]) -> Points:
        """Points at an ellipse parameter (radians, clockwise) and a share of the radius."""
        tilt = math.radians(self.angle)
        along = self.axes[0] * scale * np.cos(turn)
        across = self.axes[1] * scale * np.sin(turn)
        x = self.centre[0] + along * math.cos(tilt) - across * math.sin(tilt)
        y = self.centre[1] + along * math.sin(tilt) + across * math.cos(tilt)
        return np.stack([x, y], axis=-1)

    def corners(self) -> Points:
        """Corners of the upright seal's bounding box, turned with it, 4 × 2, clockwise."""
        tilt = math.radians(self.angle)
        x = np.array([-1, 1, 1, -1]) * self.axes[0]
        y = np.array([-1, -1, 1, 1]) * self.axes[1]
        along = x * math.cos(tilt) - y * math.sin(tilt) + self.centre[0]
        down = x * math.sin(tilt) + y * math.cos(tilt) + self.centre[1]
        return np.stack([along, down], axis=-1)

    def quad(self) -> Quad:
        """The upright rectangle around the seal, clockwise from the top left."""
        points = self.corners() if self.shape == "square" else self.outline()
        (left, top), (right, bottom) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
        return ((left, top), (right, top), (right, bottom), (left, bottom))

    def scaled(self, factor: float) -> SealPlace:
        """The same seal on a page enlarged by `factor`."""
        return dc.replace(
            self,
            centre=(self.centre[0] * factor, self.centre[1] * factor),
            axes=(self.axes[0] * factor, self.axes[1] * factor),
        )

    def turned(self, quarter_turns: int, width: float, height: float) -> SealPlace:
        """The same seal on a page turned clockwise by quarter turns.

        Args:
            quarter_turns: 0 to 3.
            width: of the page before, pixels.
            height: the same.
        """
        place = self
        for _ in range(quarter_turns):
            x, y = place.centre
            angle = place.angle
            axes = place.axes
            if self.shape == "square":  # stands upright, or nearly: its sides change places
                axes = (axes[1], axes[0])
            else:
                angle += 90.0 if angle < 0 else -90.0
            place = dc.replace(place, centre=(height - 1 - y, x), axes=axes, angle=angle)
            width, height = height, width
        return place


def sample(plane: Plane, points: Points) -> Plane:
    """Values at points (… × 2), linear; 0 outside the picture."""
    return fetch(plane, points).reshape(points.shape[:-1])


def fetch(picture: Image, points: Points) -> Plane:
    """The same of all channels; n × … × channels."""
    x, y = np.moveaxis(points.reshape(points.shape[0], -1, 2).astype(np.float32), -1, 0)
    values = cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    return np.asarray(values, dtype=np.float32)
