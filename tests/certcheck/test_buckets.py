"""What would break: a photo in a bucket lost, another's, or taken for lost in an outage."""

from __future__ import annotations

import datetime as dt
import io
import pickle
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from fsspec.implementations.local import LocalFileSystem
from fsspec.registry import _registry, known_implementations

from certcheck.errors import BlobDamagedError, ExtraMissingError, SettingError, StorageError
from certcheck.runner.answer import accepted, answer
from certcheck.runner.blobs import GRACE, Blobs
from certcheck.runner.buckets import Bucket, opened
from certcheck.runner.queue import Queue
from certcheck.runner.recovering import recover
from certcheck.runner.settings import BLOBS, Settings
from certcheck.runner.work import Work
from registry.lookup import Registry
from tests.certcheck.work_store import Clock, send, settings, standing
from tests.servers.bucket import NAME

if TYPE_CHECKING:
    from tests.servers.bucket import Service

NOW = dt.datetime.now(dt.UTC)
LATER = NOW + GRACE + dt.timedelta(hours=1)


@pytest.fixture
def bucket(s3: str, tmp_path: Path, request: pytest.FixtureRequest) -> Bucket:
    made = opened(tmp_path, f"s3://{NAME}/{request.node.name}")
    assert isinstance(made, Bucket)
    return made


def put(bucket: Bucket, data: bytes) -> str:
    return bucket.put(io.BytesIO(data))[0]


def spoil(bucket: Bucket, sha256: str, data: bytes | None) -> None:
    import s3fs

    path = f"{bucket.address.removeprefix('s3://')}/{sha256[:2]}/{sha256}"
    s3fs.S3FileSystem().rm_file(path) if data is None else s3fs.S3FileSystem().pipe(path, data)


def test_what_is_read_is_what_was_stored_in_this_process_and_another(bucket: Bucket) -> None:
    sha256 = put(bucket, b"photo")
    other: Bucket = pickle.loads(pickle.dumps(bucket))  # noqa: S301 - ours
    assert bucket.read(sha256) == other.read(sha256) == b"photo"
    assert bucket.where(sha256).read_bytes() == b"photo"
    bucket.reachable()


def test_a_bucket_is_there_before_its_first_photo_and_one_that_was_never_made_is_not(
    bucket: Bucket, tmp_path: Path
) -> None:
    bucket.reachable()
    assert list(bucket.names()) == []
    with pytest.raises(StorageError):
        bucket.read("0" * 64)
    for address in ("s3://nowhere", "s3://nowhere/files"):
        with pytest.raises(StorageError):
            Bucket(address, tmp_path).reachable()


def test_what_changed_or_went_is_told_and_mended_by_storing_it_again(bucket: Bucket) -> None:
    sha256 = put(bucket, b"photo")
    put(bucket, b"another")
    for data in (b"phot0", None):
        spoil(bucket, sha256, data)
        with pytest.raises(BlobDamagedError):
            bucket.read(sha256)
    assert not bucket.where(sha256).exists()
    put(bucket, b"photo")
    assert bucket.read(sha256) == b"photo"


