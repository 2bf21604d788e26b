"""What would break: a PDF made twice, lost with its server, or kept after its check."""

from __future__ import annotations

import io
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from certcheck.errors import PdfBusyError, PdfError
from certcheck.runner import printer as printers
from certcheck.runner import prints
from certcheck.runner.blobs import GRACE
from certcheck.runner.printer import Printer
from certcheck.runner.prints import MOST_DEATHS, MOST_WAITING, Name, Printed, Sheet
from certcheck.runner.tables import Status
from certcheck.runner.work import Work
from registry.errors import DatabaseUnreachableError
from tests.certcheck.paper_tools import needs_pango, pages
from tests.certcheck.work_store import Clock, send, settings, until

PAGE = Sheet("<!doctype html><title>甲</title><p>与登记一致", {})


@pytest.fixture
def work(tmp_path: Path, clock: Clock) -> Iterator[Work]:
    made = Work(settings(tmp_path / "work", nice=2), clock)
    yield made
    made.close()


@pytest.fixture
def name(work: Work) -> Name:
    return Name(send(work, b"photo"), "report", "zh")


@pytest.fixture
def printer(work: Work) -> Iterator[Printer]:
    one = Printer(work)
    yield one
    one.stop()


def look(work: Work, name: Name) -> Printed:
    found = prints.look(work, name)
    assert found is not None
    return found


def make(work: Work, name: Name, printer: Printer) -> Printed:
    """Gives the printer its turns until a document is there."""

    def done() -> bool:
        printer.turn()
        return look(work, name).status is Status.DONE

    until(done)
    return look(work, name)


@needs_pango
def test_a_page_becomes_a_pdf_in_a_process_of_its_own(
    work: Work, name: Name, printer: Printer
) -> None:
    prints.ask(work, name, PAGE)
    made = make(work, name, printer)
    assert made.error is None and made.sha256 is not None
    assert "与登记一致" in pages(work.blobs.read(made.sha256))[0]
    assert list((work.settings.folder / "printing").iterdir()) == []


def test_the_same_page_is_made_once_and_another_anew(work: Work, name: Name) -> None:
    prints.ask(work, name, PAGE)
    assert prints.take(work) == (name, PAGE)
    prints.ask(work, name, PAGE)
    assert prints.take(work) is None
    prints.finish(work, name, b"%PDF")
    prints.ask(work, name, PAGE)
    assert prints.take(work) is None
    prints.ask(work, name, Sheet("<p>corrected", {}))
    assert look(work, name).sha256 is None
    assert prints.take(work) is not None


def test_a_pdf_that_is_ready_for_an_old_page_is_not_shown_for_the_new_one(
    work: Work, name: Name
) -> None:
    prints.ask(work, name, PAGE)
    prints.take(work)
    prints.ask(work, name, Sheet("<p>corrected", {}))
    prints.finish(work, name, b"%PDF of the old page")
    assert look(work, name) == Printed(Status.QUEUED, None, None)


def test_what_failed_may_be_asked_for_again(work: Work, name: Name) -> None:
    prints.ask(work, name, PAGE)
    prints.take(work)
    prints.finish(work, name, PdfError.code)
    assert look(work, name).error == PdfError.code
    prints.ask(work, name, PAGE)
    assert prints.take(work) == (name, PAGE)


def test_more_than_may_wait_are_told_to_come_again(work: Work) -> None:
    for number in range(MOST_WAITING):
        prints.ask(work, Name(str(number), "report", "zh"), PAGE)
    with pytest.raises(PdfBusyError):
        prints.ask(work, Name("more", "report", "zh"), PAGE)


@pytest.mark.parametrize("way", ["deleted", "over"])
def test_it_goes_with_its_check(work: Work, name: Name, clock: Clock, way: str) -> None:
    prints.ask(work, name, PAGE)
    prints.take(work)
    prints.finish(work, name, b"%PDF")
    pdf = look(work, name).sha256
    assert pdf is not None
    clock.on(seconds=2 * GRACE.total_seconds())
    work.sweep()
    assert work.blobs.path(pdf).exists()
    if way == "deleted":
        work.forget(name.check_id)
    else:
        clock.on(days=2)
    work.sweep()
    assert prints.look(work, name) is None
    assert not work.blobs.path(pdf).exists()


