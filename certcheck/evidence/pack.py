"""A pack: what was seen, by whom, with every hash, in one file.

The same checks at the same moment give the same bytes. A file is whole or not there: it is written
beside its place and moved.
"""

from __future__ import annotations

import contextlib
import dataclasses as dc
import datetime as dt
import hashlib
import io
import json
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from certcheck import audit
from certcheck.audit import Entry, Who, heads
from certcheck.audit.chain import Head, canonical
from certcheck.errors import StorageError
from certcheck.evidence import container, days, manifest, stamping, stamps
from certcheck.evidence.errors import KeptDamagedError, PackThereError
from certcheck.evidence.held import Held
from certcheck.evidence.manifest import Manifest, Member
from certcheck.evidence.verify import LOG
from certcheck.files import shown_name
from certcheck.report import VERSION
from certcheck.runner.work import Work
from registry import rested, store
from registry.errors import RevisionUnknownError
from registry.lookup import Registry

README = Path(__file__).with_name("README.TXT")
_CHUNK = 2**20
# What bytes begin with, and how such a file is named for who opens it.
_KINDS = (
    (b"\xff\xd8\xff", "jpg"), (b"\x89PNG", "png"), (b"%PDF", "pdf"), (b"GIF8", "gif"),
    (b"RIFF", "webp"), (b"BM", "bmp"), (b"II*\0", "tif"), (b"MM\0*", "tif"),
    (b"<!DO", "html"), (b"<!do", "html"), (b"<htm", "html"), (b"{", "json"),
)  # fmt: skip
_BRAND = slice(4, 12)
_HEIF = (b"ftyphei", b"ftypmif", b"ftyphev")

# Puts the reports of a check on paper.
Paper = Callable[[Held], bytes]


@dc.dataclass(frozen=True, slots=True)
class Pack:
    """A pack, ready to be written.

    Attributes:
        manifest: its bytes.
        files: what is in it, by name: bytes, or where they lie.
        checks: ids of the checks.
    """

    manifest: bytes
    files: Mapping[str, bytes | Path]
    checks: Sequence[str]

    @property
    def digest(self) -> str:
        """What names it."""
        return manifest.digest_of(self.manifest)


def gather(
    found: Sequence[Held], paper: Paper, work: Work, registry: Registry, now: dt.datetime
) -> Pack:
    """All that belongs into a pack.

    Args:
        found: the checks.
        paper: makes the PDF of one.
        work: the store, for its log.
        registry: for the rows that reports rest on.
        now: the moment that the pack bears.

    Raises:
        KeptDamagedError: a photo or a record is gone, or no longer what it was.
        PdfError: no PDF can be made.
        SettingError: the authority for time stamps is not set as it has to be.
        DatabaseUnreachableError: a database does not answer.
    """
    files: dict[str, bytes | Path] = {"README.txt": README.read_bytes()}
    for one in found:
        folder = f"checks/{one.id}"
        files |= {f"{folder}/{name}": data for name, data in _of_check(one).items()}
        files[f"{folder}/report.pdf"] = paper(one)
        files |= _by_digest("photos", one.photos) | _by_digest("records", one.records)
    files |= _registry(registry, [report for one in found for report in _all_reports(one)])
    with store.session(work.engine) as opened:
        rows = audit.about(opened, [thing for one in found for thing in one.things])
        ends = days.over(opened, [row.seq for row in rows])
        end = heads.keep(work.settings.folder, opened, now)
    files[LOG] = "".join(_line(row) for row in rows).encode()
    if ends:
        files[days.NAME] = "".join(one.line() for one in ends).encode()
    checks = [one.id for one in found]
    told = {"checks": checks, "made_at": _moment(now), "program": VERSION, "log": _head(end)}
    members = [_member(name, files[name]) for name in sorted(files)]
    listed, stamp = stamping.stamp(told, members, stamps.configured())
    if stamp is not None:
        files[stamping.NAME] = stamp
        every = [*members, _member(stamping.NAME, stamp)]
        listed = Manifest(listed.told, sorted(every, key=lambda one: one.name))
    return Pack(listed.packed(), files, checks)


def note(work: Work, digest: str, checks: Sequence[str], who: Who, what: str = "pack.made") -> None:
    """Writes into the log that there is a pack of some checks, and the digest that names it.

    Raises:
        DatabaseUnreachableError: the database does not answer.
    """
    with store.session(work.engine) as opened:
        store.write(opened)
        told = {"digest": digest, "checks": list(checks)}
        for one in checks:
            audit.write(opened, who=who, what=what, about=("check", one), detail=told)
        opened.commit()
    with store.session(work.engine) as opened, contextlib.suppress(StorageError):
        heads.keep(work.settings.folder, opened, work.clock())


