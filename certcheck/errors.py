"""What can go wrong, told to a person.

`ocr` and `registry` raise exceptions with a code; here a code becomes a sentence with its
next step and the status that programs see. A code without a sentence is our mistake and
is shown as such, never as a traceback.
"""

from __future__ import annotations

import dataclasses as dc

from certcheck import messages
from certcheck.messages import Text
from ocr.errors import OcrError
from registry.errors import RegistryError

UNREADABLE = 3
SERVER_ERROR = 500


class CertcheckError(Exception):
    """Base of the program's own errors.

    Attributes:
        code: names the message, the next step and the statuses in the catalogue.
        details: figures the message is filled with.
    """

    code = "check.crashed"

    def __init__(self, **details: object) -> None:
        super().__init__(self.code, details)
        self.details = details


class PhotoNotFoundError(CertcheckError):
    """There is no such file."""

    code = "photo.not_found"


class PhotoIsFolderError(CertcheckError):
    """A folder in the place of a photo."""

    code = "photo.is_folder"


class PhotoUnreachableError(CertcheckError):
    """The file is there and may not be read, or its disk does not answer."""

    code = "photo.unreachable"


class NotACertificateError(CertcheckError):
    """The picture was read and holds no jade or gem certificate."""

    code = "photo.not_a_certificate"


class SeveralCertificatesError(CertcheckError):
    """Two certificates lie so near that they were read as one; nothing of it is judged."""

    code = "photo.several_certificates"


class CheckCrashedError(CertcheckError):
    """The process that read a photo died."""

    code = "check.crashed"


class CheckTimeoutError(CertcheckError):
    """A photo took longer than the limit."""

    code = "check.timeout"


class PdfError(CertcheckError):
    """No PDF can be made; printing from the browser works all the same."""

    code = "pdf.failed"


class PdfBusyError(PdfError):
    """Too many wait for theirs."""

    code = "pdf.busy"


class PdfLibraryError(PdfError):
    """The library that lays text out is missing on this machine."""

    code = "pdf.no_library"


class PdfFontError(PdfError):
    """This machine has no font with Chinese characters."""

    code = "pdf.no_font"


class PdfPictureError(PdfError):
    """A picture of the page cannot be read."""

    code = "pdf.no_picture"


class NotAFolderError(CertcheckError):
    """The path is no folder."""

    code = "usage.not_a_folder"


class BadOutputError(CertcheckError):
    """The results cannot be written there."""

    code = "usage.bad_output"


class NotResultsError(CertcheckError):
    """The file that results are to go to holds something else."""

    code = "usage.not_results"


class OutputInUseError(CertcheckError):
    """Another run writes to the same file of results."""

    code = "usage.output_in_use"


class PhotoSetAsideError(CertcheckError):
    """Reading a photo was broken off too often, by itself or by machines that stopped."""

    code = "check.set_aside"


class CheckHeldError(CertcheckError):
    """A check that lies in a case is not deleted before the case lets it go."""

    code = "work.held"


class QueueFullError(CertcheckError):
    """More photos wait than can be answered in a sensible time.

    Attributes:
        retry_after: seconds after which there should be room.
    """

    code = "work.full"

    def __init__(self, retry_after: int) -> None:
        super().__init__(seconds=retry_after)
        self.retry_after = retry_after


class NoPhotoError(CertcheckError):
    """A form was sent without a photo."""

    code = "web.no_photo"


class RefusedError(CertcheckError):
    """What somebody sent with others cannot be checked, or not all of it together.

    Args:
        code: says why.
        details: figures the message is filled with.
    """

    def __init__(self, code: str, **details: object) -> None:
        self.code = code
        super().__init__(**details)


class TokenReusedError(CertcheckError):
    """A client named two different requests alike."""

    code = "work.token_reused"


class KeyMissingError(CertcheckError):
    """A program without a key, where keys are asked for."""

    code = "api.key_missing"


class KeyUnknownError(CertcheckError):
    """A key that is none, or has ended."""

    code = "api.key_unknown"


class ClientKnownError(CertcheckError):
    """A client's name that is taken."""

    code = "client.known"


class ClientUnknownError(CertcheckError):
    """There is no client of that name, or its key has ended."""

    code = "client.unknown"


class WebhookAddressError(CertcheckError):
    """A client may not be told there: no HTTPS, or not on the internet."""

    code = "client.webhook_address"


