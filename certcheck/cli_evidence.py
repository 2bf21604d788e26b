"""`certcheck evidence`: packs made, packs verified, and what is kept for them forgotten."""

from __future__ import annotations

import functools
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from certcheck.cli_audit import AUTHORITIES, settings_of, stamps_told
from certcheck.terminal import DATABASE_HELP, echo_lines, echo_text, told

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from certcheck.evidence.verify import Found

_WORK = click.option(
    "--work", metavar="FOLDER|URL",
    help="The work store; else CERTCHECK_WORK and CERTCHECK_WORK_URL, else this user's.",
)  # fmt: skip


@click.group()
def evidence() -> None:
    """What was seen, by whom, with every hash, in one file that shows when it was changed."""


@evidence.command("pack")
@click.argument("ids", nargs=-1, required=True, metavar="CHECK_ID...")
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
@click.option("--database", metavar="URL", help=DATABASE_HELP)
@told
def pack(ids: tuple[str, ...], out: Path, lang: str, database: str | None) -> None:
    """Put all there is about some checks into a ZIP file.

    CHECK_ID is the id of a report, or of a check of the web page. Prints the digest that names
    the pack.
    """
    from certcheck import audit, messages
    from certcheck.evidence import held, keep, papers, stamping, stamps
    from certcheck.evidence import pack as packing
    from certcheck.files import shown_name
    from certcheck.runner.settings import Settings
    from certcheck.runner.work import Work
    from registry import store
    from registry.lookup import Registry

    if not out.absolute().parent.is_dir():
        raise click.UsageError(f"--out: there is no folder {out.parent}.")
    work = Work(Settings.from_environment())
    keeper = keep.configured()
    found = [held.find(one, work, keeper) for one in dict.fromkeys(ids)]
    # Two ids may be of one photo.
    found = list({one.id: one for one in found}.values())
    engine = store.open_registry(database)
    paper = functools.partial(papers.report, lang=lang)
    made = packing.gather(found, paper, work, Registry(engine), work.clock())
    packing.write(out, made)
    packing.note(work, made.digest, made.checks, audit.COMMAND)
    echo_lines([made.digest])
    echo_text(messages.text("evidence.packed", name=shown_name(out), count=len(made.files)))
    if stamps.configured() is not None and stamping.NAME not in made.files:
        echo_text(messages.text("stamp.without", host=""))
    engine.dispose()
    work.close()


@evidence.command("verify")
@click.argument("path", metavar="FILE.zip", type=click.Path(path_type=Path))
@click.option("--digest", help="What was printed when the pack was made.")
@click.option("--logged", is_flag=True, help="Look the digest up in the log of the work store.")
@AUTHORITIES
@_WORK
@told
def verify(
    path: Path,
    digest: str | None,
    authorities: Path | None,
    logged: bool,  # noqa: FBT001 - click passes it by name
    work: str | None,
) -> None:
    """Say whether FILE.zip is, byte for byte, what was made; if not, what differs first.

    Whoever has a pack can make another that agrees with itself: --digest and --logged tell whether
    it is the one that was made here.

    Exit status: 0 nothing differs, 1 something does, 3 it is no pack.
    """
    from certcheck import messages
    from certcheck.evidence import stamps
    from certcheck.evidence import verify as looking

    roots = stamps.trusted(authorities) if authorities else stamps.roots()
    found = looking.verify(path)
    code, name, at = found.code, found.name, found.at
    if code is None and digest is not None and digest.strip().lower() != found.digest:
        code = "evidence.differs.digest"
    if code is None and (logged or work) and not _known(found, work):
        code = "evidence.differs.unlogged"
    if code is None:
        assert found.told is not None  # noqa: S101 - nothing differs
        text = messages.text(
            "evidence.whole", digest=found.digest, count=len(found.told.members),
            made_at=found.told.told.get("made_at", ""),
        )  # fmt: skip
    else:
        text = messages.text(code, name=name, at=at, digest=found.digest)
    echo_lines([text.zh, text.en])
    sound = code is None and _stamped(found, roots)
    sys.exit(0 if sound else 1)


@evidence.command("forget")
@click.argument("ids", nargs=-1, metavar="[REPORT_ID...]")
@told
def forget(ids: tuple[str, ...]) -> None:
    """Delete what check and batch kept on this machine: of some reports, or all of it."""
    from certcheck import messages
    from certcheck.evidence import keep

    keeper = keep.configured() or keep.configured({**_environment(), keep.SETTING: str(keep.DAYS)})
    assert keeper is not None  # noqa: S101 - it is not off
    echo_text(messages.text("evidence.forgotten", count=keeper.forget(ids)))


def _stamped(found: Found, roots: tuple[Certificate, ...]) -> bool:
    """Says how a pack is stamped, and the days of the log in it; whether nothing is wrong."""
    from certcheck import messages
    from certcheck.evidence import days, stamping

    assert found.told is not None  # noqa: S101 - nothing differs
    seen, of_days = stamping.look(found.told, found.stamp, roots), days.look(found.days, roots)
    of_pack = messages.text(seen.code, host=seen.host, at=seen.at or "") if seen.code else None
    texts = [*([of_pack] if of_pack else ()), *stamps_told(of_days)]
    echo_lines([line for one in texts for line in (one.zh, one.en)])
    return seen.sound and of_days.sound


def _known(found: Found, work: str | None) -> bool:
    from certcheck.evidence import pack as packing
    from certcheck.runner.work import Work

    assert found.told is not None  # noqa: S101 - nothing differs
    opened = Work(settings_of(work))
    try:
        checks = found.told.told.get("checks")
        named = [str(one) for one in checks] if isinstance(checks, list) else []
        return packing.noted(opened, found.digest, named)
    finally:
        opened.close()


def _environment() -> dict[str, str]:
    import os

    return dict(os.environ)
