"""A client of certcheck's API.

>>> from certcheck_client import Client
>>> client = Client("https://check.example", key="certcheck_…")  # doctest: +SKIP
>>> report = client.check("photo.jpg")  # doctest: +SKIP
>>> batch = client.batch(["a.jpg", "b.jpg", "more.zip"])  # doctest: +SKIP
>>> for item in client.wait_batch(batch.id).items:  # doctest: +SKIP
...     print(item.name, item.verdict)

What the server does not do, and what it cannot be asked, are exceptions; see `errors`. It needs
Python 3.11 and requests, and nothing else of certcheck.
"""

from certcheck_client.api import Client
from certcheck_client.errors import (
    AnswerError,
    CertcheckClientError,
    LateError,
    ProblemError,
    SignatureError,
    UnreachableError,
)
from certcheck_client.results import Batch, Check, Item
from certcheck_client.webhooks import BatchDone, read_webhook

__all__ = [
    "AnswerError",
    "Batch",
    "BatchDone",
    "CertcheckClientError",
    "Check",
    "Client",
    "Item",
    "LateError",
    "ProblemError",
    "SignatureError",
    "UnreachableError",
    "read_webhook",
]
