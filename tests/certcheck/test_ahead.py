"""A photo read ahead: read once, never instead of another, never from a pipe."""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from certcheck import ahead
from ocr import cores
from ocr.errors import PhotoError
from ocr.read import Part

DATA = {name: cv2.imencode(".png", np.full((90, 90), level, np.uint8))[1].tobytes()
        for name, level in (("grey", 128), ("white", 255))}  # fmt: skip


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What was read, in turn, on a machine with a second core."""
    seen: list[bytes] = []

    def noted(data: bytes, name: str, *, engine: str | None = None) -> list[Part]:
        seen.append(data)
        if data == b"none":
            raise PhotoError
        return []

    monkeypatch.setattr(ahead, "read_print", noted)
    monkeypatch.setattr(cores, "most", lambda: 2)
    return seen


def test_a_photo_is_read_once(asked: list[bytes], tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(DATA["grey"])
    read = ahead.reading(path)
    assert read(DATA["grey"], "a.png") == []
    assert asked == [DATA["grey"]]


def test_another_photo_is_read_for_itself(asked: list[bytes], tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(DATA["grey"])
    read = ahead.reading(path)
    read(DATA["white"], "a.png")
    assert sorted(asked) == sorted(DATA.values())


def test_what_went_wrong_is_told_where_the_photo_is_asked_for(
    asked: list[bytes], tmp_path: Path
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"none")
    read = ahead.reading(path)
    with pytest.raises(PhotoError):
        read(b"none", "a.png")


def test_nothing_is_begun_that_can_be_read_once_or_not_at_all(
    asked: list[bytes], tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", "missing", "."):
        assert ahead.reading(tmp_path / name) is ahead.read_print
    assert asked == []
