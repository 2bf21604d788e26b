"""The witness with the picture in hand: texts tested against the ink."""

from __future__ import annotations

import dataclasses as dc
from collections.abc import Sequence

import numpy as np
from rapidfuzz import fuzz

from ocr.errors import EngineError
from ocr.fields import values
from ocr.fields.pieces import sub_quad
from ocr.geometry import Picture, overlap, pad_quad, quad_size
from ocr.likeness.look import hashes_at
from ocr.page import Page
from ocr.readers import Readers
from ocr.reading import Field, Line, Quad, Reading
from ocr.seal.ask import ask_names, reread
from ocr.seal.found import FoundSeal
from ocr.text.crops import crop_line
from ocr.text.engine import Recognition
from ocr.witness import Answer, Support

# Log-likelihood of a text minus that of the free reading, calibrated on generated
# photographs (docs/benchmarks.md): the printed text scored above the first, a text with
# one character changed below the second.
AGREES_ABOVE = -4.0
DIFFERS_BELOW = -9.0
# A line may hold a text asked about anywhere if at least this alike, in percent.
WORTH_ASKING = 60.0
# Padding of a crop in heights of print: the ends of a value are only known to half a character.
PAD_ALONG = 0.15


@dc.dataclass(frozen=True, eq=False)
class PhotoWitness:
    """A page of a photo that can be asked again.

    Attributes:
        page: the straightened page.
        clean: its picture with the seals' ink removed from the print.
        reading: what was read from it.
        readers: the engines.
        seals: the page's seals with their strips, in the order of `reading.seals`.
    """

    page: Page
    clean: Picture
    reading: Reading
    readers: Readers
    seals: tuple[FoundSeal, ...] = ()

    def ask_field(self, key: str, texts: Sequence[str]) -> list[Support]:
        """See `Witness.ask_field`; a value too doubtful to be stated can be asked about too."""
        field = self.reading.fields.get(key) or self.reading.doubted.get(key)
        return self._ask(field.parts if field else self._signed(key), texts)

    def ask_seal(self, index: int, names: Sequence[str]) -> list[Support]:
        """See `Witness.ask_seal`."""
        rapid = self.readers.rapid
        if rapid is None:
            return [Support(name, 0.0, Answer.CANNOT_TELL) for name in names]
        return ask_names(self.seals[index], names, rapid)

    def ask_anywhere(self, texts: Sequence[str]) -> list[Support]:
        """See `Witness.ask_anywhere`."""
        return [self._ask_lines(text) for text in texts]

    def reread(self, key: str) -> Field | None:
        """See `Witness.reread`."""
        field = self.reading.fields.get(key)
        engine = self.readers.second
        if field is None or engine is None:
            return None
        try:
            found = engine.read_lines([self._crop(part) for part in field.parts])
        except EngineError:
            return None
        text = " ".join(r.text for r in found)
        value = values.parse(key, text)
        if value is None:
            return None
        confidence = min((r.confidence for r in found), default=0.0)
        return dc.replace(field, value=value, raw=text, confidence=confidence, reader=engine.name)

    def reread_seal(self, index: int) -> str | None:
        """See `Witness.reread_seal`."""
        if self.readers.second is None:
            return None
        try:
            return reread(self.seals[index], self.readers.second) or None
        except EngineError:
            return None

    def hashes_at(self, place: tuple[float, float, float, float]) -> tuple[bytes, ...]:
        """See `Witness.hashes_at`."""
        return hashes_at(self.page, place)

    def _signed(self, key: str) -> tuple[Quad, ...]:
        """Where ink stands beside a label though nothing was read there."""
        return tuple(one.box for one in self.reading.signatures if one.key == key)

    def _crop(self, part: Quad, picture: Picture | None = None) -> Picture:
        box = self.page.from_photo_quad(part)
        return crop_line(
            self.clean if picture is None else picture,
            pad_quad(box, PAD_ALONG * quad_size(box)[1], 0.0),
        )

    def _ask(self, parts: Sequence[Quad], texts: Sequence[str]) -> list[Support]:
        rapid = self.readers.rapid
        none = [Support(text, 0.0, Answer.CANNOT_TELL) for text in texts]
        if rapid is None or not parts:
            return none
        found = none
        for picture in self._pictures(parts):
            whole = _joined(rapid.recognise([self._crop(part, picture) for part in parts]))
            if whole.probabilities is None or not whole.text:
                continue
            scores = rapid.score(whole, texts)
            asked = [Support(t, s, _answer(s)) for t, s in zip(texts, scores, strict=True)]
            found = (
                asked
                if found is none
                else [max(pair, key=_score) for pair in zip(found, asked, strict=True)]
            )
        return found

    def _pictures(self, parts: Sequence[Quad]) -> list[Picture]:
        """The page without the seals' ink; where print lies under a seal, with it as well.

        Taking a seal off takes strokes off what lies beneath.
        """
        covered = any(overlap(seal.box, part) > 0 for seal in self.reading.seals for part in parts)
        return [self.clean, self.page.image] if covered else [self.clean]

    def _ask_lines(self, text: str) -> Support:
        best = Support(text, 0.0, Answer.CANNOT_TELL)
        compact = "".join(text.split())
        for line in self.reading.lines:
            part = _likely_part(line, compact)
            if part is None:
                continue
            support = self._ask([part], [text])[0]
            if best.answer is Answer.CANNOT_TELL or support.score > best.score:
                best = support
        return best


def _score(support: Support) -> float:
    return support.score


def _answer(score: float) -> Answer:
    if score >= AGREES_ABOVE:
        return Answer.AGREES
    return Answer.DIFFERS if score <= DIFFERS_BELOW else Answer.CANNOT_TELL


def _joined(found: Sequence[Recognition]) -> Recognition:
    """Several crops as one line: a value that goes on over the next line."""
    probs = [r.probabilities for r in found if r.probabilities is not None]
    if not probs:
        return Recognition("", 0.0)
    confidence = min(r.confidence for r in found)
    text = "".join(r.text for r in found)
    return Recognition(text, confidence, (), np.concatenate(probs))


def _likely_part(line: Line, text: str) -> Quad | None:
    """Where in a line a text may stand, or None."""
    if not line.glyphs or len(line.text) < len(text) // 2:
        return None
    found = fuzz.partial_ratio_alignment(text, "".join(g.char for g in line.glyphs))
    if found is None or found.score < WORTH_ASKING:
        return None
    first, last = found.dest_start, min(found.dest_end, len(line.glyphs)) - 1
    if last < first:
        return None
    margin = 0.5 / len(line.glyphs)
    start = max(0.0, line.glyphs[first].start - margin)
    return sub_quad(line.box, start, min(1.0, line.glyphs[last].end + margin))
