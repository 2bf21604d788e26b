"""Run in a process of its own by a test: tells its limits, or takes more than they allow."""

from __future__ import annotations

import json
import resource
from typing import IO

from certcheck.runner import aside

MEMORY, CPU_SECONDS = 2**28, 3


def _work(file: IO[bytes]) -> bytes:
    asked = file.read()
    if asked == b"memory":
        return bytes(2 * MEMORY)[:1]
    while asked == b"time":
        pass
    held = (resource.RLIMIT_DATA, resource.RLIMIT_CPU, resource.RLIMIT_CORE)
    return json.dumps([resource.getrlimit(one)[0] for one in held]).encode()


if __name__ == "__main__":
    aside.answering(_work, MEMORY, CPU_SECONDS)
