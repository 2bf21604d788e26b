"""What the web app costs those who stand in line.

    nice -n 10 .venv/bin/python -m tests.benchmarks.web [--people 50] [--photos 3] [--unreadable]

A server of its own (`certcheck serve`, a process for each core), with a batch of a streamer's and
a pre-check page. Each page that is no check is fetched again and again on the idle server: by a
visitor, by the streamer, by an administrator. Then as many people as told, each with an address
and a browser of his own and all at the same moment, send their photos one after the other, every
photo another file that is really read; each looks every second how far he is, as the waiting page
does, and comes again where he is told when (Retry-After), until all of his results are there.
Beside them the same pages are fetched as before.

`--unreadable` sends files of the same size that are no pictures: the web alone, without reading.
The people are a process of their own, so that their work is not measured as the server's.
"""

from __future__ import annotations

import argparse
import collections
import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Iterable, Sequence
from multiprocessing.queues import Queue
from pathlib import Path

import requests

from certcheck.accounts import demo
from certcheck.accounts.roles import Role
from certcheck.runner.pool import default_workers
from samples import PHOTOS
from tests.benchmarks.web_people import Told, crowd
from tests.web.conftest import Server, sign_in, token

VISITOR = ("/", "/privacy", "/sign-in", "/p", "/static/style.css", "/readyz")
STREAMER = ("/", "/history", "/batches", "/password")
ADMIN = ("/people", "/history")
IDLE_ROUNDS = 100
PAUSE_S = 0.1
# Of the issue: a page that is no check, beside 50 uploads, over its time on an idle server.
GOAL_PAGES = 3.0
OK = 200

# Who fetched which page, when (since the people came), and the seconds that it took.
Visit = tuple[str, str, float, float]


class Reader:
    """Browsers that fetch pages: nobody's, a streamer's with a batch, an administrator's.

    Args:
        server: with the people of the demo.
    """

    def __init__(self, server: Server) -> None:
        self._url = server.url
        cards = {one.role: one for one in demo.read(server.home / "work")}
        self._browsers = {
            "visitor": requests.Session(),
            "streamer": sign_in(
                server.url, cards[Role.STREAMER].name, cards[Role.STREAMER].password
            ),
            "administrator": sign_in(
                server.url, cards[Role.ADMIN].name, cards[Role.ADMIN].password
            ),
        }
        batch, code = self._batch()
        self._rounds = {
            "visitor": (*VISITOR, code),
            "streamer": (*STREAMER, batch, f"{batch}/precheck"),
            "administrator": ADMIN,
        }

    def round(self, since: float) -> list[Visit]:
        """All pages once."""
        return [
            (who, page, time.perf_counter() - since, self._timed(who, page))
            for who, pages in self._rounds.items()
            for page in pages
        ]

    def _timed(self, who: str, page: str) -> float:
        began = time.perf_counter()
        answer = self._browsers[who].get(self._url + page, timeout=60, allow_redirects=False)
        if answer.status_code != OK:
            raise RuntimeError(f"{page}: {answer.status_code}")
        return time.perf_counter() - began

    def _batch(self) -> tuple[str, str]:
        """A batch that is done, and the address of a page that shows it."""
        browser = self._browsers["streamer"]
        form = {"csrf_token": token(browser.get(f"{self._url}/batches", timeout=60).text)}
        files = [("files", (one.name, one.read_bytes())) for one in _samples()[:4]]
        sent = browser.post(f"{self._url}/batches", data=form, files=files, timeout=60)
        sent.raise_for_status()
        address = sent.url.partition("?")[0]
        while 'data-done="1"' not in browser.get(address, timeout=60).text:
            time.sleep(1)
        chosen = {**form, "item": ["1", "2", "3"], "hours": "8"}
        browser.post(f"{address}/precheck", data=chosen, timeout=60).raise_for_status()
        page = browser.get(f"{address}/precheck", timeout=60).text
        code = page.partition('<p class="code">')[2][:14]
        return address.removeprefix(self._url), f"/p/{code}"


def _samples() -> list[Path]:
    return sorted(PHOTOS.glob("*.jpg"))


def _photos(people: int, each: int, *, unreadable: bool) -> list[list[bytes]]:
    """Sample photos for each, every one another file."""
    known = [path.read_bytes() for path in _samples()]
    lead = b"no picture " if unreadable else b""
    numbers = iter(range(people * each))
    return [
        [lead + known[(at := next(numbers)) % len(known)] + b"%d" % at for _ in range(each)]
        for _ in range(people)
    ]


