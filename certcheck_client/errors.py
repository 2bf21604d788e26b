"""What can go wrong, as exceptions."""

from __future__ import annotations


class CertcheckClientError(Exception):
    """Base of all of them."""


class UnreachableError(CertcheckClientError):
    """The server does not answer."""


class AnswerError(CertcheckClientError):
    """An answer that is none of certcheck's: another server, or a proxy's own page.

    Attributes:
        status: of the answer.
    """

    def __init__(self, status: int) -> None:
        super().__init__(f"an answer that is not certcheck's, status {status}")
        self.status = status


class ProblemError(CertcheckClientError):
    """What the server says is wrong (RFC 9457).

    Attributes:
        status: of the answer.
        code: names the problem, the same in every language: `work.full`, `web.gone`, …
        title: what is wrong, for a person.
        next_step: what to do, for a person.
        retry_after: seconds after which to try again, or None.
    """

    def __init__(
        self, status: int, code: str, title: str, next_step: str, retry_after: int | None
    ) -> None:
        super().__init__(f"{code}: {title} {next_step}".strip())
        self.status, self.code, self.title = status, code, title
        self.next_step, self.retry_after = next_step, retry_after


class LateError(CertcheckClientError):
    """What was waited for is not done in the time given; it goes on, and can be waited for again.

    Attributes:
        id: of the check or batch.
    """

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} is not done yet")
        self.id = what


class SignatureError(CertcheckClientError):
    """A webhook that is not the server's own, or is old: to be thrown away."""
