"""What would break: advice before the shutter that is wrong, or does not come."""

from __future__ import annotations

import base64
from typing import Any

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser

from samples import PHOTOS


def blurred(photo: Any) -> Any:
    return cv2.GaussianBlur(photo, (0, 0), 2.5)


def shining(photo: Any) -> Any:
    light = np.zeros(photo.shape[:2], np.float32)
    height, width = light.shape
    cv2.ellipse(light, (width // 2, height // 2), (width // 7, height // 8), 0, 0, 360, 1, -1)
    light = cv2.GaussianBlur(light, (0, 0), width / 60)
    return np.clip(photo + light[..., None] * 200, 0, 255).astype(np.uint8)


def far(photo: Any, share: float = 1 / 3) -> Any:
    desk = np.full_like(photo, (70, 85, 100))
    height, width = int(photo.shape[0] * share), int(photo.shape[1] * share)
    top, left = (photo.shape[0] - height) // 2, (photo.shape[1] - width) // 2
    little = cv2.resize(photo, (width, height), interpolation=cv2.INTER_AREA)
    desk[top : top + height, left : left + width] = little
    return desk


def dark(photo: Any) -> Any:
    return (photo * 0.22).astype(np.uint8)


ADVISE = """async ([view, piece, long]) => {
  const pixels = async (text) => {
    const bytes = Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
    const picture = await createImageBitmap(new Blob([bytes]));
    const pen = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
    pen.drawImage(picture, 0, 0);
    return pen.getImageData(0, 0, picture.width, picture.height);
  };
  const told = market.frames.advise(await pixels(view), await pixels(piece), long);
  return told.map((one) => one.code);
}"""


@pytest.mark.parametrize("name", ["honest-a5.jpg", "unknown-laboratory.jpg"])
def test_advice_before_the_shutter_names_the_fault(browser: Browser, name: str) -> None:
    page = browser.new_page()
    page.add_script_tag(path="web/static/market/frames.js")
    photo = cv2.imread(str(PHOTOS / name))
    assert photo is not None
    scale = 1920 / max(photo.shape)
    photo = cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)

    def packed(picture: Any) -> str:
        return base64.b64encode(cv2.imencode(".png", picture)[1].tobytes()).decode()

    def told(picture: Any) -> list[str]:
        height, width = picture.shape[:2]
        top, left = (height - 480) // 2, (width - 480) // 2
        view = cv2.resize(picture, None, fx=2 / 3, fy=2 / 3)
        piece = picture[top : top + 480, left : left + 480]
        found: list[str] = page.evaluate(ADVISE, [packed(view), packed(piece), max(height, width)])
        return found

    assert told(photo) == []
    assert told(blurred(photo)) == ["blurred"]
    assert told(shining(photo)) == ["glare"]
    assert told(far(photo)) == ["far"]
    # The print counts: that of the one can be read from here, that of the other is smaller.
    assert told(far(photo, 0.5)) == (["far"] if name == "unknown-laboratory.jpg" else [])
    assert told(dark(photo)) == ["dark"]
    page.close()
