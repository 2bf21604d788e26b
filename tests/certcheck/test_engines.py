"""What would break: a photo that no machine reads, or two, or that ends all of them."""

from __future__ import annotations

import dataclasses as dc
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import event, text
from sqlmodel import Session, col, select

from certcheck.audit.tables import AuditRow
from certcheck.cli import cli
from certcheck.errors import BrokerAwayError, QueueFullError, explain
from certcheck.runner.engines.outbox import Outbox
from certcheck.runner.engines.turns import QUEUE, Turns
from certcheck.runner.engines.worker import Heart
from certcheck.runner.engines.workers import Watch, Workers
from certcheck.runner.outcome import Outcome
from certcheck.runner.pool import Lost
from certcheck.runner.queue import MOST_INTERRUPTIONS, Done, Queue
from certcheck.runner.settings import FOLDER
from certcheck.runner.tables import Check, Job, Priority, Status, Worker
from certcheck.runner.work import Work
from registry.errors import DatabaseUnreachableError
from registry.lookup import Registry
from tests.certcheck.work_store import REVISION, request, send, settings, standing, until
from tests.certcheck.worker_process import DEADLY, start
from tests.registry.server import Server
from tests.servers.databases import WorkDatabases
from tests.servers.redis import Redis
from tests.servers.relay import Relay
from web import create_app
from web.gauges import Standing

LEASE = 5


def report(verdict: str = "consistent") -> dict[str, object]:
    return {"id": verdict, "photo": {"name": "", "part": 1}, "error": None, "verdict": verdict}


@pytest.fixture
def work(tmp_path: Path, redis: Redis, work_url: str | None) -> Iterator[Work]:
    made = Work(settings(tmp_path, url=work_url, celery=True, broker=redis.url, most_queued=3))
    yield made
    made.close()


def test_who_was_taken_for_dead_writes_nothing_down(work: Work) -> None:
    """Its photo is somebody else's by then: two answers would be two entries in the log."""
    check_id = send(work, b"photo")
    first, second = Queue(work, "first"), Queue(work, "second")
    (old,) = first.take(1)
    first.give_back(old.id, REVISION, old.claim)
    (new,) = second.take(1)
    assert not first.finish(old.id, Done([report(verdict="inconsistent")]), old.claim)
    assert not first.died(old.id, REVISION, old.claim)
    first.give_back(old.id, REVISION, old.claim)
    first.postpone(old.id, old.claim)
    assert standing(work, check_id).status is Status.RUNNING
    assert second.finish(new.id, Done([report()]), new.claim)
    assert not second.finish(new.id, Done([report(verdict="inconsistent")]), new.claim)
    assert standing(work, check_id).reports[0]["verdict"] == "consistent"


def test_a_worker_without_a_sign_of_life_loses_what_it_had(work: Work) -> None:
    passed = [0.0]
    workers = Workers(work)
    watch = Watch(work, lambda: REVISION, lambda: passed[0])
    checks = [send(work, b"%d" % number) for number in range(3)]
    for name in ("alive", "silent"):
        workers.beat(name, 1)
        assert Queue(work, name).take(1)
    assert Queue(work, "never entered").take(1)
    assert watch.look() == 1
    for _ in range(3):
        passed[0] += work.settings.lease / 2
        workers.beat("alive", 1)
        watch.look()
    states = [standing(work, one).status for one in checks]
    assert states == [Status.RUNNING, Status.QUEUED, Status.QUEUED]
    assert [one.id for one in workers.all()] == ["alive"]
    passed[0] += work.settings.lease * 2
    watch.forget()
    assert watch.look() == 0, "nobody could give a sign"


def test_what_was_taken_without_an_answer_is_given_back_by_a_worker_that_lives(
    tmp_path: Path, server: Server, demo_registry: Registry
) -> None:
    """Nobody reads it, and nobody else could tell it from what is being read."""
    relay = Relay(server.url(server.create()))
    told = settings(tmp_path, url=relay.url, celery=True, lease=1)
    work = Work(told)
    queue = Queue(work, "one")
    checks = [send(work, b"%d" % number) for number in range(2)]

    def states() -> list[Status]:
        return [standing(work, one).status for one in checks]

    relay.breaks = True
    with pytest.raises(DatabaseUnreachableError):
        queue.take(1)
    relay.breaks = False
    assert states() == [Status.RUNNING, Status.QUEUED]
    (other,) = Queue(work, "other").take(1)
    heart = Heart(work, "one", demo_registry, queue)
    Workers(work).beat("other", 1)
    with Session(work.engine) as slow:  # the server has not ended the first one yet
        locked = slow.exec(select(Job).join(Check).where(Check.id == checks[0]).with_for_update())
        locked.one()
        queue.recall()
        assert states() == [Status.RUNNING] * 2
    heart.start()
    until(lambda: states() == [Status.QUEUED, Status.RUNNING])
    heart.stop()
    (again,) = queue.take(9)
    assert again.sha256 != other.sha256 and again.claim is not None
    queue.let_go([dc.replace(again, claim="one.earlier")])
    assert queue.take(9) == [] and states() == [Status.RUNNING] * 2
    work.close()
    relay.stop()


