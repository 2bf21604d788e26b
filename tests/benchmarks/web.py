"""What the web app costs those who stand in line.

    nice -n 10 .venv/bin/python -m tests.benchmarks.web [--people 50] [--photos N] [--unreadable]

A server of its own (`certcheck serve`, a process for each core). Pages are fetched on an idle
server, by a visitor and by an administrator who is signed in; then as many people as told upload
a sample photo at once while pages are fetched beside, and their results are awaited. With
`--photos` only so many of the files differ: each person has a check of his own, and the same
file is read once.
`--unreadable` sends files of the same size that are no pictures: the web alone, without reading.
"""

from __future__ import annotations

import argparse
import collections
import statistics
import tempfile
import threading
import time
from pathlib import Path

import requests

from certcheck.accounts import demo
from certcheck.accounts.roles import Role
from certcheck.runner.pool import default_workers
from samples import PHOTOS
from tests.web.conftest import Server, sign_in, upload

PAGES = ("/", "/privacy", "/readyz", "/static/style.css")
# Of somebody who is signed in: each asks the store who he is.
WITHIN = ("/", "/history", "/people", "/password", "/batches")
IDLE_ROUNDS = 25
# Of the issue: a page that is no check, beside 50 uploads, over its time on an idle server.
GOAL_PAGES = 3.0
PATIENCE_S = 1800
OK = 200


class Reader:
    """A browser that fetches pages; nobody's, or an administrator's.

    Args:
        server: with the people of the demo.
    """

    def __init__(self, server: Server) -> None:
        self._url = server.url
        card = next(one for one in demo.read(server.home / "work") if one.role is Role.ADMIN)
        self._visitor = requests.Session()
        self._admin = sign_in(server.url, card.name, card.password)

    def round(self) -> list[float]:
        """Seconds that each page took, all of them once."""
        visits = [(self._visitor, page) for page in PAGES]
        return [self._timed(*one) for one in visits + [(self._admin, page) for page in WITHIN]]

    def _timed(self, browser: requests.Session, page: str) -> float:
        began = time.perf_counter()
        answer = browser.get(self._url + page, timeout=60, allow_redirects=False)
        if answer.status_code != OK:
            raise RuntimeError(f"{page}: {answer.status_code}")
        return time.perf_counter() - began


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1] if len(times) > 1 else times[0]


class Person(threading.Thread):
    """Uploads one photo and waits for its result.

    Args:
        url: of the server.
        data: the photo.
    """

    def __init__(self, url: str, data: bytes) -> None:
        super().__init__()
        self.url, self.data = url, data
        self.status, self.retry_after, self.accepted, self.done = 0, "", 0.0, 0.0

    def run(self) -> None:
        began = time.perf_counter()
        answer = upload(self.url, self.data, PATIENCE_S)
        self.accepted = time.perf_counter() - began
        self.status = answer.status_code
        self.retry_after = answer.headers.get("Retry-After", "")
        if self.status != 303:
            return
        state = self.url + answer.headers["Location"].partition("?")[0] + "/state"
        while requests.get(state, timeout=60).json()["status"] != "done":
            if time.perf_counter() - began > PATIENCE_S:
                return
            time.sleep(1)
        self.done = time.perf_counter() - began


def _photos(count: int, different: int, *, unreadable: bool) -> list[bytes]:
    """Sample photos, so many of them another file."""
    known = [path.read_bytes() for path in sorted(PHOTOS.glob("*.jpg"))]
    chosen = [known[number % len(known)] for number in range(count)]
    lead = b"no picture " if unreadable else b""
    made = [lead + data + b"%d" % number for number, data in enumerate(chosen)]
    return [made[number % different] for number in range(count)]


def main() -> None:
    """Runs and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--photos", type=int, help="different files; else one a person")
    parser.add_argument("--unreadable", action="store_true")
    wanted = parser.parse_args()
    different = min(wanted.photos or wanted.people, wanted.people)
    photos = _photos(wanted.people, different, unreadable=wanted.unreadable)
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder), default_workers())
        reader = Reader(server)
        idle = [seconds for _ in range(IDLE_ROUNDS) for seconds in reader.round()]
        people = [Person(server.url, data) for data in photos]
        began = time.perf_counter()
        for person in people:
            person.start()
        busy: list[float] = []
        while any(person.is_alive() for person in people):
            busy += reader.round()
            time.sleep(0.2)
        spent = time.perf_counter() - began
        server.stop()
    print(f"{len(people)} people at once, {different} different photos")
    _tell(people, idle, busy, spent)


def _tell(people: list[Person], idle: list[float], busy: list[float], spent: float) -> None:
    statuses = collections.Counter(person.status for person in people)
    silent = [one for one in people if one.status != 303 and not one.retry_after]
    lost = [one for one in people if one.status == 303 and not one.done]
    accepted = [one.accepted for one in people]
    print(f"answers {dict(statuses)}; lost {len(lost)}; refused without Retry-After {len(silent)}")
    print(
        f"upload answered: median {statistics.median(accepted):.2f} s, last {max(accepted):.2f} s"
    )
    print(f"all done after {spent:.1f} s")
    shown = _p95(busy) / _p95(idle)
    print(
        f"pages p95: idle {_p95(idle) * 1000:.0f} ms, beside {_p95(busy) * 1000:.0f} ms: "
        f"{shown:.1f} times (goal {GOAL_PAGES})"
    )


if __name__ == "__main__":
    main()
