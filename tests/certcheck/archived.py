"""Reports and people for tests of the archive; no photo is read."""

from __future__ import annotations

from typing import Any

from certcheck.accounts.roles import Role
from certcheck.accounts.tables import Account
from certcheck.runner.queue import Done, Queue
from certcheck.runner.work import Work
from registry import store
from tests.certcheck.work_store import request, send

INSPECTOR, STREAMER = "person:insp", "person:strm"


def report(number: str = "YA2026 0117", part: int = 1, **changes: Any) -> dict[str, Any]:
    """A report of one certificate, as the pool answers it; item 3 contradicts."""
    fields = {
        "certificate_no": number, "conclusion": "翡翠手镯", "approver": "王晓明",
        "lab_name": "示例宛玉珠宝检测中心",
    }  # fmt: skip
    statuses = ["consistent"] * 8
    statuses[2] = "inconsistent"
    told = {
        "photo": {"name": "", "page": 1, "part": part, "sha256": "s"},
        "fields": {name: {"value": value} for name, value in fields.items()},
        "lab": {"lab_id": "wanyu", "name": "示例宛玉珠宝检测中心"}, "foreign_lab": None,
        "items": [{"item": n, "status": one} for n, one in enumerate(statuses, start=1)],
        "verdict": "inconsistent", "judged_on": "2026-01-17", "error": None,
    }  # fmt: skip
    return {**told, **changes}


def people(work: Work) -> None:
    """An inspector and a streamer."""
    with store.session(work.engine) as opened:
        store.write(opened)
        for owner, role in ((INSPECTOR, Role.INSPECTOR), (STREAMER, Role.STREAMER)):
            person = owner.partition(":")[2]
            opened.add(_account(person, role, work))
        opened.commit()


def _account(person: str, role: Role, work: Work) -> Account:
    return Account(
        id=person, name=f"{person}甲", role=role, password="-", must_change=False,  # noqa: S106
        created_at=work.clock(),
    )  # fmt: skip


def answer(work: Work, *reports: dict[str, Any]) -> None:
    """Answers all that waits."""
    queue = Queue(work)
    for one in queue.take(100):
        queue.finish(one.id, Done(list(reports) or [report()]))


def checked(
    work: Work, *reports: dict[str, Any], owner: str | None = INSPECTOR, photo: bytes = b"photo"
) -> str:
    """A check that is done; returns its id."""
    check_id = send(work, photo, request(owner=owner))
    answer(work, *reports)
    return check_id
