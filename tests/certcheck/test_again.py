"""What would break: a correction that hides what was read before, outlives the photo, or is
seen by a stranger."""

from __future__ import annotations

from pathlib import Path

import pytest

from certcheck.check import Wish
from certcheck.corrections import Correction
from certcheck.errors import QueueFullError
from certcheck.runner import again
from certcheck.runner.blobs import GRACE
from certcheck.runner.queue import Done, Queue
from certcheck.runner.work import Work
from tests.certcheck.work_store import REVISION, Clock, request, send, settings, standing

MASS, DAY = Correction("mass", "3.7"), Correction("issue_date", "2023-03-05")
HOUR = GRACE.total_seconds()


@pytest.fixture
def work(tmp_path: Path, clock: Clock) -> Work:
    return Work(settings(tmp_path / "work", most_queued=4), clock)


def do_all(work: Work) -> list[tuple[str, Wish]]:
    queue, done = Queue(work), []
    for one in queue.take(9):
        report = {"photo": {"name": ""}, "error": None}
        queue.finish(one.id, Done([report], {1: b"small"}, {1: b"detail"}))
        done.append((one.sha256, one.wish))
    return done


def corrected(work: Work, check_id: str, *entered: Correction) -> str:
    made = again.check_again(work, check_id, entered, REVISION.revision)
    assert made is not None
    return made


def test_the_photo_that_is_there_is_judged_with_what_was_entered(work: Work) -> None:
    first = send(work, b"photo", request(owner="me"))
    ((sha256, wish),) = do_all(work)
    made = corrected(work, first, MASS)
    assert made != first and standing(work, made).owner == "me"
    ((again_sha256, again_wish),) = do_all(work)
    assert again_sha256 == sha256
    assert again_wish == Wish(visitor=wish.visitor, corrections=(MASS,))
    assert standing(work, first).reports and standing(work, made).reports


def test_every_step_stays_to_be_seen_in_its_order(work: Work, clock: Clock) -> None:
    first = send(work, b"photo")
    clock.on(minutes=1)
    second = corrected(work, first, MASS)
    clock.on(minutes=1)
    third = corrected(work, second, MASS, DAY)
    for one in (first, second, third):
        steps = again.history(work, one)
        assert [step.id for step in steps] == [first, second, third]
        assert [len(step.corrections) for step in steps] == [0, 1, 2]
        assert standing(work, one).root == first
    assert set(again.entered(work, third) or ()) == {MASS, DAY}
    other = send(work, b"photo")
    assert [step.id for step in again.history(work, other)] == [other]


def test_a_correction_does_not_keep_a_photo_longer(work: Work, clock: Clock) -> None:
    first = send(work, b"photo")
    do_all(work)
    clock.on(hours=23)
    made = corrected(work, first, MASS)
    do_all(work)
    assert standing(work, made).expires_at == standing(work, first).expires_at
    clock.on(hours=2)
    assert work.sweep() == 2 and work.look(made) is None
    clock.on(seconds=HOUR + 1)
    work.sweep()
    assert not list(work.blobs.folder.glob("??/*"))


@pytest.mark.parametrize("which", [0, 1, 2])
def test_whichever_is_deleted_all_are(work: Work, which: int) -> None:
    first = send(work, b"photo")
    second = corrected(work, first, MASS)
    steps = (first, second, corrected(work, second, MASS, DAY))
    stranger = send(work, b"photo")
    assert work.forget(steps[which])
    assert [work.look(one) for one in steps] == [None, None, None]
    assert work.look(stranger) is not None


def test_the_larger_picture_stays_as_long_as_the_check(work: Work, clock: Clock) -> None:
    first = send(work, b"photo")
    do_all(work)
    clock.on(seconds=HOUR + 1)
    work.sweep()
    found = standing(work, first)
    assert work.blobs.read(found.details[1]) == b"detail"
    assert work.blobs.read(found.pictures[1]) == b"small"


def test_corrections_wait_their_turn_like_photos(work: Work) -> None:
    first = send(work, b"photo")
    for mass in ("1", "2", "3"):
        corrected(work, first, Correction("mass", mass))
    with pytest.raises(QueueFullError):
        corrected(work, first, MASS)


def test_what_is_over_cannot_be_corrected(work: Work, clock: Clock) -> None:
    first = send(work, b"photo")
    clock.on(hours=25)
    assert again.check_again(work, first, (MASS,), REVISION.revision) is None
    assert again.history(work, first) == () and again.entered(work, "none") is None
