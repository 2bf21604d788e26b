"""What would break: a pack changed anywhere, and `verify` says nothing."""

from __future__ import annotations

import dataclasses as dc
import hashlib
import io
import json
import zipfile
from pathlib import Path

import pytest

from certcheck.audit.chain import Head, canonical, sealed
from certcheck.evidence import container
from certcheck.evidence.errors import NoPackError, PackMissingError
from certcheck.evidence.manifest import NAME, Manifest, Member, digest_of, unpacked
from certcheck.evidence.verify import LOG, Found, examine, verify

ROW = sealed(
    {
        "at": "2026-11-22T13:14:15.000000Z", "who_kind": "person", "who_id": "1",
        "what": "case.opened", "who_name": "chen", "about_kind": "case", "about_id": "7",
        "detail": "{}",
    },
    Head(),
)  # fmt: skip
PHOTO = b"\xff\xd8\xff a photo \n\0\xff\xd9"


def pack(path: Path, changed: dict[str, bytes] | None = None) -> Path:
    """A small pack; of `changed` members the manifest says what the first ones were."""
    held = {
        LOG: (canonical(dc.asdict(ROW)) + "\n").encode(),
        "checks/1/report.json": json.dumps({"id": "1", "name": "南阳"}).encode(),
        f"photos/{hashlib.sha256(PHOTO).hexdigest()}.jpg": PHOTO,
        "empty.txt": b"",
    }
    members = [
        Member(name, len(data), hashlib.sha256(data).hexdigest())
        for name, data in sorted(held.items())
    ]
    packed = Manifest({"checks": ["1"], "made_at": "2026-11-22T13:14:15Z"}, members).packed()
    held |= changed or {}
    with path.open("wb") as file:
        container.write(file, [(NAME, packed), *((one.name, held[one.name]) for one in members)])
    return path


def looked(data: bytes) -> Found:
    return examine(io.BytesIO(data), "a.zip")


def test_any_program_opens_it_and_nothing_differs(tmp_path: Path) -> None:
    made = pack(tmp_path / "a.zip")
    with zipfile.ZipFile(made) as opened:
        assert opened.testzip() is None
        assert [one.filename for one in opened.infolist()] == [
            NAME, "checks/1/report.json", "empty.txt", LOG,
            f"photos/{hashlib.sha256(PHOTO).hexdigest()}.jpg",
        ]  # fmt: skip
        packed = opened.read(NAME)
    found = verify(made)
    assert (found.code, found.digest) == (None, hashlib.sha256(packed).hexdigest())
    told = unpacked(packed)
    assert told is not None and found.told == told and digest_of(packed) == found.digest
    assert made.read_bytes() == pack(tmp_path / "b.zip").read_bytes()


def test_every_byte_counts_and_the_part_it_is_in_is_named(tmp_path: Path) -> None:
    data = pack(tmp_path / "a.zip").read_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        heads = [(one.header_offset, one.filename) for one in opened.infolist()]
        start = opened.start_dir
    for at in range(len(data)):
        bit = 1 << at % 8
        found = looked(data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :])
        assert found.code is not None, f"byte {at}"
        if at < start:
            offset, name = [one for one in heads if one[0] <= at][-1]
            within = at - offset < 30 + len(name)
            assert found.name == name, f"byte {at}"
            wanted = {"evidence.differs.head"} if within else {
                "evidence.differs.member", "evidence.differs.manifest",
            }  # fmt: skip
            assert found.code in wanted and (not within or found.at == at), f"byte {at}"
        else:
            assert found.code in ("evidence.differs.contents", "evidence.differs.end"), at
            assert found.at == at


def test_bytes_added_or_taken_away_are_told(tmp_path: Path) -> None:
    data = pack(tmp_path / "a.zip").read_bytes()
    for at in range(len(data) + 1):
        assert looked(data[:at] + b"\0" + data[at:]).code is not None, f"one more at {at}"
    for at in range(len(data)):
        assert looked(data[:at] + data[at + 1 :]).code is not None, f"one less at {at}"
    for end in range(60, len(data), 7):
        assert looked(data[:end]).code is not None, f"cut at {end}"
    assert looked(data + b"more").code == "evidence.differs.after"
    assert looked(b"more" + data).code == "evidence.differs.before"


def test_what_other_programs_do_to_it_is_told(tmp_path: Path) -> None:
    made = pack(tmp_path / "a.zip")
    with zipfile.ZipFile(made) as opened:
        held = {one.filename: opened.read(one) for one in opened.infolist()}
    more, again, packed, order, twice = (tmp_path / f"{name}.zip" for name in "vwxyz")
    more.write_bytes(made.read_bytes())
    with zipfile.ZipFile(more, "a") as opened:
        opened.writestr("more.txt", "put in")
    found = verify(more)
    assert (found.code, found.name) == ("evidence.differs.more", "more.txt")
    for path, kind in ((again, zipfile.ZIP_STORED), (packed, zipfile.ZIP_DEFLATED)):
        with zipfile.ZipFile(path, "w", kind) as opened:
            for name, data in held.items():
                opened.writestr(name, data)
        assert verify(path).code is not None
    with order.open("wb") as file:
        container.write(file, [(NAME, held[NAME]), *list(held.items())[:0:-1]])
    assert verify(order).code == "evidence.differs.member"
    with twice.open("wb") as file:
        container.write(file, [*held.items(), *list(held.items())[1:2]])
    assert verify(twice).code == "evidence.differs.more"
    with zipfile.ZipFile(made, "a") as opened:
        opened.comment = b"a word"
    assert verify(made).code == "evidence.differs.end"


def test_a_pack_that_was_made_anew_agrees_with_itself_alone(tmp_path: Path) -> None:
    """The digest tells it; and what is named by its digest, or bears one, still has to be it."""
    before = verify(pack(tmp_path / "a.zip")).digest
    made = tmp_path / "b.zip"
    row = canonical(dc.asdict(ROW) | {"who_name": "wang"}).encode()
    for name, data, code in (
        ("checks/1/report.json", b"{}", None),
        (LOG, row, "evidence.differs.log"), (LOG, b"[]\n", "evidence.differs.log"),
        ("photos/ab.jpg", PHOTO, "evidence.differs.named"),
    ):  # fmt: skip
        packed = Manifest({}, [Member(name, len(data), hashlib.sha256(data).hexdigest())]).packed()
        with made.open("wb") as file:
            container.write(file, [(NAME, packed), (name, data)])
        found = verify(made)
        assert found.code == code and found.digest != before


def test_what_is_no_pack_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PackMissingError):
        verify(tmp_path / "none.zip")
    with pytest.raises(PackMissingError):
        verify(tmp_path)
    for data in (b"", b"PK", b"some text", b"PK\x03\x04" + bytes(100)):
        (tmp_path / "other.zip").write_bytes(data)
        with pytest.raises(NoPackError):
            verify(tmp_path / "other.zip")
    for bad in (b"", b"[]\n", b"{}\n", b'{"members":[{}],"schema":"certcheck.evidence/1"}\n'):
        assert unpacked(bad) is None