def test_only_who_gave_a_sign_of_late_counts(work: Work) -> None:
    workers = Workers(work)
    workers.beat("late", 1)
    with Session(work.engine) as opened:
        one = opened.get_one(Worker, "late")
        one.seen_at = one.seen_at.replace(year=2020)
        opened.add(one)
        opened.commit()
    assert workers.living() == []
    workers.beat("late", 1)
    assert [one.beats for one in workers.living()] == [1]
    workers.leave("late")
    assert workers.all() == []


def test_who_has_to_come_again_is_told_by_the_hands_of_all_machines(tmp_path: Path) -> None:
    work = Work(settings(tmp_path, celery=True, most_queued=50))
    for number in range(50):
        send(work, b"%d" % number)
    waits = []
    for name in ("first", "second"):
        Workers(work).beat(name, 1)
        with pytest.raises(QueueFullError) as caught:
            send(work, b"one more")
        waits.append(caught.value.retry_after)
    assert waits == [20, 10]
    work.close()


def test_a_turn_that_ends_while_redis_is_away_is_over(tmp_path: Path, redis: Redis) -> None:
    """Else its worker, which asks for one after the other, would never get another."""
    turns = Turns(settings(tmp_path, celery=True, broker=redis.url))
    turns.give(1)
    with turns.app.connection_for_read() as connection:
        channel = connection.default_channel
        channel.basic_qos(prefetch_size=0, prefetch_count=1, apply_global=False)
        turn = turns.app.amqp.queues[QUEUE](channel).get()
        assert not channel.qos.can_consume()
        redis.kill()
        with pytest.raises(connection.connection_errors):
            turn.ack()
        assert channel.qos.can_consume()
        redis.start()


def test_as_many_turns_are_sent_as_lack(work: Work, redis: Redis) -> None:
    """Whatever the broker lost, repeated or never got, it is made good from the record."""
    turns, queue = Turns(work.settings), Queue(work)
    turns.app.amqp.queues["certcheck"](turns.app.connection_for_write().default_channel).purge()
    assert turns.fill(queue) == 0
    for number in range(3):
        send(work, b"%d" % number)
    assert (turns.fill(queue), turns.fill(queue), turns.waiting()) == (3, 0, 3)
    redis.kill()
    with pytest.raises(BrokerAwayError) as caught:
        turns.fill(queue)
    assert redis.url not in explain(caught.value).message.en
    redis.start()
    queue.take(1)
    assert (turns.fill(queue), turns.waiting()) == (2, 2)


def test_a_database_that_may_only_be_read_is_one_that_is_away(work: Work) -> None:
    """A copy that is not yet the first: what was accepted waits, it is no mistake of ours."""
    send(work, b"photo")
    if work.engine.dialect.name == "sqlite":
        only_read = "PRAGMA query_only = ON"
        event.listen(work.engine, "connect", lambda one, _: one.execute(only_read))
    else:
        name = work.engine.url.database
        with Session(work.engine) as opened:
            change = f"ALTER DATABASE {name} SET default_transaction_read_only = on"
            opened.connection().execute(text(change))
            opened.commit()
    work.engine.dispose()
    for do in (lambda: Queue(work).take(1), lambda: send(work, b"another")):
        with pytest.raises(DatabaseUnreachableError):
            do()
    if work.engine.dialect.name == "postgresql":  # another test may get it
        with work.engine.connect() as raw, raw.begin():
            raw.execute(text("SET TRANSACTION READ WRITE"))
            raw.execute(text(f"ALTER DATABASE {name} RESET default_transaction_read_only"))


def test_what_a_worker_leaves_because_it_is_asked_to_end_is_not_counted(
    work: Work, demo_registry: Registry
) -> None:
    send(work, b"photo")
    queue = Queue(work, "one")
    for _ in range(MOST_INTERRUPTIONS + 1):
        (taken,) = queue.take(1)
        assert Outcome(queue, demo_registry).write(taken, Lost.STOPPED).code == "run.stopped"
    assert queue.waiting() == 1


def test_a_worker_has_nothing_to_do_where_the_server_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FOLDER, str(tmp_path))
    told = CliRunner().invoke(cli, ["worker"])
    assert told.exit_code == 2 and "CERTCHECK_ENGINE=celery" in told.stderr
    assert not list(tmp_path.iterdir())


