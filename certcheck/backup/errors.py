"""What can go wrong with backups."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from certcheck.errors import CertcheckError, StorageError


class BackupOutError(CertcheckError):
    """The file that a backup is to go to cannot be written."""

    code = "backup.bad_output"


class NoBackupError(CertcheckError):
    """A file that is no backup, or cannot be read."""

    code = "backup.none"


class BackupDamagedError(CertcheckError):
    """A backup that is not what was made."""

    code = "backup.damaged"


class ProgramMissingError(CertcheckError):
    """A program that comes with PostgreSQL is missing here, or failed."""

    code = "backup.program"


class NotEmptyError(CertcheckError):
    """There is something already where a backup is to be put back."""

    code = "backup.not_empty"


class AtWorkError(CertcheckError):
    """Somebody works with what is to be replaced."""

    code = "backup.at_work"


class OtherKindError(CertcheckError):
    """A backup of one kind of database, and another kind is configured."""

    code = "backup.other_kind"


class FilesAwayError(CertcheckError):
    """The place of the stored files or of a database, a folder or a bucket, takes or gives none."""

    code = "backup.files_away"


@contextlib.contextmanager
def told_where() -> Iterator[None]:
    """Names the place to who runs the server; uploaders are not told it.

    Raises:
        FilesAwayError: in the place of a StorageError.
    """
    try:
        yield
    except StorageError as error:
        told = error.details
        raise FilesAwayError(name=told.get("folder", ""), reason=told.get("reason", "")) from error
