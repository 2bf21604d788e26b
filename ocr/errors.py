"""What can go wrong while reading. Sentences for people live in `certcheck/messages`."""

from __future__ import annotations


class OcrError(Exception):
    """Base of all reading errors.

    Attributes:
        code: names the message, the next step and the exit status in the catalogue.
        details: figures the message is filled with.
    """

    code = "ocr.failed"

    def __init__(self, **details: object) -> None:
        super().__init__(self.code, details)
        self.details = details


class PhotoError(OcrError):
    """The file cannot be opened as a photo."""

    code = "photo.unreadable"


class EmptyPhotoError(PhotoError):
    """The file has no bytes."""

    code = "photo.empty"


class UnknownFormatError(PhotoError):
    """The bytes are no picture and no PDF."""

    code = "photo.unknown_format"


class DamagedPhotoError(PhotoError):
    """The format is known, the content is cut off or broken."""

    code = "photo.damaged"


class PhotoTooLargeError(PhotoError):
    """More bytes or pixels than the limit; found before decoding."""

    code = "photo.too_large"


class EncryptedPdfError(PhotoError):
    """A PDF that asks for a password."""

    code = "photo.encrypted_pdf"


class EngineError(OcrError):
    """A reading engine gave no answer; not the same as a page without text."""

    code = "engine.failed"


class EngineMissingError(EngineError):
    """The engine, its program or its model is not installed."""

    code = "engine.missing"


class EngineFailedError(EngineError):
    """The engine ran and broke."""

    code = "engine.failed"
