"""What can go wrong with the registry. Sentences for people live in `certcheck/messages`."""

from __future__ import annotations

import dataclasses as dc
from collections.abc import Mapping, Sequence


@dc.dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a file that was to be imported.

    Attributes:
        file: name of the file, or `book.xlsx[labs]` for a sheet.
        line: physical line of the file (or row of the sheet) from 1; 0 for the whole file.
        column: heading of the column; "" for the whole row.
        code: names the sentence in the message catalogue (`registry.import.bad_date` …).
        details: what the sentence is filled with.
    """

    file: str
    line: int
    column: str
    code: str
    details: Mapping[str, str] = dc.field(default_factory=dict)

    @property
    def place(self) -> str:
        """`file:line:column`, as editors and people understand it."""
        return f"{self.file}:{self.line}:{self.column}"


class RegistryError(Exception):
    """Base of all registry errors.

    Attributes:
        code: names the message, the next step and the exit status in the catalogue.
        details: figures the message is filled with; never a password.
    """

    code = "registry.failed"

    def __init__(self, **details: object) -> None:
        super().__init__(self.code, details)
        self.details = details


class BadImportError(RegistryError):
    """A file has rows that cannot be taken; nothing was changed.

    Attributes:
        problems: every bad place, in the order of the files.
    """

    code = "registry.bad_import"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(count=len(problems), first=problems[0].place if problems else "")
        self.problems = list(problems)


class UnknownSourceError(RegistryError):
    """The path is neither a folder of the CSV tables nor a spreadsheet."""

    code = "registry.unknown_format"


class BadMappingError(RegistryError):
    """A mapping file has a key or value that means nothing; `what` names it."""

    code = "registry.bad_mapping"


class LabUnknownError(RegistryError):
    """No laboratory goes by that id, name or number."""

    code = "registry.lab_unknown"


class LabAmbiguousError(RegistryError):
    """Several laboratories go by that name or number."""

    code = "registry.lab_ambiguous"


class _ReasonedError(RegistryError):
    """An error whose reason has a sentence of its own in the catalogue."""

    def __init__(self, *, reason: str, **details: object) -> None:
        self.code = f"{type(self).code}_{reason}"
        super().__init__(reason=reason, **details)


class UndoRefusedError(_ReasonedError):
    """An import cannot be taken back; `reason` says why, nothing was changed."""

    code = "registry.undo_refused"


class ExportRefusedError(_ReasonedError):
    """Tables cannot be written there; `reason` says why."""

    code = "registry.export_refused"


class RevisionUnknownError(_ReasonedError):
    """The registry never had that revision, or no longer knows what it held then."""

    code = "registry.revision_unknown"


class SyncConfigError(_ReasonedError):
    """The file of sources says something that is not understood; `reason` says what."""

    code = "registry.sync_config"


class SourceBrokenError(_ReasonedError):
    """A source could not be had, or is not what it was announced to be."""

    code = "registry.source_broken"


class DatabaseUrlError(RegistryError):
    """The text is no database address that this program understands."""

    code = "registry.database_url"


class DriverMissingError(RegistryError):
    """The database's Python driver is not installed."""

    code = "registry.driver_missing"


class DatabaseUnreachableError(RegistryError):
    """The database did not answer, or refused."""

    code = "registry.database_unreachable"
    # What SQLite and PostgreSQL say of a disk that is full, failing, or only to be read.
    _NO_ROOM = ("disk is full", "readonly database", "disk I/O error", "No space left on device")

    @property
    def no_room(self) -> bool:
        """Whether it is the disk that refused."""
        return any(one in str(self.details.get("reason", "")) for one in self._NO_ROOM)


class TooNewError(RegistryError):
    """The database was made by a newer program; an old one must not write to it."""

    code = "registry.too_new"


class DemoMissingError(RegistryError):
    """The demo registry's files are not installed."""

    code = "registry.demo_missing"
