"""A spreadsheet of goods taken apart by a process of its own, with limits of memory and time.

openpyxl and expat read what strangers made: no thread of the server does that. What comes back is
a list of texts, not more than a batch may hold.
"""

from __future__ import annotations

import dataclasses as dc
import json
from typing import IO

from certcheck.errors import RefusedError
from certcheck.runner import aside
from certcheck.stock import sheet

# Of the process: a workbook of the largest parts that are taken fills some hundred megabytes.
MEMORY_BYTES = 2**30
CPU_SECONDS = 20


def listed(stream: IO[bytes], file: str) -> list[sheet.Listed]:
    """As `sheet.listed`; a workbook over which the process dies or hangs is damaged.

    Raises:
        RefusedError: it cannot be read, or lists too much.
    """
    said = aside.answer(__name__, stream)
    if said is None:
        raise RefusedError("stock.sheet_damaged", file=file)
    told = json.loads(said)
    if "refused" in told:
        raise RefusedError(told["refused"], **told["details"] | {"file": file})
    return [sheet.Listed(name, named, tuple(paths)) for name, named, paths in told["rows"]]


def _told(stream: IO[bytes]) -> bytes:
    try:
        rows = [dc.astuple(one) for one in sheet.listed(stream, "")]
        return json.dumps({"rows": rows}).encode()
    except RefusedError as error:
        return json.dumps({"refused": error.code, "details": dict(error.details)}).encode()


if __name__ == "__main__":
    aside.answering(_told, MEMORY_BYTES, CPU_SECONDS)
