"""What the readers advise about a photo, said to a person: which part, and how."""

from __future__ import annotations

from certcheck import messages
from certcheck.messages import Text
from ocr.reading import Advice


def sentence(advice: Advice) -> Text:
    """The sentence for one piece of advice.

    Args:
        advice: with the part of the paper and the fields that it is about, or neither.

    Returns:
        In both languages; it names the part and the fields where they are known.
    """
    if not advice.part:
        return messages.text(advice.code)
    part = messages.text(f"part.{advice.part}")
    names = [messages.text(f"field.{key}") for key in advice.fields]
    code = f"{advice.code}_{'fields' if names else 'part'}"
    return Text(
        messages.text(code, part=part.zh, fields="、".join(name.zh for name in names)).zh,
        messages.text(code, part=part.en, fields=_list(names)).en,
    )


def _list(names: list[Text]) -> str:
    """`Mass, Colour and Density`."""
    words = [name.en for name in names]
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
