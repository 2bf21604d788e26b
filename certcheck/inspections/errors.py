"""What can go wrong with a plan of inspections."""

from __future__ import annotations

from certcheck.errors import CertcheckError


class PlanError(CertcheckError):
    """A plan that cannot be.

    Args:
        what: part of it that is not right; each has a sentence of its own.
    """

    def __init__(self, what: str, **details: object) -> None:
        super().__init__(**details)
        self.what, self.code = what, f"inspection.plan_{what}"


class InspectionUnknownError(CertcheckError):
    """There is no such inspection."""

    code = "inspection.unknown"


class MovedOnError(CertcheckError):
    """Somebody else changed it in the meantime."""

    code = "inspection.moved_on"


class StateError(CertcheckError):
    """An inspection in this state does not allow that."""

    code = "inspection.bad_state"


class PoolError(CertcheckError):
    """Nothing can be drawn from that; `what` as with `PlanError`."""

    def __init__(self, what: str, **details: object) -> None:
        super().__init__(**details)
        self.what, self.code = what, f"inspection.pool_{what}"