def _instead(monkeypatch: pytest.MonkeyPatch, *command: str) -> None:
    """Has the printer start another program."""
    real = subprocess.Popen

    def start(_: list[str], **options: Any) -> Any:
        return real(command, **options)

    monkeypatch.setattr(printers.subprocess, "Popen", start)


def test_a_page_that_kills_its_process_is_given_up(
    work: Work, name: Name, printer: Printer, monkeypatch: pytest.MonkeyPatch
) -> None:
    _instead(monkeypatch, "sh", "-c", f"echo >>{work.settings.folder}/deaths; kill -9 $$")
    prints.ask(work, name, PAGE)
    assert make(work, name, printer).error == PdfError.code
    assert (work.settings.folder / "deaths").read_text().count("\n") == MOST_DEATHS


def test_a_picture_that_cannot_be_read_holds_up_nothing_and_is_given_up(
    work: Work, name: Name, printer: Printer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever gives the printer its turns reads photos, sweeps and tells workers, too."""
    monkeypatch.setattr(printers, "_PAUSE_S", 0.05)
    sha256, _ = work.blobs.put(io.BytesIO(b"picture"))
    path, unfinished = work.blobs.path(sha256), work.blobs.folder / "unfinished"
    path.unlink()
    path.symlink_to(path)
    prints.ask(work, name, Sheet(PAGE.html, {"/a.jpg": sha256}))
    unfinished.rename(unfinished.with_name("away"))
    for _ in range(2 * MOST_DEATHS):
        printer.turn()
        assert look(work, name).status is not Status.DONE
        time.sleep(0.06)
    unfinished.with_name("away").rename(unfinished)
    assert make(work, name, printer).error == PdfError.code


def test_a_page_that_was_taken_without_an_answer_is_taken_again(
    work: Work, name: Name, printer: Printer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks for it again is told that it is being made."""

    def take(of: Work) -> None:
        prints_take(of)
        raise DatabaseUnreachableError()

    _instead(monkeypatch, "sleep", "600")
    prints.ask(work, name, PAGE)
    prints_take = prints.take
    with monkeypatch.context() as patch, pytest.raises(DatabaseUnreachableError):
        patch.setattr(prints, "take", take)
        printer.turn()
    assert look(work, name).status is Status.RUNNING and printer._at is None
    printer.turn()
    assert printer._at is not None


def test_a_page_that_takes_too_long_is_given_up(
    work: Work, name: Name, printer: Printer, monkeypatch: pytest.MonkeyPatch
) -> None:
    _instead(monkeypatch, "sleep", "600")
    monkeypatch.setattr(printers, "TIME_LIMIT_S", 0.2)
    prints.ask(work, name, PAGE)
    assert make(work, name, printer).error == PdfError.code


def test_what_was_begun_is_taken_up_by_the_next_server(
    work: Work, name: Name, monkeypatch: pytest.MonkeyPatch
) -> None:
    _instead(monkeypatch, "sleep", "600")
    prints.ask(work, name, PAGE)
    first = Printer(work)
    first.turn()
    assert look(work, name).status is Status.RUNNING
    first.stop()
    assert look(work, name).status is Status.QUEUED
    prints.take(work)  # a server that is cut off says nothing
    (work.settings.folder / "printing" / "left").mkdir()
    Printer(work).take_up()
    assert look(work, name).status is Status.QUEUED
    assert not (work.settings.folder / "printing").exists()


def test_a_process_may_take_so_much_and_no_more(
    work: Work, name: Name, printer: Printer, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = work.settings.folder / "limits"
    _instead(monkeypatch, "sh", "-c", f"sleep .5; (ulimit -d; ulimit -t; nice) >{told}; exit 1")
    prints.ask(work, name, PAGE)
    make(work, name, printer)
    memory, seconds, nice = told.read_text().split()
    assert (int(memory) * 1024, int(seconds)) == (printers.MEMORY_BYTES, printers._CPU_SECONDS)
    assert int(nice) == min(19, os.nice(0) + 2)
