"""One photo end to end: bytes in, readings out."""

from __future__ import annotations

import dataclasses as dc
import functools
from collections.abc import Callable, Mapping, Sequence

from rapidfuzz import fuzz

from ocr import cores, geometry, memory
from ocr.codes import Sighted, read_codes, sight
from ocr.errors import EngineError
from ocr.fields.doubt import settle, soft_lines
from ocr.fields.extract import FEWEST_LABELS_WITH_HEADING, Extract, extract
from ocr.fields.labels import fold
from ocr.fields.stamped import off_print
from ocr.geometry import Picture
from ocr.inquiry import PhotoWitness
from ocr.likeness.look import likenesses
from ocr.marks import find_marks, settled
from ocr.page import Page, find_pages
from ocr.page.band import with_bands
from ocr.photo import Photo, load
from ocr.readers import Readers, readers
from ocr.reading import Code, Field, Likeness, Line, Quad, ReaderFailure, Reading, Seal, Sign
from ocr.retake import Look, advise, cut_off, half_seen, look
from ocr.seal.find import find_seals
from ocr.seal.found import FoundSeal
from ocr.seal.ink import without_red
from ocr.seal.patch import Original
from ocr.seal.place import SealPlace
from ocr.seal.read import known_kinds, read_seals
from ocr.second_look import look_again, look_in_gaps
from ocr.signature.read import find_signatures
from ocr.signed_names import NameLook
from ocr.signs.altered import altered
from ocr.signs.saved import Saving, resized, saving
from ocr.signs.software import named_software
from ocr.signs.thumbnail import thumbnail_sign
from ocr.text.engine import PageLine, Recognition
from ocr.text.orient import quarter_turns, turns_by_reading
from ocr.witness import Witness
from ocr.worded import WordLook

# What is found of the whole picture once its print is read: likenesses and signs.
Late = tuple[tuple[Likeness, ...], tuple[Sign, ...]]

# Likeness in percent of a line to a seal's words, for it to be the seal's.
SEAL_WORDS = 80.0


@dc.dataclass(frozen=True, eq=False)
class Part:
    """One certificate of a photo.

    Attributes:
        reading: what was read.
        witness: the picture, to be asked again.
        sha256: of the file's bytes, hexadecimal.
        late: finds what is still lacking of the reading; the same however often it is asked.
    """

    reading: Reading
    witness: Witness
    sha256: str
    late: Callable[[], Late] | None = None

    def whole(self) -> Part:
        """The same with its likenesses and signs, which may be waited for."""
        if self.late is None:
            return self
        likenesses, signs = self.late()
        reading = dc.replace(self.reading, likenesses=likenesses, signs=signs)
        return dc.replace(self, reading=reading, late=None)


def read_photo(data: bytes, name: str, *, engine: str | None = None) -> list[Part]:
    """Reads every certificate of a photo or PDF.

    Args:
        data: the file's bytes; never changed.
        name: the file's name, for the log; the format is told from the bytes.
        engine: text engine to prefer; see `ocr.readers.readers`.

    Returns:
        One part a certificate, by page and then by place; at least one.

    Raises:
        PhotoError: the bytes cannot be opened as a photo.
        EngineMissingError: no text engine is installed.
    """
    return [part.whole() for part in read_print(data, name, engine=engine)]


def read_print(data: bytes, name: str, *, engine: str | None = None) -> list[Part]:
    """As `read_photo`, but for likenesses and signs, which `Part.whole` has.

    They are looked for meanwhile, where there is a core for it: whose paper it is can be told
    without them.
    """
    memory.give_back_now_and_then()
    # In a process's first check the models are loaded while the paper is looked for.
    asked_engines = cores.beside(functools.partial(readers, engine))
    parts: list[Part] = []
    photos = load(data, name)
    how = saving(data, photos[0])
    signs = (*named_software(data), *thumbnail_sign(data, photos[0]))
    signs += resized(how, photos[0]) if how else ()
    for photo in photos:
        asked_sight = cores.beside(functools.cache(functools.partial(sight, photo)))
        pages = find_pages(photo)
        engines = asked_engines()
        for number, page in enumerate(pages, start=1):
            alone = len(pages) == 1
            reader = _PageReader(
                photo, engines, asked_sight, number, alone=alone, signs=signs, how=how
            )
            parts.append(reader.read(page))
    return parts


@dc.dataclass(frozen=True, eq=False)
class _Upright:
    """A page the right way up, its seals found and their ink taken off the print."""

    page: Page
    places: list[SealPlace]
    clean: Picture
    boxes: list[Quad] | None
    read: Mapping[Quad, Recognition] = dc.field(default_factory=dict)


