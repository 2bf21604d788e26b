"""Names of hosts that lead where a test wants them, asked of the system as the program does."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from typing import Any

import pytest

_really = socket.getaddrinfo


class Names:
    """The system's resolver with answers of our own; addresses and the rest it answers itself.

    Attributes:
        known: addresses by host: one list for every look-up, or one for each in turn.
        asked: hosts that were looked up, in order.
    """

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.known: dict[str, list[list[str]]] = {}
        self.asked: list[str] = []
        patch.setattr(socket, "getaddrinfo", self._look_up)

    def lead(self, host: str, *answers: Sequence[str]) -> None:
        """Has a host lead to these addresses; given several, each look-up gets the next."""
        self.known[host] = [list(one) for one in answers]

    def _look_up(self, host: Any, port: Any, *rest: Any, **named: Any) -> list[Any]:
        if host not in self.known:
            if not isinstance(host, str) or host.replace(".", "").isdigit() or ":" in host:
                return _really(host, port, *rest, **named)
            self.asked.append(host)
            if host.endswith((".example", ".test", ".invalid")):
                raise socket.gaierror(socket.EAI_NONAME, "unknown")
            return _really(host, port, *rest, **named)
        self.asked.append(host)
        answers = self.known[host]
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        return [one for ip in found for one in _really(ip, port, *rest, **named)]
