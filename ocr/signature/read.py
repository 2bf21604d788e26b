"""A page's signatures, and the questions asked of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import cv2
import numpy as np

from ocr import geometry
from ocr.page import Page
from ocr.reading import Field, Quad, Signature
from ocr.signature.compare import Apart, apart
from ocr.signature.find import find_ink
from ocr.signature.ink import pen_ink, without_rules
from ocr.signature.shape import shape_of, unpack
from ocr.signature.written import written
from ocr.witness import Answer

# Only the approver's signature is ever compared; whose else it is nobody keeps specimens.
SIGNED_KEYS = ("approver",)
# From here on ink is a pen's; of 1 094 printed names one came so far (docs/benchmarks.md).
SURELY_WRITTEN = 0.97
# Longest side of a specimen, pixels; more tell nothing more of a signature.
_LONGEST = 600


# Up to the first the same hand's, from the second on another's (`compare.Apart.mean`), if the
# better explained of the two is not near either. Calibrated on generated signatures on
# photographs against specimens (docs/benchmarks.md): 0.115 on the mean for the same hand with
# a deviation of 0.037; none of 380 reached 0.25.
SAME_HAND = 0.17
OTHER_HAND = 0.26
OTHER_HAND_AT_BEST = 0.22
# From here on apart by a wide margin, for ink that is not clear enough to be compared as it is:
# of 397 own hands, soft ones among them, two lay so far, of 50 other people's names nine in ten.
FAR, FAR_AT_BEST = 0.3, 0.28
# Ink lower than this, in pixels of the page, or softer (`ink.sharpness`) is not compared: of
# the hard photographs' own hands those that lay apart were nearly all so.
LOWEST, SOFTEST = 28.0, 0.33


def find_signatures(
    page: Page, labels: Mapping[str, Quad], fields: Mapping[str, Field]
) -> tuple[Signature, ...]:
    """The ink beside the approver's label, whether it could be read or not.

    Args:
        page: straightened and upright, with its seals.
        labels: their places in the photo.
        fields: what was read.
    """
    found = []
    for key in SIGNED_KEYS:
        label, field = labels.get(key), fields.get(key)
        if label is None:
            continue
        others = [
            page.from_photo_quad(part)
            for other, one in fields.items()
            if other != key
            for part in one.parts
        ]
        others += [page.from_photo_quad(box) for other, box in labels.items() if other != key]
        value = page.from_photo_quad(field.box) if field else None
        ink = find_ink(page.image, page.from_photo_quad(label), value, others)
        shape = shape_of(ink.mask) if ink else None
        if ink is None or shape is None:
            continue
        pen = min(1.0, max(0.0, written(ink.mask)))
        clear = ink.sharpness >= SOFTEST and geometry.quad_size(ink.box)[1] >= LOWEST
        found.append(Signature(key, page.to_photo_quad(ink.box), pen, clear, shape.pack()))
    return tuple(found)


def specimen_shape(picture: bytes) -> bytes | None:
    """The packed form of a specimen.

    Args:
        picture: PNG or JPEG, ink on plain paper.

    Returns:
        None where it cannot be opened or holds no ink.
    """
    data = np.frombuffer(picture, np.uint8)
    image = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    if image is None:
        return None
    longest = max(image.shape[:2])
    if longest > _LONGEST:
        share = _LONGEST / longest
        image = cv2.resize(image, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    shape = shape_of(without_rules(pen_ink(np.asarray(image, np.uint8))))
    return shape.pack() if shape else None


def same_hand(shape: bytes, others: Iterable[bytes]) -> Answer:
    """Whether ink and any of several known signatures are one hand's.

    Args:
        shape: the ink's packed form.
        others: packed forms that are known to be a person's.

    Returns:
        AGREES with one of them, DIFFERS from all, or CANNOT_TELL, also where there is none.
    """
    one = unpack(shape)
    answers = [_answer(apart(one, unpack(other))) for other in others]
    if Answer.AGREES in answers:
        return Answer.AGREES
    differs = bool(answers) and all(answer is Answer.DIFFERS for answer in answers)
    return Answer.DIFFERS if differs else Answer.CANNOT_TELL


def far_apart(shape: bytes, others: Iterable[bytes]) -> bool:
    """Whether ink lies by a wide margin from every one of a person's known signatures.

    Args:
        shape: the ink's packed form.
        others: packed forms that are known to be the person's.
    """
    one = unpack(shape)
    found = [apart(one, unpack(other)) for other in others]
    return bool(found) and all(a.mean >= FAR and a.least >= FAR_AT_BEST for a in found)


def _answer(found: Apart) -> Answer:
    if found.mean <= SAME_HAND:
        return Answer.AGREES
    other = found.mean >= OTHER_HAND and found.least >= OTHER_HAND_AT_BEST
    return Answer.DIFFERS if other else Answer.CANNOT_TELL
