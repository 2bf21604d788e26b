"""The command line: it converts, the rooms do the work.

Standard output carries results only, everything else goes to standard error. Modules that
load models or a database are imported by the command that needs them.
"""

from __future__ import annotations

import contextlib
import dataclasses as dc
import datetime as dt
import io
import logging
import os
import sys
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from certcheck.cli_audit import audit
from certcheck.cli_backup import backup, blobs, restore
from certcheck.cli_cases import cases
from certcheck.cli_clients import client
from certcheck.cli_config import config
from certcheck.cli_evidence import evidence
from certcheck.cli_figures import figures
from certcheck.cli_ink import ink
from certcheck.cli_recover import recover
from certcheck.cli_registry import registry
from certcheck.cli_search import search
from certcheck.cli_seen import observe, seen
from certcheck.cli_users import user
from certcheck.cli_work import work
from certcheck.cli_worker import worker
from certcheck.terminal import DATABASE_HELP, echo_lines, echo_text, tell_long_work, told

if TYPE_CHECKING:
    from certcheck.accounts.demo import Card
    from certcheck.check import Wish
    from certcheck.corrections import Correction
    from certcheck.report import Report
    from registry.lookup import Registry


def main() -> NoReturn:
    """Entry point of the `certcheck` command."""
    _logged()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # An old locale must not cost a report over one character.
            stream.reconfigure(errors="backslashreplace")
    cli(prog_name="certcheck")
    raise SystemExit(0)


def _logged() -> None:
    """Lines of the log as they are set; what is set wrong, `serve` and `config` tell."""
    if any(os.environ.get(name) for name in ("CERTCHECK_LOG", "CERTCHECK_LOG_LEVEL")):
        from certcheck.errors import SettingError
        from certcheck.operation import logs

        with contextlib.suppress(SettingError):
            logs.set_up()
            return
    logging.basicConfig(stream=sys.stderr, level=logging.ERROR, format="%(name)s: %(message)s")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="certcheck")
def cli() -> None:
    """Check photos of jade and gem certificates against the registry of laboratories.

    核对珠宝玉石鉴定证书与检验检测机构登记信息是否一致。
    """
    tell_long_work()


class _Price(click.ParamType[Decimal]):
    """A sum in yuan."""

    name = "yuan"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Decimal:
        """A decimal of at least 0."""
        try:
            price = Decimal(str(value))
        except InvalidOperation:
            self.fail(f"{value!r} is not a number", param, ctx)
        if not price.is_finite() or price < 0:
            self.fail(f"{value!r} is not a price", param, ctx)
        return price


class _Entered(click.ParamType["Correction"]):
    """A value entered by hand, `FIELD=VALUE`."""

    name = "FIELD=VALUE"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Correction:
        """A correction of the only certificate; of the first, where there are several."""
        from certcheck import corrections
        from certcheck.errors import CertcheckError, explain

        key, equals, text = str(value).partition("=")
        try:
            corrections.parse(key.strip(), text if equals else "", as_printed=True)
        except CertcheckError as error:
            self.fail(explain(error).message.en, param, ctx)
        return corrections.Correction(key.strip(), text)


