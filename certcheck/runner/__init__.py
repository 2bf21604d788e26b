"""Where checks run, and the record of what was accepted.

`pool` is the processes of this machine; `run` puts a folder through them. What comes over
the network is written down first (`work`, `blobs`), then taken up (`queue`) and put through
the same processes by `service`, again after a restart where need be.
"""

from certcheck.runner.pool import Task, default_workers, run

__all__ = ["Task", "default_workers", "run"]
