"""What goes wrong with photos that were accepted."""

from __future__ import annotations

from certcheck.errors import CertcheckError


class PhotoUnreadableError(CertcheckError):
    """A stored photo could not be read again and again, and others could; it is set aside."""

    code = "work.unreadable"


class NotAsideError(CertcheckError):
    """No check of that id was set aside."""

    code = "work.not_aside"