def _checking(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of both checking commands."""
    for option in (
        click.option("--database", metavar="URL", help=DATABASE_HELP),
        click.option(
            "--registry-revision",
            metavar="REV",
            help="Judge by this old revision of the registry, as a report names it.",
        ),
        click.option(
            "--as-of",
            type=click.DateTime(["%Y-%m-%d"]),
            metavar="DATE",
            help="Judge on this day instead of the printed date of issue.",
        ),
        click.option("--paid", type=_Price(), help="What was paid for the certificate."),
        click.option(
            "--engine",
            type=click.Choice(["rapidocr", "tesseract"]),
            help="Text engine to read with; else CERTCHECK_TEXT_ENGINE.",
        ),
    ):
        command = option(command)
    return command


@cli.command()
@click.argument("photos", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.option("--lang", type=click.Choice(["zh", "en", "both"]), default="zh", show_default=True)
@click.option(
    "--set",
    "entered",
    type=_Entered(),
    multiple=True,
    help="Judge by this value instead of what was read; may be repeated, with one photo.",
)
@click.option(
    "--pdf",
    "paper",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also write the report as a PDF, laid out as the web page's; with one photo.",
)
@click.option(
    "--online",
    is_flag=True,
    help="Look the certificate up at the laboratory's registered query site.",
)
@_checking
@told
def check(
    photos: tuple[Path, ...],
    entered: tuple[Correction, ...],
    paper: Path | None,
    online: bool,  # noqa: FBT001 - click passes it by name
    as_json: bool,  # noqa: FBT001 - click passes it by name
    lang: str,
    database: str | None,
    registry_revision: str | None,
    as_of: dt.datetime | None,
    paid: Decimal | None,
    engine: str | None,
) -> None:
    """Check PHOTOS and print a report for each certificate.

    Exit status: 0 all checked and nothing inconsistent or suspected, 1 something is,
    2 wrong usage, 3 a photo could not be read.
    """
    from ocr.readers import preparing

    if len(photos) > 1 and (entered or paper):
        raise click.UsageError(f"{'--set' if entered else '--pdf'} goes with one photo.")
    if paper and not paper.absolute().parent.is_dir():
        raise click.UsageError(f"--pdf: there is no folder {paper.parent}.")
    # Models load and the first photo is read while the rest of the program and the registry load.
    with preparing(engine):
        from certcheck import ahead

        read = ahead.reading(photos[0], engine)
        from certcheck.check import check_file, exit_status
        from certcheck.evidence import keep as keeping

        keep = _looking_up() if online else None
        show = _as_json if as_json else _as_text(lang)
        registry = _registry(_address(database, registry_revision))
        keeper = keeping.configured()
        wish = dc.replace(_wish(as_of, paid, engine), corrections=entered, online=online)
        reports: list[Report] = []
        for path in photos:
            for report in check_file(path, registry, wish, read=read, keeper=keeper):
                reports.append(report)
                click.echo(show(report))
                if keep is not None:
                    keep(report)
        if paper:
            from certcheck import cli_pdf

            cli_pdf.write(paper, photos[0], reports, "en" if lang == "en" else "zh")
        sys.exit(exit_status(reports))


def _looking_up() -> Callable[[Report], None]:
    """Settings looked at before there is work; what keeps each answer, and says where."""
    from certcheck import messages
    from certcheck.record import keep
    from certcheck.record.ask import Asker

    Asker.from_environment()

    def kept(report: Report) -> None:
        path = keep.answer(report.record) if report.record else None
        if path is not None:
            echo_text(messages.text("record.kept", path=path))

    return kept


def _as_json(report: Report) -> bytes:
    """Bytes, as JSON is UTF-8 whatever the terminal's locale is."""
    import json

    return json.dumps(report.to_json(), ensure_ascii=False).encode("utf-8")


def _as_text(lang: str) -> Callable[[Report], str]:
    from certcheck.report_text import render

    return lambda report: render(report, lang=lang)


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--workers", type=click.IntRange(1, 256), help="Processes; else one a core.")
@_checking
@told
def batch(
    folder: Path,
    out: Path,
    workers: int | None,
    database: str | None,
    registry_revision: str | None,
    as_of: dt.datetime | None,
    paid: Decimal | None,
    engine: str | None,
) -> None:
    """Check every photo of a FOLDER tree; safe to stop and start again.

    The exit status is that of `check`, over everything in the file.
    """
    from certcheck import messages
    from certcheck.batch import run_batch
    from certcheck.evidence import keep

    keep.configured()  # a wrong setting is told before there is work
    wish = _wish(as_of, paid, engine)
    database = _address(database, registry_revision)
    outcome = run_batch(folder, out, _registry(database), database, wish, workers)
    echo_text(messages.text(outcome.message, **outcome.details))
    sys.exit(outcome.status)


cli.add_command(registry)
cli.add_command(audit)
cli.add_command(backup)
cli.add_command(blobs)
cli.add_command(restore)
cli.add_command(work)
cli.add_command(evidence)
cli.add_command(cases)
cli.add_command(ink)
cli.add_command(observe)
cli.add_command(search)
cli.add_command(seen)
cli.add_command(client)
cli.add_command(config)
cli.add_command(user)
cli.add_command(figures)
cli.add_command(recover)
cli.add_command(worker)


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--database", metavar="URL", help=DATABASE_HELP)
@told
def serve(host: str, port: int, database: str | None) -> None:
    """Start the web app and the processes that check; Ctrl-C stops both.

    Where photos wait, how long they are kept and how many processes read is set by
    CERTCHECK_WORK, CERTCHECK_KEEP_HOURS and CERTCHECK_WORKERS. With the demo registry, people to
    sign in as are made at the first start and printed.
    """
    from web import server

    def ready(address: str, cards: list[Card], path: Path) -> None:
        from certcheck import messages

        click.echo(address, err=True)
        if cards:
            echo_text(messages.text("account.demo", path=path))
            rows = ["\t".join((one.role, one.name, one.password)) for one in cards]
            echo_lines([f"    {row}" for row in rows], err=True)

    server.serve(host, port, database, ready)


def _address(database: str | None, revision: str | None) -> str | None:
    """The database to judge by: the registry's own, or one that holds an old revision."""
    if revision is None:
        return database
    from registry.past import address_at

    return address_at(database, revision)


def _registry(database: str | None) -> Registry:
    from registry import store
    from registry.lookup import Registry

    return Registry(store.open_registry(database))


def _wish(as_of: dt.datetime | None, paid: Decimal | None, engine: str | None) -> Wish:
    from certcheck.check import Wish

    return Wish(as_of.date() if as_of else None, paid, engine)


if __name__ == "__main__":
    main()
