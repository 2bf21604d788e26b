"""Inspections planned as batches: their list, plan, progress and drawings."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator

from flask import (
    Blueprint,
    Response,
    abort,
    make_response,
    redirect,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from werkzeug.wrappers import Response as Answer

from certcheck import audit
from certcheck.accounts.people import Person
from certcheck.accounts.roles import INSPECTING
from certcheck.archive.tables import Archived
from certcheck.errors import CertcheckError, Problem, explain
from certcheck.figures import sheets
from certcheck.inspections import draws, plans, progress, putting
from certcheck.inspections.draws import Drawn, Draws, What
from certcheck.inspections.plans import Inspections, Planned, State
from registry import store
from registry.days import CHINA
from web import access, inspection_forms, language, signed_in, uploads, whole
from web.inspection_forms import Entered

inspections = Blueprint("inspections", __name__, url_prefix="/inspections")

# Beyond what a database counts.
_MOST_PAGES = 10_000_000


@inspections.get("")
def index() -> str:
    """The batches, those that end last first, a page at a time."""
    given = request.args.get("state", "")
    state = State(given) if given in list(State) else None
    number = request.args.get("page", 1, type=whole.number)
    if not 1 <= number <= _MOST_PAGES:
        abort(404)
    found, total = _plans().page(number, state)
    pages = max(1, math.ceil(total / plans.PAGE))
    if number > pages:
        abort(404)
    with store.session(uploads.work().engine) as opened:
        shares = progress.shares(opened, found)
    return render_template(
        "inspections.html", found=found, shares=shares, page=number, pages=pages, total=total,
        state=state, states=list(State),
    )  # fmt: skip


@inspections.route("/new", methods=["GET", "POST"])
def new() -> Answer:
    """A form for a new batch; writes it down."""
    if request.method == "GET":
        return _form(Entered())
    told = inspection_forms.entered()
    if "more" in request.form:
        return _form(told)
    try:
        made = _plans().plan(inspection_forms.plan(told), by=_who())
    except CertcheckError as error:
        return _form(told, explain(error))
    return _to(made.id)


@inspections.route("/<inspection_id>/plan", methods=["GET", "POST"])
def change(inspection_id: str) -> Answer:
    """The form of a batch that is not closed; writes the new plan down."""
    found = _plans().get(inspection_id)
    if request.method == "GET":
        return _form(inspection_forms.of_plan(found), of=found)
    told = inspection_forms.entered()
    if "more" in request.form:
        return _form(told, of=found)
    try:
        _plans().change(found.id, _version(), inspection_forms.plan(told), by=_who())
    except CertcheckError as error:
        return _form(told, explain(error), of=found)
    return _to(found.id)


@inspections.get("/<inspection_id>")
def show(inspection_id: str) -> Answer:
    """A batch: how far it is, what was found, what was drawn."""
    return _page(_plans().get(inspection_id))


@inspections.post("/<inspection_id>/move")
def move(inspection_id: str) -> Answer:
    """Begins a batch, closes it or opens it again."""
    given = request.form.get("state", "")
    if given not in list(State):
        abort(400)
    try:
        said = request.form.get("said", "")
        _plans().move(inspection_id, _version(), State(given), by=_who(), said=said)
    except CertcheckError as error:
        return _page(_plans().get(inspection_id), explain(error))
    return _to(inspection_id)


@inspections.post("/<inspection_id>/draw")
def draw(inspection_id: str) -> Answer:
    """Draws by lot."""
    try:
        lot = inspection_forms.lot([one.id for one in _inspectors()])
        _draws().draw(inspection_id, lot, by=_who())
    except CertcheckError as error:
        return _page(_plans().get(inspection_id), explain(error))
    return _to(inspection_id, "draws")


@inspections.post("/<inspection_id>/draws/<int:number>")
def take(inspection_id: str, number: int) -> Answer:
    """Puts what was drawn into the plan."""
    found = _plans().get(inspection_id)
    drawn = next((one for one in _draws().of(found.id) if one.number == number), None)
    if drawn is None:
        abort(404)
    try:
        each = inspection_forms.number(request.form.get("each", "1")) or 0
        draws.into_plan(_plans(), found, drawn, each, by=_who())
    except CertcheckError as error:
        return _page(_plans().get(inspection_id), explain(error))
    return _to(inspection_id)


@inspections.post("/<inspection_id>/checks")
def put(inspection_id: str) -> Answer:
    """Puts one's own checks into a batch, or takes some out."""
    chosen, work = request.form.getlist("check"), uploads.work()
    try:
        with store.session(work.engine) as opened:
            store.write(opened)
            if "out" in request.form:
                putting.take_out(opened, chosen, inspection_id, by=_who())
            else:
                his = putting.owned(opened, chosen, str(access.owner()))
                putting.put(opened, his, inspection_id, by=_who(), at=work.clock())
            opened.commit()
    except CertcheckError as error:
        return _page(_plans().get(inspection_id), explain(error))
    return _to(inspection_id, "checks")


