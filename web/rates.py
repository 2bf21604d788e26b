"""Where Flask-Limiter counts: by default in the work store, which all servers of one share.

`CERTCHECK_RATES` names another place as `limits` spells it (`redis://…`). Nobody is turned away
because that one is: the work store counts meanwhile.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from limits.storage import MovingWindowSupport, Storage, storage_from_string

from certcheck.runner.rates import Rates
from certcheck.runner.settings import RATES_HERE, RATES_IN_PROCESS
from certcheck.runner.work import Work
from registry.errors import RegistryError

log = logging.getLogger(__name__)

# Seconds that a place elsewhere may take to answer, and for which it is not asked again if not.
_PATIENCE_S, _PAUSE_S = 1.0, 5.0
_SPARED = "spared://"


class WorkStorage(Storage, MovingWindowSupport):
    """A storage of `limits` on a work store.

    Args:
        uri: as the setting has it.
        wrap_exceptions: whether errors become those of `limits`.
        rates: the counts.
    """

    STORAGE_SCHEME = [RATES_HERE.partition(":")[0]]

    def __init__(
        self,
        uri: str | None = None,
        wrap_exceptions: bool = False,  # noqa: FBT001, FBT002 - the interface's
        *,
        rates: Rates,
    ) -> None:
        super().__init__(uri, wrap_exceptions)
        self._rates = rates

    @property
    def base_exceptions(self) -> type[Exception]:
        """What goes wrong with the database; has a page of its own."""
        return RegistryError

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Counts a request where there is room for it."""
        return bool(self._rates.take(key, expiry, amount, limit))

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """When the window began, in seconds since 1970, and how many requests are in it."""
        first, count = self._rates.window(key)
        return first.timestamp(), count

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Counts a request, whether there is room or not."""
        return self._rates.take(key, expiry, amount)

    def get(self, key: str) -> int:
        """Requests that count."""
        return self._rates.window(key)[1]

    def get_expiry(self, key: str) -> float:
        """When the window began: it has no end of its own."""
        return self._rates.window(key)[0].timestamp()

    def check(self) -> bool:
        """Whether the database answers."""
        try:
            self._rates.window("")
        except RegistryError:
            return False
        return True

    def reset(self) -> int:
        """Begins anew for everybody."""
        return self._rates.forget()

    def clear(self, key: str) -> None:
        """Begins anew for one."""
        self._rates.forget(key)


class Spared(Storage, MovingWindowSupport):
    """A storage elsewhere; the work store while it is away or takes nothing.

    What either counted the other does not know: whoever asks too often begins anew with a change.

    Args:
        uri: as `limits` has it.
        wrap_exceptions: whether errors become those of `limits`.
        first: the storage elsewhere.
        spare: of the work store.
    """

    STORAGE_SCHEME = [_SPARED.partition(":")[0]]

    def __init__(
        self,
        uri: str | None = None,
        wrap_exceptions: bool = False,  # noqa: FBT001, FBT002 - the interface's
        *,
        first: Any,  # noqa: ANN401 - a Storage with MovingWindowSupport, which is no type
        spare: WorkStorage,
    ) -> None:
        super().__init__(uri, wrap_exceptions)
        self._first, self._spare = first, spare
        self._again = float("-inf")

    @property
    def base_exceptions(self) -> type[Exception]:
        """What goes wrong with the work store."""
        return RegistryError

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Counts a request where there is room for it."""
        return bool(self._asked(lambda one: one.acquire_entry(key, limit, expiry, amount)))

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """When the window began, in seconds since 1970, and how many requests are in it."""
        first, count = self._asked(lambda one: one.get_moving_window(key, limit, expiry))
        return float(first), int(count)

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Counts a request, whether there is room or not."""
        return int(self._asked(lambda one: one.incr(key, expiry, amount)))

    def get(self, key: str) -> int:
        """Requests that count."""
        return int(self._asked(lambda one: one.get(key)))

    def get_expiry(self, key: str) -> float:
        """See the storages."""
        return float(self._asked(lambda one: one.get_expiry(key)))

    def check(self) -> bool:
        """Whether somebody counts."""
        return bool(self._first.check() or self._spare.check())

    def reset(self) -> int | None:
        """Begins anew for everybody."""
        return int(self._asked(lambda one: one.reset()) or 0)

    def clear(self, key: str) -> None:
        """Begins anew for one."""
        self._asked(lambda one: one.clear(key))

    def _asked(self, ask: Callable[[Any], Any]) -> Any:  # noqa: ANN401 - of any method
        if time.monotonic() >= self._again:
            try:
                return ask(self._first)
            except self._first.base_exceptions as error:
                self._again = time.monotonic() + _PAUSE_S
                # Its words may name an address.
                log.error("the work store counts requests: %s", type(error).__name__)
        return ask(self._spare)


def place(work: Work) -> dict[str, Any]:
    """Where the setting has requests counted, as Flask-Limiter is told of it.

    Raises:
        limits.errors.ConfigurationError: a library that it takes is not there.
    """
    where, rates = work.settings.rates, Rates(work.engine, work.clock)
    if where.startswith(RATES_HERE):
        return {"storage_uri": where, "storage_options": {"rates": rates}}
    if where.startswith(RATES_IN_PROCESS):
        return {"storage_uri": where}
    first = storage_from_string(
        where, socket_timeout=_PATIENCE_S, socket_connect_timeout=_PATIENCE_S
    )
    both = {"first": first, "spare": WorkStorage(rates=rates)}
    return {"storage_uri": _SPARED, "storage_options": both}
