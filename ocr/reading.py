"""What the readers return: plain data, no pictures, no law, no registry.

All boxes are in pixels of the upright photo (EXIF applied), four corners clockwise
from the text's own top left, whatever way the paper lay on the desk.
"""

from __future__ import annotations

import dataclasses as dc
from collections.abc import Mapping

Point = tuple[float, float]
Quad = tuple[Point, Point, Point, Point]

FIELD_KEYS = (
    "certificate_no",
    "security_code",
    "lab_name",
    "cma_no",
    "cnas_no",
    "conclusion",
    "mass",
    "shape",
    "colour",
    "refractive_index",
    "density",
    "birefringence",
    "spectra",
    "magnification",
    "optic_character",
    "fluorescence",
    "metal",
    "standards",
    "inspector",
    "checker",
    "approver",
    "issue_date",
    "address",
    "phone",
    "website",
    "remarks",
)

# What of a photo is known again by its hash: the frame as it was taken, the straightened
# page, the picture of the piece on it.
LIKENESSES = ("photo", "page", "piece")
MARK_KINDS = ("CMA", "CAL", "CNAS", "ilac-MRA")
SEAL_SHAPES = ("round", "oval", "square")
# What a sign that a picture was worked on may be.
SOFTWARE, RESAVED, THUMBNAIL, ALTERED = "software", "resaved", "thumbnail", "altered"
SIGN_KINDS = (SOFTWARE, RESAVED, THUMBNAIL, ALTERED)
CODE_DECODED = "decoded"
CODE_UNREADABLE = "unreadable"


def _check_confidence(value: float) -> None:
    if not 0.0 <= value <= 1.0:
        raise ValueError(f"confidence {value} is outside 0..1")


@dc.dataclass(frozen=True, slots=True)
class Glyph:
    """One character of a line and where it stands along it.

    Attributes:
        char: the character.
        start: left edge as a fraction of the line's length, 0..1.
        end: right edge as a fraction of the line's length, 0..1.
        confidence: the recogniser's probability of this character, 0..1.
    """

    char: str
    start: float
    end: float
    confidence: float


@dc.dataclass(frozen=True, slots=True)
class Line:
    """One line of print.

    Attributes:
        text: as recognised, not normalised.
        confidence: mean character probability, 0..1.
        box: corners in the upright photo.
        page_box: corners in the straightened page, the coordinates layout works in.
        reader: name of the engine that read it.
        glyphs: the characters in reading order; empty when the engine gives none.
    """

    text: str
    confidence: float
    box: Quad
    page_box: Quad
    reader: str
    glyphs: tuple[Glyph, ...] = ()

    def __post_init__(self) -> None:
        _check_confidence(self.confidence)


@dc.dataclass(frozen=True, slots=True)
class Code:
    """A QR or bar code.

    Attributes:
        symbology: `QRCode`, `Code128` … as zxing names it.
        text: the payload, or None where a code was found but could not be decoded.
        box: corners in the upright photo.
        reader: name of the reader.
        data: the payload's bytes as they stand in the code; where they are not the text's
            UTF-8, only they say exactly what the code holds.
    """

    symbology: str
    text: str | None
    box: Quad
    reader: str
    data: bytes = b""

    @property
    def status(self) -> str:
        """`decoded`, or `unreadable` for a code that was only found."""
        return CODE_UNREADABLE if self.text is None else CODE_DECODED

    @property
    def is_utf8(self) -> bool:
        """Whether the text in UTF-8 is what the code holds."""
        return not self.data or self.text is None or self.text.encode() == self.data


@dc.dataclass(frozen=True, slots=True)
class Seal:
    """A stamped seal.

    Attributes:
        name: the ring's text as read freely, or "" where nothing could be read.
        kind: the straight line's text (`检验检测专用章` …), or "".
        shape: one of SEAL_SHAPES.
        confidence: mean character probability of the ring's text, 0..1.
        box: corners in the upright photo.
    """

    name: str
    kind: str
    shape: str
    confidence: float
    box: Quad

    def __post_init__(self) -> None:
        _check_confidence(self.confidence)
        if self.shape not in SEAL_SHAPES:
            raise ValueError(f"unknown seal shape {self.shape!r}")


@dc.dataclass(frozen=True, slots=True)
class Mark:
    """An accreditation mark.

    Attributes:
        kind: one of MARK_KINDS.
        number: under or beside it as read, or "" where none was.
        confidence: that there is such a mark, 0..1.
        box: corners of its letters in the upright photo.
        number_confidence: of the number's weakest character, 0..1.
        number_box: corners of the number, None where none was read.
        bare_below: whether the paper is seen to be bare beneath, above and on both sides.
    """

    kind: str
    number: str
    confidence: float
    box: Quad
    number_confidence: float = 0.0
    number_box: Quad | None = None
    bare_below: bool = False

    def __post_init__(self) -> None:
        _check_confidence(self.confidence)
        _check_confidence(self.number_confidence)
        if self.kind not in MARK_KINDS:
            raise ValueError(f"unknown mark {self.kind!r}")


@dc.dataclass(frozen=True, slots=True)
class Signature:
    """The ink of a name that was signed or printed beside its label.

    Attributes:
        key: `approver`.
        box: corners in the upright photo.
        written: that it was written with a pen and not printed, 0..1.
        clear: whether the ink is large and sharp enough to be compared.
        shape: its form, packed (`ocr.signature.shape`); scale and slant taken out.
    """

    key: str
    box: Quad
    written: float
    clear: bool
    shape: bytes

    def __post_init__(self) -> None:
        _check_confidence(self.written)