class _PageReader:
    """Reads one page; keeps note of readers that failed."""

    def __init__(
        self,
        photo: Photo,
        engines: Readers,
        asked_sight: Callable[[], Sighted],
        number: int,
        *,
        alone: bool,
        signs: tuple[Sign, ...],
        how: Saving | None,
    ) -> None:
        self.photo, self.engines, self.number, self.alone = photo, engines, number, alone
        self.asked_sight, self.signs, self.how = asked_sight, signs, how
        self.failures: list[ReaderFailure] = list(engines.failures)

    def read(self, page: Page) -> Part:
        asked_codes = cores.beside(functools.partial(self._codes, page))
        # Most pages stay as they lie, and the core has time while seals are looked for.
        asked_look = cores.beside(functools.partial(look, self.photo, page))
        sheet = self._with_bands(self._upright(page))
        if sheet.page is not page:
            page = sheet.page
            asked_look = cores.beside(functools.partial(look, self.photo, page))
        asked_seals = cores.beside(functools.partial(self._seals, sheet))
        found = self._lines(sheet)
        seals = asked_seals()
        codes = asked_codes()
        found = [line for line in found if not _is_seal(line, seals)]
        lines = tuple(_line(page, line, self.engines.first.name) for line in found)
        asked_likenesses = self._asked_likenesses(page, lines, codes, seals)
        lines, extracted = self._second_look(sheet, lines, codes, seals)
        marks = find_marks(page, lines)
        fields, doubted = settle(settled(extracted.fields, marks), codes)
        stamped = tuple(_seal(page, seal) for seal in seals)
        asked_signs = self._asked_signs({**doubted, **fields}, lines, stamped)
        seen = asked_look()
        fields, doubted = _half_doubted(page, seen, extracted, fields, doubted)
        unread = _unread(page, extracted, doubted)
        letters = sum(len(line.text) for line in lines)
        reading = Reading(
            page=self.photo.page, part=self.number,
            width=self.photo.width, height=self.photo.height,
            is_certificate=extracted.is_certificate,
            lines=lines,
            codes=tuple(codes),
            seals=stamped,
            fields=fields,
            advice=tuple(advise(page, seen, extracted, fields, unread, letters)),
            failures=tuple(self.failures),
            labels=extracted.labels,
            marks=marks,
            signatures=find_signatures(page, extracted.labels, fields),
            doubted=doubted,
            unread=unread,
            several=extracted.several,
        )  # fmt: skip
        witness = PhotoWitness(page, sheet.clean, reading, self.engines, tuple(seals))
        late = functools.cache(lambda: (asked_likenesses(), asked_signs()))
        return Part(reading, witness, self.photo.sha256, late)

    def _asked_likenesses(
        self, page: Page, lines: Sequence[Line], codes: Sequence[Code], seals: Sequence[FoundSeal]
    ) -> Callable[[], tuple[Likeness, ...]]:
        taken = [*(line.page_box for line in lines), *(page.from_photo_quad(c.box) for c in codes)]
        taken += [seal.seal_in_page.box for seal in seals]
        return cores.beside(
            functools.partial(likenesses, self.photo, page, taken, alone=self.alone)
        )

    def _asked_signs(
        self, fields: Mapping[str, Field], lines: tuple[Line, ...], seals: tuple[Seal, ...]
    ) -> Callable[[], tuple[Sign, ...]]:
        boxes = tuple(seal.box for seal in seals)
        find = functools.partial(altered, self.photo.image, self.how, fields, lines, boxes)
        asked = cores.beside(find)
        return lambda: (*self.signs, *asked())

    def _codes(self, page: Page) -> list[Code]:
        codes = read_codes(self.photo, page, self.asked_sight())
        if self.alone:
            return codes
        return [c for c in codes if geometry.contains(page.corners, geometry.centre(c.box))]

    def _upright(self, page: Page) -> _Upright:
        """Turns the page by its print; what was found on a page that stays is kept."""
        places, clean = _without_seals(page)
        first, rapid = self.engines.first, self.engines.rapid
        boxes: list[Quad] | None = None
        read: Mapping[Quad, Recognition] = {}
        try:
            if rapid is not None and first is rapid:
                boxes = rapid.detect(clean)
                upright = quarter_turns(clean, boxes, rapid)
                turns, read = upright.turns, upright.read
            else:
                turns = turns_by_reading(clean, first)
        except EngineError as error:
            self._failed(first.name, error)
            turns = 0
        if turns == 0:
            return _Upright(page, places, clean, boxes, read)
        places = [place.turned(turns, page.width, page.height) for place in places]
        page = page.rotated(turns)
        return _Upright(page, places, without_red(page.image, places), None)

    def _with_bands(self, sheet: _Upright) -> _Upright:
        """The sheet with its bands whose edge the desk hides; not beside another paper."""
        rapid, page = self.engines.rapid, sheet.page
        if rapid is None or not self.alone or not page.certainty:
            return sheet
        try:
            page = with_bands(self.photo.image, page, rapid.detect)
        except EngineError as error:
            self._failed(rapid.name, error)
        return sheet if page is sheet.page else self._upright(page)

    def _seals(self, sheet: _Upright) -> list[FoundSeal]:
        rapid = self.engines.rapid
        if rapid is None:
            return []
        try:
            original = Original(self.photo.image, sheet.page.to_photo)
            return read_seals(sheet.page.image, rapid, sheet.places, original)
        except EngineError as error:
            self._failed("seal", error)
            return []

    def _lines(self, sheet: _Upright) -> list[PageLine]:
        first, rapid, boxes = self.engines.first, self.engines.rapid, sheet.boxes
        try:
            if rapid is None or first is not rapid or boxes is None:
                return first.read_page(sheet.clean)
            return rapid.read_boxes(sheet.clean, boxes, sheet.read)
        except EngineError as error:
            self._failed(first.name, error)
            return []

    def _second_look(
        self,
        sheet: _Upright,
        lines: tuple[Line, ...],
        codes: Sequence[Code],
        seals: Sequence[FoundSeal],
    ) -> tuple[tuple[Line, ...], Extract]:
        """Lines and fields, soft print and places without a line looked at again."""
        boxes = tuple(found.seal_in_page.box for found in seals)
        found_first, lines = lines, _off_print(lines, boxes)
        extracted = extract(lines, codes)
        rapid = self.engines.rapid
        if rapid is None or len(extracted.labels) < FEWEST_LABELS_WITH_HEADING:
            return lines, extracted
        try:
            soft = soft_lines(lines, extracted.fields)
            # What a seal's words stood in the way of was read with them.
            soft += [n for n, line in enumerate(lines) if line not in found_first and n not in soft]
            if soft:
                lines = _off_print(look_again(sheet.clean, lines, soft, rapid), boxes)
                extracted = extract(lines, codes)
            found = look_in_gaps(sheet.clean, extracted.gaps, rapid)
            if found:
                lines = (*lines, *(_line(sheet.page, line, rapid.name) for line in found))
                extracted = extract(lines, codes)
            look_at_names = NameLook(sheet.page, sheet.clean, boxes, rapid)
            fields = WordLook(sheet.page, sheet.clean, rapid).again(look_at_names.again(extracted))
            extracted = dc.replace(extracted, fields=fields)
        except EngineError as error:
            self._failed(rapid.name, error)
        return lines, extracted

    def _failed(self, reader: str, error: EngineError) -> None:
        self.failures.append(ReaderFailure(reader, error.code, str(error.details)))


