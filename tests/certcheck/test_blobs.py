"""What would break: half a photo taken for a whole one, another's photo, or none at all."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import os
from pathlib import Path

import pytest

from certcheck.errors import BlobDamagedError, StorageError
from certcheck.runner import blobs as module
from certcheck.runner.blobs import GRACE, Blobs

NOW = dt.datetime.now(dt.UTC)
LATER = NOW + GRACE + dt.timedelta(days=1)


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(tmp_path / "files")


def put(blobs: Blobs, data: bytes) -> str:
    return blobs.put(io.BytesIO(data))[0]


class Cut(io.BytesIO):
    """A connection that is lost on the way."""

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell():
            raise OSError(5, "lost")
        return super().read(3)


def test_what_is_read_is_what_was_stored(blobs: Blobs) -> None:
    data = os.urandom(3 * 2**20 + 7)
    assert blobs.put(io.BytesIO(data)) == (hashlib.sha256(data).hexdigest(), len(data))
    assert blobs.read(hashlib.sha256(data).hexdigest()) == data


def test_a_file_that_changed_or_went_is_told(blobs: Blobs) -> None:
    sha256 = put(blobs, b"photo")
    blobs.path(sha256).write_bytes(b"phot0")
    with pytest.raises(BlobDamagedError):
        blobs.read(sha256)
    blobs.path(sha256).unlink()
    with pytest.raises(BlobDamagedError):
        blobs.read(sha256)


def test_storing_again_mends_what_changed(blobs: Blobs) -> None:
    sha256 = put(blobs, b"photo")
    blobs.path(sha256).write_bytes(b"phot0")
    put(blobs, b"photo")
    assert blobs.read(sha256) == b"photo"


def test_half_a_photo_is_no_file(blobs: Blobs) -> None:
    with pytest.raises(StorageError):
        blobs.put(Cut(b"a photo"))
    assert [one for one in blobs.folder.rglob("*") if one.is_file()] == []


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError):
        Blobs(tmp_path / "file" / "files")


def test_only_their_owner_can_look_at_photos(blobs: Blobs) -> None:
    path = blobs.path(put(blobs, b"photo"))
    for one in (blobs.folder, path.parent, path):
        assert one.stat().st_mode & 0o077 == 0


def test_a_sweep_takes_what_nobody_refers_to_but_nothing_young(blobs: Blobs) -> None:
    kept, gone = put(blobs, b"kept"), put(blobs, b"gone")
    unfinished = blobs.folder / "unfinished" / "tmp1"
    unfinished.write_bytes(b"half")
    assert blobs.sweep(lambda names: {kept}, NOW) == 0
    assert blobs.sweep(lambda names: {kept}, LATER) == 2
    assert blobs.read(kept) == b"kept"
    assert not blobs.path(gone).exists() and not unfinished.exists()


def test_what_is_stored_again_is_young_again(blobs: Blobs) -> None:
    """Else a sweep could take it between its arrival and the row that names it."""
    sha256 = put(blobs, b"photo")
    os.utime(blobs.path(sha256), (0, 0))
    put(blobs, b"photo")
    assert blobs.sweep(lambda _: (), NOW) == 0


def test_what_is_stored_again_as_a_sweep_deletes_it_stays(
    blobs: Blobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was acknowledged: between the last look at the old file and its end, or after it."""
    sha256 = put(blobs, b"photo")
    os.utime(blobs.path(sha256), (0, 0))
    looks, read = [0], module._written
    seen: list[bytes] = []

    def look(path: Path) -> float:
        found = read(path)
        looks[0] += 1
        if looks[0] == 2:
            put(blobs, b"photo")
        if looks[0] == 3:
            seen.append(blobs.read(sha256))
        return found

    with monkeypatch.context() as patch:
        patch.setattr(module, "_written", look)
        assert blobs.sweep(lambda _: (), NOW) == 0
    assert seen == [blobs.read(sha256)] and list(blobs.names()) == [sha256]
    # A process that was killed over it.
    blobs.path(sha256).replace(blobs.folder / "unfinished" / sha256)
    assert blobs.read(sha256) == b"photo"
    assert blobs.sweep(lambda _: (), NOW) == 0
    assert list(blobs.names()) == [sha256]


def test_what_is_being_stored_is_no_file_yet(blobs: Blobs) -> None:
    """`recover` would look for it where it never lies, and give up."""

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            seen.append(list(blobs.names()))
            return super().read(size)

    seen: list[list[str]] = []
    sha256, _ = blobs.put(Slow(b"photo"))
    assert seen == [[], []]
    assert list(blobs.names()) == [sha256]
