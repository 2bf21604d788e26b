"""What would break: a newcomer who types what the documents say, or follows a link in them."""

from __future__ import annotations

import datetime as dt
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

import click

from certcheck import messages, report, report_text
from certcheck.cli import cli
from certcheck.finding import Status
from certcheck.report import PhotoInfo
from certcheck.rules.framework import ITEMS, judge
from registry.lookup import Revision
from registry.models import TABLES
from registry.shape import content_columns
from tests.certcheck import paper

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
DOCS = [
    README,
    ROOT / "CHANGELOG.md",
    ROOT / "samples" / "README.md",
    *(ROOT / "docs").glob("*.md"),
]
LARGEST_PICTURE = 250_000
# What the pasted report is of, and the fault that was planted in it.
PHOTO = "samples/photos/item1-expired.jpg"
PLAN = "expired"

# In a code block, or between backticks.
FILE = re.compile(
    r"(?<![\w./-])((?:samples|docs|certcheck|registry|ocr|web|deploy|tests)/[\w./-]+\.\w+)"
)
COMMAND = re.compile(
    r"(?:^ {4}|^\$ |`)((?:\./run|(?:\.venv/bin/)?certcheck|\.venv/bin/python) [^`\n#]+)", re.M
)


def headings(page: Path) -> set[str]:
    """Headings as a page's own anchors: lower case, no marks, hyphens for spaces."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-") for title in titles}


def test_links_lead_somewhere() -> None:
    assert [f"{page.relative_to(ROOT)}: {target}" for page in DOCS for target in _dead(page)] == []


def _dead(page: Path) -> Iterator[str]:
    """Targets of a page's links that are not there."""
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (anchor and anchor not in headings(file)):
            yield target


def test_files_named_in_the_documents_are_there() -> None:
    for page in DOCS:
        text = page.read_text(encoding="utf-8")
        for path in FILE.findall(text):
            assert (ROOT / path).is_file() or (page.parent / path).is_file(), f"{page.name}: {path}"


def commands() -> Iterator[tuple[str, list[str]]]:
    for page in DOCS:
        for found in COMMAND.findall(page.read_text(encoding="utf-8")):
            yield page.name, found.split()


def check_certcheck(words: list[str]) -> None:
    """Walks down the groups, then looks whether the command has the options."""
    command: click.Command = cli
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        assert words[0] in command.commands, words
        command, words = command.commands[words[0]], words[1:]
    known = {name for each in command.params for name in each.opts} | {"--help", "-h", "--version"}
    assert {word for word in words if word.startswith("--")} <= known, words


def test_every_command_in_the_documents_exists() -> None:
    run = (ROOT / "run").read_text(encoding="utf-8")
    seen = set()
    for page, (program, *words) in commands():
        where = f"{page}: {program} {' '.join(words)}"
        if program == "./run":
            assert re.search(rf"^{re.escape(words[0])}[ )|]", run, re.M), where
        elif program.endswith("python"):
            assert words[0] == "-m" and importlib.util.find_spec(words[1]), where
        else:
            check_certcheck(words)
        for word in words:
            assert not word.startswith("samples/") or (ROOT / word).exists(), where
        seen.add(f"{Path(program).name} {words[0]}")
    assert {"run demo", "run test", "run serve", "certcheck check", "certcheck batch"} <= seen
    assert {"certcheck registry", "python -m"} <= seen


def test_the_tables_are_described_as_they_are() -> None:
    text = (ROOT / "docs" / "registry.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| (\w+)\.csv \| (.+) \|$", text, re.M))
    for name, model in TABLES.items():
        told = re.sub(r"\([^)]*\)|\*\*", "", rows[name])
        assert tuple(part.strip() for part in told.split(",")) == tuple(content_columns(model))


def test_pictures_are_small() -> None:
    for picture in (ROOT / "docs").glob("*.jpg"):
        assert picture.stat().st_size < LARGEST_PICTURE


def pasted() -> str:
    """The one report in README, under the command that gives it."""
    text = README.read_text(encoding="utf-8")
    found = re.search(rf"```\n\$ \S+certcheck check {PHOTO}\n(.+?)```", text, re.S)
    assert found is not None
    return found[1]


def outline(text: str) -> list[str]:
    """What a report's layout is made of, without what it says of this certificate.

    Kept: rules, title, labels, the verdict, the items' headings, that there is evidence and
    law, the sentences at the end. Left out: names, dates, numbers, what was found.
    """
    word = {key: messages.text(f"report.{key}").zh for key in ("title", "laboratory", "law")}
    fields = [messages.text(f"field.{key}").zh for key in report_text._GLANCE]  # noqa: SLF001
    labels = [f"{one}：" for one in (word["laboratory"], *fields)]
    items = [f"{number} {messages.text(f'item.{number}').zh}" for number in ITEMS]
    head = True
    found: list[str] = []
    for line in text.splitlines():
        head = head and line != ""
        start = next((one for one in (*labels, word["title"], *items) if line.startswith(one)), "")
        verdict = line.startswith(messages.text("report.verdict").zh)
        if start in items:
            # The status stands in its column, in the catalogue's words.
            status = line.removeprefix(start).strip()
            told = [messages.text(f"status.{one}").zh for one in Status]
            assert status in told and report_text.columns(line.removesuffix(status)) == 20
        if line.startswith("    "):
            kept = [one for one in ("    · ", f"    {word['law']}：") if line.startswith(one)]
        elif head and not verdict:
            kept = [start or line] if start or set(line) == {"─"} else []
        else:
            kept = [start or re.sub(r"\b[0-9a-f]{32}\b|\d", "0", line)]
        found += [one for one in kept if found[-1:] != [one]]
    return found


def test_the_pasted_report_has_the_layout_of_today() -> None:
    case = paper.case_of(PLAN, 1, paper.registry())
    made = report.build(
        photo=PhotoInfo(PHOTO, 1, 1, "ab" * 32, 100, 100), reading=case.reading, match=case.match,
        items=judge(case), revision=Revision("cd" * 32, dt.datetime(2026, 11, 20), demo=True),
        checked_at=dt.datetime(2026, 11, 21, 8, tzinfo=dt.UTC),
    )  # fmt: skip
    assert outline(pasted()) == outline(report_text.render(made))


def test_the_map_of_rooms_names_every_module() -> None:
    """Rules and number formats are many of a kind and listed in rules.md."""
    told = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    alike = (
        "certcheck/rules/",
        "certcheck/numbers/",
        "registry/migrations/",
        "certcheck/runner/migrations/",
        "certcheck/seen/migrations/",
    )
    modules = [
        path.relative_to(ROOT).as_posix()
        for room in ("ocr", "registry", "certcheck", "web")
        for path in (ROOT / room).rglob("*.py")
        if not path.stem.startswith("__")
    ]
    lost = [
        name
        for name in modules
        if not name.startswith(alike) and not re.search(rf"`{Path(name).stem}`", told)
    ]
    assert lost == []