def noted(work: Work, digest: str, checks: Sequence[str]) -> bool:
    """Whether the log knows a pack.

    Raises:
        DatabaseUnreachableError: the database does not answer.
    """
    with store.session(work.engine) as opened:
        rows = audit.about(opened, [("check", one) for one in checks])
    return any(one.told.get("digest") == digest for one in rows)


def write(out: Path, pack: Pack) -> None:
    """Writes a pack to a file; what is there is replaced once the new one is whole.

    Raises:
        PackThereError: it cannot be written.
        PackTooBigError: it is more than one pack holds.
        KeptDamagedError: a file changed meanwhile.
    """
    try:
        handle, name = tempfile.mkstemp(dir=out.absolute().parent, prefix=".certcheck-")
        new = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                put(file, pack)
                file.flush()
                os.fsync(file.fileno())
            mask = os.umask(0)
            os.umask(mask)
            new.chmod(0o666 & ~mask)
            new.replace(out)
        finally:
            new.unlink(missing_ok=True)
    except OSError as error:
        reason = error.strerror or str(error)
        raise PackThereError(name=shown_name(out), reason=reason) from error


def put(file: IO[bytes], pack: Pack) -> None:
    """Writes a pack to a file that is open; see `write`."""
    with contextlib.ExitStack() as stack:
        members: list[tuple[str, bytes | IO[bytes]]] = [(manifest.NAME, pack.manifest)]
        for name in sorted(pack.files):
            data = pack.files[name]
            held = data if isinstance(data, bytes) else stack.enter_context(_opened(data))
            members.append((name, held))
        container.write(file, members)


def _opened(path: Path) -> IO[bytes]:
    return path.open("rb")


def _of_check(one: Held) -> dict[str, bytes]:
    """What is told of a check in words that programs read."""
    files = {
        f"report-{number}.json": _pretty(step) for number, step in enumerate(one.steps, start=1)
    }
    if one.circumstances is not None:
        files["circumstances.json"] = _pretty(one.circumstances)
    if one.cases:
        files["cases.json"] = _pretty(one.cases)
    return files


def _all_reports(one: Held) -> list[Mapping[str, Any]]:
    return [report for step in one.steps for report in step["reports"]]


def _registry(registry: Registry, reports: Sequence[Mapping[str, Any]]) -> dict[str, bytes | Path]:
    """The rows of each laboratory as each revision had them; what is not known is told as such."""
    wanted: dict[str, set[str]] = {}
    for one in reports:
        labs = wanted.setdefault(str(one["registry"]["revision"]), set())
        labs |= {str((one.get("lab") or {}).get("lab_id") or "")} - {""}
    files: dict[str, bytes | Path] = {}
    with registry.session() as opened:
        for revision, labs in sorted(wanted.items()):
            try:
                told = rested.rows_of(opened, revision, sorted(labs))
            except RevisionUnknownError as error:
                told = {"revision": revision, "unknown": str(error.details.get("reason", ""))}
            files[f"registry/{_plain(revision)}.json"] = _pretty(told)
    return files


def _by_digest(folder: str, held: Mapping[str, Path]) -> dict[str, bytes | Path]:
    return {f"{folder}/{digest}.{_kind(path)}": path for digest, path in held.items()}


def _kind(path: Path) -> str:
    try:
        with path.open("rb") as file:
            first = file.read(16)
    except OSError as error:
        raise KeptDamagedError(name=path.name) from error
    if first[_BRAND].startswith(_HEIF):
        return "heic"
    return next((kind for sign, kind in _KINDS if first.startswith(sign)), "bin")


def _member(name: str, data: bytes | Path) -> Member:
    """A member with its digest; one that is named by a digest has to have it."""
    if isinstance(data, bytes):
        return Member(name, len(data), hashlib.sha256(data).hexdigest())
    try:
        with data.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            size = file.seek(0, io.SEEK_END)
    except OSError as error:
        raise KeptDamagedError(name=data.name) from error
    if digest not in name:
        raise KeptDamagedError(name=data.name)
    return Member(name, size, digest)


def _pretty(value: Any) -> bytes:  # noqa: ANN401
    told = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True)
    return (told + "\n").encode("utf-8", "replace")


def _line(row: Entry) -> str:
    return canonical(dc.asdict(row)) + "\n"


def _head(end: Head) -> dict[str, Any]:
    return {"seq": end.seq, "digest": end.digest}


def _moment(now: dt.datetime) -> str:
    return now.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _plain(text: str) -> str:
    return "".join(one for one in text if one.isascii() and one.isalnum()) or "none"
