"""Values of few words, read as what their field can say and the ink bears out.

椭圆形 comes out of small print as 档图形: no word of the field. Which of its words stands there
is not told by the letters but by the picture: each that shares a character with the reading in
its place is scored against several looks, and the one that explains them clearly best is taken.
"""

from __future__ import annotations

import dataclasses as dc
import math
from collections.abc import Mapping, Sequence

from ocr.fields import values, wording
from ocr.fields.doubt import doubtful
from ocr.geometry import Picture
from ocr.page import Page
from ocr.reading import Field
from ocr.second_look import looks_at
from ocr.text.combine import WORST, plain
from ocr.text.engine import Recognition
from ocr.text.rapid import RapidEngine

# Nats by which a value must explain the looks better than the next, and may explain them
# worse than characters that make no word. Of 19 values on generated photographs (level hard)
# the true one lay at 0 to -11, the next 5 to 17 below it; where the true one was not among
# those weighed, the best lay at -20 and below.
AHEAD = 4.0
FAR = 12.0


@dc.dataclass(frozen=True, eq=False)
class WordLook:
    """A page whose doubtful words can be looked at.

    Attributes:
        page: upright.
        clean: its picture with the seals' ink taken off.
        engine: reads and scores.
    """

    page: Page
    clean: Picture
    engine: RapidEngine

    def again(self, fields: Mapping[str, Field]) -> dict[str, Field]:
        """The fields, those in doubt that are a word misread put right.

        Args:
            fields: by key.

        Raises:
            EngineFailedError: the recogniser broke.
        """
        return {
            key: self._read(field) if doubtful(field) and len(field.parts) == 1 else field
            for key, field in fields.items()
        }

    def _read(self, field: Field) -> Field:
        texts = wording.alike(field.key, plain(field.raw))
        if not texts:
            return field
        box = self.page.from_photo_quad(field.parts[0])
        (looks,) = looks_at(self.clean, [box], self.engine)
        chosen = self._best(looks, texts)
        if chosen is None:
            return field
        text, sure = chosen
        value = values.parse(field.key, text)
        if value is None:
            return field
        return dc.replace(field, value=value, raw=text, confidence=sure, weakest=sure)

    def _best(self, looks: Sequence[Recognition], texts: Sequence[str]) -> tuple[str, float] | None:
        """The text that explains the looks clearly best, and how sure that makes it."""
        seen = [look for look in looks if look.text.strip() and look.probabilities is not None]
        if not seen:
            return None
        scores = [[max(WORST, one) for one in self.engine.score(look, texts)] for look in seen]
        totals = [sum(column) / len(seen) for column in zip(*scores, strict=True)]
        ranked = sorted(zip(totals, texts, strict=True), reverse=True)
        best, text = ranked[0]
        next_best = ranked[1][0] if len(ranked) > 1 else WORST
        if best < -FAR or best - next_best < AHEAD:
            return None
        return text, 1 / (1 + math.exp(next_best - best))