def _without_seals(page: Page) -> tuple[list[SealPlace], Picture]:
    places = list(find_seals(page.image))
    return places, without_red(page.image, places)


def _off_print(lines: Sequence[Line], seals: Sequence[Quad]) -> tuple[Line, ...]:
    """The lines without what a detector joined to them of the seals' straight lines."""
    return tuple(part for line in lines for part in off_print(line, seals, known_kinds()))


def _line(page: Page, line: PageLine, reader: str) -> Line:
    return Line(
        text=line.recognition.text,
        confidence=line.recognition.confidence,
        box=page.to_photo_quad(line.box),
        page_box=line.box,
        reader=reader,
        glyphs=line.recognition.glyphs,
    )


def _half_doubted(
    page: Page,
    seen: Look,
    extracted: Extract,
    fields: Mapping[str, Field],
    doubted: Mapping[str, Field],
) -> tuple[dict[str, Field], dict[str, Field]]:
    """Fields and doubted ones, those half seen or cut off among the latter.

    Where the page is several certificates, all are doubted.
    """
    half = half_seen(page, seen, fields, extracted.labels)
    half += [key for key in cut_off(page, fields) if key not in half]
    if extracted.several:
        half = list(fields)
    sure = {key: field for key, field in fields.items() if key not in half}
    return sure, {**doubted, **{key: fields[key] for key in half}}


def _unread(page: Page, extracted: Extract, doubted: Mapping[str, Field]) -> dict[str, Quad]:
    """Where fields stand, or should, that were not read."""
    places = {gap.key: page.to_photo_quad(gap.box) for gap in extracted.gaps}
    return places | {key: field.box for key, field in doubted.items()}


def _is_seal(line: PageLine, seals: Sequence[FoundSeal]) -> bool:
    """Whether a line is what is left of a seal's straight line, not print beneath it."""
    middle = geometry.centre(line.box)
    if not any(geometry.contains(found.seal_in_page.box, middle) for found in seals):
        return False
    text = fold(line.recognition.text)
    return any(fuzz.ratio(text, fold(word)) >= SEAL_WORDS for word in known_kinds())


def _seal(page: Page, found: FoundSeal) -> Seal:
    seal = found.seal_in_page
    return dc.replace(seal, box=page.to_photo_quad(seal.box))
