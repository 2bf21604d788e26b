"""Makes one pack that was asked for on a page: all of it beside the pages, in its own process."""

from __future__ import annotations

import concurrent.futures
import contextlib
import io
import multiprocessing
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

from certcheck.audit import Who
from certcheck.errors import CertcheckError, PdfError
from certcheck.evidence import container, held, pack, papers, wanted
from certcheck.evidence.errors import NoPaperError, PackTooBigError
from certcheck.evidence.held import Held
from certcheck.evidence.pack import Paper
from certcheck.runner.work import Work
from ocr.errors import OcrError
from registry.errors import RegistryError
from registry.lookup import Registry

# What one pack of a page may take; whoever needs more makes it on the command line.
MOST_BYTES = 2**30
_GIGABYTES = MOST_BYTES // 2**30
# Pango keeps what it once asked for: after so many reports a fresh process puts them on paper.
_PAPERS_A_PROCESS = 20


def make(work: Work, registry: Registry, pack_id: str, paper: Paper | None = None) -> None:
    """Makes a pack, or writes down why there is none.

    Args:
        work: the store.
        registry: for the rows that reports rest on.
        pack_id: of what is wanted; nothing is done where it is no longer.
        paper: makes the PDF of a check; else as the command line does.

    Raises:
        DatabaseUnreachableError: the work store does not answer.
    """
    found = wanted.look(work, pack_id)
    if found is None:
        return
    row, checks = found
    try:
        every = [held.find(one, work, None) for one in checks]
        _bounded(sum(_size(path) for one in every for path in _files(one)))
        with contextlib.nullcontext(paper) if paper else _printing(row.lang) as printing:
            made = pack.gather(every, printing, work, registry, work.clock())
        _bounded(sum(_size(data) for data in made.files.values()))
        # It has no name, so that nothing of it stays where the process ends meanwhile.
        with tempfile.TemporaryFile(dir=work.settings.folder) as whole:
            pack.put(cast(IO[bytes], whole), made)
            whole.seek(0, io.SEEK_SET)
            sha256, size = work.blobs.put(cast(IO[bytes], whole))
    except (CertcheckError, OcrError, RegistryError) as error:
        wanted.fail(work, pack_id, error.code, error.details)
        return
    if wanted.finish(work, pack_id, made.digest, sha256, size):
        who = Who(row.who_kind, row.who_id, row.who_name)
        pack.note(work, made.digest, made.checks, who)


@contextlib.contextmanager
def _printing(lang: str) -> Iterator[Paper]:
    """Puts reports on paper in a process beside this one, which is a fresh one now and then."""
    with concurrent.futures.ProcessPoolExecutor(
        1, multiprocessing.get_context("spawn"), max_tasks_per_child=_PAPERS_A_PROCESS
    ) as pool:

        def paper(one: Held) -> bytes:
            found = pool.submit(_report, one, lang).result()
            if isinstance(found, str):
                raise NoPaperError(found)
            return found

        yield paper


def _report(one: Held, lang: str) -> bytes | str:
    """The PDF, or the code of why there is none: not every exception goes between processes."""
    try:
        return papers.report(one, lang)
    except PdfError as error:
        return error.code


def _bounded(size: int) -> None:
    if size > min(MOST_BYTES, container.MOST_BYTES):
        raise PackTooBigError(gigabytes=_GIGABYTES)


def _files(one: Held) -> Iterator[Path]:
    yield from one.photos.values()
    yield from one.records.values()


def _size(data: bytes | Path) -> int:
    """In bytes; a file that is gone is told of when it is read."""
    if isinstance(data, bytes):
        return len(data)
    with contextlib.suppress(OSError):
        return data.stat().st_size
    return 0
