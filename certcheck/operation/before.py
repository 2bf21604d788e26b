"""`python -m certcheck.operation.before`: whether a server can start with its settings.

What cannot be used is told with what to do, and is the exit status.
"""

from __future__ import annotations

from certcheck.operation import logs, settings
from certcheck.terminal import told


@told
def main() -> None:
    """Asks, as `certcheck serve` does before anything else."""
    logs.set_up()
    settings.hold()


if __name__ == "__main__":
    main()
