"""Which part of a photo is paper.

A wrong quad is worse than the whole picture: it cuts print off and bends the rest. So
every candidate must show edges under its sides, a paper's form, and the print inside
it; where none does, the whole photo is the page, levelled by its lines of text.
"""

from __future__ import annotations

import dataclasses as dc
import itertools
import math

import cv2
import numpy as np

from ocr import cores, geometry
from ocr.geometry import Matrix, Picture
from ocr.page import candidates, edges, segments
from ocr.page.lines import LineAngle, ink_pieces, line_angle
from ocr.page.model import Page, whole_photo
from ocr.photo import Photo
from ocr.pixels import at_most
from ocr.reading import Quad

MAX_LONG_SIDE = 2400  # px of a page: 8-point print on A4 is 28 px; finer only costs time
_SEARCH_SIDE = 480  # px: candidates are found here
_SCORE_SIDE = 720  # px: and tested here
_SCORE_SAMPLES = 48  # places along each side: many quads are tested
_REFINE_SIDE = 1600  # px: and their sides set here
_MARGIN = 0.008  # of the page, left around the corners found: they are a little off
_ASPECT = (0.38, 2.65)  # width over height of a certificate, folded card to slip, tilted
_CORNER = (50.0, 130.0)  # degrees a rectangle's corner shows in a hand-held photo
_OUTSIDE = 0.30  # of the paper, at most, beyond the photo's edge
_SIDE_MEAN, _SIDE_WORST = 0.75, 0.55  # least support of all sides, and of the worst
_OPEN_WORST = 0.80  # the worst where the paper is said to go on beyond the photo
_IN_VIEW = 0.95  # of the sides, below which the paper goes on beyond the photo
_WHOLE = 0.93  # a quad over this share of the photo is a scan with a rim
_PRINT = 0.60  # of the photo's print that papers must hold together
_INKED = 0.004  # of a paper's area, at least, is print: below it is a blank thing
_SECOND = 0.35  # a second paper's area over the first's, at least
_SAME = 0.93  # overlap of candidates that are the same paper
_CLEARER = 0.07  # of score: two papers' edges over those of a rectangle around both
_APART = 0.02  # overlap that two papers lying apart may seem to have
_PANELS = 12  # best candidates looked at for panels of one folder
_UNION = 0.90  # two quads filling this share of the quad around them are one folder
_FLUSH = 0.012  # of the long side: sides this near each other are the same
_BEYOND = 0.6  # least share of edge along a band that a paper is said to have
_NEARLY = 0.1  # of edge by which a larger rectangle may have less than the clearest
_CUT = 0.1  # of the sides, at most, that a band may carry out of view
_MAT = 1.6  # area of a rectangle apart on all sides over the paper's: beyond it, a mat or a book
_LEVEL = 15.0  # degrees of skew that are put right where no paper was found
_LEVEL_LEAST = 0.4  # degrees below which a turn would only cost sharpness
_LEVEL_SURE = 0.45  # certainty of the lines' angle needed for turning by it
_QUARTER_SURE = 0.5  # and for turning the page by a quarter


@dc.dataclass(frozen=True, slots=True)
class _Candidate:
    quad: Quad  # in pixels of the scoring picture
    score: float
    share: float  # of the photo's area
    in_view: float  # share of the sides that lie inside the photo


def find_pages(photo: Photo) -> list[Page]:
    """The papers of a photo, left to right and top to bottom.

    Lines of print lie level in every page as far as that can be told without reading;
    whether a page stands on its head is for the text reader to say (`Page.rotated`).

    Args:
        photo: as loaded.

    Returns:
        At least one page: the whole photo where no paper is told from its ground.
    """
    papers = _papers(photo.image)
    if not papers:
        return [_stand(_levelled(photo.image))]
    return [_stand(_straightened(photo.image, quad, certainty)) for quad, certainty in papers]


