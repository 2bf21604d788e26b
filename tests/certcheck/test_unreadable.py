"""What would break: one file that cannot be read holds up all the others, or is tried for ever."""

from __future__ import annotations

import pytest
from click.testing import CliRunner, Result

from certcheck.cli import cli
from certcheck.errors import StorageError, explain
from certcheck.runner.outcome import Outcome
from certcheck.runner.queue import MOST_UNREADABLE, Done, Queue
from certcheck.runner.settings import FOLDER, URL
from certcheck.runner.work import Work
from registry.lookup import Registry
from tests.certcheck.work_store import REVISION, Clock, send, standing


def run(work: Work, *words: str) -> Result:
    environment = {FOLDER: str(work.settings.folder), URL: work.settings.url or ""}
    return CliRunner().invoke(cli, ["work", "aside", *words], env=environment)


def test_a_file_that_alone_cannot_be_read_waits_behind_others_and_is_set_aside(
    work: Work, clock: Clock, demo_registry: Registry
) -> None:
    """While nothing can be read, nothing is counted; a loop in the place of the file is no file."""
    queue = Queue(work)
    outcome = Outcome(queue, demo_registry)
    check_id = send(work, b"photo")
    (one,) = queue.take(1)
    path, unfinished = work.blobs.path(one.sha256), work.blobs.folder / "unfinished"
    path.unlink()
    path.symlink_to(path)
    with pytest.raises(StorageError) as caught:
        work.blobs.read(one.sha256)
    away = explain(caught.value)
    unfinished.rename(unfinished.with_name("away"))
    for _ in range(MOST_UNREADABLE + 1):
        assert outcome.write(one, away).away
        (one,) = queue.take(1)
    unfinished.with_name("away").rename(unfinished)
    codes, waited = [], 0
    for _ in range(MOST_UNREADABLE):
        ended = outcome.write(one, away)
        assert not ended.away and queue.take(1) == [] and queue.waiting() == 0
        codes.append(ended.code)
        while not queue.waiting() and waited < 1000:
            clock.on(seconds=5)
            waited += 5
        one = next(iter(queue.take(1)), one)
    assert codes == ["work.storage"] * (MOST_UNREADABLE - 1) + ["work.unreadable"]
    assert standing(work, check_id).reports[0]["error"]["code"] == "work.unreadable"
    told = run(work)
    assert told.stdout.split("\t")[::3] == [check_id, "work.unreadable\n"]
    assert run(work, "--retry", check_id).exit_code == 0 and run(work).stdout == ""
    assert run(work, "--retry", check_id).exit_code == 2 and queue.waiting() == 1
    path.unlink()
    send(work, b"photo")
    (again,) = queue.take(1)
    assert work.blobs.read(again.sha256) == b"photo"
    assert not outcome.write(again, away).away
    send(work, b"photo")
    assert queue.take(1) != [], "its file was stored anew"


def test_a_key_that_reads_nothing_is_no_fault_of_a_photo(work: Work, clock: Clock) -> None:
    """As files of another user after a restore: what was read before cannot be, either."""
    for name in (b"old", b"new"):
        send(work, name)
    queue = Queue(work)
    old, new = queue.take(2)
    assert queue.alone(new.sha256)
    queue.finish(old.id, Done([]))
    assert queue.alone(new.sha256)
    path = work.blobs.path(old.sha256)
    path.unlink()
    path.symlink_to(path)
    assert not queue.alone(new.sha256)
    queue.unreadable(new.id, REVISION, new.claim)
    clock.on(days=-5)
    assert queue.waiting() == 1, "a clock that was set back costs no photo days"
