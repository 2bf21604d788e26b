"""What can go wrong with evidence."""

from __future__ import annotations

from certcheck.errors import CertcheckError


class CheckUnknownError(CertcheckError):
    """There is no check of that id, or what it rests on is no longer kept."""

    code = "evidence.unknown"


class CheckOpenError(CertcheckError):
    """A check that has no report yet."""

    code = "evidence.open"


class PackTooBigError(CertcheckError):
    """More than one pack holds."""

    code = "evidence.too_big"


class PacksBusyError(CertcheckError):
    """Too many packs are waited for."""

    code = "evidence.busy"


class PacksStoppedError(CertcheckError):
    """Processes died over a pack again and again; it is not tried any more."""

    code = "evidence.stopped"


class NoPaperError(CertcheckError):
    """A report of a pack cannot be put on paper.

    Args:
        code: says why.
    """

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__()


class PackMissingError(CertcheckError):
    """There is no such file, or it cannot be read."""

    code = "evidence.no_file"


class NoPackError(CertcheckError):
    """A file that is something else."""

    code = "evidence.no_pack"


class PackThereError(CertcheckError):
    """The file that a pack is to go to cannot be written."""

    code = "evidence.bad_output"


class KeptDamagedError(CertcheckError):
    """What was kept of a check is gone, or no longer what it was."""

    code = "evidence.damaged"


class PackDamagedError(CertcheckError):
    """A pack that was made is gone, or no longer what was made."""

    code = "evidence.pack_damaged"
