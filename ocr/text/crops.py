"""Lines cut out of a page for a recogniser."""

from __future__ import annotations

import numpy as np

from ocr import geometry
from ocr.geometry import Picture
from ocr.reading import Quad

# Upright text this much taller than wide is a line that runs downwards.
VERTICAL_RATIO = 1.5


def crop_line(image: Picture, box: Quad) -> Picture:
    """Cuts a line out, so that it reads from left to right.

    Args:
        image: height × width × 3.
        box: clockwise from the text's own top left.
    """
    crop = geometry.crop_quad(image, box)
    if crop.shape[0] >= crop.shape[1] * VERTICAL_RATIO:
        crop = np.ascontiguousarray(np.rot90(crop))
    return crop
