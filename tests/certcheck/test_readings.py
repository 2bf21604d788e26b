"""What would break: a correction for which the whole photo is read again, one that is judged by
another ink than the photo's, or what was read of somebody outliving his photo."""

from __future__ import annotations

import dataclasses as dc
import pickle
from pathlib import Path

import numpy as np
import pytest

from certcheck.ahead import Read
from certcheck.check import Wish, check_bytes
from certcheck.corrections import Correction
from certcheck.runner import again, answer, readings
from certcheck.runner.answer import accepted
from certcheck.runner.blobs import GRACE
from certcheck.runner.queue import Done, Queue, Taken
from certcheck.runner.tables import Priority
from certcheck.runner.work import Work
from ocr import kept
from ocr.errors import UnknownFormatError
from ocr.inquiry import PhotoWitness
from ocr.read import Part
from registry.lookup import Registry
from samples import PHOTOS
from tests.certcheck.work_store import REVISION, Clock, request, send, settings

# A seal stamped over print, so that the ink that was lifted matters.
PHOTO = PHOTOS / "item3-seal-one-character.jpg"
DAY = Correction("issue_date", "2021-03-02")
TWO_HOURS = readings.KEPT_FOR.total_seconds() / 3600


@pytest.fixture(scope="module")
def photo() -> bytes:
    return PHOTO.read_bytes()


@pytest.fixture(scope="module")
def parts(photo: bytes, read_once: Read) -> list[Part]:
    return [part.whole() for part in read_once(photo, "")]


@pytest.fixture(scope="module")
def packed(parts: list[Part]) -> bytes:
    data = kept.pack(parts)
    assert data is not None
    return data


@pytest.fixture
def work(tmp_path: Path, clock: Clock) -> Work:
    return Work(settings(tmp_path / "work"), clock)


def test_what_is_opened_answers_as_what_was_read(
    parts: list[Part], packed: bytes, photo: bytes, demo_registry: Registry
) -> None:
    opened = kept.unpack(packed)
    (one,), (other,) = parts, opened
    assert one.reading == other.reading and one.sha256 == other.sha256
    assert isinstance(one.witness, PhotoWitness) and isinstance(other.witness, PhotoWitness)
    assert np.array_equal(one.witness.page.image, other.witness.page.image)
    assert np.array_equal(one.witness.clean, other.witness.clean)
    assert not np.array_equal(other.witness.clean, other.witness.page.image)
    names = [one.reading.seals[0].name, "示例南阳宝玉石检测有限公司"]
    assert one.witness.ask_seal(0, names) == other.witness.ask_seal(0, names)
    wish = Wish(corrections=(DAY,))
    reports = [
        check_bytes(photo, "", demo_registry, wish, lambda *_, engine=None, held=held: held)
        for held in (parts, opened)
    ]
    judged = [
        [dc.replace(report, checked_at=reports[0][0].checked_at) for report in each]
        for each in reports
    ]
    assert judged[0] == judged[1]


def test_a_correction_is_judged_without_the_photo_being_read_again(
    work: Work, photo: bytes, read_once: Read, demo_registry: Registry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(answer, "read_print", read_once)
    first = send(work, photo)
    before = done(work, demo_registry)
    assert before.reading is not None
    again.check_again(work, first, [DAY], REVISION.revision)
    monkeypatch.setattr(answer, "read_print", None)
    after = done(work, demo_registry)
    assert after.reports[0]["corrections"] and after.pictures and after.reading is None


def done(work: Work, registry: Registry) -> Done:
    """What a process makes of the only job that waits."""
    queue = Queue(work)
    (one,) = queue.take(9)
    found = answer.answer(accepted(work, one), registry)
    queue.finish(one.id, found)
    return found


def finish(work: Work, reading: bytes | None = b"pack") -> Taken:
    queue = Queue(work)
    (one,) = queue.take(9)
    report = {"photo": {"name": ""}, "error": None}
    queue.finish(one.id, Done([report], reading=reading))
    return one


@pytest.mark.parametrize("data", [b"", b"nothing", pickle.dumps(print)])
def test_what_this_program_did_not_pack_is_not_opened(
    work: Work, demo_registry: Registry, data: bytes
) -> None:
    """A pack of other classes, a damaged one, one that would run something: read again."""
    for held in (data, kept._form() + data):
        with pytest.raises(kept.NotKeptError):
            kept.unpack(held)
    first = send(work, b"no photo")
    finish(work, data or b"-")
    again.check_again(work, first, [DAY], REVISION.revision)
    (one,) = Queue(work).take(9)
    assert one.kept is not None
    found = answer.answer(accepted(work, one), demo_registry)
    assert found.error == UnknownFormatError.code


def test_only_what_is_likely_to_be_corrected_is_kept(work: Work) -> None:
    send(work, b"one")
    assert finish(work).keep
    send(work, b"many", request(priority=Priority.PROGRAM))
    assert not finish(work).keep


def test_what_another_engine_read_is_another_reading(work: Work) -> None:
    first = send(work, b"photo")
    finish(work)
    send(work, b"photo", request(wish=Wish(engine="tesseract", corrections=(DAY,))))
    assert finish(work, None).kept is None
    again.check_again(work, first, [DAY], REVISION.revision)
    assert finish(work, None).kept is not None


def test_what_was_read_goes_before_its_photo_and_never_after_it(work: Work, clock: Clock) -> None:
    first = send(work, b"photo")
    finish(work)
    (pack,) = [one for one in work.blobs.folder.glob("*/*") if one.read_bytes() == b"pack"]
    clock.on(hours=TWO_HOURS - 0.1)
    work.sweep()
    assert pack.exists()
    clock.on(hours=0.2 + GRACE.total_seconds() / 3600)
    work.sweep()
    assert not pack.exists() and work.look(first) is not None
    second = send(work, b"other")
    finish(work)
    work.forget(second)
    clock.on(seconds=GRACE.total_seconds() + 1)
    work.sweep()
    assert not pack.exists()


def test_only_the_latest_are_kept(
    work: Work, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    monkeypatch.setattr(readings, "MOST_KEPT", 1)
    ids = []
    for photo in (b"one", b"two"):
        ids.append(send(work, photo))
        finish(work)
        clock.on(minutes=1)
    work.sweep()
    found = []
    for one in ids:
        again.check_again(work, one, [DAY], REVISION.revision)
        found.append(finish(work, None).kept is not None)
    assert found == [False, True]
