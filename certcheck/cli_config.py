"""`certcheck config`: what is set, and whether it can be used."""

from __future__ import annotations

import sys

import click

from certcheck.terminal import echo_lines, echo_text, told


@click.command()
@click.option("--explain", is_flag=True, help="Also print what each setting is for.")
@told
def config(
    explain: bool,  # noqa: FBT001 - click passes it by name
) -> None:
    """Print every setting (an environment variable) and check what is set.

    Opens nothing: no database, no folder, no address. Secrets are not shown.

    Exit status: 0 all of it can be used, 2 something cannot, or has a name that is none of ours.
    """
    from certcheck import messages
    from certcheck.operation import settings

    rows = list(settings.shown())
    for one, value, given in rows:
        echo_lines(["\t".join((one.name, value, "=" if given else "-"))])
        if explain:
            echo_lines([f"\t{one.text.zh}", f"\t{one.text.en}", f"\t{one.values}"])
    faults = settings.faults()
    for fault in faults:
        echo_text(fault)
    code = "config.faults" if faults else "config.sound"
    count = len(faults) or sum(given for _, _, given in rows)
    echo_text(messages.text(code, count=count))
    sys.exit(2 if faults else 0)
