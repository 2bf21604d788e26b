"""What a source gave, on disk, until something newer that is sound takes its place.

The folder of a source holds `state.json`, which names the folder of the last sound content.
It is replaced in one step, after everything else is there: whatever breaks, and whenever,
the last sound content stays. Content is the contract's rows as they are imported: documents
may tell persons' ID and mobile numbers, so of them only the hashes stay.
"""

from __future__ import annotations

import contextlib
import csv
import dataclasses as dc
import datetime as dt
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from registry.days import CHINA, today
from registry.errors import SourceBrokenError
from registry.formulas import guarded
from registry.importing import stated
from registry.importing.planned import ImportPlan
from registry.importing.source import DROPPED
from registry.shape import cell, shape
from registry.sync import json_tables
from registry.sync.config import Format, ListDate, Source
from registry.sync.fetch import Held, fetch

STATE = "state.json"
# Beside the tables, where they are no history (`importing.stated`).
STATED = "stated.json"
WHOLE = "whole.json"
# A checksum list has a line a document.
_MAX_CHECKSUM_BYTES = 100_000
_BLOCK = 1 << 20
# A folder in the making that is older was left by a process that was killed.
_FORSAKEN_SECONDS = 86_400

Pause = Callable[[float], object]


@dc.dataclass(frozen=True, slots=True)
class Document:
    """A document that was fetched.

    Attributes:
        url: where from.
        sha256: of its bytes.
        held: what its server called it.
    """

    url: str
    sha256: str
    held: Held


@dc.dataclass(frozen=True, slots=True)
class Staged:
    """A source's content, ready to be imported.

    Attributes:
        folder: that holds it.
        path: what to import: a folder of CSV tables, or a workbook that was just fetched.
        list_date: the day it is true for; a document of an authority may tell another, and
            then that one is kept.
        documents: by file name.
        fetched_at: UTC, when the source was last asked and answered.
        files: SHA-256 of the tables that are kept, by file name; none of what was just fetched.
    """

    folder: Path
    path: Path
    list_date: dt.date
    documents: Mapping[str, Document]
    fetched_at: dt.datetime
    files: Mapping[str, str] = dc.field(default_factory=dict)

    @property
    def sha256(self) -> str:
        """Of all documents, as the importer reckons it for them."""
        [first, *others] = sorted(self.documents)
        if not others and not first.endswith(".csv"):
            return self.documents[first].sha256
        return hashlib.sha256(_sums(self.documents).encode()).hexdigest()


def last_sound(source: Source, state: Path) -> Staged | None:
    """The last sound content of a source; None before the first, or if it was damaged."""
    home = state / source.name
    try:
        told = json.loads((home / STATE).read_bytes())
        staged = _from_json(told, home, source)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    for name, sha256 in staged.files.items():
        if not (staged.path / name).is_file() or _sha256(staged.path / name) != sha256:
            return None
    return staged


@contextlib.contextmanager
def fetched(source: Source, state: Path, pause: Pause = time.sleep) -> Iterator[Staged]:
    """The source's content as it is now; thrown away unless it was `keep`t.

    Raises:
        SourceBrokenError: if any document of it could not be had, whole and as announced.
    """
    home = state / source.name
    try:
        home.mkdir(parents=True, exist_ok=True)
        _clear(home)
        work = Path(tempfile.mkdtemp(dir=home, prefix="new-"))
    except OSError as error:
        raise SourceBrokenError(reason="disk", url=str(home), error=str(error.strerror)) from error
    try:
        yield _fetch_all(source, work, last_sound(source, state), pause)
    except OSError as error:
        raise SourceBrokenError(reason="disk", url=str(home), error=str(error.strerror)) from error
    finally:
        # Kept, it has another name.
        shutil.rmtree(work, ignore_errors=True)


