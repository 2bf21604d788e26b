"""What would break: a file that is no photo costs more than one clear error."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from PIL import Image

from certcheck import files, messages
from certcheck.check import check_file
from ocr.photo import LIMITS
from registry.lookup import Registry
from tests.certcheck import bad_files
from tests.certcheck.shown import assert_error, valid

ERROR_NAMES = tuple(bad_files.MADE)


def no_paper(tmp_path: Path) -> Path:
    """A picture that costs next to nothing to read."""
    file = io.BytesIO()
    Image.new("RGB", (64, 64), "white").save(file, "PNG")
    path = tmp_path / "white.png"
    path.write_bytes(file.getvalue())
    return path


@pytest.mark.parametrize("name", ERROR_NAMES)
def test_bad_input_is_one_clear_error(
    name: str, tmp_path: Path, demo_registry: Registry, caplog: pytest.LogCaptureFixture
) -> None:
    bad_files.put(tmp_path, (name,))
    found = check_file(tmp_path / name, demo_registry)
    assert_error(found, bad_files.code(name))
    assert found[0].photo.sha256 == files.sha256(tmp_path / name)
    assert not [one for one in caplog.records if one.exc_info]


def test_what_is_no_file_is_one_clear_error(tmp_path: Path, demo_registry: Registry) -> None:
    for path, code in (
        (tmp_path / "none.jpg", "photo.not_found"),
        (no_paper(tmp_path) / "below.jpg", "photo.not_found"),
        (tmp_path, "photo.is_folder"),
        (Path("/proc/self/mem"), "photo.unreachable"),
    ):
        found = check_file(path, demo_registry)
        assert_error(found, code)
        assert found[0].problem is not None and str(path) in found[0].problem.message.en


def test_a_file_without_end_is_not_read_to_its_end(demo_registry: Registry) -> None:
    assert_error(check_file(Path("/dev/zero"), demo_registry), "photo.too_large")


def test_a_large_file_is_refused_under_its_own_digest(
    tmp_path: Path, demo_registry: Registry
) -> None:
    path = tmp_path / "large.jpg"
    with path.open("wb") as file:
        file.truncate(LIMITS.max_bytes + 2)
    found = check_file(path, demo_registry)
    assert_error(found, "photo.too_large")
    assert found[0].photo.sha256 == files.sha256(path) != files.NOTHING


def test_the_limits_that_are_told_are_the_limits() -> None:
    step = messages.next_step("photo.too_large")
    assert step is not None
    assert f"{LIMITS.max_pixels // 10_000} 万像素" in step.zh
    assert f"{LIMITS.max_pixels // 10**6} megapixels" in step.en
    for told in step:
        assert f"{LIMITS.max_bytes // 2**20} MB" in told


def test_a_name_that_is_no_utf8_can_be_reported(tmp_path: Path, demo_registry: Registry) -> None:
    path = tmp_path / "\udcff.jpg"
    path.write_bytes(b"")
    entry = valid(check_file(path, demo_registry)[0])
    assert entry["photo"]["name"].endswith("\\xff.jpg")
    json.dumps(entry, ensure_ascii=False).encode("utf-8")


def test_an_engine_that_is_not_there_is_not_the_photos_fault(
    tmp_path: Path, demo_registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CERTCHECK_TEXT_ENGINE", "no-such-engine")
    assert_error(check_file(no_paper(tmp_path), demo_registry), "engine.missing")
