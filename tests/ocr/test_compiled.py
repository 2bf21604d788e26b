"""Compiled networks on disk: taken where they are whole, never needed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import openvino
import pytest

from ocr.text import compiled
from ocr.text.rapid import DETECTOR_MODEL, _models_folder

MODEL = _models_folder() / DETECTOR_MODEL
WISH = {"INFERENCE_NUM_THREADS": 1}


class Core:
    """OpenVINO's, noting whether a network was compiled."""

    def __init__(self) -> None:
        self.core, self.times = openvino.Core(), 0

    def compile_model(self, *args: Any) -> Any:
        self.times += 1
        return self.core.compile_model(*args)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.core, name)


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv(compiled.SETTING, str(tmp_path / "cache"))
    return tmp_path / "cache"


def compile_once(core: Core) -> np.ndarray:
    image = np.linspace(-1, 1, 3 * 64 * 96, dtype=np.float32).reshape(1, 3, 64, 96)
    answer = compiled.compiled(core, MODEL, WISH).create_infer_request().infer([image])
    return np.array(next(iter(answer.values())))


def test_what_was_kept_answers_alike_and_is_not_compiled_again(folder: Path) -> None:
    core = Core()
    first = compile_once(core)
    assert np.array_equal(compile_once(core), first)
    assert core.times == 1
    assert [path.suffix for path in folder.iterdir()] == [".compiled"]


def test_a_damaged_file_is_made_anew(folder: Path) -> None:
    core = Core()
    compile_once(core)
    (file,) = folder.iterdir()
    whole = file.read_bytes()
    for damaged in (whole[:-1000], b"", b"x" * 64 + whole[64:]):
        core.times = 0
        file.write_bytes(damaged)
        compile_once(core)
        compile_once(core)
        assert core.times == 1


def test_another_wish_is_another_file(folder: Path) -> None:
    core = Core()
    compiled.compiled(core, MODEL, WISH)
    compiled.compiled(core, MODEL, {"INFERENCE_NUM_THREADS": 2})
    assert core.times == 2
    assert len(list(folder.iterdir())) == 2


def test_nothing_is_kept_where_nothing_can_be(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    for setting in (str(tmp_path / "file" / "cache"), compiled.OFF):
        monkeypatch.setenv(compiled.SETTING, setting)
        core = Core()
        compiled.compiled(core, MODEL, WISH)
        assert core.times == 1
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
