"""The evidence pack of a check, or of all checks of a case: made when somebody presses a button.

Its reports are put on paper by the processes that print; the rest is put together while it is
downloaded, and never lies on the disk under a name. Every download is written into the log.
"""

from __future__ import annotations

import dataclasses as dc
import tempfile
from collections.abc import Sequence
from typing import IO, Any, cast

from flask import (
    Blueprint,
    Response,
    jsonify,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from werkzeug.wrappers import Response as BaseResponse

from certcheck import audit
from certcheck.audit import Entry
from certcheck.errors import BlobDamagedError, CertcheckError, PdfError, Problem, explain
from certcheck.evidence import held
from certcheck.evidence import pack as packing
from certcheck.evidence.errors import CheckUnknownError
from certcheck.evidence.held import Held
from certcheck.runner import again, prints
from certcheck.runner.prints import Name, Sheet
from certcheck.runner.tables import Status
from registry import store
from web import access, checks, language, paper, uploads, view
from web.pages import problem_page
from web.printing import REPORT

packs = Blueprint("packs", __name__, url_prefix="/evidence")

# Checks of one pack, as of one case.
MOST = 200
# Letters of a digest that tell one file from another among somebody's downloads.
_SHORT = 12
_TAKEN = ("pack.taken", "pack.made")


@dc.dataclass(frozen=True, slots=True)
class _Wish:
    """What is asked for: checks by their ids, or a case."""

    checks: tuple[str, ...]
    case: int | None

    @property
    def address(self) -> dict[str, Any]:
        """As the rest of an address."""
        return {"case": self.case} if self.case else {"check": list(self.checks)}


@dc.dataclass(frozen=True, slots=True)
class _Line:
    """A pack that was made before."""

    at: str
    who: str
    digest: str


@packs.get("")
def show() -> str | BaseResponse:
    """What will be in it, how far its papers are, and which packs there were."""
    wish = _wish()
    try:
        found = _found(wish)
    except CertcheckError as error:
        return problem_page(explain(error))
    status, problem = _papers(found)
    return render_template(
        "evidence.html", found=found, wish=wish, status=status, problem=problem,
        packs=_before(found), reports=sum(len(one.reports) for one in found),
    )  # fmt: skip


@packs.post("")
def make() -> BaseResponse:
    """Asks for the reports on paper and leads to the page that tells when they are there."""
    wish = _wish()
    try:
        for one in _found(wish):
            shown = uploads.work().look(_last(one))
            if shown is None:
                raise CheckUnknownError(id=one.id)
            steps = again.history(uploads.work(), shown.id)
            sheet = Sheet(*paper.report_html(shown, steps))
            prints.ask(uploads.work(), _name(one), sheet, access.who())
    except CertcheckError as error:
        return problem_page(explain(error))
    checks.ensure(uploads.app())
    return redirect(url_for("packs.show", **wish.address, lang=language.current()), code=303)


@packs.get("/state")
def state() -> Response:
    """How far the papers are, for the script of the waiting page."""
    try:
        status, _ = _papers(_found(_wish()))
    except CertcheckError:
        status = "none"
    return jsonify({"status": "running" if status == "waits" else "done", "ahead": 0})


@packs.post("/file")
def file() -> BaseResponse:
    """The pack."""
    wish, work = _wish(), uploads.work()
    try:
        found = _found(wish)
        if _papers(found)[0] != "ready":
            return redirect(url_for("packs.show", **wish.address, lang=language.current()), 303)
        made = packing.gather(found, _pdf, work, uploads.registry(), work.clock())
        # It has no name, so that nothing of it stays where the server ends meanwhile.
        whole = tempfile.TemporaryFile(dir=work.settings.folder)  # noqa: SIM115 - Flask closes it
        packing.put(cast(IO[bytes], whole), made)
    except CertcheckError as error:
        return problem_page(explain(error))
    packing.note(work, made, access.who(), "pack.taken")
    size = whole.tell()
    whole.seek(0)
    name = f"certcheck-evidence-{made.digest[:_SHORT]}.zip"
    answer = send_file(whole, mimetype="application/zip", as_attachment=True, download_name=name)
    answer.content_length = size
    return answer


def _wish() -> _Wish:
    case = request.values.get("case", "")
    ids = dict.fromkeys(one for one in request.values.getlist("check") if one)
    number = int(case) if case.isascii() and case.isdigit() and len(case) < 10 else None
    return _Wish(tuple(ids)[:MOST], number)


def _found(wish: _Wish) -> list[Held]:
    """The checks, each once.

    Raises:
        CertcheckError: there is none, or one of them is not done.
    """
    work, names = uploads.work(), list(wish.checks)
    if wish.case is not None:
        with store.session(work.engine) as opened:
            names = held.of_case(opened, wish.case)
    found = [held.find(one, work, None) for one in names]
    if not found:
        raise CheckUnknownError(id=wish.case or "")
    return list({one.id: one for one in found}.values())


def _last(one: Held) -> str:
    """The check whose report is put on paper: the one that was judged last."""
    return str(one.steps[-1]["id"])


def _name(one: Held) -> Name:
    return Name(_last(one), REPORT, language.current())


def _papers(found: Sequence[Held]) -> tuple[str, Problem | None]:
    """Whether all PDFs are there: `none`, `waits` or `ready`, and what went wrong."""
    made = [prints.look(uploads.work(), _name(one)) for one in found]
    failed = next((one.error for one in made if one and one.error), None)
    if failed:
        return "none", view.problem(failed)
    if any(one is None for one in made):
        return "none", None
    done = all(one is not None and one.status is Status.DONE for one in made)
    return ("ready" if done else "waits"), None


def _pdf(one: Held) -> bytes:
    made = prints.look(uploads.work(), _name(one))
    if made is None or made.sha256 is None:
        raise PdfError()
    try:
        return uploads.work().blobs.read(made.sha256)
    except BlobDamagedError as error:
        raise PdfError() from error


def _before(found: Sequence[Held]) -> list[_Line]:
    """Packs of these checks by the log, the newest first."""
    things = [("check", one.id) for one in found]
    with store.session(uploads.work().engine) as opened:
        rows = [one for one in audit.about(opened, things) if one.what in _TAKEN]
    # A pack of several checks has a row for each.
    lines = {one.told.get("digest", ""): _line(one) for one in rows}
    return list(reversed(lines.values()))


def _line(one: Entry) -> _Line:
    known = one.who_name or one.who_id
    who = one.who_name or language.word(f"audit.who.{one.who_kind}", name=known, id=known)
    return _Line(language.moment(one.moment), who, str(one.told.get("digest", "")))
