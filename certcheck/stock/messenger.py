"""Sends what is written down for clients: a thread of the server that does the work."""

from __future__ import annotations

import concurrent.futures
import http.client
import logging
from pathlib import Path

from urllib3.exceptions import HTTPError

from certcheck.errors import WebhookAddressError
from certcheck.outside.address import Target
from certcheck.outside.line import Line
from certcheck.report import VERSION
from certcheck.runner.alone import Alone
from certcheck.runner.work import Work
from certcheck.stock.address import resolved
from certcheck.stock.batches import Batches
from certcheck.stock.hooks import Due, Hooks
from certcheck.stock.signing import signature

log = logging.getLogger(__name__)

# Seconds between two looks; a client that waits for a batch waits for photos to be read.
_LOOK_S = 1.0
# Seconds that an attempt may take, however the other side stalls.
ATTEMPT_S = 15.0
# Servers that are told at once: a slow one must not hold up the others.
_AT_ONCE = 4
_TAKEN = range(200, 300)


class Messenger(Alone):
    """Tells clients until it is stopped; what was not sent is sent after the next start.

    Args:
        work: the store.
        batches: its batches.
        ca_file: certificates to trust in place of the usual ones.
    """

    def __init__(self, work: Work, batches: Batches, ca_file: Path | None = None) -> None:
        self.hooks = Hooks(work, batches)
        super().__init__(work, "webhooks", look=_LOOK_S, pause=_LOOK_S)
        self._ca_file = ca_file

    def turn(self) -> int:
        """Notes what has ended, sends what is due; returns how many attempts were made.

        Raises:
            RegistryError: the database does not answer.
        """
        self.hooks.note()
        due = self.hooks.due()
        if due:
            with concurrent.futures.ThreadPoolExecutor(_AT_ONCE) as pool:
                for one, (answer, taken) in zip(due, pool.map(self.send, due), strict=True):
                    self.hooks.attempted(one.id, answer, taken=taken)
        return len(due)

    def send(self, message: Due) -> tuple[str, bool]:
        """Makes one attempt; returns what came of it, and whether the client has it now."""
        try:
            target = resolved(message.url, local=self._work.settings.local_hooks)
            status = self._post(target, message)
        except WebhookAddressError as error:
            return error.code, False
        except (OSError, HTTPError, http.client.HTTPException, ValueError) as error:
            return f"{type(error).__name__}: {error}", False
        return str(status), status in _TAKEN

    def _post(self, target: Target, message: Due) -> int:
        stamp = int(self._work.clock().timestamp())
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"certcheck/{VERSION}",
            "Webhook-Id": message.id,
            "Webhook-Timestamp": str(stamp),
            "Webhook-Signature": signature(message.secret, message.id, stamp, message.body),
        }
        with Line(target, ATTEMPT_S, self._ca_file) as line:
            status = line.ask("POST", headers, message.body).status
            line.in_time()
            return int(status)
