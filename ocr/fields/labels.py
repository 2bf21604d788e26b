"""The data file of labels, and labels found in a line of print."""

from __future__ import annotations

import dataclasses as dc
import functools
import importlib.resources
import re
import tomllib
import unicodedata

from rapidfuzz import fuzz

from ocr.hanzi import simplify

OTHER = "other"
# Characters that may stand between a label and its value, or between its two languages.
PEOPLE = frozenset({"inspector", "checker", "approver"})
SEPARATORS = ":：;；/|｜·.,，、*_"
_COLONS = ":："
_COLONS_OR_END = ("", ":", "：")
_LETTERS = re.compile(r"[a-z0-9.&]{4,}")
# A label of this many characters is known by its words alone, without a colon or a gap.
_LONG_ENOUGH = 3
# Long labels may hold one character that was misread; English ones one in so many letters.
_FUZZY_FROM = 4
_FUZZY_ENGLISH_FROM = 6
_LETTERS_A_SLIP = 6
# Likeness in percent of a misread English label to what it is.
_LIKE_ENGLISH = 72.0


# Latin letters that are read as digits; labels hold no digits (but the 3 of g/cm3).
_LOOKALIKES = str.maketrans({"1": "l", "|": "l", "i": "l", "0": "o"})


def fold(text: str) -> str:
    """NFKC, lower case, simplified, without spaces: the form that labels are compared in."""
    return simplify("".join(unicodedata.normalize("NFKC", text).casefold().split()))


@dc.dataclass(frozen=True, slots=True)
class Label:
    """One label variant.

    Attributes:
        key: contract field, or OTHER.
        text: the folded variant.
        latin: whether it is an English one.
        lines: most lines its value may take.
        not_before: folded words which, following, make it no label.
    """

    key: str
    text: str
    latin: bool
    lines: int
    not_before: tuple[str, ...]


@dc.dataclass(frozen=True, slots=True)
class Found:
    """A label found in folded text: the label and where it ends."""

    label: Label
    end: int


@dc.dataclass(frozen=True)
class Vocabulary:
    """Everything of `labels.toml`, ready for use."""

    labels: dict[str, tuple[Label, ...]]
    long: dict[int, tuple[Label, ...]]
    english: dict[str, tuple[Label, ...]]
    lines: dict[str, int]
    not_tested_words: tuple[str, ...]
    not_tested_dashes: frozenset[str]
    name_endings: tuple[str, ...]
    name_holds: tuple[str, ...]
    latin_trade: tuple[str, ...]
    latin_body: tuple[str, ...]
    latin_papers: frozenset[str]
    headings: tuple[str, ...]
    running_on: tuple[str, ...]
    surnames: tuple[str, ...]
    simple_surnames: frozenset[str]
    chinese: tuple[Label, ...]
    standards: frozenset[str]

    def at(self, text: str, start: int) -> Found | None:
        """The longest label that begins at a place of folded text.

        Args:
            text: folded text.
            start: where the label would begin.

        Returns:
            The label and where it ends, or None.
        """
        for label in self.labels.get(text[start : start + 1].translate(_LOOKALIKES), ()):
            end = _match(text, start, label)
            if end is not None and not text.startswith(label.not_before, end):
                return Found(label, end)
        return self._misread(text, start)

    def resembles(self, key: str, word: str) -> bool:
        """Whether a word is as long as a Chinese label of the field, one character wrong."""
        same = (label for group in self.labels.values() for label in group if label.key == key)
        return len(word) > 1 and any(
            not label.latin
            and len(label.text) == len(word)
            and sum(a != b for a, b in zip(label.text, word, strict=True)) == 1
            for label in same
        )

    def part_of_label(self, key: str, word: str) -> bool:
        """Whether a Chinese label of the field begins or ends with the word."""
        same = (label for group in self.labels.values() for label in group if label.key == key)
        return any(
            not label.latin and (label.text.endswith(word) or label.text.startswith(word))
            for label in same
        )

    def english_like(self, key: str, word: str) -> bool:
        """Whether a word is an English label of the field misread, or its beginning."""
        return len(word) >= _FUZZY_FROM and any(
            label.text.startswith(word) or fuzz.ratio(label.text, word) >= _LIKE_ENGLISH
            for label in self.english.get(key, ())
        )

    def misread_english(self, key: str, text: str, start: int) -> Found | None:
        """An English label of the field, misread, up to the colon that ends it."""
        word = _LETTERS.match(text, start)
        if word is None or text[word.end() : word.end() + 1] not in _COLONS_OR_END:
            return None
        if not self.english_like(key, word[0]):
            return None
        return Found(self.english[key][0], word.end())

    def _misread(self, text: str, start: int) -> Found | None:
        """A long label with a wrong character, if a colon follows or nothing.

        An English one may hold one in six wrong, and no letter may stand around it.
        """
        before = text[start - 1 : start]
        inside = before.isascii() and before.isalpha()
        ends = [i for i in range(start + _FUZZY_FROM, len(text)) if text[i] in _COLONS]
        for end in [*ends, len(text)]:
            for label in self.long.get(end - start, ()):
                if label.latin and inside:
                    continue
                wrong = sum(a != b for a, b in zip(text[start:end], label.text, strict=True))
                slips = (end - start) // _LETTERS_A_SLIP if label.latin else 1
                if 1 <= wrong <= slips:
                    return Found(label, end)
        return None


