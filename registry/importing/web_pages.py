"""Tables of saved web pages, in any encoding that Chinese sites use; also such named .xls."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree, html

from registry.errors import Problem, UnknownSourceError
from registry.importing.cells import plain
from registry.importing.grids import MAX_COLUMNS, Grid, Line, Span, merged

# A page of a register is some hundred kilobytes; tables saved by Excel may be large.
MAX_BYTES = 100_000_000
_BLOCKS = frozenset({"br", "p", "div", "li", "tr"})
_UNSEEN = frozenset({"script", "style", "template", "noscript"})
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


def read(path: Path) -> tuple[Iterator[Grid], list[Problem]]:
    """Every table of a page that holds no other table, with the text before it as titles.

    Raises:
        UnknownSourceError: if it is too large, or no page.
    """
    if path.stat().st_size > MAX_BYTES:
        raise UnknownSourceError(path=str(path), reason="too_large")
    text = _decoded(path.read_bytes())
    try:
        # The text was recoded, whatever the page says of itself.
        parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True)
        page = html.document_fromstring(text.encode(), parser=parser)
    except (etree.LxmlError, ValueError) as error:
        raise UnknownSourceError(path=str(path), reason="damaged") from error
    return _grids(path.name, page), []


def _decoded(data: bytes) -> str:
    """A page's text."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    # What a page says of its encoding is not true of many a saved one. GB 18030 holds all of
    # GB2312 and GBK; bytes of it are hardly ever UTF-8 by chance.
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("gb18030", errors="replace")


def _grids(name: str, page: Any) -> Iterator[Grid]:  # noqa: ANN401
    titles: list[str] = []
    head = page.find(".//title")
    if head is not None and head.text:
        titles.append(plain(head.text))
    count = 0
    body = page.find("body")
    for kind, item in _walk(body if body is not None else page):
        if kind == "text":
            titles.append(item)
            continue
        count += 1
        yield Grid(
            str(count),
            f"{name}[table {count}]",
            list(_lines(item)),
            tuple(titles),
            # Registers give the head and the rows as two tables, one under the other.
            continues=count > 1,
        )
        titles = []
    if count and titles:  # notes may stand under the last table
        yield Grid("end", name, (), tuple(titles), continues=True)


def _walk(element: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401
    """Texts between tables, and tables, in the order of the page."""
    words: list[str] = []
    for event, each in etree.iterwalk(element, events=("start", "end")):
        if event == "start":
            if _skipped(each) or _inside_table(each):
                continue
            if each.tag == "table" and each.find(".//table") is None:
                yield from _said(words)
                yield "table", each
                continue
            if each.tag in _BLOCKS:
                yield from _said(words)
            words.append(each.text or "")
        else:
            parent = each.getparent()
            outside = parent is not None and not _skipped(parent) and not _inside_table(parent)
            if each.tag in _BLOCKS and outside:
                yield from _said(words)
            if outside and not (parent.tag == "table" and parent.find(".//table") is None):
                words.append(each.tail or "")
    yield from _said(words)


def _said(words: list[str]) -> Iterator[tuple[str, str]]:
    text = plain("".join(words))
    words.clear()
    if text:
        yield "text", text


def _hidden(element: Any) -> bool:  # noqa: ANN401
    """Whether a browser would not show an element."""
    return element.get("hidden") is not None or bool(_HIDDEN.search(element.get("style") or ""))


def _skipped(element: Any) -> bool:  # noqa: ANN401
    return not isinstance(element.tag, str) or any(
        each.tag in _UNSEEN for each in (element, *element.iterancestors())
    )


def _inside_table(element: Any) -> bool:  # noqa: ANN401
    """Whether it is in a table that holds no other."""
    return any(
        each.tag == "table" and each.find(".//table") is None
        for each in element.iterancestors("table")
    )


def _lines(table: Any) -> Iterator[Line]:  # noqa: ANN401
    rows: list[tuple[int, list[str]]] = []
    spans: list[Span] = []
    taken: dict[int, int] = {}
    for number, row in enumerate(table.iter("tr"), start=1):
        texts: list[str] = []
        place = 0
        for cell in row if not _hidden(row) else ():
            if cell.tag not in ("td", "th") or _hidden(cell):
                continue
            while taken.get(place, 0) >= number:
                place += 1
            right = place + _count(cell, "colspan", MAX_COLUMNS - place)
            bottom = number + _count(cell, "rowspan", 65_536) - 1
            texts += [""] * (right - len(texts))
            texts[place] = _text(cell)
            if (bottom, right) != (number, place + 1):
                spans.append(Span(number, place + 1, bottom, right))
            for each in range(place, right):
                taken[each] = bottom
            place = right
        rows.append((number, texts))
    yield from merged(((number, texts, {}) for number, texts in rows), spans)


def _count(cell: Any, name: str, most: int) -> int:  # noqa: ANN401
    text = (cell.get(name) or "1").strip()
    return max(1, min(int(text), most)) if text.isdecimal() and len(text) < 7 else 1


def _text(cell: Any) -> str:  # noqa: ANN401
    """A cell's text; a cut text stands in full in its title."""
    text = plain("".join(_in_order(cell)))
    title = plain(cell.get("title") or "")
    cut = text.rstrip(".…")
    return title if cut != text and title.startswith(cut) else text


def _in_order(element: Any) -> Iterator[str]:  # noqa: ANN401
    if _skipped(element) or _hidden(element):
        return
    yield element.text or ""
    for child in element:
        if isinstance(child.tag, str) and child.tag in _BLOCKS:
            yield "\n"
        yield from _in_order(child)
        yield child.tail or ""
