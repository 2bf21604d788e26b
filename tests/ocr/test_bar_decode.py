"""What would break: fine bars go unread, or a bar code is read as another number."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest
import zxingcpp

from ocr import bar_decode, code128

Plane = npt.NDArray[np.uint8]
TEXTS = ("PZ22040827224", "Y-WXZX209432", "BH00624795", "ab/12:C-77 x")
WIDE = 6  # px a module before the picture is shrunk


def bars(
    text: str, module: float, *, blur: float = 0.0, noise: float = 0.0, seed: int = 1
) -> Plane:
    """A Code 128 at so many px a module, quiet zone and all, blurred and with grain."""
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128)
    row = np.array(zxingcpp.write_barcode_to_image(made, scale=WIDE, add_quiet_zones=False))
    row = np.pad(row[row.shape[0] // 2], 4 * WIDE, constant_values=255)
    size = (round(len(row) / WIDE * module), 36)
    image = cv2.resize(np.tile(row, (200, 1)), size, interpolation=cv2.INTER_AREA)
    light = 90 + 0.5 * np.asarray(image, np.float64)
    if blur:
        light = cv2.GaussianBlur(light, (0, 0), blur)
    light += np.random.default_rng(seed).normal(0, noise, light.shape)
    return np.asarray(np.clip(light, 0, 255), np.uint8)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("module", [0.9, 1.3, 2.4])
def test_bars_of_about_a_pixel_are_read_either_way_round(text: str, module: float) -> None:
    crop = bars(text, module, blur=0.8, noise=5)
    found = bar_decode.decode(crop)
    assert found is not None and found.sure
    assert (found.text, found.upright) == (text, True)
    turned = bar_decode.decode(np.ascontiguousarray(crop[::-1, ::-1]))
    assert turned is not None and turned.sure
    assert (turned.text, turned.upright) == (text, False)


def test_leaning_bars_in_uneven_light() -> None:
    crop = bars(TEXTS[0], 1.6, blur=1.0, noise=4)
    height, width = crop.shape
    lean = np.array([[1, 0.1, -1.8], [0, 1, 0]])
    leaning = cv2.warpAffine(crop, lean, (width, height), borderMode=cv2.BORDER_REPLICATE)
    shade = np.linspace(1.0, 0.6, width)
    found = bar_decode.decode(np.asarray(leaning * shade, np.uint8))
    assert found is not None and found.sure and found.text == TEXTS[0]


@pytest.mark.parametrize("seed", range(6))
def test_what_is_too_soft_is_never_read_as_another_number(seed: int) -> None:
    for module, blur in ((0.6, 1.2), (0.45, 0.5), (1.2, 2.4)):
        found = bar_decode.decode(bars(TEXTS[seed % 4], module, blur=blur, noise=9, seed=seed))
        assert found is None or not found.sure or found.text == TEXTS[seed % 4]


def test_a_broken_character_is_not_guessed() -> None:
    crop = bars(TEXTS[0], 3.0)
    crop[:, 150:183] = crop[:, 250:283]
    found = bar_decode.decode(crop)
    assert found is None or not found.sure or found.text == TEXTS[0]


def test_grids_and_noise_are_no_code() -> None:
    grid = np.tile(np.where(np.arange(400) % 7 < 3, 40, 220).astype(np.uint8), (40, 1))
    grain = np.random.default_rng(2).integers(0, 255, (1, 400)).astype(np.uint8).repeat(40, axis=0)
    for crop in (grid, grain, np.full((40, 400), 200, np.uint8), np.zeros((2, 3), np.uint8)):
        found = bar_decode.decode(crop)
        assert found is None or not found.sure


def test_the_cheapest_text_fulfils_its_check() -> None:
    costs = np.random.default_rng(4).random((9, 106))
    path, cost = code128.cheapest(costs)
    weights = np.maximum(np.arange(8), 1)
    assert int((path[:-1] * weights).sum()) % code128.CHECKED == path[-1]
    assert cost == pytest.approx(float(costs[np.arange(9), path].sum()))


def test_the_three_alphabets_and_their_changes() -> None:
    def spelt(*values: int) -> str | None:
        return code128.text_of(np.array([*values, 0]))

    assert spelt(105, 12, 3, 100, 34, 99, 45) == "1203B45"
    assert spelt(104, 33, 66, 101, 33) == "AbA"
    assert spelt(104, 102, 33) is None
    assert spelt(103, 70) is None