class StorageError(CertcheckError):
    """The disk that uploads are kept on is full, or cannot be written to."""

    code = "work.storage"


class UploadFoundError(CertcheckError):
    """The virus scanner found something in what somebody sent.

    Attributes:
        signature: what it calls that, for those who run the server.
        sha256: of the file.
        size: of the file, in bytes.
    """

    code = "upload.found"

    def __init__(self, signature: str, sha256: str, size: int, *, name: str) -> None:
        super().__init__(name=name)
        self.signature, self.sha256, self.size = signature, sha256, size


class UploadUnscannedError(CertcheckError):
    """The virus scanner did not look at all that is in a file: there is too much, or too deep."""

    code = "upload.unscanned"


class ScannerAwayError(CertcheckError):
    """The virus scanner gives no answer, or a strange one."""

    code = "upload.scanner_away"


class ScannerSmallError(CertcheckError):
    """The virus scanner does not take files of this size, though the server does."""

    code = "upload.scanner_small"


class BrokerAwayError(CertcheckError):
    """What gives workers their turns does not answer, or takes none."""

    code = "work.broker"
    # Redis without room: names of the errors of its driver.
    _REFUSALS = frozenset({"OutOfMemoryError", "ReadOnlyError", "ResponseError"})

    @property
    def refuses(self) -> bool:
        """Whether it answers all the same."""
        return self.details.get("reason") in self._REFUSALS


class ExtraMissingError(CertcheckError):
    """A setting asks for something that is not installed."""

    code = "usage.extra_missing"


class WorkerAloneError(CertcheckError):
    """A worker was started where the server does the work itself."""

    code = "usage.worker_alone"


class BlobDamagedError(CertcheckError):
    """A stored file is gone, or no longer what was stored."""

    code = "work.damaged"


class NoWorkError(CertcheckError):
    """There is no work store where one was looked for."""

    code = "audit.no_work"


class SchemaUnknownError(CertcheckError):
    """A step of the work store's tables that this program does not know."""

    code = "work.schema_unknown"


class AddressTakenError(CertcheckError):
    """The server cannot listen where it was told to."""

    code = "usage.address_taken"


class SettingError(CertcheckError):
    """An environment variable holds what it cannot mean."""

    code = "usage.setting"


class SitesFileError(CertcheckError):
    """The operator's file of query sites cannot be read, or says what it cannot mean."""

    code = "record.sites_file"


class InkBookError(CertcheckError):
    """The file of earlier signatures cannot be used."""

    code = "ink.unusable"


class SeenBookError(CertcheckError):
    """The book of what was seen cannot be used."""

    code = "seen.unusable"


class ObservationError(CertcheckError):
    """What was observed lacks something, or says nothing.

    Args:
        what: part that is not right: source, day, price, counts or kind.
    """

    code = "seen.observation"

    def __init__(self, *, what: str) -> None:
        self.code = f"{type(self).code}.{what}"
        super().__init__()


class UnknownLabError(CertcheckError):
    """The registry has no laboratory of that id or name."""

    code = "observe.no_lab"


class StoppedError(CertcheckError):
    """The user, or the system, stopped the run."""

    code = "run.stopped"


class BatchStoppedError(CertcheckError):
    """The user, or the system, stopped a batch that can be taken up again."""

    code = "run.batch_stopped"


@dc.dataclass(frozen=True, slots=True)
class Problem:
    """An error as a person and a program see it.

    Attributes:
        code: of the catalogue.
        message: what happened.
        next_step: what to do.
        exit_status: of the command line.
        http_status: of the web.
    """

    code: str
    message: Text
    next_step: Text
    exit_status: int
    http_status: int


Explicable = CertcheckError | OcrError | RegistryError


def explain(error: Explicable) -> Problem:
    """An exception of any room as a problem for a person."""
    code = error.code
    details = {name: _listed(value) for name, value in error.details.items()}
    return Problem(
        code=code,
        message=messages.text(code, **details),
        next_step=messages.next_step(code, **details) or Text("", ""),
        exit_status=messages.exit_status(code) or UNREADABLE,
        http_status=messages.http_status(code) or SERVER_ERROR,
    )


def _listed(value: object) -> object:
    """Several things as a person writes them; a dash for none."""
    return "; ".join(map(str, value)) or "—" if isinstance(value, list | tuple) else value
