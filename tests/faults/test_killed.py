"""What would break: photos lost or answered twice because something was killed in the middle."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable

from tests.faults.house import House, until
from tests.faults.ledger import Balance, Ledger, balance, settle
from tests.registry.server import Server

UNKNOWN = "photo.unknown_format"
COUNT = 50


def test_servers_readers_and_the_database_are_killed_while_photos_come(
    database: Server, house_of: Callable[..., House]
) -> None:
    """Fifty photos of four clients that repeat what was not acknowledged, as programs do."""
    house = house_of(store=database.url(database.create()))
    now = [house.web()]
    ledger = Ledger()
    photos = [b"no photo %d" % number for number in range(COUNT)]
    sending = threading.Thread(target=ledger.send, args=(photos, lambda: now[0].url))
    sending.start()

    def come(share: float) -> None:
        until(lambda: len(ledger.accepted) >= share * COUNT, "photos")

    come(0.1)
    until(lambda: len(now[0].readers()) > 0, "a reader")
    os.kill(now[0].readers()[0], signal.SIGKILL)
    come(0.3)
    database.kill()
    wrong = now[0].ready()
    assert (wrong["store"], wrong["queue"]) == ("ready.store_away", "ready.queue_away")
    assert now[0].send(b"not now").status_code == 503
    assert now[0].page("/checks/unknown")[0] == 503
    database.start()
    until(lambda: now[0].ready() == {}, "a server that is well again")
    come(0.6)
    now[0].kill()
    now[0] = house.web()
    sending.join()
    settle(house)
    assert balance(house, ledger) == Balance(COUNT, 0, 0, (), {UNKNOWN: COUNT})
