"""Pictures made by others, through the whole check: nothing misread, nothing accused.

They (licences: `../shared/real/README.md`) are not part of the repository. All photos of
codes are read in `tests/ocr/test_real_codes.py`; here every few of them go the whole way.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from certcheck.check import check_bytes, check_part, exit_status
from certcheck.report import Report
from ocr.read import read_photo
from registry.lookup import Registry

REAL = Path(__file__).parents[2] / "shared" / "real"
PICTURES = {".png", ".jpg", ".webp"}
COMPANY = "北京中导开源科技有限公司"
# The scene of the eight orientations the right way up.
WIDTH, HEIGHT = 1800, 1200
# What is written along its sides, and where the middle of each word is, in shares of the sides.
SIDES = {"top": (0.5, 0.1), "left": (0.1, 0.5), "right": (0.9, 0.5), "bottom": (0.5, 0.9)}
SLACK = 0.1


def pictures(folder: str) -> list[Path]:
    place = REAL / folder
    if not place.is_dir():
        pytest.skip(f"no pictures in {place}: they are not part of the repository")
    return sorted(path for path in place.iterdir() if path.suffix in PICTURES)


def data(name: str) -> bytes:
    path = REAL / name
    if not path.is_file():
        pytest.skip(f"no picture at {path}: it is not part of the repository")
    return path.read_bytes()


def assert_no_certificate(report: Report) -> None:
    """Read, and answered as no certificate, without a word against anybody."""
    assert report.problem is not None and report.problem.code == "photo.not_a_certificate"
    assert report.reading is not None and report.photo.width > 0
    assert report.lab is None and report.verdict == "unverifiable"
    assert exit_status([report]) == 3


@pytest.mark.parametrize(
    ("folder", "least", "every"), [("qrcode-1", 8, 4), ("qrcode-2", 50, 16), ("qrcode-3", 18, 6)]
)
def test_codes_are_reported_as_they_are(
    folder: str, least: int, every: int, demo_registry: Registry
) -> None:
    """So many may be missed as the publisher allows in the whole folder; none may be wrong."""
    paths = pictures(f"qr/{folder}")
    missed: list[tuple[str, list[str]]] = []
    wrong: list[tuple[str, list[str]]] = []
    for path in paths[::every]:
        texts: list[str] = []
        for report in check_bytes(path.read_bytes(), path.name, demo_registry):
            assert_no_certificate(report)
            codes = report.to_json()["codes"]
            texts += [one["text"] for one in codes if one["text"] is not None]
        true = path.with_suffix(".txt").read_bytes().decode("utf-8")
        if true not in texts:
            (wrong if texts else missed).append((path.name, texts))
    assert wrong == []
    assert len(missed) <= len(paths) - least


# The screen picture holds the company's seal twice, and a person's square one.
@pytest.mark.parametrize(("name", "company", "square"), [("source.png", 1, 0), ("ly.png", 2, 1)])
def test_a_companys_seals_are_named(
    name: str, company: int, square: int, demo_registry: Registry
) -> None:
    (report,) = check_bytes(data(f"seals/{name}"), name, demo_registry)
    assert_no_certificate(report)
    seals = report.to_json()["seals"]
    assert [one["name"] for one in seals if one["shape"] == "round"] == [COMPANY] * company
    assert [one["shape"] for one in seals].count("square") == square
    assert len(seals) == company + square


def test_other_print_is_no_certificate(demo_registry: Registry) -> None:
    for path in pictures("documents"):
        reports = check_bytes(path.read_bytes(), path.name, demo_registry)
        for report in reports:
            assert_no_certificate(report)
            assert report.to_json()["seals"] == []


# As it is, and mirrored and turned; that all nine open alike is shown in
# `tests/ocr/test_real_photos.py`.
@pytest.mark.parametrize("orientation", [0, 5])
def test_all_orientations_are_read_alike(orientation: int, demo_registry: Registry) -> None:
    name = f"orientation/Landscape_{orientation}.jpg"
    (part,) = read_photo(data(name), name)
    assert_no_certificate(check_part(part, name, demo_registry, demo_registry.revision))
    assert (part.reading.width, part.reading.height) == (WIDTH, HEIGHT)
    assert part.reading.codes == () == part.reading.seals
    found = {line.text: np.mean(line.box, axis=0) for line in part.reading.lines}
    # Each file has its own number written in the middle.
    found.pop(str(orientation), None)
    assert set(found) == set(SIDES)
    for side, place in SIDES.items():
        assert np.linalg.norm(found[side] / (WIDTH, HEIGHT) - place) < SLACK


@pytest.mark.parametrize(
    ("name", "sides"), [("xiaomi.heic", (2592, 1944)), ("RGB_8__128x128.heif", (128, 128))]
)
def test_phones_pictures_open(name: str, sides: tuple[int, int], demo_registry: Registry) -> None:
    (report,) = check_bytes(data(f"heic/{name}"), name, demo_registry)
    assert_no_certificate(report)
    assert (report.photo.width, report.photo.height) == sides


def test_a_broken_heic_is_a_clear_error(demo_registry: Registry) -> None:
    (report,) = check_bytes(data("heic/corrupted.heic"), "corrupted.heic", demo_registry)
    assert report.problem is not None and report.problem.code == "photo.damaged"
    assert report.reading is None and exit_status([report]) == 3
