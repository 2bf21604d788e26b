"""`certcheck worker` whose processes load their models with the first photo that needs them."""

from __future__ import annotations

import sys

from certcheck.operation import logs
from certcheck.runner.engines import worker
from certcheck.runner.settings import Settings

if __name__ == "__main__":
    logs.set_up()
    worker.run(Settings.from_environment(), None, lambda name: sys.stderr.write(f"{name}\n"))
