"""What can go wrong with cases."""

from __future__ import annotations

from certcheck.errors import CertcheckError


class CaseUnknownError(CertcheckError):
    """There is no such case."""

    code = "case.unknown"


class StepRefusedError(CertcheckError):
    """A step that this person may not take, or not with a case in this state."""

    code = "case.refused"


class CaseChangedError(CertcheckError):
    """Somebody else was faster: the case is not as the page showed it."""

    code = "case.changed"


class CaseNeedsError(CertcheckError):
    """Something that a step needs was not told, or makes no sense."""

    code = "case.needs"


class NothingToOpenError(CertcheckError):
    """A case of no check, no complaint and no observation."""

    code = "case.nothing"


class StillDueError(CertcheckError):
    """A case that cannot be closed while something is open that closing does not end."""

    code = "case.still_due"
