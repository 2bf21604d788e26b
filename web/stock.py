"""The pages for who sells: many photos at once, a table that sorts by trouble, its download."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from certcheck.runner.tables import Priority
from certcheck.stock import excel
from certcheck.stock.entries import MOST_BYTES, MOST_ITEMS
from certcheck.stock.items import ORDERS, Stock, kind, ordered
from web import access, batches, kept, language, uploads, view
from web.pages import problem_page

stock = Blueprint("stock", __name__)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@stock.get("/batches")
def index() -> str:
    """The form for many files, and the batches of who is signed in."""
    owner = access.owner()
    return render_template(
        "stock.html",
        most_bytes=MOST_BYTES,
        most_items=MOST_ITEMS,
        kept=kept.usually("stock.page.privacy"),
        mine=batches.store().of_owner(owner) if owner else [],
        empty=view.problem("stock.no_files"),
        large=view.problem("stock.too_much"),
    )


@stock.post("/batches")
def create() -> BaseResponse:
    """Takes the files of the form and leads to the page of their batch."""
    batch_id = batches.accept(access.owner(), Priority.PROGRAM)
    return redirect(_address(batch_id), code=303)


@stock.get("/batches/<batch_id>")
def show(batch_id: str) -> str | Response:
    """A batch: how far it is, and a table of its items."""
    found = batches.mine(batch_id)
    if found is None:
        return problem_page(view.problem("stock.gone"))
    return render_template("stock_batch.html", kept=_kept(found), **_told(found))


@stock.get("/batches/<batch_id>/live")
def live(batch_id: str) -> str | Response:
    """The part of the page that changes, for its script."""
    found = batches.mine(batch_id)
    if found is None:
        return problem_page(view.problem("stock.gone"))
    return render_template("stock_live.html", **_told(found))


@stock.get("/batches/<batch_id>/table.xlsx")
def table(batch_id: str) -> Response:
    """The table as a spreadsheet."""
    found = batches.mine(batch_id)
    if found is None:
        return problem_page(view.problem("stock.gone"))

    def address(check_id: str) -> str:
        return url_for("pages.report", check_id=check_id, _external=True)

    data = excel.book(found, ordered(found.items, _order()), language.say, address)
    answer = Response(data, mimetype=XLSX)
    # RFC 6266: the second name for browsers that know Chinese, which all do.
    name = quote(language.word("stock.excel.name"))
    answer.headers["Content-Disposition"] = (
        f"attachment; filename=certcheck.xlsx; filename*=UTF-8''{name}"
    )
    return answer


@stock.post("/batches/<batch_id>/delete")
def delete(batch_id: str) -> Response:
    """Deletes a batch with all its checks."""
    if batches.mine(batch_id) is None or not batches.store().forget(batch_id, access.who()):
        return problem_page(view.problem("stock.gone"))
    return problem_page(view.problem("stock.deleted"))


def _address(batch_id: str) -> str:
    return url_for("stock.show", batch_id=batch_id, lang=language.current())


def _order() -> str:
    """How the table is sorted: as asked for, else the worst first."""
    asked = request.args.get("sort", "")
    return asked if asked in ORDERS else next(iter(ORDERS))


def _told(found: Stock) -> dict[str, Any]:
    """What the table's template needs."""
    order = _order()
    return {
        "found": found,
        "rows": ordered(found.items, order),
        "order": order,
        "orders": list(ORDERS),
        "kind": kind,
        "settled": sum(one.settled for one in found.items),
    }


def _kept(found: Stock) -> dict[str, Any]:
    return kept.told("stock.page.kept", found.expires_at, uploads.work().clock())
