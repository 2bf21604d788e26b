"""What clients were told was accepted, held against what the work store says became of it.

A photo here is a file that no decoder knows: it goes the whole way of every photo (request, file,
row, queue, process, answer, log), only that reading ends at its first bytes.
"""

from __future__ import annotations

import collections
import dataclasses as dc
import threading
import time
import uuid
from collections.abc import Callable, Sequence

import requests
from sqlalchemy import Engine, text
from sqlalchemy.engine import URL

from certcheck.runner.store import FILE
from registry import store
from tests.faults.house import LONGEST, House

# Seconds between two attempts of a client that got no answer.
_PAUSE_S = 0.1
_TAKEN = (201, 202)
_LATER = (429, 503)


@dc.dataclass
class Ledger:
    """What was sent.

    Attributes:
        accepted: the check that each photo was told to be, by the client's name for it.
        strange: answers that are neither yes nor later.
    """

    accepted: dict[str, str] = dc.field(default_factory=dict)
    strange: list[str] = dc.field(default_factory=list)
    refused: int = 0

    def send(self, photos: Sequence[bytes], urls: Callable[[], str], clients: int = 4) -> None:
        """Sends photos, each until a server says that it has it.

        Args:
            photos: what to send.
            urls: a server to ask, looked up before each attempt.
            clients: that send at the same time.
        """
        left = collections.deque((uuid.uuid4().hex, one) for one in photos)

        def client() -> None:
            with requests.Session() as session:
                while True:
                    try:
                        token, photo = left.popleft()
                    except IndexError:
                        return
                    self._one(session, token, photo, urls)

        threads = [threading.Thread(target=client) for _ in range(clients)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()

    def _one(
        self, session: requests.Session, token: str, photo: bytes, urls: Callable[[], str]
    ) -> None:
        end = time.monotonic() + LONGEST
        while time.monotonic() < end:
            try:
                answer = session.post(
                    f"{urls()}/api/v1/checks", files={"photo": ("a.jpg", photo)},
                    headers={"Idempotency-Key": token}, timeout=10,
                )  # fmt: skip
            except requests.RequestException:
                time.sleep(_PAUSE_S)
                continue
            if answer.status_code in _TAKEN:
                self.accepted[token] = answer.json()["id"]
                return
            self.refused += 1
            if answer.status_code not in _LATER or "Retry-After" not in answer.headers:
                self.strange.append(f"{answer.status_code} {answer.text[:200]}")
            time.sleep(_PAUSE_S)
        self.strange.append(f"{token} was never taken")


@dc.dataclass(frozen=True)
class Balance:
    """How it came out.

    Attributes:
        accepted: checks that a client was told of.
        lost: of them, those that have no answer.
        doubled: answered more than once by the log, or two checks of one name.
        strange: answers of the server, and checks of the store that nobody sent.
        errors: how often each code was answered to what a client was told of.
    """

    accepted: int
    lost: int
    doubled: int
    strange: tuple[str, ...]
    errors: dict[str, int]


_CHECKS = (
    "SELECT c.id, c.token, j.status, j.error FROM work_checks c JOIN work_jobs j ON j.id = c.job_id"
)
_LOG = "SELECT about_id, count(*) FROM work_audit WHERE what = 'check.done' GROUP BY about_id"


def waiting(house: House, which: str = "status <> 'done'") -> int:
    """Jobs that are not done, or as a condition says."""
    engine = _engine(house)
    count = _undone(engine, which)
    engine.dispose()
    return count


def settle(house: House) -> None:
    """Until everything is answered; it takes as long as it goes on."""
    engine = _engine(house)
    left, end = _undone(engine), time.monotonic() + LONGEST
    while left:
        assert time.monotonic() < end, f"{left} photos wait, and nobody answers them"
        time.sleep(_PAUSE_S)
        before, left = left, _undone(engine)
        if left < before:
            end = time.monotonic() + LONGEST
    engine.dispose()


def _engine(house: House) -> Engine:
    """The store as its servers left it: to look at its tables for each question costs more."""
    file = URL.create("sqlite", database=str(house.folder / FILE))
    return store.make_engine(store.parse_url(house.store) if house.store else file)


def _undone(engine: Engine, which: str = "status <> 'done'") -> int:
    with store.session(engine) as opened:
        asked = text(f"SELECT count(*) FROM work_jobs WHERE {which}")
        return int(opened.connection().execute(asked).scalar_one())


def balance(house: House, ledger: Ledger) -> Balance:
    """Holds what was accepted against the store."""
    engine = _engine(house)
    with store.session(engine) as opened:
        rows = opened.connection().execute(text(_CHECKS)).all()
        logged = dict(opened.connection().execute(text(_LOG)).all())  # type: ignore[arg-type]
    engine.dispose()
    found = {row[0]: row for row in rows}
    tokens = collections.Counter(row[1] for row in rows)
    wanted = set(ledger.accepted.values())
    lost = [one for one in wanted if one not in found or found[one][2] != "done"]
    doubled = [one for one in found if logged.get(one, 0) > 1]
    doubled += [one for one, count in tokens.items() if one and count > 1]
    unlogged = [one for one in found if logged.get(one, 0) != 1]
    strange = (*ledger.strange, *(f"{one} is not logged" for one in set(unlogged) - set(doubled)))
    errors = collections.Counter(str(row[3]) for row in rows if row[0] in wanted)
    return Balance(len(wanted), len(lost), len(doubled), strange, dict(errors))
