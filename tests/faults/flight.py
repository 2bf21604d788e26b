"""How many photos are accepted and not answered when a fault strikes: one figure for all faults.

`CERTCHECK_IN_FLIGHT=1000 pytest -s tests/faults` has that many each time. Without it each test has
the few that it names, and costs little. Every fault is told of in one line (`-s`).
"""

from __future__ import annotations

import contextlib
import dataclasses as dc
import io
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

from certcheck import messages
from certcheck.check import Wish
from certcheck.runner.tables import Priority
from certcheck.runner.work import Request, Work
from registry.lookup import Registry
from registry.store import open_registry
from tests.faults.house import GATE, LEAST, House, Web, until
from tests.faults.ledger import Balance, Ledger, balance, settle, waiting

# Of what is wanted: what is answered between the opening and the fault.
_BEYOND = 0.1
# Times 32 bytes: larger than what a server keeps in memory of an upload.
LARGE = 2**16
UNKNOWN = "photo.unknown_format"


def number(small: int) -> int:
    """How many are wanted: those of the environment, or the few of a test."""
    return LEAST or small


@contextlib.contextmanager
def shut(house: House) -> Iterator[None]:
    """Nobody of the house takes what waits; see `serve`. What is begun is ended before."""
    gate = Path(house.env[GATE])
    gate.touch()
    try:
        yield
    finally:
        gate.unlink()


@dc.dataclass
class Flight:
    """The photos of a test, and the faults that struck meanwhile.

    Attributes:
        house: where they are sent to.
        web: the server that is there now.
        ledger: what was accepted.
        struck: faults, with how many photos were in flight.
        photos: that were sent.
    """

    house: House
    web: Callable[[], Web]
    ledger: Ledger = dc.field(default_factory=Ledger)
    struck: list[tuple[str, int]] = dc.field(default_factory=list)
    photos: list[bytes] = dc.field(default_factory=list)

    def send(self, name: str, count: int) -> None:
        """So many photos, until a server has them."""
        photos = [f"{name} {one}".encode() for one in range(count)]
        self.photos += photos
        self.ledger.send(photos, lambda: self.web().url)

    def fill(self, name: str, small: int) -> int:
        """As many photos as lack, while nobody takes any; returns how many there are then.

        Where they are many, most are accepted by what a server calls (`Work.accept`) in this
        process: that costs a tenth of a request.
        """
        wanted = number(small)
        lacking = wanted + int(wanted * _BEYOND) - waiting(self.house)
        self._accept(name, lacking - small)
        self.send(name, min(lacking, small))
        return waiting(self.house)

    def _accept(self, name: str, count: int) -> None:
        if count <= 0:
            return
        work = Work(self.house.settings())
        engine = open_registry(self.house.registry)
        revision = Registry(engine).revision.revision
        for one in range(count):
            asked = Request("a.jpg", Wish(visitor=True), revision, Priority.PROGRAM)
            self.photos.append(f"{name}, accepted {one}".encode())
            accepted = work.accept(io.BytesIO(self.photos[-1]), asked)
            self.ledger.accepted[uuid.uuid4().hex] = accepted
        engine.dispose()
        work.close()

    def refused(self, code: str, size: int = 1) -> None:
        """Photos until one is not taken, which is told with what to do and when to come again."""
        while True:
            token = uuid.uuid4().hex
            one = self.web().send(token.encode() * size, token)
            if one.status_code == 503:
                break
            self.ledger.accepted[token] = one.json()["id"]
        assert int(one.headers["Retry-After"]) > 0
        step = messages.next_step(code)
        told = one.json()
        assert (told["code"], told["next_step"]) == (code, step.zh if step else None)

    def begun(self, of: int) -> None:
        """Until somebody answers what was sent."""
        until(lambda: waiting(self.house) < of, "an answer")

    def comes(self, fault: str, small: int, there: int) -> threading.Thread:
        """Of so many that wait some are answered, and more are sent as the fault strikes."""
        self.begun(there)
        coming = threading.Thread(target=self.send, args=(f"comes: {fault}", small))
        coming.start()
        self.strikes(fault)
        return coming

    def strikes(self, fault: str) -> None:
        """Counts what is in flight, just before it: a fault with nothing to lose shows nothing.

        Where a fast machine has answered all of it by then, one more is sent.
        """
        while not (count := waiting(self.house)):
            self.send(f"one more: {fault} {len(self.photos)}", 1)
        assert count >= LEAST, f"{count} in flight"
        self.struck.append((fault, count))

    def balanced(self, others: dict[str, int] | None = None) -> None:
        """Everything is answered once, as no photo but for a few; tells of each fault.

        Args:
            others: how many were answered with another code.
        """
        settle(self.house)
        found = balance(self.house, self.ledger)
        for fault, count in self.struck:
            sys.stdout.write(
                f"{fault}; {self.house.engine}; in flight {count};"
                f" lost {found.lost}, doubled {found.doubled}\n"
            )
        sent, codes = len(self.ledger.accepted), dict(others or {})
        if unknown := sent - sum(codes.values()):
            codes[UNKNOWN] = unknown
        assert found == Balance(sent, 0, 0, (), codes)
