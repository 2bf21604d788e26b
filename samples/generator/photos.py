"""Makes the committed photos of `samples/photos/` anew: `python -m samples.generator.photos`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import cv2
import numpy as np
import pillow_heif
from PIL import Image, ImageDraw

from samples.generator import camera, demo, fonts
from samples.generator.camera import Picture
from samples.generator.paper import quad_of
from samples.generator.sample import Sample, encode, make

PHOTOS = demo.REGISTRY.parent / "photos"
# A PDF page's boxes are in pixels at this many to the inch.
PDF_DPI = 200
MENU_SIZE = (1100, 1500)
MENU = (
    "示例茶馆",
    "茶　单",
    "毛尖　　　　38 元",
    "铁观音　　　42 元",
    "普洱　　　　45 元",
    "菊花茶　　　28 元",
    "瓜子花生　　12 元",
    "营业时间 9:00 — 22:00",
)


def _scaled(quads: Any, factor: float) -> Any:
    return np.round(np.array(quads, float) * factor, 1).tolist()


def shrink(sample: Sample, long_side: int) -> Sample:
    """The sample at a smaller size, its boxes with it."""
    height, width = sample.image.shape[:2]
    factor = min(1.0, long_side / max(width, height))
    size = (round(width * factor), round(height * factor))
    image = np.asarray(cv2.resize(sample.image, size, interpolation=cv2.INTER_AREA), np.uint8)
    truth = dict(sample.truth)
    truth["size"] = list(size)
    truth["page"] = _scaled(truth["page"], factor)
    truth["boxes"] = {key: _scaled(quad, factor) for key, quad in truth["boxes"].items()}
    for kind in ("codes", "seals"):
        truth[kind] = [{**mark, "box": _scaled(mark["box"], factor)} for mark in truth[kind]]
    return Sample(image, truth)


def menu(seed: int, level: str, font: str) -> Sample:
    """A page of Chinese print that is no certificate: a tea house's price list."""
    page = Image.new("RGB", MENU_SIZE, (252, 248, 236))
    draw = ImageDraw.Draw(page)
    for row, text in enumerate(MENU):
        size = 92 if row == 0 else 56
        draw.text((550, 130 + row * 150), text, (60, 40, 30), fonts.load(font, size), anchor="mm")
    sheet = np.ascontiguousarray(np.asarray(page)[..., ::-1])
    photo = camera.shoot(sheet, level, np.random.default_rng(seed))
    outline = quad_of((0, 0, *MENU_SIZE))
    corners = np.round(camera.map_points(photo.homography, outline), 1).tolist()
    height, width = photo.image.shape[:2]
    truth = {
        "seed": seed,
        "level": level,
        "font": font,
        "certificate": False,
        "size": [width, height],
        "fields": {},
        "boxes": {},
        "codes": [],
        "seals": [],
        "page": corners,
        "rotation": round(photo.rotation, 2),
        "expected": {"verdict": None, "items": {}},
    }
    return Sample(photo.image, truth)


def write(image: Picture, path: Path, quality: int) -> None:
    """Writes a BGR picture in the format that the path's suffix names."""
    if path.suffix in (".jpg", ".png"):
        path.write_bytes(encode(image, path.suffix, quality))
        return
    picture = Image.fromarray(np.ascontiguousarray(image[..., ::-1]))
    if path.suffix == ".pdf":
        picture.save(path, resolution=PDF_DPI, quality=quality)
    elif path.suffix == ".heic":
        pillow_heif.from_pillow(picture).save(path, quality=quality)
    else:
        raise ValueError(f"cannot write {path.suffix}")


def compose(row: dict[str, Any]) -> Sample:
    """One row of data/photos.toml as a sample; without a layout it is the price list."""
    if "layout" not in row:
        return menu(row["seed"], row["level"], row["font"])
    return make(
        row["seed"],
        level=row["level"],
        layout=row["layout"],
        font=row["font"],
        fault=row.get("plan"),
        lab_id=row.get("lab"),
    )


@click.command()
@click.option("--out", type=click.Path(path_type=Path), default=PHOTOS, show_default=True)
def main(out: Path) -> None:
    """Writes every photo of data/photos.toml with its truth beside it."""
    table = demo.read_toml("photos")
    out.mkdir(parents=True, exist_ok=True)
    for name, row in table["photo"].items():
        sample = shrink(compose(row), table["long_side"])
        write(sample.image, out / name, table["quality"])
        text = json.dumps(sample.truth, ensure_ascii=False, indent=1)
        (out / name).with_suffix(".json").write_text(text + "\n", encoding="utf-8")
        click.echo(out / name)


if __name__ == "__main__":
    main()
