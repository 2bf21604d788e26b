"""Results that can still be looked at: a few, in memory, the oldest dropped first."""

from __future__ import annotations

import dataclasses as dc
import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any


@dc.dataclass(frozen=True, slots=True)
class Result:
    """What came of one upload.

    Attributes:
        reports: one JSON report a certificate, as the contract has it.
        pictures: page of the file to a small upright JPEG; empty where none could be made.
    """

    reports: tuple[Mapping[str, Any], ...]
    pictures: Mapping[int, bytes]

    @property
    def id(self) -> str:
        """The id of the first report, which names the upload too."""
        return str(self.reports[0]["id"])


class Results:
    """The latest results by id; may be used from several threads.

    Args:
        limit: how many are kept.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._results: OrderedDict[str, Result] = OrderedDict()

    def put(self, result: Result) -> None:
        """Keeps a result; the same id again replaces it."""
        with self._lock:
            self._results[result.id] = result
            self._results.move_to_end(result.id)
            while len(self._results) > self._limit:
                self._results.popitem(last=False)

    def get(self, result_id: str) -> Result | None:
        """A result, or None where it is not kept (any more)."""
        with self._lock:
            return self._results.get(result_id)
