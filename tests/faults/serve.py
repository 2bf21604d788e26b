"""`certcheck serve` whose processes load their models with the first photo that needs them.

Files that are no pictures never do, and a server that is killed again and again starts sooner.
"""

from __future__ import annotations

import sys
from typing import Any

from flask import Flask

from certcheck import cli
from web import checks

_start = checks.start


def start(app: Flask, **_: bool) -> Any:
    """Starts what does the work, without its models."""
    return _start(app, prepare=False)


if __name__ == "__main__":
    checks.start = start
    sys.argv[0] = "certcheck"
    cli.main()
