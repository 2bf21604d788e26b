"""A web page as texts in their order, with the cells and rows of its tables.

Only what a reader sees counts: no scripts, no styles, nothing that is hidden.
"""

from __future__ import annotations

import copy
import dataclasses as dc
import re
import unicodedata
from collections.abc import Iterator

from lxml import etree, html

# What a page may say of its characters within its first bytes (HTML Standard, "prescan").
_PRESCAN = 1024
_META = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]+)", re.IGNORECASE)
_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
# GBK and GB2312 are parts of it, and pages that say them hold more (Encoding Standard).
_CHINESE = "gb18030"
_GB = frozenset({"gb2312", "gbk", "gb_2312-80", "x-gbk", "gb18030", "csgb2312", "euc-cn", "cp936"})

_UNSEEN = frozenset({"script", "style", "noscript", "template", "head", "option", "select"})
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
# What continues a line; all else ends it, so that a label in bold is parted from its value.
_INLINE = frozenset({"sup", "sub", "small", "u", "s", "mark", "bdi", "wbr", "code", "abbr"})
_SHOWS_VALUE = frozenset({"", "text", "number"})
_ROW, _CELLS = "tr", ("td", "th")

# What forms call the field for a captcha, in print and in their code (general knowledge).
_CAPTCHA = re.compile(
    r"captcha|yzm|verify_?code|vcode|check_?code|valid(?:ate|ation)?_?code|rand_?code|geetest"
    r"|slider|nc_token|验证码|滑块|拖动",
    re.IGNORECASE,
)
_CAPTCHA_SCRIPT = re.compile(
    r"captcha|geetest|gt\.js|TCaptcha|aliyun.*nc\.js|recaptcha|hcaptcha|turnstile", re.IGNORECASE
)
_LOGIN = "password"


@dc.dataclass(frozen=True, slots=True)
class Run:
    """A piece of text that nothing breaks.

    Attributes:
        text: NFKC, single spaces.
        row: number of its table's row, 0 outside of tables.
        cell: number of its cell, 0 outside of tables.
    """

    text: str
    row: int
    cell: int


@dc.dataclass(frozen=True)
class Page:
    """A page that was understood as far as its marks go.

    Attributes:
        runs: what it shows, in order.
        tables: rows of cells' texts of each table that has them.
        guarded: whether it asks for a captcha or a login.
        tree: for XPath.
    """

    runs: tuple[Run, ...]
    tables: tuple[tuple[tuple[str, ...], ...], ...]
    guarded: bool
    tree: html.HtmlElement

    @property
    def text(self) -> str:
        """All that it shows."""
        return "\n".join(run.text for run in self.runs)

    def at(self, path: str) -> list[str]:
        """The texts at an XPath, none where nothing is there."""
        found = self.tree.xpath(path)
        parts = found if isinstance(found, list) else [found]
        texts = (one.text_content() if isinstance(one, etree._Element) else one for one in parts)
        return [text for one in texts if (text := _plain(str(one)))]


def decoded(data: bytes, charset: str) -> str:
    """The text of a document: by its mark, its head, its own word, UTF-8 where it is, else GB18030.

    >>> decoded("质量".encode("gbk"), "gb2312"), decoded("质量".encode("gbk"), "")
    ('质量', '质量')
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            return data.removeprefix(mark).decode(name, "replace")
    told = _META.search(data[:_PRESCAN])
    for name in (charset, told[1].decode("ascii") if told else ""):
        try:
            if name:
                return data.decode(_CHINESE if name.lower() in _GB else name)
        except (LookupError, UnicodeError):
            continue  # it is not what it says
    try:
        return data.decode("utf-8")
    except UnicodeError:
        return data.decode(_CHINESE, "replace")


def understood(text: str) -> Page | None:
    """A page by its HTML; None where there is none in it."""
    try:
        # As bytes: lxml refuses a text that says its own encoding.
        parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True)
        tree = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None
    runs = tuple(_runs(_seen_only(copy.deepcopy(tree)), {}))
    return Page(runs, _tables(runs), _guarded(tree), tree)


def _runs(tree: etree._Element, numbers: dict[etree._Element, int]) -> Iterator[Run]:
    """Texts in their order; iterative, as pages may be nested to any depth."""
    held: list[str] = []
    place = (0, 0)

    def flush() -> Iterator[Run]:
        text = _plain("".join(held))
        held.clear()
        if text:
            yield Run(text, *place)

    for event, one in etree.iterwalk(tree, events=("start", "end")):
        breaks = one.tag not in _INLINE
        if event == "start":
            if breaks:
                yield from flush()
                place = _place(one, numbers)
            held.append(_value(one) or one.text or "")
        else:
            if breaks:
                yield from flush()
                above = one.getparent()
                place = _place(above, numbers) if above is not None else (0, 0)
            held.append(one.tail or "")
    yield from flush()


def _seen_only(tree: etree._Element) -> etree._Element:
    """The tree without what nobody sees; what stands behind it stays."""
    unseen = [
        one for one in tree.iter(etree.Element)
        if one.tag in _UNSEEN or one.get("hidden") is not None
        or _HIDDEN.search(one.get("style", "")) or one.get("type") == "hidden"
    ]  # fmt: skip
    for one in unseen:
        if one.getparent() is not None:
            one.drop_tree()
    return tree


def _place(one: etree._Element, numbers: dict[etree._Element, int]) -> tuple[int, int]:
    row = cell = 0
    for above in (one, *one.iterancestors()):
        if above.tag in _CELLS and not cell:
            cell = numbers.setdefault(above, len(numbers) + 1)
        if above.tag == _ROW:
            row = numbers.setdefault(above, len(numbers) + 1)
            break
    return row, cell


def _value(one: etree._Element) -> str:
    """What a form's field shows."""
    shown = one.tag == "input" and one.get("type", "").lower() in _SHOWS_VALUE
    return str(one.get("value", "")) if shown else ""


def _tables(runs: tuple[Run, ...]) -> tuple[tuple[tuple[str, ...], ...], ...]:
    """Neighbouring rows of as many cells, two at least."""
    rows: dict[int, dict[int, str]] = {}
    for run in runs:
        if run.row and run.cell:
            cells = rows.setdefault(run.row, {})
            cells[run.cell] = f"{cells.get(run.cell, '')} {run.text}".strip()
    found: list[list[tuple[str, ...]]] = []
    for cells in rows.values():
        row = tuple(cells.values())
        if found and len(found[-1][-1]) == len(row):
            found[-1].append(row)
        else:
            found.append([row])
    return tuple(tuple(table) for table in found if len(table) > 1 and len(table[0]) > 1)


def _guarded(tree: etree._Element) -> bool:
    """Whether the page asks for a captcha or a login before it tells anything."""
    for one in tree.iter("input", "img", "script", "iframe"):
        told = " ".join(one.get(name, "") for name in ("name", "id", "class", "placeholder"))
        source = one.get("src", "")
        if one.tag == "input" and (one.get("type") == _LOGIN or _CAPTCHA.search(told)):
            return True
        if one.tag != "input" and _CAPTCHA_SCRIPT.search(f"{told} {source}"):
            return True
        if one.tag == "img" and _CAPTCHA.search(f"{told} {source}"):
            return True
    return False


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())
