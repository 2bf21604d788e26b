"""A straightened page and the way back to the photo."""

from __future__ import annotations

import dataclasses as dc

import cv2
import numpy as np

from ocr import geometry
from ocr.geometry import Matrix, Picture
from ocr.reading import Point, Quad

_QUARTER_TURNS = {
    1: cv2.ROTATE_90_CLOCKWISE,
    2: cv2.ROTATE_180,
    3: cv2.ROTATE_90_COUNTERCLOCKWISE,
}


@dc.dataclass(frozen=True, slots=True, eq=False)
class Page:
    """One paper of a photo, cut out and straightened.

    Attributes:
        image: height × width × 3, uint8, BGR.
        to_photo: 3 × 3 homography from page pixels to pixels of the upright photo.
        corners: the paper in the photo, clockwise from the page's own top left.
        rotation: degrees the page was turned clockwise after straightening: 0, 90, 180, 270.
        certainty: 0..1 that the corners are the paper's; 0 where no paper was found and
            the page is the whole photo (perhaps levelled by its lines of text).
    """

    image: Picture
    to_photo: Matrix
    corners: Quad
    rotation: int
    certainty: float

    @property
    def width(self) -> int:
        """Of the page image, pixels."""
        return int(self.image.shape[1])

    @property
    def height(self) -> int:
        """Of the page image, pixels."""
        return int(self.image.shape[0])

    @property
    def from_photo(self) -> Matrix:
        """3 × 3 homography from pixels of the upright photo to page pixels."""
        return np.asarray(np.linalg.inv(self.to_photo), dtype=np.float64)

    def to_photo_point(self, point: Point) -> Point:
        """A page point in pixels of the upright photo."""
        return geometry.map_point(point, self.to_photo)

    def to_photo_quad(self, quad: Quad) -> Quad:
        """A page quad in pixels of the upright photo, the order of its corners kept."""
        return geometry.map_quad(quad, self.to_photo)

    def from_photo_quad(self, quad: Quad) -> Quad:
        """A quad of the upright photo in page pixels, the order of its corners kept."""
        return geometry.map_quad(quad, self.from_photo)

    def rotated(self, quarter_turns: int) -> Page:
        """The page turned clockwise by quarter turns, the way back kept right."""
        turns = quarter_turns % 4
        if turns == 0:
            return self
        image = np.asarray(cv2.rotate(self.image, _QUARTER_TURNS[turns]), dtype=np.uint8)
        back = self.to_photo
        width, height = self.width, self.height
        for _ in range(turns):
            # New (x, y) was old (y, height - 1 - x).
            back = back @ np.array([[0, 1, 0], [-1, 0, height - 1], [0, 0, 1]], dtype=np.float64)
            width, height = height, width
        return Page(
            image=image,
            to_photo=back,
            corners=geometry.turn_quad(self.corners, -turns),
            rotation=(self.rotation + 90 * turns) % 360,
            certainty=self.certainty,
        )


def whole_photo(image: Picture) -> Page:
    """The photo as it is, for when no paper can be told from its ground."""
    height, width = image.shape[:2]
    return Page(
        image=image,
        to_photo=np.eye(3),
        corners=geometry.box_quad(0, 0, width - 1, height - 1),
        rotation=0,
        certainty=0.0,
    )