def keep(source: Source, state: Path, staged: Staged, plan: ImportPlan) -> Staged:
    """Makes fetched content the last sound one, in one step; older content goes.

    Args:
        source: that it is of.
        state: the folder of all sources.
        staged: what was fetched; its documents are not kept.
        plan: its rows, as they are imported, and what documents of authorities state.
    """
    home = state / source.name
    work = Path(tempfile.mkdtemp(dir=home, prefix="new-"))
    if plan.list_date is not None:
        staged = dc.replace(staged, list_date=plan.list_date)
    try:
        files = _write_tables(plan, work / source.name)
        sums = "".join(f"{name} {sha256}\n" for name, sha256 in sorted(files.items()))
        named = hashlib.sha256(f"{staged.list_date}\n{sums}".encode()).hexdigest()[:16]
        folder = home / f"{staged.list_date}-{named}"
        last = last_sound(source, state)
        if last is None or last.folder != folder:
            shutil.rmtree(folder, ignore_errors=True)  # damaged, or never finished
            work.rename(folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    kept = dc.replace(staged, folder=folder, path=folder / source.name, files=files)
    new = home / f"{STATE}.new"
    new.write_text(json.dumps(_to_json(kept), ensure_ascii=False, indent=1), encoding="utf-8")
    os.replace(new, home / STATE)  # noqa: PTH105 - one step
    for old in home.iterdir():
        # A folder in the making may be another process's.
        if old.is_dir() and old != folder and not old.name.startswith("new-"):
            shutil.rmtree(old, ignore_errors=True)
    return kept


def _clear(home: Path) -> None:
    """Documents that a killed process left go; they may tell what is never kept."""
    for old in home.glob("new-*"):
        if time.time() - old.stat().st_mtime > _FORSAKEN_SECONDS:
            shutil.rmtree(old, ignore_errors=True)


def restate(staged: Staged, plan: ImportPlan) -> None:
    """Tells the plan of kept content what documents of authorities stated of it."""
    if STATED in staged.files:
        plan.snapshot = True
        text = (staged.path / STATED).read_text(encoding="utf-8")
        plan.stated, plan.adds = stated.read(text)
    if WHOLE in staged.files:
        plan.whole |= frozenset(json.loads((staged.path / WHOLE).read_text(encoding="utf-8")))


def _write_tables(plan: ImportPlan, folder: Path) -> dict[str, str]:
    """Writes the contract's CSV tables; gives the SHA-256 of each file by its name."""
    folder.mkdir()
    if plan.snapshot:
        told = stated.written(plan.stated, adds=plan.adds)
        (folder / STATED).write_text(told, encoding="utf-8")
    if plan.whole:
        told = json.dumps(sorted(plan.whole))
        (folder / WHOLE).write_text(told, encoding="utf-8")
    for name, read in plan.tables.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            more = (DROPPED,) if read.dropped else ()
            writer.writerow((*shape(name).columns, *more))
            rows = (
                (*row.values, row.dropped_on)[: len(row.values) + len(more)] for _, row in read.rows
            )
            writer.writerows([guarded(cell(value)) for value in row] for row in rows)
    return {path.name: _sha256(path) for path in folder.iterdir()}


# Fetching ---------------------------------------------------------------------------------


def _raw_folder(folder: Path, source: Source) -> Path:
    """Where the documents are as they were fetched."""
    return folder / source.name if source.format is Format.CSV else folder


def _fetch_all(source: Source, work: Path, last: Staged | None, pause: Pause) -> Staged:
    raw = _raw_folder(work, source)
    raw.mkdir(exist_ok=True)
    sums = _checksums(source, work, pause)
    documents: dict[str, Document] = {}
    for name, url in source.documents.items():
        # Only a table is still there to be taken again; a workbook's meaning may change
        # without it, with its mapping or the laboratories that are known.
        before = last.documents.get(name) if last and source.format is Format.CSV else None
        if before is not None and before.url != url:
            before = None
        expected = source.sha256 or sums.get(_file_name(url), "")
        if source.checksums and not expected:
            raise SourceBrokenError(reason="checksum_missing", url=url)
        answer = fetch(
            url,
            raw / name,
            source.rules,
            held=before.held if before else None,
            checked=bool(expected),
            pause=pause,
        )
        if answer is None:
            assert before is not None
            assert last is not None
            shutil.copyfile(last.path / name, raw / name)
            documents[name] = before
        else:
            documents[name] = Document(url, answer.sha256, answer.held)
        if expected and documents[name].sha256 != expected:
            raise SourceBrokenError(reason="checksum", url=url)
    if source.mapping is not None and source.mapping.is_file():
        # What a workbook means changes with its mapping: another one is other content.
        documents[source.mapping.name] = Document("", _sha256(source.mapping), Held())
    return _laid_out(source, work, documents, last)


def _laid_out(
    source: Source, work: Path, documents: Mapping[str, Document], last: Staged | None
) -> Staged:
    """The content as the importer takes it, with its day."""
    path, stated = work / source.name, None
    if source.format is Format.JSON:
        path.mkdir()
        stated = json_tables.write(work / f"{source.name}.json", path)
    elif source.format is Format.XLSX:
        path = work / f"{source.name}.xlsx"
    day = stated or _day(source, documents, last)
    return Staged(work, path, day, documents, dt.datetime.now(dt.UTC))


def _day(source: Source, documents: Mapping[str, Document], last: Staged | None) -> dt.date:
    """The day that the content is true for, where it does not say so itself."""
    now = today()
    if source.list_date is ListDate.TODAY:
        return now
    days = [day for one in documents.values() if (day := _modified(one.held.last_modified))]
    if days:
        # A table that did not change since is still as it was when the newest one did.
        return min(max(days), now)
    sums = {name: one.sha256 for name, one in documents.items()}
    if last and sums == {name: one.sha256 for name, one in last.documents.items()}:
        return last.list_date
    return now


def _modified(header: str) -> dt.date | None:
    try:
        return parsedate_to_datetime(header).astimezone(CHINA).date()
    except (ValueError, OverflowError):
        return None


def _file_name(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]


def _checksums(source: Source, work: Path, pause: Pause) -> dict[str, str]:
    """File name to SHA-256, from a list as `sha256sum` writes it."""
    if not source.checksums:
        return {}
    path = work / "checksums"
    most = min(_MAX_CHECKSUM_BYTES, source.rules.max_bytes)
    fetch(source.checksums, path, dc.replace(source.rules, max_bytes=most), pause=pause)
    sums = {}
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        digest, _, name = line.strip().partition(" ")
        sums[name.strip().removeprefix("*").rpartition("/")[2]] = digest.lower()
    path.unlink()
    return sums


def _sums(documents: Mapping[str, Document]) -> str:
    return "".join(f"{name} {one.sha256}\n" for name, one in sorted(documents.items()))


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


# state.json -------------------------------------------------------------------------------


def _to_json(staged: Staged) -> dict[str, Any]:
    return {
        "folder": staged.folder.name,
        "path": staged.path.name,
        "list_date": staged.list_date.isoformat(),
        "fetched_at": staged.fetched_at.isoformat(),
        "documents": {name: dc.asdict(one) for name, one in staged.documents.items()},
        "files": dict(staged.files),
    }


def _from_json(told: Mapping[str, Any], home: Path, source: Source) -> Staged:
    folder = home / Path(told["folder"]).name
    documents = {
        name: Document(one["url"], one["sha256"], Held(**one["held"]))
        for name, one in told["documents"].items()
    }
    mapped = {source.mapping.name} if source.mapping else set()
    if documents.keys() - mapped != set(source.documents):
        raise ValueError("the source has other documents by now")
    return Staged(
        folder=folder,
        path=folder / Path(told["path"]).name,
        list_date=dt.date.fromisoformat(told["list_date"]),
        documents=documents,
        fetched_at=dt.datetime.fromisoformat(told["fetched_at"]),
        files=dict(told["files"]),
    )
