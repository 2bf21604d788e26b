"""The process that makes one pack; `maker` starts it and tells it which."""

from __future__ import annotations

import json
import sys

from certcheck.evidence import making
from certcheck.runner.settings import Settings
from certcheck.runner.work import Work
from registry import store
from registry.lookup import Registry


def main() -> None:
    """Makes the pack that standard input names."""
    told = json.load(sys.stdin)
    work = Work(Settings.from_environment())
    engine = store.open_registry(told["registry"])
    try:
        making.make(work, Registry(engine), told["pack"])
    finally:
        engine.dispose()
        work.close()


if __name__ == "__main__":
    main()
