"""What processes of the pool are given to do: a module that they load with little else."""

from __future__ import annotations

import re
import resource
from pathlib import Path
from typing import Any

from ocr.errors import PhotoError
from ocr.photo import load
from registry.lookup import Registry

KILOBYTE = 1024


def opened(data: bytes, _registry: Registry) -> tuple[str, int]:
    """What came of a file, and the process's peak in megabytes."""
    try:
        photos = load(data, "a")
    except PhotoError as error:
        told = error.code
    else:
        told = f"{len(photos)}"
    # Its own: `ru_maxrss` begins with what the process that started this one had.
    own = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text("ascii"))
    return told, int(own[1]) // KILOBYTE if own else 0


def held(_data: bytes, _registry: Registry) -> dict[str, Any]:
    """The limits that the process has."""
    return {
        "memory": resource.getrlimit(resource.RLIMIT_DATA)[0],
        "core": resource.getrlimit(resource.RLIMIT_CORE),
        "oom": int(Path("/proc/self/oom_score_adj").read_text("ascii")),
    }
