"""What would break: a batch that takes with it what is not its own, or leaves its own behind."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from certcheck.corrections import Correction
from certcheck.runner.again import check_again
from certcheck.runner.history import history
from certcheck.runner.queue import Done, Queue
from certcheck.runner.tables import Status
from certcheck.runner.work import Work
from certcheck.stock.batches import Batches
from certcheck.stock.intake import intake
from tests.certcheck import parcels
from tests.certcheck.parcels import jpeg
from tests.certcheck.work_store import REVISION, Clock, request, send, settings
from tests.web.scene import report

PHOTO, OTHER = jpeg(10), jpeg(20)


@pytest.fixture
def work(tmp_path: Path, clock: Clock) -> Iterator[Work]:
    made = Work(settings(tmp_path), clock)
    yield made
    made.close()


def sent(work: Work, *photos: bytes, owner: str = "shop", token: str = "") -> str:
    entries = intake([(f"{number}.jpg", io.BytesIO(one)) for number, one in enumerate(photos)])
    return Batches(work).accept(entries, "", request(owner=owner, token=token))


def checks(work: Work, batch_id: str) -> list[str]:
    found = Batches(work).look(batch_id)
    assert found is not None
    return [one.check_id or "" for one in found.items]


def test_the_same_photo_twice_is_two_items_and_one_job(work: Work) -> None:
    first, second = checks(work, sent(work, PHOTO, PHOTO))
    assert first != second and work.counts()[Status.QUEUED] == 1
    assert work.forget(first) and work.look(second)


def test_what_was_asked_by_itself_stays_when_a_batch_goes(work: Work) -> None:
    batch = sent(work, PHOTO, OTHER)
    alone = send(work, PHOTO, request("0.jpg", owner="shop"))
    assert alone not in checks(work, batch)
    assert send(work, PHOTO, request("0.jpg", owner="shop")) == alone
    assert Batches(work).forget(batch)
    assert work.look(alone) and work.counts()[Status.QUEUED] == 1


def test_what_was_asked_by_itself_is_no_check_of_corrected_values(work: Work) -> None:
    first = send(work, PHOTO, request(owner="shop", token="t"))
    again = check_again(work, first, (), REVISION.revision)
    assert send(work, PHOTO, request(owner="shop")) not in (first, again)


def test_a_batch_deleted_while_it_is_read_leaves_nothing(work: Work) -> None:
    batch, queue = sent(work, PHOTO, OTHER), Queue(work)
    (taken,) = queue.take(1)
    assert Batches(work).forget(batch) and not Batches(work).forget(batch)
    queue.finish(taken.id, Done([report()], {1: OTHER}))
    work.sweep()
    assert not any(work.counts().values())


def test_a_token_counts_no_longer_than_its_batch(work: Work, clock: Clock) -> None:
    batch = sent(work, PHOTO, token="t")
    assert sent(work, PHOTO, token="t") == batch
    clock.on(hours=25)
    anew = sent(work, PHOTO, token="t")
    assert anew != batch and Batches(work).look(anew)


def test_a_history_names_things_as_their_batch_does(work: Work) -> None:
    """A spreadsheet's pictures are called image1.jpeg, all of them."""
    sheet = parcels.book([["名称", "图"], ["手镯"]], {"B2": PHOTO})
    entries = intake([("清单.xlsx", sheet)])
    batch = Batches(work).accept(entries, "", request(owner="shop"))
    (first,) = checks(work, batch)
    check_again(work, first, (Correction("mass", "1.0"),), REVISION.revision)
    send(work, OTHER, request("b.jpg", owner="shop"))
    lines, total = history(work, "shop")
    assert total == 3
    assert sorted(one.name for one in lines) == ["b.jpg", "手镯", "手镯"]