def main() -> None:
    """Runs and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--photos", type=int, default=3, help="that each sends")
    parser.add_argument("--rounds", type=int, default=IDLE_ROUNDS, help="on the idle server")
    parser.add_argument("--unreadable", action="store_true")
    wanted = parser.parse_args()
    photos = _photos(wanted.people, wanted.photos, unreadable=wanted.unreadable)
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder), default_workers())
        try:
            reader = Reader(server)
            idle = list(_rounds(reader, wanted.rounds))
            busy, told, spent = _beside(reader, server.url, photos)
        finally:
            server.stop()
    print(f"{wanted.people} people at once, {wanted.photos} photos each")
    _tell_people(told, spent)
    last = max((one.accepted_at for one in told), default=0.0)
    _tell_pages(idle, busy, last)


def _rounds(reader: Reader, count: int) -> Iterable[Visit]:
    reader.round(0)  # templates are compiled, connections opened
    for _ in range(count):
        time.sleep(PAUSE_S)
        yield from reader.round(0)


def _beside(
    reader: Reader, url: str, photos: Sequence[Sequence[bytes]]
) -> tuple[list[Visit], list[Told], float]:
    """Pages fetched while all people send and wait."""
    context = multiprocessing.get_context("spawn")
    answers: Queue[list[Told] | None] = context.Queue()
    people = context.Process(target=crowd, args=(url, photos, answers))
    people.start()
    answers.get()  # they stand at the door
    began = time.perf_counter()
    visits: list[Visit] = []
    while answers.empty():
        visits += reader.round(began)
        time.sleep(PAUSE_S)
    told = answers.get()
    people.join()
    return visits, told or [], time.perf_counter() - began


def _tell_people(told: Sequence[Told], spent: float) -> None:
    refused = [answer for one in told for answer in one.refused]
    silent = [one for one in refused if not one[1]]
    accepted = [one for one in told if one.check]
    lost = [one for one in accepted if not one.result]
    print(
        f"sent {len(told)}, accepted {len(accepted)}, never accepted {len(told) - len(accepted)}, "
        f"lost {len(lost)}; told to come again {len(refused)} times, without a time {len(silent)}"
    )
    print(f"results {dict(collections.Counter(one.result for one in accepted))}")
    for what, times in (
        ("sending the bytes", [one.sent for one in accepted]),
        ("from the last byte to the answer", [one.answered for one in accepted]),
        ("from the answer to the result", [one.done - one.accepted_at for one in accepted]),
    ):
        if times:
            print(
                f"{what}: median {statistics.median(times):.2f} s, p95 {p95(times):.2f} s, "
                f"last {max(times):.2f} s"
            )
    print(
        f"last accepted after {max(one.accepted_at for one in told):.1f} s, all done {spent:.1f} s"
    )


def _tell_pages(idle: Sequence[Visit], busy: Sequence[Visit], arrived: float) -> None:
    print(
        f"pages, milliseconds (goal: p95 beside them at most {GOAL_PAGES:.0f} times the idle p95)"
    )
    print(
        f"{'who':14}{'page':24}{'idle':>6}{'p95':>7}{'beside':>8}{'p95':>7}{'times':>7}{'arriving':>10}"
    )
    worst = 0.0
    for who, page in dict.fromkeys((visit[0], visit[1]) for visit in idle):
        before = _times(idle, who, page)
        beside = _times(busy, who, page)
        arriving = _times([one for one in busy if one[2] <= arrived], who, page)
        times = p95(beside) / p95(before)
        worst = max(worst, times)
        print(
            f"{who:14}{_named(page):24}{statistics.median(before) * 1000:6.1f}"
            f"{p95(before) * 1000:7.1f}{statistics.median(beside) * 1000:8.1f}"
            f"{p95(beside) * 1000:7.1f}{times:7.2f}{p95(arriving) * 1000:10.1f}"
        )
    together = p95([one[3] for one in busy]) / p95([one[3] for one in idle])
    print(
        f"worst page {worst:.2f} times, all pages together {together:.2f} times; {len(busy)} visits"
    )


def _times(visits: Sequence[Visit], who: str, page: str) -> list[float]:
    return [seconds for by, at, _, seconds in visits if (by, at) == (who, page)] or [0.0]


def _named(page: str) -> str:
    """A page without what is another in each run."""
    parts = ["…" if len(part) > 13 else part for part in page.split("/")]
    return "/".join(parts)


def p95(times: Sequence[float]) -> float:
    """Of few, the largest."""
    return statistics.quantiles(times, n=20, method="inclusive")[-1] if len(times) > 1 else times[0]


if __name__ == "__main__":
    main()
