"""What would break: an accepted photo lost, done twice, shown to a stranger, or kept for ever."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, inspect
from sqlmodel import Session

from certcheck.check import Wish, failed
from certcheck.errors import (
    BlobDamagedError,
    CheckTimeoutError,
    QueueFullError,
    SettingError,
    TokenReusedError,
    explain,
)
from certcheck.runner.again import history
from certcheck.runner.lock import sole
from certcheck.runner.queue import MOST_DEATHS, MOST_INTERRUPTIONS, Done, Queue
from certcheck.runner.settings import KEEP_HOURS, NICE, Settings
from certcheck.runner.store import VERSION_TABLE, migrate
from certcheck.runner.tables import Priority, Status, WorkModel
from certcheck.runner.wishes import unpacked
from certcheck.runner.work import Work
from registry import store
from tests.certcheck.work_store import REVISION, Clock, request, send, settings, standing

DAY = 24


def report(number: int = 1) -> dict[str, object]:
    return {"id": str(number), "photo": {"name": "", "part": number}, "error": None}


def do_all(work: Work, done: Done | None = None) -> int:
    """Answers everything that waits; returns how many jobs there were."""
    queue = Queue(work)
    taken = queue.take(100)
    for one in taken:
        queue.finish(one.id, done or Done([report()], {1: b"jpeg"}))
    return len(taken)


def test_a_photo_is_on_the_disk_before_it_is_acknowledged(work: Work, tmp_path: Path) -> None:
    check_id = send(work, b"photo")
    again = Work(work.settings, work.clock)
    (one,) = Queue(again).take(9)
    assert again.blobs.read(one.sha256) == b"photo"
    assert standing(again, check_id).status is Status.RUNNING
    again.close()


def test_an_answer_comes_under_the_name_that_was_given(work: Work) -> None:
    first, second = send(work, b"photo", request("a.jpg")), send(work, b"photo", request("b.jpg"))
    assert do_all(work, Done([report(1), report(2)], {1: b"one", 2: b"two"})) == 1
    for check_id, name in ((first, "a.jpg"), (second, "b.jpg")):
        found = standing(work, check_id)
        assert found.status is Status.DONE
        assert [one["photo"] for one in found.reports] == [
            {"name": name, "part": 1},
            {"name": name, "part": 2},
        ]
        assert {page: work.blobs.read(one) for page, one in found.pictures.items()} == {
            1: b"one",
            2: b"two",
        }


def test_the_same_photo_is_read_once_and_each_visitor_has_an_address(work: Work) -> None:
    ids = {send(work, b"photo") for _ in range(3)}
    assert len(ids) == 3 and do_all(work) == 1
    assert all(len(one) * 4 >= 128 for one in ids)
    send(work, b"photo")
    assert do_all(work) == 0


@pytest.mark.parametrize(
    "other",
    [
        request(revision="r2"),
        request(wish=Wish()),
        request(wish=Wish(visitor=True, paid=Decimal("1.50"))),
    ],
)
def test_what_may_be_judged_otherwise_is_done_anew(
    tmp_path: Path, clock: Clock, other: object
) -> None:
    work = Work(settings(tmp_path), clock)
    send(work, b"photo")
    do_all(work)
    send(work, b"photo", other)  # type: ignore[arg-type]
    assert do_all(work) == 1
    work.close()


def test_a_client_that_asks_again_gets_the_same_check(work: Work) -> None:
    first = send(work, b"photo", request(owner="shop"))
    assert send(work, b"photo", request(owner="shop")) == first
    do_all(work)
    assert send(work, b"photo", request(owner="shop")) == first
    assert send(work, b"photo", request(owner="other")) != first
    assert send(work, b"photo", request("b.jpg", owner="shop")) != first


def test_a_token_stands_for_one_request(work: Work) -> None:
    asked = request(owner="shop", token="t1")
    first = send(work, b"photo", asked)
    # What happened to the registry meanwhile makes it no other request.
    assert send(work, b"photo", request(owner="shop", token="t1", revision="r2")) == first
    assert send(work, b"photo", request(owner="other", token="t1")) != first
    assert send(work, b"photo", request(owner="shop", token="t2")) != first
    with pytest.raises(TokenReusedError):
        send(work, b"another", asked)
    with pytest.raises(TokenReusedError):
        send(work, b"photo", request(owner="shop", token="t1", wish=Wish()))


def test_persons_go_before_programs_and_each_in_their_order(work: Work) -> None:
    for data, priority in (
        (b"1", Priority.PROGRAM), (b"2", Priority.PERSON), (b"3", Priority.PERSON),
    ):  # fmt: skip
        send(work, data, request(priority=priority))
    waiting = send(work, b"4", request(priority=Priority.PROGRAM))
    assert standing(work, waiting).ahead == 3
    queue = Queue(work)
    order = [work.blobs.read(one.sha256) for _ in range(4) for one in queue.take(1)]
    assert order == [b"2", b"3", b"1", b"4"]
    assert queue.take(1) == []


def test_a_person_who_waits_for_a_programs_photo_pulls_it_forward(work: Work) -> None:
    send(work, b"1", request(priority=Priority.PROGRAM))
    send(work, b"2", request(priority=Priority.PROGRAM))
    send(work, b"2", request(priority=Priority.PERSON))
    (one,) = Queue(work).take(1)
    assert work.blobs.read(one.sha256) == b"2"


def test_a_full_queue_refuses_and_says_when_to_come_again(work: Work) -> None:
    for number in range(5):
        send(work, b"%d" % number)
    with pytest.raises(QueueFullError) as caught:
        send(work, b"one more")
    assert caught.value.retry_after > 0
    assert str(caught.value.retry_after) in explain(caught.value).next_step.zh
    Queue(work).take(1)
    send(work, b"one more")


def test_bytes_that_wait_are_limited_too(tmp_path: Path, clock: Clock) -> None:
    work = Work(settings(tmp_path, most_bytes=100), clock)
    send(work, b"x" * 60)
    with pytest.raises(QueueFullError):
        send(work, b"y" * 60)
    work.close()


def test_a_photo_that_kills_is_set_aside_and_tried_again_only_when_asked(work: Work) -> None:
    check_id = send(work, b"deadly", request("d.jpg"))
    queue = Queue(work)
    fates = []
    for _ in range(MOST_DEATHS):
        (one,) = queue.take(9)
        fates.append(queue.died(one.id, REVISION))
    assert fates == [False] * (MOST_DEATHS - 1) + [True]
    assert queue.take(9) == []
    (told,) = standing(work, check_id).reports
    assert told["error"]["code"] == "check.set_aside"
    assert told["photo"]["name"] == "d.jpg" and told["photo"]["sha256"] == one.sha256
    send(work, b"deadly")
    assert len(queue.take(9)) == 1


def test_a_server_that_goes_away_costs_a_photo_nothing_for_long(work: Work) -> None:
    check_id = send(work, b"photo")
    queue = Queue(work)
    for _ in range(MOST_INTERRUPTIONS - 1):
        (one,) = queue.take(9)
        assert queue.left_behind() == [one.id]
        assert not queue.give_back(one.id, REVISION)
    for _ in range(MOST_INTERRUPTIONS):
        (one,) = queue.take(9)
        queue.postpone(one.id)
    assert standing(work, check_id).status is Status.QUEUED
    (one,) = queue.take(9)
    assert queue.give_back(one.id, REVISION)
    assert standing(work, check_id).reports[0]["error"]["code"] == "check.set_aside"


@pytest.mark.parametrize(
    ("error", "again"), [(CheckTimeoutError(), 1), (BlobDamagedError(), 1), (None, 0)]
)
def test_what_failed_for_no_fault_of_the_photo_is_done_again(
    tmp_path: Path, clock: Clock, error: CheckTimeoutError | None, again: int
) -> None:
    work = Work(settings(tmp_path), clock)
    send(work, b"photo")
    lost = failed("", "0" * 64, REVISION, Wish(), explain(error)).to_json() if error else report()
    do_all(work, Done([lost]))
    check_id = send(work, b"photo")
    assert do_all(work) == again
    assert standing(work, check_id).reports[0]["error"] is None
    work.close()


def test_checks_end_with_their_time_and_their_photos_with_them(work: Work, clock: Clock) -> None:
    first = send(work, b"photo")
    do_all(work)
    (sha256,) = standing(work, first).pictures.values()
    clock.on(hours=DAY - 2)
    second = send(work, b"photo")
    assert work.sweep() == 0
    clock.on(hours=2)
    assert work.look(first) is None, "also before anybody swept"
    assert work.sweep() == 1
    assert standing(work, second).status is Status.DONE, "somebody else asked for it too"
    clock.on(hours=DAY)
    assert work.sweep() == 1
    assert work.look(second) is None
    assert sum(work.counts().values()) == 0
    assert not work.blobs.path(sha256).exists()
    assert list(work.blobs.files()) == []


def test_asking_again_gives_it_its_time_again(work: Work, clock: Clock) -> None:
    check_id = send(work, b"photo", request(owner="shop"))
    clock.on(hours=DAY - 1)
    send(work, b"photo", request(owner="shop"))
    clock.on(hours=2)
    assert work.sweep() == 0
    assert work.look(check_id) is not None


def test_what_is_being_read_is_not_taken_away(work: Work, clock: Clock) -> None:
    send(work, b"photo")
    (one,) = Queue(work).take(9)
    clock.on(hours=DAY + 1)
    work.sweep()
    assert work.blobs.read(one.sha256) == b"photo"
    Queue(work).finish(one.id, Done([report()]))
    work.sweep()
    assert sum(work.counts().values()) == 0


def test_a_check_can_be_deleted_at_once(work: Work, clock: Clock) -> None:
    first, second = send(work, b"photo"), send(work, b"photo")
    assert work.forget(first) and not work.forget(first)
    assert work.look(first) is None
    assert standing(work, second).status is Status.QUEUED
    work.forget(second)
    assert sum(work.counts().values()) == 0
    clock.on(hours=2)
    work.sweep()
    assert list(work.blobs.files()) == []


def test_tables_go_up_and_down_beside_the_registry(work: Work) -> None:
    """What the steps make is what the program writes to; the way back leaves nothing."""
    store.migrate(work.engine)
    with Session(work.engine) as opened:
        context = MigrationContext.configure(
            opened.connection(), opts={"version_table": VERSION_TABLE}
        )
        ours = [
            one for one in compare_metadata(context, WorkModel.metadata)
            if "work_" in str(one)
        ]  # fmt: skip
        assert ours == []
        migrate(opened.connection(), "base")
        opened.commit()
    left = inspect(work.engine).get_table_names()
    assert "labs" in left and not [one for one in left if one in WorkModel.metadata.tables]
    again = Work(work.settings, work.clock)
    send(again, b"photo")
    again.close()


def test_what_an_older_program_kept_is_there_after_the_steps_of_a_newer_one(work: Work) -> None:
    """From the step before corrections, people and batches."""
    moment, later = work.clock(), work.clock() + dt.timedelta(hours=5)
    job = {
        "id": 1, "key": "k", "sha256": "s", "size": 5, "revision": "r", "status": "done",
        "wish": '{"as_of": null, "paid": null, "engine": null, "visitor": true}', "priority": 0,
        "deaths": 0, "interruptions": 0, "queued_at": moment, "reports": json.dumps([report()]),
    }  # fmt: skip
    check = {"id": "c", "job_id": 1, "name": "a.jpg", "created_at": moment, "expires_at": later}
    with Session(work.engine) as opened:
        for step in ("base", "0002"):
            migrate(opened.connection(), step)
        older = MetaData()
        older.reflect(opened.connection())
        rows = {"jobs": job, "checks": check, "pictures": {"job_id": 1, "page": 1, "sha256": "p"}}
        for name, row in rows.items():
            opened.connection().execute(older.tables[f"work_{name}"].insert(), row)
        opened.commit()
    newer = Work(work.settings, work.clock)
    found = standing(newer, "c")
    assert (found.status, found.pictures, found.details) == (Status.DONE, {1: "p"}, {})
    assert found.root == "c" and len(history(newer, "c")) == 1
    assert newer.forget("c") and not any(newer.counts().values())
    newer.close()


def test_a_wish_is_kept_as_it_was(tmp_path: Path, clock: Clock) -> None:
    work = Work(settings(tmp_path), clock)
    wish = Wish(dt.date(2023, 5, 1), Decimal("38.50"), "tesseract", visitor=True)
    send(work, b"photo", request(wish=wish))
    assert [one.wish for one in Queue(work).take(1)] == [wish]
    assert unpacked('{"as_of": null, "paid": null, "engine": null, "visitor": false}') == Wish()
    work.close()


def test_settings_come_from_the_environment_and_nonsense_is_told() -> None:
    told = Settings.from_environment({KEEP_HOURS: "72", "CERTCHECK_WORK": "/srv/w"})
    assert Settings.from_environment({NICE: "0"}).nice == 0 < told.nice
    assert (told.keep.total_seconds(), str(told.folder)) == (72 * 3600, "/srv/w")
    for nonsense in ("0", "-1", "soon", "9999999999999999999999", "¹"):
        with pytest.raises(SettingError) as caught:
            Settings.from_environment({KEEP_HOURS: nonsense})
        assert KEEP_HOURS in explain(caught.value).message.zh


def test_its_folder_is_there_though_rows_and_files_lie_elsewhere(tmp_path: Path) -> None:
    folder, away = tmp_path / "work", tmp_path / "away"
    away.mkdir()
    made = Work(settings(folder, url=f"sqlite:///{away}/a.sqlite", blobs=f"file://{away}/files"))
    # Locks, and where the log ended.
    with sole(made, "keeper") as ours:
        assert ours()
    send(made, b"photo")
    made.sweep()
    assert (folder / "audit-heads.txt").is_file()
    made.close()
