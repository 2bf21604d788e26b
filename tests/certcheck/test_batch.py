"""What would break: a night's work done twice, half done, or lost."""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from certcheck import batch, messages
from certcheck.batch import ReportFile
from certcheck.check import Wish, check_file, settings
from certcheck.cli import cli
from certcheck.errors import NotAFolderError, NotResultsError, OutputInUseError
from certcheck.files import sha256
from registry import store
from registry.lookup import Registry
from samples import PHOTOS
from tests.certcheck import bad_files

ROOT = Path(__file__).parents[2]
# Files that are answered without a model, so that processes start fast.
QUICK = ("a.jpg", "b.png", "sub/c.jpg", "sub/deep/d.pdf")


def call(folder: Path, out: Path, *more: object, **environment: str) -> Result:
    words = ("batch", folder, "--out", out, "--workers", 1, *more)
    return CliRunner().invoke(cli, [str(word) for word in words], env=environment)


def lines(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]


def names(out: Path) -> list[str]:
    return sorted(one["photo"]["name"] for one in lines(out))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A tree of small files, and some that are no business of ours."""
    place = tmp_path / "photos"
    for number, name in enumerate(QUICK):
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"" if name.endswith("pdf") else f"hello {number}".encode())
    for name in ("notes.txt", ".hidden.jpg", ".git/e.jpg"):
        (place / name).parent.mkdir(exist_ok=True)
        (place / name).write_bytes(b"x")
    os.mkfifo(place / "pipe.jpg")
    return place


@pytest.fixture
def half_done(folder: Path, tmp_path: Path, demo_registry: Registry) -> Path:
    """A file with the reports of all but the last of QUICK, as a batch writes them."""
    out = tmp_path / "out.jsonl"
    with ReportFile(out) as file:
        for task in batch.photos(folder)[:-1]:
            file.append(check_file(task.path, demo_registry, name=task.name))
    return out


def left(folder: Path, out: Path, registry: Registry, wish: Wish = Wish()) -> set[str]:  # noqa: B008
    """The photos that a run would still check."""
    with ReportFile(out) as file:
        done = file.done(registry.revision.revision, settings(wish))
    tasks = batch.photos(folder)
    return {task.name for task in tasks if (task.name, sha256(task.path)) not in done}


def test_a_folder_tree_with_a_real_photo_then_nothing_left_to_do(
    folder: Path, tmp_path: Path, demo_url: str
) -> None:
    """Names are relative to the folder; a second run adds nothing; a changed photo is new."""
    out = tmp_path / "new" / "out.jsonl"
    (folder / "sub" / "real.jpg").write_bytes((PHOTOS / "item1-expired.jpg").read_bytes())
    first = call(folder, out, "--database", demo_url)
    assert first.exit_code == 3 and first.stdout == ""
    assert names(out) == sorted((*QUICK, "sub/real.jpg"))
    by_name = {one["photo"]["name"]: one for one in lines(out)}
    assert by_name["sub/real.jpg"]["verdict"] == "inconsistent"
    assert "5/5" in first.stderr and str(out) in first.stderr
    before = out.read_bytes()
    second = call(folder, out, "--database", demo_url)
    assert (second.exit_code, out.read_bytes()) == (3, before)
    for name in QUICK:
        (folder / name).unlink()
    third = call(folder, out, "--database", demo_url)
    assert (third.exit_code, out.read_bytes()) == (1, before), "over the photos of the folder"


def test_what_is_missing_is_done_and_no_more(folder: Path, half_done: Path, demo_url: str) -> None:
    before = half_done.read_bytes()
    assert call(folder, half_done, "--database", demo_url).exit_code == 3
    assert half_done.read_bytes().startswith(before)
    assert names(half_done) == sorted(QUICK)


def test_half_a_line_is_cut_off(folder: Path, half_done: Path, demo_registry: Registry) -> None:
    whole = half_done.read_bytes()
    for end in (-1, -40, -300):
        half_done.write_bytes(whole[:end])
        assert len(left(folder, half_done, demo_registry)) == 2
        assert half_done.read_bytes() == b"".join(whole.splitlines(keepends=True)[:-1])
    half_done.write_bytes(whole + b"\0" * 512)
    assert len(left(folder, half_done, demo_registry)) == 1
    assert half_done.read_bytes() == whole


def test_a_photo_of_several_pages_is_done_when_its_last_page_is(
    tmp_path: Path, demo_registry: Registry
) -> None:
    place, out = tmp_path / "photos", tmp_path / "out.jsonl"
    place.mkdir()
    (place / "two.pdf").write_bytes(bad_files.pdf(2))
    with ReportFile(out) as file:
        file.append(check_file(place / "two.pdf", demo_registry, name="two.pdf"))
    whole = out.read_bytes()
    assert left(place, out, demo_registry) == set()
    first, second = whole.splitlines(keepends=True)
    for cut in (first, first + second[:100]):
        out.write_bytes(cut)
        assert left(place, out, demo_registry) == {"two.pdf"}
        assert out.read_bytes() == b""


def test_a_changed_photo_another_registry_and_another_wish_are_checked_again(
    folder: Path, half_done: Path, demo_registry: Registry
) -> None:
    last = left(folder, half_done, demo_registry)
    assert len(last) == 1
    for wish in (Wish(engine="tesseract"), Wish(paid=Decimal(0))):
        assert left(folder, half_done, demo_registry, wish) == set(QUICK)
    engine = store.make_engine(store.parse_url("sqlite://"))
    store.migrate(engine)
    assert left(folder, half_done, Registry(engine)) == set(QUICK)
    engine.dispose()
    (folder / "a.jpg").write_bytes(b"other bytes")
    assert left(folder, half_done, demo_registry) == {*last, "a.jpg"}


def test_a_failure_that_is_not_the_photos_is_tried_again(
    folder: Path, half_done: Path, demo_registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(messages.STRICT)
    found = lines(half_done)
    found[0]["error"]["code"] = "engine.missing"
    text = "".join(json.dumps(one) + "\n" for one in found)
    half_done.write_text(text, encoding="utf-8")
    again = found[0]["photo"]["name"]
    assert again in left(folder, half_done, demo_registry)
    # Done at last: the later line counts.
    half_done.write_text(text + json.dumps(found[1] | {"photo": found[0]["photo"]}) + "\n", "utf-8")
    assert again not in left(folder, half_done, demo_registry)


def test_one_run_at_a_time_writes_a_file(folder: Path, half_done: Path, demo_url: str) -> None:
    with ReportFile(half_done):
        with pytest.raises(OutputInUseError):
            ReportFile(half_done)
        told = call(folder, half_done, "--database", demo_url)
    assert told.exit_code == 2
    assert "另一个检查" in told.stderr and "Another run" in told.stderr
    ReportFile(half_done).__exit__(None, None, None)


def test_a_file_of_somebodys_is_left_alone(tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_bytes(b"Dear all,\nthis has no last newline")
    before = letter.read_bytes()
    with pytest.raises(NotResultsError):
        ReportFile(letter)
    assert letter.read_bytes() == before


def test_what_cannot_be_written_or_searched_is_wrong_usage(
    folder: Path, tmp_path: Path, demo_url: str
) -> None:
    for out in (folder / "a.jpg" / "out.jsonl", Path("/proc/out.jsonl"), folder):
        told = call(folder, out, "--database", demo_url)
        assert told.exit_code == 2 and told.stdout == ""
        assert str(out) in told.stderr.replace("\n", "")
    for place in (folder / "a.jpg", tmp_path / "none"):
        told = call(place, tmp_path / "out.jsonl", "--database", demo_url)
        assert told.exit_code == 2 and "不是文件夹" in told.stderr
        with pytest.raises(NotAFolderError):
            batch.photos(place)


def test_a_disk_that_takes_no_more_is_told_and_ends_the_run(
    folder: Path, tmp_path: Path, demo_url: str
) -> None:
    before = multiprocessing.active_children()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        told = call(folder, tmp_path / "out.jsonl", "--database", demo_url)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert told.exit_code == 2
    assert "out.jsonl" in told.stderr and "File too large" in told.stderr
    assert set(multiprocessing.active_children()) <= set(before)
    assert left(folder, tmp_path / "out.jsonl", Registry(store.open_registry(demo_url)))


def test_a_device_is_no_file_of_results() -> None:
    with pytest.raises(NotResultsError):
        ReportFile(Path("/dev/full"))


def test_a_folder_without_photos_says_so(tmp_path: Path, demo_url: str) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    told = call(empty, tmp_path / "out.jsonl", "--database", demo_url)
    assert told.exit_code == 0
    assert "没有照片" in told.stderr and ".heic" in told.stderr


@pytest.fixture
def stopped(tmp_path: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    running: list[subprocess.Popen[bytes]] = []
    yield running
    for process in running:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_in_the_middle_is_clean_and_the_next_run_goes_on(
    number: signal.Signals, tmp_path: Path, demo_url: str,
    stopped: list[subprocess.Popen[bytes]], demo_registry: Registry,
) -> None:  # fmt: skip
    place, out = tmp_path / "photos", tmp_path / "out.jsonl"
    place.mkdir()
    photos = 400
    for index in range(photos):
        (place / f"{index:03}.jpg").write_bytes(b"hello %d" % index)
    process = subprocess.Popen(
        [sys.executable, "-c", "from certcheck.cli import main; main()", "batch", str(place),
         "--out", str(out), "--database", demo_url, "--workers", "1"],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    stopped.append(process)
    while not (out.is_file() and out.stat().st_size):
        assert process.poll() is None
        time.sleep(0.01)
    # As a terminal does: to every process of the group.
    os.killpg(process.pid, number)
    told, err = process.communicate()
    text = err.decode("utf-8")
    assert told == b"" and process.returncode == 130
    assert "已停止" in text and "goes on with the rest" in text
    assert "Traceback" not in text and "KeyboardInterrupt" not in text
    assert 0 < len(lines(out)) < photos, "stopped too late to tell"
    assert len(set(names(out))) == len(lines(out))
    missing = left(place, out, demo_registry)
    assert missing == {path.name for path in place.iterdir()} - set(names(out))
