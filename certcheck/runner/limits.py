"""What one process of the pool may take, set by the process itself before its first photo.

Memory is limited by the kernel (RLIMIT_DATA), not by somebody who looks from time to time:
a crafted picture fills a gigabyte between two looks. RLIMIT_AS would count the models'
mapped files and memory that was only set aside, twice to three times what is used.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import resource
import threading
from multiprocessing import connection
from pathlib import Path

# Writable memory of a process. Measured: 1.7 GiB counted (0.75 GiB touched) after a dozen
# photos, 1.9 GiB at the height of a photo of 71 megapixels, the largest that is opened.
MEMORY_BYTES = 4 * 2**30
# Short of memory, the kernel ends a process of the pool before the server that holds them.
_OOM_SCORE = "500"
_ORPHANED = 1


def confine(memory_bytes: int = MEMORY_BYTES, cpu_seconds: int | None = None) -> None:
    """Limits this process and ties its life to the one that started it.

    Args:
        memory_bytes: what the process may write to.
        cpu_seconds: of a processor, in all; None for as long as it lives.
    """
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    most = memory_bytes if hard == resource.RLIM_INFINITY else min(memory_bytes, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    if cpu_seconds is not None:
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    # A core file would hold the photo, and on a small disk nothing else would fit.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_OOM_SCORE, encoding="ascii")
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def stand_back(by: int) -> None:
    """Lets what else this user runs go first: the pages of a server that waits for a process.

    For threads and processes that are made later, too. Where sessions have a share of their own
    (`sched_autogroup`), it counts among those of the same session, as a server and its pool are.

    Args:
        by: steps of `nice`, added to what the process has; 0 for none.
    """
    os.nice(by)


def _end_with(sentinel: int) -> None:
    """A server that was killed leaves nobody to read what its processes find out."""
    connection.wait([sentinel])
    os._exit(_ORPHANED)