@dc.dataclass(frozen=True, slots=True)
class Likeness:
    """Perceptual hashes by which a picture is known again.

    Attributes:
        of: one of LIKENESSES.
        box: corners in the upright photo.
        kept: hashes of the picture as it is, to be kept.
        hashes: those, and others of it shifted and scaled a little, to be compared with
            what was kept of another photo.
        places: of a piece, where on the page each kept hash was taken: left, top, width and
            height as shares of the page.
    """

    of: str
    box: Quad
    kept: tuple[bytes, ...]
    hashes: tuple[bytes, ...]
    places: tuple[tuple[float, float, float, float], ...] = ()

    def __post_init__(self) -> None:
        if self.of not in LIKENESSES:
            raise ValueError(f"unknown likeness {self.of!r}")


@dc.dataclass(frozen=True, slots=True)
class Field:
    """One named value of the certificate.

    Attributes:
        key: one of FIELD_KEYS.
        value: normalised as the contract says; `standards` is a tuple of strings.
            A not-tested word (未检, 因镶嵌未测, —) is a value.
        raw: the print the value was made from.
        confidence: 0..1.
        box: corners of the value (not the label) in the upright photo.
        reader: name of the engine whose reading this is.
        label: the printed label the value stood beside; "" when found by its form alone.
        parts: box of each stretch of print the value takes, in reading order.
        printed: of a mass, the number as printed; "" for other fields and words.
        unit: of a mass, the unit it was printed in, `g` or `ct`; "" likewise.
        weakest: confidence of the value's weakest character after every look, 0..1.
    """

    key: str
    value: str | tuple[str, ...]
    raw: str
    confidence: float
    box: Quad
    reader: str
    label: str = ""
    parts: tuple[Quad, ...] = ()
    printed: str = ""
    unit: str = ""
    weakest: float = 1.0

    def __post_init__(self) -> None:
        _check_confidence(self.confidence)
        if self.key not in FIELD_KEYS:
            raise ValueError(f"unknown field {self.key!r}")

    @property
    def text(self) -> str:
        """The value as one string, the parts of a list joined by `; `."""
        return self.value if isinstance(self.value, str) else "; ".join(self.value)


@dc.dataclass(frozen=True, slots=True)
class Advice:
    """Something wrong with the photo, measured.

    Attributes:
        code: names the sentence in the message catalogue (`photo.blurred` …).
        measure: the figure that gave rise to it.
        box: the place, or None for the whole photo.
        part: the ninth of the certificate that the place is in (`top_left`, `top` …
            `centre`), or "".
        fields: keys of the fields there that could not be read.
    """

    code: str
    measure: float
    box: Quad | None = None
    part: str = ""
    fields: tuple[str, ...] = ()


@dc.dataclass(frozen=True, slots=True)
class Sign:
    """What a file or its picture tells of how it came to be.

    Attributes:
        kind: one of SIGN_KINDS.
        detail: of `software`, the program's name as the file has it; of `resaved`, the camera's;
            of `altered`, what gave the place away (`ocr.signs.altered`).
        box: the place in the upright photo; None of the whole file.
        key: of `altered`, the field whose value stands there.
    """

    kind: str
    detail: str
    box: Quad | None = None
    key: str = ""

    def __post_init__(self) -> None:
        if self.kind not in SIGN_KINDS:
            raise ValueError(f"unknown sign {self.kind!r}")


@dc.dataclass(frozen=True, slots=True)
class ReaderFailure:
    """A reader that could not do its work; the others went on.

    Attributes:
        reader: `rapidocr`, `tesseract`, `zxing` …
        code: `engine_missing` or `engine_failed`.
        detail: the cause, for the log.
    """

    reader: str
    code: str
    detail: str


@dc.dataclass(frozen=True, slots=True)
class Reading:
    """All that was read from one certificate in one photo.

    Attributes:
        page: page of the file, from 1.
        part: certificate on that page, from 1.
        width: of the upright photo, pixels.
        height: of the upright photo, pixels.
        is_certificate: whether what was read looks like a jade or gem certificate.
        labels: place of each field label found, with or without a value beside it.
        marks: accreditation marks with their numbers.
        signatures: ink beside the approver's label.
        doubted: values that were read too softly to be stated, by key; none is in `fields`.
        unread: where each expected field stands, or should, that is not in `fields`; whether
            anything is printed there it does not say, the place may be bare.
        likenesses: hashes of the pictures.
        signs: what the file tells of how it came to be.
        several: whether it looks like two certificates that could not be told apart; then
            nothing is stated.
    """

    page: int
    part: int
    width: int
    height: int
    is_certificate: bool
    lines: tuple[Line, ...] = ()
    codes: tuple[Code, ...] = ()
    seals: tuple[Seal, ...] = ()
    fields: Mapping[str, Field] = dc.field(default_factory=dict)
    advice: tuple[Advice, ...] = ()
    failures: tuple[ReaderFailure, ...] = ()
    labels: Mapping[str, Quad] = dc.field(default_factory=dict)
    marks: tuple[Mark, ...] = ()
    signatures: tuple[Signature, ...] = ()
    doubted: Mapping[str, Field] = dc.field(default_factory=dict)
    unread: Mapping[str, Quad] = dc.field(default_factory=dict)
    several: bool = False
    likenesses: tuple[Likeness, ...] = ()
    signs: tuple[Sign, ...] = ()