def _papers(image: Picture) -> list[tuple[Quad, float]]:
    """Corners in photo pixels with a certainty, in reading order; empty when in doubt."""
    fine, up = at_most(image, _REFINE_SIDE)
    middle, scale = at_most(image, _SCORE_SIDE)
    small, down = at_most(middle, _SEARCH_SIDE)
    down *= scale
    if min(small.shape[:2]) < 40:
        return []
    soft = edges.lab(_softened(middle, 1.0))
    asked_segments = cores.beside(lambda: segments.propose(small, candidates.MIN_SHARE))
    asked_fine = cores.beside(lambda: _softened(fine, 1.2))
    quads = candidates.propose(small) + asked_segments()
    found = _scored(soft, [_scaled(quad, scale / down) for quad in quads])
    best = _distinct(found)
    chosen = _choose(_distinct(best + _folders(soft, best)))
    chosen = [_outermost(soft, one, found, [two for two in chosen if two != one]) for one in chosen]
    if not chosen or not _holds_print(middle, [c.quad for c in chosen]):
        return []
    finest = asked_fine()
    reach = 0.012 * max(fine.shape[:2])
    rough = [_scaled(candidate.quad, up / scale) for candidate in chosen]
    set_ = edges.refine(finest, edges.refine(finest, rough, reach), reach / 2)
    papers = [
        (_scaled(quad, 1 / up), min(1.0, candidate.score))
        for quad, candidate in zip(set_, chosen, strict=True)
    ]
    return sorted(papers, key=lambda paper: _reading_order(paper[0], image.shape[0]))


def _softened(image: Picture, sigma: float) -> Picture:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), dtype=np.uint8)


def _scaled(quad: Quad, factor: float) -> Quad:
    """A quad in a picture resized by the factor (pixel centres at whole numbers)."""
    return geometry.as_quad((geometry.as_array(quad) + 0.5) * factor - 0.5)


def _scored(soft: edges.Soft, quads: list[Quad]) -> list[_Candidate]:
    """Those of the quads that have a paper's form and edges, their sides set."""
    height, width = soft.shape[:2]
    formed = [quad for quad in quads if _has_form(quad, width, height)]
    moved = [
        after if _has_form(after, width, height) else before
        for before, after in zip(
            formed,
            edges.refine(soft, formed, 0.008 * max(width, height), _SCORE_SAMPLES),
            strict=True,
        )
    ]
    found = []
    measured = edges.support(soft, moved)
    for before, after, support in zip(formed, moved, measured, strict=True):
        score = _score(support)
        if score is not None:
            share = geometry.quad_area(before) / (width * height)
            found.append(_Candidate(after, score, share, sum(support.seen) / 4))
    return found


def _score(measured: edges.Support) -> float | None:
    """How good a paper's edges are, or None where they are none."""
    if measured.sides_seen < 2 or measured.mean < _SIDE_MEAN or measured.worst < _SIDE_WORST:
        return None
    in_view = sum(measured.seen) / 4
    if in_view < _IN_VIEW and measured.worst < _OPEN_WORST:
        return None
    seen = 0.6 + 0.4 * in_view
    strength = min(1.0, measured.contrast / 25.0)
    edge = (measured.mean + measured.worst) / 2
    return edge * seen * (0.8 + 0.2 * measured.evenness) * (0.85 + 0.15 * strength)


def _has_form(quad: Quad, width: int, height: int) -> bool:
    """Convex, of a certificate's proportions, corners near right angles, mostly in view."""
    if not geometry.is_convex(quad):
        return False
    wide, tall = geometry.quad_size(quad)
    if min(wide, tall) < 20 or not _ASPECT[0] <= wide / tall <= _ASPECT[1]:
        return False
    if any(not _CORNER[0] <= angle <= _CORNER[1] for angle in _angles(quad)):
        return False
    area = geometry.quad_area(quad)
    frame = geometry.box_quad(0, 0, width, height)
    common, _ = cv2.intersectConvexConvex(
        geometry.as_array(quad).astype(np.float32), geometry.as_array(frame).astype(np.float32)
    )
    return area > 0 and common / area >= 1 - _OUTSIDE and area <= 1.3 * width * height


def _angles(quad: Quad) -> list[float]:
    found = []
    for before, (x, y), after in zip(quad[3:] + quad[:3], quad, quad[1:] + quad[:1], strict=True):
        way, other = (before[0] - x, before[1] - y), (after[0] - x, after[1] - y)
        long = math.hypot(*way) * math.hypot(*other)
        cosine = (way[0] * other[0] + way[1] * other[1]) / long
        found.append(math.degrees(math.acos(min(1.0, max(-1.0, cosine)))))
    return found