def test_a_wrong_address_or_an_outage_says_nothing_of_a_photo(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha256 = put(bucket, b"photo")
    with pytest.raises(StorageError):
        Bucket(f"s3://{NAME}/mistyped", tmp_path / "a").read(sha256)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    away = Bucket(bucket.address, tmp_path / "b")
    for ask in (lambda: away.read(sha256), lambda: put(away, b"photo"), away.reachable):
        with pytest.raises(StorageError) as caught:
            ask()
        assert "secret" not in str(caught.value)


def test_a_sweep_takes_what_is_old_and_nobodys(bucket: Bucket) -> None:
    kept, gone = put(bucket, b"kept"), put(bucket, b"gone")
    spoil(bucket, "notes.txt", b"somebody else's")
    assert bucket.sweep(lambda _: [], NOW) == 0, "it is young"
    assert bucket.sweep(lambda names: {kept} & set(names), LATER) == 1
    assert bucket.read(kept) == b"kept" and list(bucket.names()) == [kept]
    assert bucket.sweep(lambda names: {kept} & set(names), LATER + 2 * GRACE) == 0
    with pytest.raises(BlobDamagedError):
        bucket.read(gone)


def test_what_is_stored_again_as_a_sweep_deletes_it_stays(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was acknowledged, with a round trip between the last look at the old one and its end."""
    sha256, other = put(bucket, b"photo"), put(bucket, b"another")
    system, _ = bucket._opened()
    end = system.rm_file

    def late(key: str) -> None:
        if key.endswith(sha256):
            put(bucket, b"photo")
        end(key)

    with monkeypatch.context() as patch:
        patch.setattr(system, "rm_file", late)
        assert bucket.sweep(lambda _: [], LATER) == 2
    assert bucket.read(sha256) == b"photo"
    for hours in (2, 4):
        later = LATER + hours * GRACE
        bucket.sweep(lambda names: {sha256} & set(names), later)
        assert list(bucket.names()) == [sha256] and bucket.read(sha256) == b"photo"
    with pytest.raises(BlobDamagedError):
        bucket.read(other)


def test_a_bucket_that_may_only_be_read_is_told(bucket: Bucket, s3_service: Service) -> None:
    sha256 = put(bucket, b"photo")
    bucket.reachable()
    s3_service.read_only = True
    try:
        with pytest.raises(StorageError):
            put(bucket, b"another")
        assert bucket.read(sha256) == b"photo"
        # One that tried nothing yet, and one that was refused.
        for one in (pickle.loads(pickle.dumps(bucket)), bucket):  # noqa: S301 - ours
            with pytest.raises(StorageError):
                one.reachable()
    finally:
        s3_service.read_only = False
    bucket.reachable()
    assert list(bucket.names()) == [sha256]


def test_a_check_goes_through_a_bucket(s3: str, tmp_path: Path, demo_registry: Registry) -> None:
    work = Work(settings(tmp_path, blobs=f"s3://{NAME}/work"))
    check_id = send(work, b"no picture")
    queue = Queue(work)
    (one,) = queue.take(1)
    queue.finish(one.id, answer(accepted(work, one), demo_registry), one.claim)
    (told,) = standing(work, check_id).reports
    assert told["error"]["code"] == "photo.unknown_format"
    assert not (tmp_path / "files").exists()
    work.close()


@pytest.mark.parametrize("kind", ["file", "s3"])
def test_a_machine_that_is_new_deletes_nothing_for_an_older_database(
    kind: str, tmp_path: Path, clock: Clock, request: pytest.FixtureRequest
) -> None:
    """It was never told where the log ended; what the files lie beside tells it."""
    place = f"file://{tmp_path}/files"
    if kind == "s3":
        request.getfixturevalue("s3")
        place = f"s3://{NAME}/older"
    before = Work(settings(tmp_path / "a", blobs=place), clock)
    send(before, b"today")
    before.sweep()
    before.close()
    after = Work(settings(tmp_path / "b", blobs=place), clock)
    send(after, b"yesterday")
    clock.on(hours=2)
    after.sweep()
    found = recover(after, tmp_path / "out")
    assert found is not None and found.files == 1
    (out,) = (tmp_path / "out").iterdir()
    assert out.read_bytes() == b"today"
    assert recover(after, tmp_path / "again") is None
    after.blobs.sweep(lambda _: [], clock() + dt.timedelta(hours=2))
    assert list(after.blobs.names()) == [], "the line beside the files is none of them"
    after.close()


def test_a_folder_may_lie_elsewhere(tmp_path: Path) -> None:
    place = opened(tmp_path / "work", f"file://{tmp_path / 'mounted' / 'a b'}")
    assert isinstance(place, Blobs) and place.folder == tmp_path / "mounted" / "a b"


def test_oss_lists_what_other_machines_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own library wants a live service: a folder takes its place, and lists as it does."""
    at = [0.0]
    monkeypatch.setattr("fsspec.dircache.time", SimpleNamespace(time=lambda: at[0]))

    class Folder(LocalFileSystem):  # type: ignore[misc]
        protocol = "oss"

        def __init__(self, **options: Any) -> None:
            super().__init__(auto_mkdir=True, **options)

        @classmethod
        def _strip_protocol(cls, path: str) -> str:
            inside = path.removeprefix("oss://")
            return path if inside == path else f"{tmp_path}/service/{inside}"

        def ls(self, path: str, *, detail: bool = False, **_: object) -> list[Any]:
            if path not in self.dircache:
                self.dircache[path] = super().ls(path, detail=True)
            found = self.dircache[path]
            return found if detail else [one["name"] for one in found]

    assert known_implementations["oss"]["class"] == "ossfs.OSSFileSystem"
    monkeypatch.setitem(_registry, "oss", Folder)
    (tmp_path / "service" / "box").mkdir(parents=True)
    address = Settings.from_environment({BLOBS: "oss://box/"}).blobs
    found, other = (opened(tmp_path / one, address) for one in ("a", "b"))
    assert isinstance(found, Bucket) and isinstance(other, Bucket)
    found.reachable()
    at[0] += 2
    stored = [put(other, b"photo")]
    assert list(found.names()) == stored and found.read(stored[0]) == b"photo"
    at[0] += 2
    stored.append(put(other, b"another"))
    assert set(found.names()) == set(stored)


def test_a_bucket_whose_library_is_not_installed_says_which_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(_registry, "oss", raising=False)
    monkeypatch.setitem(sys.modules, "ossfs", None)
    with pytest.raises(ExtraMissingError) as caught:
        opened(tmp_path, "oss://box/files")
    assert caught.value.details["extra"] == "oss"


@pytest.mark.parametrize("address", ["s3:///x", "s3://", "file://host/x", "https://a", "/a"])
def test_an_address_that_leads_nowhere_is_told_at_the_start(address: str) -> None:
    with pytest.raises(SettingError):
        Settings.from_environment({BLOBS: address})
