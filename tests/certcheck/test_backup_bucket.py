"""What would break: photos in a bucket that no backup holds, or that go back into none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from certcheck.runner import buckets
from certcheck.runner.blobs import MARK
from certcheck.runner.settings import BLOBS
from tests.certcheck.test_backup import Deployment, answered
from tests.servers.bucket import NAME


class Away(Deployment):
    """A server whose files lie in a bucket of its own."""

    def __init__(self, home: Path) -> None:
        super().__init__(home, None)
        self.bucket = f"{NAME}/{home.parent.name}-{home.name}"
        self.env[BLOBS] = f"s3://{self.bucket}"

    def stored(self) -> set[str]:
        found = files(use_listings_cache=False).find(self.bucket)
        return {str(one).rpartition("/")[2] for one in found} - {MARK}


def files(**more: Any) -> Any:
    import s3fs  # half a second of each worker's time

    return s3fs.S3FileSystem(**more)


def test_what_lies_in_a_bucket_goes_into_another_and_into_a_folder(s3: str, tmp_path: Path) -> None:
    one, out = Away(tmp_path / "one"), tmp_path / "all.backup"
    with one.work() as work:
        check = answered(work, b"photo")
    assert one.run("backup", "--out", str(out)).exit_code == 0
    address = f"/api/v1/checks/{check}"
    before = one.answers(address)
    assert before[0][0] == 200 and len(one.stored()) == 2
    two, folder = Away(tmp_path / "two"), Deployment(tmp_path / "three", None)
    for other in (two, folder):
        assert other.run("restore", str(out)).exit_code == 0
        assert other.answers(address) == before
        assert other.run("blobs", "verify").exit_code == 0
    assert two.stored() == one.stored()
    # From the folder into the first again, which lost a photo.
    (lost, *_) = sorted(one.stored())
    files().rm_file(f"{one.bucket}/{lost[:2]}/{lost}")
    told = one.run("backup", "--out", str(tmp_path / "less.backup"))
    assert told.exit_code == 1 and told.stdout.split()[1:] == [lost]
    assert folder.run("backup", "--out", str(out)).exit_code == 0
    assert one.run("restore", str(out)).exit_code == 2, "there is something already"
    assert one.run("restore", str(out), "--force").exit_code == 0
    assert one.stored() == two.stored() and one.answers(address) == before


def test_a_backup_that_is_not_whole_or_a_bucket_that_is_away_changes_nothing(
    s3: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, out = Away(tmp_path / "one"), tmp_path / "all.backup"
    with one.work() as work:
        check = answered(work, b"photo")
    assert one.run("backup", "--out", str(out)).exit_code == 0
    whole, two = out.read_bytes(), Away(tmp_path / "two")
    for wrong in (whole[: len(whole) // 2], whole.replace(b"photo", b"phot0", 1)):
        out.write_bytes(wrong)
        assert two.run("restore", str(out)).exit_code == 3
        assert two.stored() == set() and list(two.home.iterdir()) == []
    out.write_bytes(whole)
    with monkeypatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        patch.setitem(buckets._OPTIONS["s3"]["config_kwargs"], "retries", {"max_attempts": 0})
        for words in (("restore", str(out)), ("backup", "--out", str(tmp_path / "no.backup"))):
            told = (two if words[0] == "restore" else one).run(*words)
            assert told.exit_code > 1 and "s3://" in told.stderr and "secret" not in told.stderr
        assert not (two.home / "work" / "work.sqlite").exists(), "files come before rows"
        assert sorted(path.name for path in tmp_path.iterdir()) == ["all.backup", "one", "two"]
    # As soon as it is there again.
    assert two.run("restore", str(out)).exit_code == 0
    assert two.answers(f"/api/v1/checks/{check}") == one.answers(f"/api/v1/checks/{check}")
