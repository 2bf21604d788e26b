"""The committed photos have their truth, stay within limits, and still are what a seed makes."""

import json

import numpy as np
import pillow_heif
import pypdfium2
import pytest
from PIL import Image

from samples.generator import demo, photos

MOST_PHOTOS = 20
MOST_BYTES = 8_000_000
LONGEST_SIDE = 2000
TABLE = demo.read_toml("photos")
FILES = sorted(path for path in photos.PHOTOS.iterdir() if path.suffix != ".json")


def truth_of(path):
    return json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))


def size_of(path):
    if path.suffix == ".heic":
        return pillow_heif.open_heif(path).size
    if path.suffix == ".pdf":
        with pypdfium2.PdfDocument(path) as file:
            return tuple(round(side * photos.PDF_DPI / 72) for side in file[0].get_size())
    with Image.open(path) as image:
        return image.size


def test_the_folder_holds_what_the_table_names():
    assert {path.name for path in FILES} == set(TABLE["photo"])
    assert len(FILES) <= MOST_PHOTOS
    assert sum(path.stat().st_size for path in FILES) <= MOST_BYTES


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_each_photo_has_its_truth_in_its_own_pixels(path):
    truth = truth_of(path)
    assert tuple(truth["size"]) == size_of(path)
    assert max(truth["size"]) <= LONGEST_SIDE
    corners = np.array([truth["page"], *truth["boxes"].values()])
    assert (corners >= 0).all() and (corners <= max(truth["size"])).all()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_each_photo_is_what_its_seed_still_makes(path):
    row = TABLE["photo"][path.name]
    if "layout" not in row:
        return
    made, kept = photos.compose({**row, "level": "flat"}).truth, truth_of(path)
    for key in ("fields", "lab_id", "fault", "case", "item", "expected"):
        assert made[key] == kept[key], f"{key}: run python -m samples.generator.photos"


def test_every_item_and_kind_of_file_is_shown():
    truths = [truth_of(path) for path in FILES]
    assert {truth.get("item") for truth in truths} >= {1, 2, 3, 4, 5, None}
    assert {path.suffix for path in FILES} == {".jpg", ".png", ".pdf", ".heic"}
    assert [truth["certificate"] for truth in truths].count(False) == 1
    verdicts = {truth["expected"]["verdict"] for truth in truths}
    assert verdicts == {"consistent", "inconsistent", "suspected", "unverifiable", None}


def test_shrinking_takes_the_boxes_along():
    whole = photos.make(4, layout="table")
    half = photos.shrink(whole, 900)
    factor = 900 / max(whole.image.shape[:2])
    assert max(half.image.shape[:2]) == 900 == max(half.truth["size"])
    wanted = np.array(whole.truth["boxes"]["cma_no"]) * factor
    assert np.abs(np.array(half.truth["boxes"]["cma_no"]) - wanted).max() < 0.1
    seal, small = whole.truth["seals"][0]["box"], half.truth["seals"][0]["box"]
    assert np.abs(np.array(seal) * factor - np.array(small)).max() < 0.1


def test_an_unknown_format_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"\.gif"):
        photos.write(np.zeros((4, 4, 3), np.uint8), tmp_path / "a.gif", 80)
