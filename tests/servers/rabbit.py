"""A RabbitMQ server of a benchmark's own: in a folder of its own, on this machine only.

It takes some seconds to start, so that the tests, which start and kill brokers, have Redis.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from tests.faults.house import free_port

# Where Debian keeps the program that asks for no user of its own.
_BINARY = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
_LONGEST_S = 600


def program() -> str | None:
    """The server's program, None where it is not installed."""
    return str(_BINARY) if _BINARY.exists() and shutil.which("epmd") else None


class Rabbit:
    """Runs until `stop`; who kills it finds on its disk what it had acknowledged.

    Args:
        binary: of the server.
    """

    def __init__(self, binary: str) -> None:
        self._binary, self._folder = binary, Path(tempfile.mkdtemp(prefix="certcheck-rabbit-"))
        self._port, names = free_port(), free_port()
        self._env = os.environ | {
            "HOME": str(self._folder), "ERL_EPMD_PORT": str(names),
            "ERL_EPMD_ADDRESS": "127.0.0.1", "RABBITMQ_NODENAME": "certcheck@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1", "RABBITMQ_NODE_PORT": str(self._port),
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_MNESIA_BASE": str(self._folder), "RABBITMQ_LOG_BASE": str(self._folder),
            "RABBITMQ_CONFIG_FILE": str(self._folder / "none"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self._folder / "plugins"),
            # One core, which it gives back while it has nothing to do.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +sbwt none",
        }  # fmt: skip
        (self._folder / "plugins").write_text("[].")
        # It would start one that outlives it.
        self._names = subprocess.Popen(["epmd"], env=self._env)
        try:
            self.start()
        except BaseException:
            self.stop()
            raise

    @property
    def url(self) -> str:
        """As kombu writes it."""
        return f"amqp://guest:guest@127.0.0.1:{self._port}//"

    def start(self) -> None:
        """Starts it, again where it was killed."""
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._binary], env=self._env, cwd=self._folder, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        end = time.monotonic() + _LONGEST_S
        while not self._answers():
            assert self._process.poll() is None and time.monotonic() < end, "RabbitMQ did not start"
            time.sleep(0.2)

    def _answers(self) -> bool:
        """Whether it speaks AMQP: it listens before it can."""
        try:
            with socket.create_connection(("127.0.0.1", self._port), 2) as one:
                one.sendall(b"AMQP\0\0\x09\x01")
                return bool(one.recv(1))
        except OSError:
            return False

    def kill(self) -> None:
        """Ends it, with what it started, as a power cut does."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        """Ends it and removes its folder."""
        self.kill()
        self._names.kill()
        self._names.wait()
        shutil.rmtree(self._folder)