def _choose(found: list[_Candidate]) -> list[_Candidate]:
    """One paper, or two that lie apart; the larger of two that lie in one another.

    Two within the largest, both of clearer edges than it, are two papers: it only runs around
    them, over the desk.
    """
    if not found:
        return []
    first = found[0]
    clearer = [
        one
        for one in found[1:]
        if one.score >= first.score + _CLEARER and geometry.overlap(first.quad, one.quad) > _SAME
    ]
    pairs = ((one, two) for one, two in itertools.combinations(clearer, 2) if _two(one, two))
    beside = ((first, other) for other in found[1:] if _two(first, other))
    return list(next(itertools.chain(pairs, beside), (first,)))


def _two(one: _Candidate, other: _Candidate) -> bool:
    """Whether two candidates lie apart like two papers, the second as clear as the first."""
    return (
        geometry.overlap(one.quad, other.quad) <= _APART
        and _SECOND <= other.share / one.share <= 1 / _SECOND
        and other.score >= 0.85 * one.score
        and _folder(one.quad, other.quad) is None
    )


def _outermost(
    soft: edges.Soft, inner: _Candidate, found: list[_Candidate], others: list[_Candidate]
) -> _Candidate:
    """The largest rectangle around a paper's plain part: with its bands and margins.

    The laboratory's name stands in such bands, so where it is doubtful the larger is
    taken; never one that reaches into another paper.
    """
    near = _FLUSH * max(soft.shape[:2])
    edged: list[tuple[float, _Candidate]] = []
    for outer in sorted(found, key=lambda candidate: -candidate.share):
        if outer.share <= inner.share:
            break
        if outer.in_view < inner.in_view - _CUT:  # nothing is known of sides out of view
            continue
        if geometry.overlap(outer.quad, inner.quad) < _SAME:
            continue
        if any(geometry.overlap(outer.quad, other.quad) > _APART for other in others):
            continue
        shared = _shared_sides(outer.quad, inner.quad, near)
        if not shared and outer.share > _MAT * inner.share:
            continue
        edge = edges.beyond(soft, outer.quad, inner.quad, held=not others)
        if edge >= _BEYOND:
            edged.append((edge, outer))
    # One that runs askew from a band into the desk has an edge on part of its way.
    clear = max((edge for edge, _ in edged), default=0.0) - _NEARLY
    for edge, outer in edged:
        if edge >= clear:
            return dc.replace(outer, score=max(outer.score, inner.score))
    return inner


def _shared_sides(outer: Quad, inner: Quad, near: float) -> int:
    """Sides of the inner quad that lie along a side of the outer one."""
    away = edges.depths(outer, geometry.as_array(inner))
    return sum(bool((np.maximum(away[index], away[index - 3]) <= near).any()) for index in range(4))


def _distinct(found: list[_Candidate]) -> list[_Candidate]:
    """The best first, without those that nearly coincide with a better one."""
    kept: list[_Candidate] = []
    for one in sorted(found, key=_rank, reverse=True):
        if not any(
            geometry.overlap(one.quad, other.quad) > _SAME
            and min(one.share, other.share) > _SAME * max(one.share, other.share)
            for other in kept
        ):
            kept.append(one)
    return kept


def _rank(candidate: _Candidate) -> float:
    """Of nearly equal scores the larger: a frame or a picture on the paper is as sharp."""
    return candidate.score * math.pow(candidate.share, 0.25)


def _folders(soft: edges.Soft, found: list[_Candidate]) -> list[_Candidate]:
    """The rectangles that pairs make up together: two panels of unlike colours."""
    folders = []
    best = found[:_PANELS]
    for index, one in enumerate(best):
        for two in best[:index]:
            if geometry.overlap(one.quad, two.quad) > _APART:
                continue
            around = _folder(one.quad, two.quad)
            for whole in [] if around is None else _scored(soft, [around]):
                score = max(whole.score, min(one.score, two.score))
                folders.append(dc.replace(whole, score=score))
    return folders


def _folder(one: Quad, two: Quad) -> Quad | None:
    """The quad around two that fill it, side by side; None where they lie apart."""
    both = np.vstack([geometry.as_array(one), geometry.as_array(two)]).astype(np.float32)
    around = candidates.quad_of_hull(cv2.convexHull(both).reshape(-1, 2).astype(np.float64))
    if around is None:
        return None
    filled = (geometry.quad_area(one) + geometry.quad_area(two)) / geometry.quad_area(around)
    return around if filled > _UNION else None


