"""People who stand in line: the crowd of `tests.benchmarks.web`, a process of its own."""

from __future__ import annotations

import dataclasses as dc
import http.client
import threading
import time
from collections.abc import Sequence
from multiprocessing.queues import Queue
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from tests.web.conftest import PHOTO, token

PATIENCE_S = 1800
SEE_OTHER = 303
_LOOK_S = 1.0
_ANSWER_S = 120


@dc.dataclass(slots=True)
class Told:
    """One photo of one person.

    Attributes:
        check: address of its check, "" where it was never accepted.
        sent: seconds until the last byte was handed over.
        answered: seconds from then to the answer.
        accepted_at: since all began.
        done: likewise, when the result was there.
        result: verdict or error, "" where none came.
        refused: each refusal, its status and Retry-After.
    """

    check: str = ""
    sent: float = 0.0
    answered: float = 0.0
    accepted_at: float = 0.0
    done: float = 0.0
    result: str = ""
    refused: list[tuple[int, str]] = dc.field(default_factory=list)


class _From(HTTPAdapter):
    """Connections from an address of one's own: limits are counted by address."""

    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__()

    def init_poolmanager(self, *args: object, **kwargs: object) -> None:
        super().init_poolmanager(*args, source_address=(self._address, 0), **kwargs)  # type: ignore[arg-type]


class Person(threading.Thread):
    """Sends photos one after the other, looks how far they are, and waits for all results.

    Args:
        url: of the server.
        number: which person.
        photos: theirs.
        door: all go in at once.
    """

    def __init__(
        self, url: str, number: int, photos: Sequence[bytes], door: threading.Barrier
    ) -> None:
        super().__init__()
        self._url, self._photos, self._door = url, photos, door
        self._address = f"127.0.{1 + number // 250}.{1 + number % 250}"
        self._browser = requests.Session()
        self._browser.mount("http://", _From(self._address))
        self._began = 0.0
        self.told = [Told() for _ in photos]

    def run(self) -> None:
        """Comes, sends, waits."""
        page = self._browser.get(f"{self._url}/", timeout=_ANSWER_S).text
        self._door.wait()
        self._began = time.perf_counter()
        for photo, told in zip(self._photos, self.told, strict=True):
            self._send(photo, told, token(page))
        waiting = [one for one in self.told if one.check]
        while waiting and self._passed() < PATIENCE_S:
            time.sleep(_LOOK_S)
            # A person looks at one page at a time; the next when its result is there.
            if self._state(waiting[0].check) == "done":
                one = waiting.pop(0)
                one.done = self._passed()
                one.result = self._result(one.check)

    def _send(self, photo: bytes, told: Told, guard: str) -> None:
        body = requests.Request(
            "POST", f"{self._url}/checks", data={"csrf_token": guard},
            files={"photo": (PHOTO.name, photo)},
        )  # fmt: skip
        prepared = self._browser.prepare_request(body)
        while self._passed() < PATIENCE_S:
            status, again, told.check = self._attempt(prepared, told)
            if status == SEE_OTHER:
                told.accepted_at = self._passed()
                return
            told.refused.append((status, again))
            time.sleep(float(again or _LOOK_S))

    def _attempt(self, request: requests.PreparedRequest, told: Told) -> tuple[int, str, str]:
        """One upload as a browser makes it; status, Retry-After and where it leads."""
        host = urlsplit(self._url)
        line = http.client.HTTPConnection(
            str(host.hostname), host.port, timeout=_ANSWER_S, source_address=(self._address, 0)
        )
        began = time.perf_counter()
        line.request("POST", "/checks", body=request.body, headers=dict(request.headers))
        told.sent = time.perf_counter() - began
        answer = line.getresponse()
        answer.read()
        told.answered = time.perf_counter() - began - told.sent
        line.close()
        where = (answer.getheader("Location") or "").partition("?")[0]
        return answer.status, answer.getheader("Retry-After") or "", where

    def _state(self, check: str) -> str:
        answer = self._browser.get(f"{self._url}{check}/state", timeout=_ANSWER_S)
        return str(answer.json()["status"])

    def _result(self, check: str) -> str:
        told = self._browser.get(f"{self._url}/api/v1{check}", timeout=_ANSWER_S).json()
        return str(told["error"]["code"] if told["error"] else told["verdict"])

    def _passed(self) -> float:
        return time.perf_counter() - self._began


def crowd(url: str, photos: Sequence[Sequence[bytes]], answers: Queue[list[Told] | None]) -> None:
    """All people at once; tells None when they stand at the door, then what came of it."""
    door = threading.Barrier(len(photos) + 1)
    people = [Person(url, number, mine, door) for number, mine in enumerate(photos)]
    for one in people:
        one.start()
    while door.n_waiting < len(people):
        time.sleep(0.05)
    answers.put(None)
    door.wait()
    for one in people:
        one.join()
    answers.put([told for one in people for told in one.told])
