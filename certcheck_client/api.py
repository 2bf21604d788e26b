"""The client."""

from __future__ import annotations

import contextlib
import io
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import requests

from certcheck_client.errors import AnswerError, LateError, ProblemError, UnreachableError
from certcheck_client.results import JSON, Batch, Check

# A path, or a name and the bytes.
File = str | Path | tuple[str, bytes]

# Seconds: to connect, and of silence; more than the server's own longest wait.
TIMEOUT = (10.0, 90.0)
LONGEST_WAIT_S = 60.0
# Seconds between two looks where the server names none.
_LOOK_S = 2.0
# Answers that pass by themselves.
_PASSING = (429, 503)


class Client:
    """A certcheck server.

    Args:
        url: its address, without `/api`.
        key: of this program, where the server asks for one.
        lang: of what problems say, `zh` or `en`.
        patience: seconds for which a request is sent again while the server is full.
        session: of requests, where another than a new one is wanted.
    """

    def __init__(
        self,
        url: str,
        key: str | None = None,
        lang: str = "en",
        patience: float = 60.0,
        session: requests.Session | None = None,
    ) -> None:
        self._url = url.rstrip("/") + "/api/v1"
        self._patience = patience
        self._session = session or requests.Session()
        self._headers = {"Accept-Language": lang}
        if key:
            self._headers["Authorization"] = f"Bearer {key}"

    def __enter__(self) -> Client:
        """The client itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Closes its connections."""
        self._session.close()

    def check(self, photo: File, timeout: float = 120.0) -> Check:
        """Checks a photo and waits for the report.

        Raises:
            LateError: it is not done in that time; `wait` goes on waiting.
            CertcheckClientError: see `errors`.
        """
        end = time.monotonic() + timeout
        begun = self.send(photo, wait=min(timeout, LONGEST_WAIT_S))
        return begun if begun.done else self.wait(begun.id, end - time.monotonic())

    def send(self, photo: File, wait: float = 0.0, token: str | None = None) -> Check:
        """Sends a photo, and waits for a while where it is told to.

        Args:
            photo: its path, or a name and the bytes.
            wait: seconds; the server waits up to 60.
            token: names the request, so that it is the same check when it is sent again; a new
                one where it is None.

        Raises:
            CertcheckClientError: see `errors`.
        """
        headers = {"Idempotency-Key": token or str(uuid.uuid4())}
        with contextlib.ExitStack() as stack:
            files = [("photo", _opened(stack, photo))]
            told = self._ask("POST", "/checks", headers, {"wait": f"{wait:g}"}, files=files)
        return Check.of(told)

    def show(self, check_id: str) -> Check:
        """How a check stands.

        Raises:
            ProblemError: `web.gone`: there is none, or its time is over.
            CertcheckClientError: see `errors`.
        """
        return Check.of(self._ask("GET", f"/checks/{check_id}"))

    def wait(self, check_id: str, timeout: float = 120.0) -> Check:
        """Waits for a check's report.

        Raises:
            LateError: it is not done in that time.
            CertcheckClientError: see `errors`.
        """
        end = time.monotonic() + timeout
        while not (found := self.show(check_id)).done:
            _pause(end, check_id)
        return found

    def delete(self, check_id: str) -> None:
        """Deletes a check with its photo and result.

        Raises:
            CertcheckClientError: see `errors`.
        """
        self._ask("DELETE", f"/checks/{check_id}")

    def batch(self, files: Sequence[File], title: str = "", token: str | None = None) -> Batch:
        """Sends many files: photos, PDFs, ZIP archives, .xlsx spreadsheets.

        Args:
            files: paths, or names and the bytes.
            title: names the batch.
            token: see `send`.

        Raises:
            CertcheckClientError: see `errors`.
        """
        headers = {"Idempotency-Key": token or str(uuid.uuid4())}
        with contextlib.ExitStack() as stack:
            sent = [("files", _opened(stack, one)) for one in files]
            told = self._ask("POST", "/batches", headers, files=sent, data={"title": title})
        return Batch.of(told)

    def show_batch(self, batch_id: str) -> Batch:
        """How a batch stands.

        Raises:
            ProblemError: `stock.gone`: there is none, or its time is over.
            CertcheckClientError: see `errors`.
        """
        return Batch.of(self._ask("GET", f"/batches/{batch_id}"))

    def wait_batch(self, batch_id: str, timeout: float = 1800.0) -> Batch:
        """Waits until nothing more will come of a batch.

        Raises:
            LateError: it is not done in that time.
            CertcheckClientError: see `errors`.
        """
        end = time.monotonic() + timeout
        while not (found := self.show_batch(batch_id)).done:
            _pause(end, batch_id)
        return found

    def delete_batch(self, batch_id: str) -> None:
        """Deletes a batch with all its checks.

        Raises:
            CertcheckClientError: see `errors`.
        """
        self._ask("DELETE", f"/batches/{batch_id}")

    def _ask(
        self,
        method: str,
        path: str,
        headers: JSON | None = None,
        query: JSON | None = None,
        **body: Any,  # noqa: ANN401 - handed to requests
    ) -> JSON:
        """One request; again while the server is full, as long as there is patience."""
        end = time.monotonic() + self._patience
        while True:
            try:
                return self._once(method, path, {**self._headers, **(headers or {})}, query, body)
            except ProblemError as problem:
                pause = problem.retry_after or _LOOK_S
                if problem.status not in _PASSING or time.monotonic() + pause > end:
                    raise
                time.sleep(pause)
            for _, (_, stream) in body.get("files", ()):
                stream.seek(0)

    def _once(
        self, method: str, path: str, headers: JSON, query: JSON | None, body: dict[str, Any]
    ) -> JSON:
        try:
            answer = self._session.request(
                method, self._url + path, headers=dict(headers), params=query, timeout=TIMEOUT,
                allow_redirects=False, **body,
            )  # fmt: skip
        except requests.RequestException as error:
            raise UnreachableError(str(error)) from error
        if answer.status_code == 204:
            return {}
        kind = answer.headers.get("Content-Type", "").partition(";")[0]
        try:
            told = answer.json()
        except ValueError as error:
            raise AnswerError(answer.status_code) from error
        if kind == "application/problem+json":
            raise _problem(answer, told)
        if not answer.ok or not isinstance(told, dict):
            raise AnswerError(answer.status_code)
        return told


def _opened(stack: contextlib.ExitStack, file: File) -> tuple[str, IO[bytes]]:
    """A file's name and a stream of its bytes."""
    if isinstance(file, tuple):
        name, data = file
        return name, stack.enter_context(io.BytesIO(data))
    path = Path(file)
    return path.name, stack.enter_context(path.open("rb"))


def _problem(answer: requests.Response, told: JSON) -> ProblemError:
    after = answer.headers.get("Retry-After", "")
    return ProblemError(
        answer.status_code, str(told["code"]), str(told["title"]), str(told["next_step"]),
        int(after) if after.isdecimal() else None,
    )  # fmt: skip


def _pause(end: float, what: str) -> None:
    left = end - time.monotonic()
    if left <= 0:
        raise LateError(what)
    time.sleep(min(_LOOK_S, left))