def _holds_print(image: Picture, quads: list[Quad]) -> bool:
    """Whether the print stands inside the quads, more densely than outside."""
    ink = ink_pieces(image)
    scale = ink.shape[1] / image.shape[1]
    mask = np.zeros(ink.shape, np.uint8)
    for quad in quads:
        corners = geometry.as_array(_scaled(quad, scale)).round().astype(np.int32)
        cv2.fillConvexPoly(mask, corners, 1)
    inside, outside = int(mask.sum()), int(mask.size - mask.sum())
    if outside < (1 - _WHOLE) * mask.size:
        return True
    ink_in, ink_out = int(ink[mask == 1].sum()), int(ink[mask == 0].sum())
    if ink_in < _INKED * inside:
        return False
    return ink_in / (ink_in + ink_out) >= _PRINT or ink_in / inside > 1.5 * ink_out / outside


def _reading_order(quad: Quad, height: int) -> tuple[int, float]:
    """Rows of a third of the photo's height, and within a row from the left."""
    x, y = geometry.centre(quad)
    return int(3 * y / max(height, 1)), x


def _straightened(image: Picture, quad: Quad, certainty: float) -> Page:
    """The paper cut out with a narrow margin, at the photo's own resolution."""
    wide, tall = geometry.quad_size(quad)
    scale = min(1.0, MAX_LONG_SIDE / max(wide, tall))
    width, height = max(8, round(wide * scale)), max(8, round(tall * scale))
    margin = _MARGIN * max(width, height)
    inner = geometry.box_quad(margin, margin, width - 1, height - 1)
    to_photo = geometry.homography(inner, quad)
    size = (round(width + 2 * margin), round(height + 2 * margin))
    return Page(_warp(image, to_photo, size, scale), to_photo, quad, 0, certainty)


def _warp(image: Picture, to_photo: Matrix, size: tuple[int, int], scale: float) -> Picture:
    """Page pixels fetched from the photo; what lies beyond it takes the photo's mean edge."""
    source, matrix = image, to_photo
    if scale < 0.67:
        # Plain interpolation would skip source pixels and break thin strokes.
        source, down = at_most(image, round(max(image.shape[:2]) * min(1.0, 1.25 * scale)))
        shift = (down - 1) / 2
        matrix = np.array([[down, 0, shift], [0, down, shift], [0, 0, 1]]) @ to_photo
    ground = tuple(float(v) for v in np.median(source[:: max(1, len(source) // 64)], axis=(0, 1)))
    warped = cv2.warpPerspective(
        source,
        matrix,
        size,
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=ground,
    )
    return np.asarray(warped, dtype=np.uint8)


def _levelled(image: Picture) -> Page:
    """The whole photo, a small skew of its lines put right, within the page's size."""
    page = whole_photo(image)
    angle = line_angle(image)
    turn = _skew(angle)
    height, width = image.shape[:2]
    scale = min(1.0, MAX_LONG_SIDE / max(width, height))
    if abs(turn) < _LEVEL_LEAST and scale == 1.0:
        return page
    cos, sin = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    out_width = round(scale * (width * abs(cos) + height * abs(sin)))
    out_height = round(scale * (width * abs(sin) + height * abs(cos)))
    spin = np.array([[cos, -sin], [sin, cos]]) / scale
    middle = np.array([width - 1, height - 1]) / 2
    shift = middle - spin @ (np.array([out_width - 1, out_height - 1]) / 2)
    to_photo = np.eye(3)
    to_photo[:2, :2], to_photo[:2, 2] = spin, shift
    warped = _warp(image, to_photo, (out_width, out_height), scale)
    return Page(warped, to_photo, page.corners, 0, 0.0)


def _skew(angle: LineAngle) -> float:
    """Degrees (clockwise in the photo) to level the lines by; 0 when in doubt."""
    if angle.certainty < _LEVEL_SURE:
        return 0.0
    skew = (angle.degrees + 45.0) % 90.0 - 45.0
    return skew if abs(skew) <= _LEVEL else 0.0


def _stand(page: Page) -> Page:
    """Turns a page whose lines run up and down by a quarter."""
    angle = line_angle(page.image)
    if angle.certainty >= _QUARTER_SURE and abs(angle.degrees) > 60.0:
        return page.rotated(1)
    return page