def test_ready_says_whether_workers_can_be_told_and_live(
    tmp_path: Path, redis: Redis, demo_registry: Registry
) -> None:
    told = settings(tmp_path, celery=True, broker=redis.url, blobs=f"file://{tmp_path}/files")
    work = Work(told)
    client = create_app({"WORK": work, "REGISTRY": demo_registry}).test_client()

    def states() -> dict[str, str]:
        parts = client.get("/readyz").get_json()["parts"]
        return {name: parts[name]["state"] for name in ("broker", "workers", "files")}

    assert states() == {"broker": "ok", "workers": "ready.no_workers", "files": "ok"}
    Workers(work).beat("one", 1)
    redis.kill()
    assert states() == {"broker": "ready.broker_away", "workers": "ok", "files": "ok"}
    redis.start()
    assert states() == {"broker": "ok", "workers": "ok", "files": "ok"}
    work.close()


@dc.dataclass
class Story:
    """What became of photos that went through workers.

    Attributes:
        work: the store.
        order: names of the first photos as they were begun.
        deadly: id of the check of a photo that kills its reader.
        hung: id of one whose worker was killed.
        left: status of the worker that was asked to end.
    """

    work: Work
    order: list[str]
    deadly: str
    hung: str
    left: int


@pytest.fixture(scope="module")
def story(
    tmp_path_factory: pytest.TempPathFactory,
    work_databases: WorkDatabases,
    redis: Redis,
    demo_url: str,
) -> Iterator[Story]:
    """One worker that reads, is killed over a photo, and another that takes over."""
    told = settings(
        tmp_path_factory.mktemp("work"), url=work_databases.own(), celery=True,
        broker=redis.url, lease=LEASE,
    )  # fmt: skip
    work = Work(told)
    outbox = Outbox(work)
    outbox.start()
    for name, priority in (
        ("batch", Priority.PROGRAM),
        ("more", Priority.PROGRAM),
        ("person", Priority.PERSON),
    ):
        send(work, name.encode(), request(f"{name}.jpg", priority=priority))
    until(lambda: outbox.turns.waiting() == 3)
    redis.kill()
    redis.start()
    first = start(told, demo_url)
    second: subprocess.Popen[str] | None = None
    try:
        until(lambda: work.counts()[Status.DONE] == 3)
        deadly = send(work, DEADLY)
        until(lambda: standing(work, deadly).status is Status.DONE)
        outbox.turns.give(5)
        hung = send(work, b"hangs")
        path = _path(work, hung)
        path.unlink(missing_ok=True)
        os.mkfifo(path)
        until(lambda: standing(work, hung).status is Status.RUNNING)
        first.kill()
        path.unlink()
        path.write_bytes(b"hangs")
        second = start(told, demo_url)
        until(lambda: standing(work, hung).status is Status.DONE)
        second.send_signal(signal.SIGTERM)
        left = second.wait(60)
    finally:
        outbox.stop()
        for one in (first, second):
            if one is not None:
                one.kill()
                one.wait()
                assert one.stderr is not None
                one.stderr.close()
    with Session(work.engine) as opened:
        begun = select(Check.name).join(Job).order_by(col(Job.started_at)).limit(3)
        order = list(opened.exec(begun))
    yield Story(work, order, deadly, hung, left)
    work.close()


def test_a_person_goes_before_a_batch_though_all_messages_were_lost(story: Story) -> None:
    assert story.order == ["person.jpg", "batch.jpg", "more.jpg"]


def test_a_photo_that_ends_its_readers_is_set_aside(story: Story) -> None:
    (told,) = standing(story.work, story.deadly).reports
    assert told["error"]["code"] == "check.set_aside"


def test_a_photo_outlives_its_worker(story: Story) -> None:
    (told,) = standing(story.work, story.hung).reports
    assert told["error"]["code"] == "photo.unknown_format"


def test_the_figures_of_any_server_hold_what_workers_answered(story: Story) -> None:
    """A worker tells no figures of its own: an alert would never come from many machines."""
    told = {
        (one.name, *one.labels.values()): one.value
        for family in Standing(story.work).collect()
        for one in family.samples
    }
    assert told["certcheck_recent_errors", "check.set_aside"] == 1
    assert told["certcheck_recent_errors", "photo.unknown_format"] > 1
    assert told[("certcheck_recent_checks",)] == sum(
        count for (name, *_), count in told.items() if name == "certcheck_recent_errors"
    )


def test_turns_too_many_change_nothing(story: Story) -> None:
    """Each check was answered once: the log has one entry of it."""
    with Session(story.work.engine) as opened:
        done = select(AuditRow.about_id).where(AuditRow.what == "check.done")
        told, checks = opened.exec(done).all(), opened.exec(select(Check.id)).all()
    assert sorted(told) == sorted(checks)


def test_a_worker_that_is_asked_to_end_leaves_nothing_behind(story: Story) -> None:
    assert story.left == 0
    assert Workers(story.work).all() == []


def _path(work: Work, check_id: str) -> Path:
    with Session(work.engine) as opened:
        job = opened.exec(select(Job).join(Check).where(Check.id == check_id)).one()
    return work.blobs.where(job.sha256)
