"""What would break: two servers do the same work twice, or nobody does it after a power cut."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from certcheck.runner.lock import held

_HOLDER = (
    "import sys, time; from pathlib import Path; from certcheck.runner.lock import held\n"
    "with held(Path(sys.argv[1])) as mine: print(mine, flush=True); time.sleep(600)"
)


def test_one_holds_it_and_the_next_when_he_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    with held(path) as first, held(path) as second:
        assert (first, second) == (True, False)
    with held(path) as again:
        assert again


def test_who_is_killed_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    command = [sys.executable, "-c", _HOLDER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "True\n"
        with held(path) as mine:
            assert not mine
        other.kill()
        other.wait()
    with held(path) as mine:
        assert mine
