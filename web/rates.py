"""Where Flask-Limiter counts: by default in the work store, which all servers of one share.

`CERTCHECK_RATES` names another place as `limits` spells it (`redis://…`), without a change here.
"""

from __future__ import annotations

from typing import Any

from limits.storage import MovingWindowSupport, Storage

from certcheck.runner.rates import Rates
from certcheck.runner.settings import RATES_HERE
from certcheck.runner.work import Work
from registry.errors import RegistryError


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


def options(work: Work) -> dict[str, Any]:
    """What the storage of the setting is made with."""
    here = work.settings.rates == RATES_HERE
    return {"rates": Rates(work.engine, work.clock)} if here else {}
