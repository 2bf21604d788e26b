"""`certcheck registry find`: which laboratory some words mean, how sure that is, and why."""

from __future__ import annotations

import dataclasses as dc
import json
from typing import TYPE_CHECKING

import click

from certcheck.terminal import DATABASE_HELP, echo_lines, told

if TYPE_CHECKING:
    from registry.found import Answer
    from registry.records import Candidate


@click.command("find")
@click.argument("words", nargs=-1)
@click.option("--name", metavar="TEXT", help="A printed name.")
@click.option("--number", metavar="TEXT", help="A CMA number.")
@click.option("--cnas", metavar="TEXT", help="A CNAS number.")
@click.option("--seal", metavar="TEXT", multiple=True, help="The words of a seal.")
@click.option("--host", metavar="TEXT", multiple=True, help="A web address.")
@click.option("--address", metavar="TEXT", help="A printed address.")
@click.option("--phone", metavar="TEXT", help="A telephone number.")
@click.option("--limit", type=click.IntRange(1, 50), default=5, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a laboratory.")
@click.option("--lang", type=click.Choice(["zh", "en", "both"]), default="zh", show_default=True)
@click.option("--database", metavar="URL", help=DATABASE_HELP)
@told
def find(
    words: tuple[str, ...],
    name: str | None,
    number: str | None,
    cnas: str | None,
    seal: tuple[str, ...],
    host: tuple[str, ...],
    address: str | None,
    phone: str | None,
    limit: int,
    as_json: bool,  # noqa: FBT001 - click passes it by name
    lang: str,
    database: str | None,
) -> None:
    """Find the laboratory that WORDS mean: a name, number, address, host or telephone.

    Words are taken for what they look like; the options say what they are. A line each tells what
    speaks for a laboratory and against it: = its own, ~ but for what may be misread, ? alike,
    ! of another body; in brackets what stands for what is registered.
    """
    from registry import found, store
    from registry.lookup import Registry

    given = {"lab_name": name, "cma_no": number, "cnas_no": cnas, "address": address}
    evidence = found.with_texts(found.evidence_of(words), {**given, "phone": phone})
    evidence = dc.replace(
        evidence, seal_names=seal, hosts=tuple(dict.fromkeys((*evidence.hosts, *host)))
    )
    if evidence == type(evidence)():
        raise click.UsageError("nothing to find: give words or an option")
    with store.opened(database) as session:
        candidates = Registry(session).candidates(evidence, limit)
    if as_json:
        for each in candidates:
            click.echo(_as_json(each))
        return
    if evidence.address:
        echo_lines(found.address_lines(evidence.address))
    for each in candidates:
        echo_lines(found.lines(each))
    echo_lines(_said(found.answer(candidates), candidates, lang))


def _as_json(candidate: Candidate) -> bytes:
    from registry import found

    told = {
        "lab_id": candidate.record.lab_id,
        "name": candidate.record.name,
        "confidence": candidate.confidence,
        "share": candidate.share,
        "matched_by": candidate.matched_by,
        "near": candidate.near,
        "conflicts": candidate.conflicts,
        "why": [dc.asdict(one) for one in found.why(candidate)],
    }
    return json.dumps(told, ensure_ascii=False).encode("utf-8")


def _said(answer: Answer, candidates: list[Candidate], lang: str) -> list[str]:
    """How sure it is, in words."""
    from certcheck import messages

    first = candidates[0] if candidates else None
    odd = [] if first is None else [*first.conflicts, *first.near]
    labels = [messages.text(f"report.matched_by.{each}") for each in dict.fromkeys(odd)]
    details = {
        "lab": first.record.name if first else "",
        "percent": _percent(first.confidence) if first else "",
    }
    code = f"registry.find.{answer}"
    zh = messages.text(code, odd="、".join(each.zh for each in labels), **details).zh
    en = messages.text(code, odd=", ".join(each.en for each in labels), **details).en
    return {"zh": [zh], "en": [en], "both": [zh, en]}[lang]


def _percent(share: float) -> str:
    """A share as people read it; never certain, never impossible."""
    least = 0.001
    if share < least:
        return f"<{least:.1%}"
    return f">{1 - least:.1%}" if share > 1 - least else f"{share:.1%}"
