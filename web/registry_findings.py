"""What contradicts itself in the registry, as a list of work."""

from __future__ import annotations

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from certcheck.desk import asking, findings
from certcheck.desk.examining import OPEN
from certcheck.desk.findings import MINE, NOBODYS, STATES, Wanted
from certcheck.desk.tables import Kind
from certcheck.errors import CertcheckError, Problem, explain
from registry import store
from registry.doctor.findings import LEVELS
from web import checks, language, uploads
from web.registry_desk import names_of, who

registry_findings = Blueprint("desk_findings", __name__, url_prefix="/registry/findings")


@registry_findings.get("")
def index() -> str:
    """The findings that are wanted, the gravest first, a page at a time."""
    args = request.args
    state = args.get("state", "") if args.get("state") in STATES else OPEN
    wanted = Wanted(
        state=state,
        rank=args.get("rank", "") if args.get("rank") in ("0", "1", "2") else "",
        kind=args.get("kind", "") if args.get("kind") in LEVELS else "",
        lab=args.get("lab", "")[:64],
        words=args.get("q", "")[:100],
        taken=args.get("taken", "") if args.get("taken") in (MINE, NOBODYS) else "",
        me=who().id,
        after=_after(args.get("after", "")),
    )
    page = findings.page(uploads.work(), wanted)
    done, running = asking.latest(uploads.work(), Kind.EXAMINE)
    last = page.lines[-1] if page.lines else None
    return render_template(
        "desk_findings.html", wanted=wanted, page=page, examined=done, examining=running,
        kinds=findings.kinds(uploads.work(), state), states=STATES,
        names=names_of({lab for one in page.lines for lab in one.labs}),
        after=f"{last.rank}-{last.number}" if last and page.more else "",
    )  # fmt: skip


@registry_findings.post("/examine")
def examine() -> BaseResponse:
    """Has the whole registry examined anew."""
    work = uploads.work()
    with store.session(work.engine) as opened:
        store.write(opened)
        asking.once(opened, work, who(), Kind.EXAMINE)
        opened.commit()
    work.rung()
    checks.ensure(uploads.app())
    return redirect(url_for("desk_findings.index", lang=language.current()), code=303)


@registry_findings.get("/<int:number>")
def show(number: int) -> Response:
    """One finding with what was done about it."""
    return _show(number)


@registry_findings.post("/<int:number>")
def act(number: int) -> BaseResponse:
    """Takes a finding, leaves it, says something to it, sets it aside or brings it back."""
    text, work = request.form.get("text", ""), uploads.work()
    try:
        match request.form.get("do"):
            case "take":
                findings.take(work, number, who())
            case "leave":
                findings.leave(work, number, who())
            case "note":
                findings.note(work, number, who(), text)
            case "aside":
                findings.set_aside(work, number, who(), text)
            case "again":
                findings.bring_back(work, number, who(), text)
            case _:
                abort(400)
    except CertcheckError as error:
        return _show(number, explain(error))
    address = url_for("desk_findings.show", number=number, lang=language.current())
    return redirect(address, code=303)


def _after(text: str) -> tuple[int, int] | None:
    """Where the page before ended: rank and number."""
    rank, _, number = text.partition("-")
    if rank.isdecimal() and number.isdecimal() and len(number) < 10:
        return int(rank[:1]), int(number)
    return None


def _show(number: int, told: Problem | None = None) -> Response:
    found = findings.look(uploads.work(), number)
    if found is None:
        abort(404)
    line, steps = found
    page = render_template(
        "desk_finding.html", line=line, steps=steps, told=told, me=who().id,
        names=names_of(set(line.labs)), longest=findings.LONGEST,
    )  # fmt: skip
    return Response(page, told.http_status if told else 200)