@inspections.get("/<inspection_id>.csv")
def table(inspection_id: str) -> Response:
    """All certificates of a batch as CSV."""
    found = _plans().get(inspection_id)
    say = language.word
    names = ("day", "market", "stall", "lab", "number", "conclusion", "verdict", "who", "report")
    headings = [say(f"inspection.column.{name}") for name in names]
    headings[-1:-1] = [say(f"item.{item}") for item in range(1, 9)]
    lines = stream_with_context(sheets.lines(headings, _rows(found.id)))
    answer = Response(lines, content_type=sheets.TYPE)
    answer.headers.set("Content-Disposition", "attachment", filename=f"{found.number}.csv")
    return answer


def _rows(inspection_id: str) -> Iterator[list[object]]:
    say, before = language.word, None
    root = request.url_root.rstrip("/")
    while True:
        with store.session(uploads.work().engine) as opened:
            rows = progress.page(opened, inspection_id, before)
        for one in rows:
            verdicts = [say(f"status.{status}") if status else "" for status in one.items]
            address = root + url_for("pages.report", check_id=one.root)
            yield [
                one.day, one.market, one.stall, one.lab, one.number, one.conclusion,
                say(f"figures.measure.{one.verdict}"), one.who, *verdicts, address,
            ]  # fmt: skip
        if len(rows) < progress.PAGE:
            return
        before = rows[-1].id


def _page(found: Planned, told: Problem | None = None) -> Answer:
    before = request.args.get("before", type=whole.number)
    with store.session(uploads.work().engine) as opened:
        reached = progress.progress(opened, found)
        rows = progress.page(opened, found.id, before)
        offered: list[Archived] = []
        if found.state is State.UNDER_WAY and access.may("inspections.put"):
            owner, plan = str(access.owner()), found.plan
            offered = putting.candidates(opened, owner, plan.starts_on, plan.ends_on)
        drawn = draws.drawings(opened, found.id)
    names = {one.id: one.name for one in signed_in.people().everyone()}
    page = render_template(
        "inspection.html", one=found, reached=reached, rows=rows, offered=offered, told=told,
        drawn=drawn, names=names, whats=list(What), more=len(rows) == progress.PAGE,
        before=before, faults=progress.FAULTS, shown=_shown,
    )  # fmt: skip
    return make_response(page, told.http_status if told else 200)


def _shown(drawn: Drawn, names: dict[str, str]) -> list[str]:
    """What was drawn, as people know it."""
    of_people = drawn.what is What.PEOPLE
    return [names.get(one, one) if of_people else one for one in drawn.drawn]


def _form(told: Entered, wrong: Problem | None = None, of: Planned | None = None) -> Answer:
    page = render_template(
        "inspection_plan.html", entered=told, told=wrong, of=of, people=_inspectors(),
        today=_today(),
    )  # fmt: skip
    return make_response(page, wrong.http_status if wrong else 200)


def _inspectors() -> list[Person]:
    everyone = signed_in.people().everyone()
    return [one for one in everyone if one.role in INSPECTING and one.disabled_at is None]


def _today() -> dt.date:
    return uploads.work().clock().astimezone(CHINA).date()


def _version() -> int:
    found = inspection_forms.number(request.form.get("version", ""))
    if found is None:
        abort(400)
    return found


def _who() -> audit.Who:
    return audit.person(signed_in.person())


def _plans() -> Inspections:
    work = uploads.work()
    return Inspections(work.engine, work.clock)


def _draws() -> Draws:
    work = uploads.work()
    return Draws(work.engine, work.clock)


def _to(inspection_id: str, anchor: str | None = None) -> Answer:
    address = url_for(
        "inspections.show", inspection_id=inspection_id, lang=language.current(), _anchor=anchor
    )
    return redirect(address, 303)
