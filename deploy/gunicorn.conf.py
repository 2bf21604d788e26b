"""gunicorn for the web, behind a web server of yours that takes slow uploads in (nginx).

    gunicorn -c deploy/gunicorn.conf.py 'web.wsgi:made()'

Reload without a refused request: `systemctl reload certcheck-web`, or SIGHUP to the first process.
What is here can be given on the command line too, which counts more.
"""

import contextlib
import logging
import os
import subprocess
import sys
import tempfile

from gunicorn.glogging import Logger

from certcheck.errors import SettingError
from certcheck.operation import logs

# Figures of all web processes are added up in files; has to be set before anything counts.
os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", tempfile.mkdtemp(prefix="certcheck-figures-"))


class Lines(Logger):
    """What gunicorn tells, among our lines."""

    def setup(self, cfg):  # noqa: ANN001, ANN201
        """Writes nothing by itself."""
        with contextlib.suppress(SettingError):  # `on_starting` tells of it
            logs.set_up()
        self.error_log.handlers = []
        self.error_log.propagate = True
        self.error_log.setLevel(logging.INFO)
        self.access_log.handlers = []


bind = os.environ.get("GUNICORN_BIND", "127.0.0.1:8000")
# Pages wait for the database and the disk, not for the processor: threads, in two processes, so
# that one is there while the other is replaced.
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
threads = 16
# Each opens models and databases of its own; nothing of that survives a fork.
preload_app = False
# Seconds without a sign of life. Longer than the longest question of a page.
timeout = 120
# For requests under way at a reload or a stop; longer than the waiting page's longest wait.
graceful_timeout = 45
keepalive = 5
# The web server before ours allows no more, either.
limit_request_line = 4094
limit_request_fields = 64
# Ours say the same, with the request's id and without addresses.
accesslog = None
logger_class = Lines
# systemd and signals tell it what to do: no further door.
control_socket_disable = True
# Signs of life go to memory: a slow disk is no reason to end a process. Uploads go to the work
# folder's disk (`web.uploads`).
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: PTH112, S108


def on_starting(server):  # noqa: ANN001, ANN201
    """Nothing begins with a setting that cannot be used; another process looks, see `web.wsgi`."""
    status = subprocess.call([sys.executable, "-m", "certcheck.operation.before"])
    if status:
        sys.exit(status)


def post_fork(server, worker):  # noqa: ANN001, ANN201
    """A web process loads the program as it lies there now, not as it was at the first start."""
    logging.getLogger().handlers.clear()
    for name in [one for one in sys.modules if one.partition(".")[0] in logs.OURS]:
        del sys.modules[name]


def worker_exit(server, worker):  # noqa: ANN001, ANN201
    """A web process ends: so does what it does of the work."""
    from web.wsgi import ended

    if worker.wsgi is not None:
        ended(worker.wsgi)


def child_exit(server, worker):  # noqa: ANN001, ANN201
    """Its figures stay, but for those of the moment."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)