def _match(text: str, start: int, label: Label) -> int | None:
    if not label.latin:
        end = start + len(label.text)
        return end if text.startswith(label.text, start) else None
    # English words come with or without their points and ampersands.
    place = start
    for char in label.text:
        while place < len(text) and text[place] in ".&'" and text[place] != char:
            place += 1
        if place >= len(text) or not _alike(text[place], char):
            return None
        place += 1
    following = text[place : place + 1]
    return None if following.isascii() and following.isalpha() else place


def _alike(read: str, wanted: str) -> bool:
    return read == wanted or read.translate(_LOOKALIKES) == wanted.translate(_LOOKALIKES)


def stands_alone(found: Found, text: str, *, gap_after: bool) -> bool:
    """Whether what follows a label lets it be one.

    Args:
        found: the label.
        text: the folded text it stands in.
        gap_after: whether white space follows it in print.
    """
    following = text[found.end : found.end + 1]
    if len(found.label.text) == 1:
        return following in _COLONS and following != ""
    if not following or gap_after or following in SEPARATORS or following == "(":
        return True
    if found.label.latin:
        return not following.isascii() or not following.isalpha()
    twin = vocabulary().at(text, found.end)
    if twin is not None and twin.label.latin and twin.label.key == found.label.key:
        return True
    if vocabulary().misread_english(found.label.key, text, found.end) is not None:
        return True
    if text.startswith(vocabulary().running_on, found.end):
        return False
    return len(found.label.text) >= _LONG_ENOUGH


@functools.cache
def vocabulary() -> Vocabulary:
    """Reads `labels.toml` once."""
    source = importlib.resources.files(__package__).joinpath("labels.toml").read_text("utf-8")
    data = tomllib.loads(source)
    labels: list[Label] = []
    for entry in data["label"]:
        lines = entry.get("lines", 1)
        stop = tuple(fold(word) for word in entry.get("not_before", ()))
        for language in ("zh", "en"):
            for variant in entry.get(language, ()):
                folded = fold(variant)
                if language == "en":
                    folded = re.sub(r"[.&']", "", folded)
                labels.append(Label(entry["key"], folded, language == "en", lines, stop))
    labels.sort(key=lambda label: -len(label.text))
    table: dict[str, tuple[Label, ...]] = {}
    for label in labels:
        first = label.text[0].translate(_LOOKALIKES)
        table[first] = (*table.get(first, ()), label)
    long: dict[int, tuple[Label, ...]] = {}
    english: dict[str, tuple[Label, ...]] = {}
    for label in labels:
        if len(label.text) >= (_FUZZY_ENGLISH_FROM if label.latin else _FUZZY_FROM):
            long[len(label.text)] = (*long.get(len(label.text), ()), label)
        if label.latin:
            english[label.key] = (*english.get(label.key, ()), label)
    return Vocabulary(
        labels=table,
        long=long,
        english=english,
        lines={label.key: label.lines for label in labels},
        not_tested_words=tuple(data["not_tested"]["words"]),
        not_tested_dashes=frozenset(data["not_tested"]["dashes"]),
        name_endings=tuple(data["lab_name"]["endings"]),
        name_holds=tuple(data["lab_name"]["holds"]),
        latin_trade=tuple(data["lab_name"]["latin_trade"]),
        latin_body=tuple(data["lab_name"]["latin_body"]),
        latin_papers=frozenset(data["lab_name"]["latin_papers"]),
        headings=tuple(data["heading"]["words"]),
        running_on=tuple(data["running_on"]["words"]),
        surnames=tuple(data["people"]["surnames"]),
        simple_surnames=frozenset(data["people"]["simple"]),
        standards=frozenset(data["standards"]["known"]),
        chinese=tuple(x for x in labels if not x.latin and len(x.text) > 1),
    )
