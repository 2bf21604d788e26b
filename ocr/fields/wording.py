"""Whether a value is made of the words that its field uses.

A recogniser's slip makes another word of one that everybody prints: 一轴品 of 一轴晶, 自色 of
白色. Neither form nor softness of the whole value tells it; but the character that was
misread then belongs to no word of the field, and is hardly ever quite sure.
"""

from __future__ import annotations

import functools
import math
import tomllib
from collections.abc import Mapping, Sequence
from importlib import resources

# A character in none of its field's words is taken where it is read this surely; more surely
# where another in its place would make a word. Of 14 misread ones on generated photographs
# (level hard) the surest had 0.997.
SURE = 0.97
SURE_NEAR = 0.9985
# Texts longer than this are sentences; of one text so many words are replaced at most, and so
# many texts weighed.
LONGEST = 12
MOST_WORDS = 2
MOST = 64
# Fields of which every word is known: what holds none of them is another field's.
CLOSED = frozenset({"optic_character"})


@functools.cache
def lexicon() -> Mapping[str, frozenset[str]]:
    """The words of each field that has some, by key; from `wording.toml`."""
    text = resources.files("ocr.fields").joinpath("wording.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    shared = table["words"]["not_tested"]
    return {key: frozenset([*one["words"], *shared]) for key, one in table["fields"].items()}


def outside(key: str, text: str) -> list[int]:
    """Chinese characters that belong to no word of the field, as few as can be.

    Args:
        key: of the field.
        text: its print.

    Returns:
        Their places in the text; none for a field whose language is not narrow.

    >>> outside("optic_character", "非均质体,一轴品"), outside("colour", "浅绿色")
    ([7], [])
    """
    words = lexicon().get(key)
    if not words:
        return []
    longest = max(map(len, words))
    # Fewest characters outside up to each place, and where the last step came from.
    least: list[tuple[float, int]] = [(0, 0)] + [(math.inf, 0)] * len(text)
    for place, char in enumerate(text):
        so_far = least[place][0]
        cost = 1 if _han(char) else 0
        steps = [(so_far + cost, place + 1)]
        ends = range(place + 1, min(len(text), place + longest) + 1)
        steps += [(so_far, end) for end in ends if text[place:end] in words]
        for total, end in steps:
            if total < least[end][0]:
                least[end] = (total, place)
    found: list[int] = []
    end = len(text)
    while end:
        total, place = least[end]
        if total > least[place][0]:
            found.append(place)
        end = place
    return found[::-1]


def made_of_words(key: str, text: str) -> bool:
    """Whether a text has Chinese characters, and all belong to words of the field.

    >>> made_of_words("colour", "浅绿"), made_of_words("mass", "12.3")
    (True, False)
    """
    return key in lexicon() and any(map(_han, text)) and not outside(key, text)


def near(key: str, text: str, place: int) -> bool:
    """Whether a character alone makes a word of the field another one.

    >>> near("shape", "图珠形", 0), near("shape", "卧牛", 0)
    (True, False)
    """
    for word in lexicon().get(key, ()):
        for start in range(max(0, place - len(word) + 1), place + 1) if len(word) > 1 else ():
            there = text[start : start + len(word)]
            if there[place - start] != word[place - start] and _differences(there, word) == 1:
                return True
    return False


def _differences(one: str, two: str) -> int:
    """In how many places two texts differ; all of them where their lengths do."""
    if len(one) != len(two):
        return max(len(one), len(two))
    return sum(a != b for a, b in zip(one, two, strict=True))


def alike(key: str, text: str) -> list[str]:
    """Texts made of the field's words that a text which is not may be a misreading of.

    Words replace what stands in their place where one character at least is theirs.

    Args:
        key: of the field.
        text: its print, without spaces.

    Returns:
        Texts of the same length, those that differ least; none for a text made of words already.

    >>> alike("conclusion", "翡军吊坐")[0], "水滴形" in alike("shape", "水流形")
    ('翡翠吊坠', True)
    """
    if not outside(key, text) or len(text) > LONGEST:
        return []
    found = {text: 0}
    for _ in range(MOST_WORDS):
        for one, slips in list(found.items()):
            for other, more in _replaced(key, one, slips).items():
                found[other] = min(more, found.get(other, more))
    whole = [(slips, one) for one, slips in found.items() if not outside(key, one)]
    return [one for slips, one in sorted(whole) if slips <= min(whole)[0] + 1][:MOST]


def _replaced(key: str, text: str, slips: int) -> dict[str, int]:
    """The text with one word put in place of what is outside, and all characters replaced."""
    found: dict[str, int] = {}
    strange = outside(key, text)
    for word in lexicon()[key]:
        starts = {s for p in strange for s in range(p - len(word) + 1, p + 1)}
        for start in starts if len(word) > 1 else ():
            other = _differences(text[start : start + len(word)], word) if start >= 0 else len(word)
            if other < len(word):
                whole = text[:start] + word + text[start + len(word) :]
                found[whole] = min(slips + other, found.get(whole, slips + other))
    return found


def misread(key: str, characters: Sequence[tuple[str, float]]) -> bool:
    """Whether a value holds a character that is none of its field's and was not read surely.

    Args:
        key: of the field.
        characters: of its print, each with its confidence, 0..1.
    """
    characters = [(char, sure) for char, sure in characters if not char.isspace()]
    text = "".join(char for char, _ in characters)
    strange = outside(key, text)
    if key in CLOSED and len(strange) == sum(map(_han, text)) > 0:
        return True
    return any(
        characters[place][1] < (SURE_NEAR if near(key, text, place) else SURE) for place in strange
    )


def _han(char: str) -> bool:
    return "㐀" <= char <= "鿿"
