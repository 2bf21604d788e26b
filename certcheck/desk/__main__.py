"""The process that works on one task; `clerk` starts it and tells it which."""

from __future__ import annotations

import json
import sys

from certcheck.desk import asking, doing
from certcheck.operation import logs
from certcheck.runner.settings import Settings
from certcheck.runner.work import Work
from registry import store


def main() -> None:
    """Works on the task that standard input names."""
    logs.set_up()
    told = json.load(sys.stdin)
    work = Work(Settings.from_environment())
    engine = store.open_registry(told["registry"])
    try:
        task = asking.look(work, told["task"])
        if task is not None:
            doing.do(work, engine, task)
    finally:
        engine.dispose()
        work.close()


if __name__ == "__main__":
    main()
