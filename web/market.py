"""The inspector's phone: the page that captures and scans, and what its scripts ask for.

The page itself holds nothing of anybody: a service worker keeps it for days without a connection
(`web/static/market`). Who is signed in, and the token of forms, its scripts ask for each time.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
import json
from pathlib import Path

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    jsonify,
    make_response,
    render_template,
    request,
)
from flask_wtf.csrf import generate_csrf

from certcheck import messages
from certcheck.check import Wish
from certcheck.errors import BlobDamagedError, CertcheckError, RefusedError, explain
from certcheck.inspections import assigned
from certcheck.market import backs, circumstances, offline
from certcheck.market.tables import Circumstances
from certcheck.runner.tables import Priority
from certcheck.runner.work import Request
from ocr.photo import LIMITS
from registry import store
from registry.days import today
from web import access, checks, language, signed_in, uploads
from web.problems import problem_json

market = Blueprint("market", __name__, url_prefix="/market")

# What its scripts ask for, who understand problems as JSON.
SCRIPTED = ("market.state", "market.create", "market.registry")
# Two photos, what is told of them, and what a form adds.
_FORM_BYTES = 256 * 2**10
_SCRIPTS = "market"
# Sentences of its scripts.
_SAY = "market.say."
# The page without a connection: its styles and scripts, in the order of the page.
OF_PAGE = (
    "store.js",
    "send.js",
    "lookup.js",
    "frames.js",
    "list.js",
    "camera.js",
    "queue.js",
    "page.js",
)
_OTHERS = ("style.css", "print.css", "page.js", "icon.svg")
_OF_WORKER = ("vendor/zxing-wasm/reader.js", "vendor/zxing-wasm/zxing_reader.wasm")
# Scripts that run beside the page, by their address, with what their policy allows.
_BESIDE = {
    "scan.js": "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'",
    "worker.js": "default-src 'none'; script-src 'self'; connect-src 'self'",
}
# On this page alone.
_POLICY = (
    "default-src 'none'; img-src 'self' blob:; style-src 'self'; script-src 'self'; "
    "connect-src 'self'; worker-src 'self'; manifest-src 'self'; media-src 'self' blob:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_PERMISSIONS = "camera=(self), geolocation=(self), microphone=()"
_DARK, _LIGHT = "#1d5a4a", "#f6f4ee"


def admit_two(app: Flask) -> None:
    """Lets the request that brings a certificate bring two photos."""

    @app.url_value_preprocessor
    def widen(endpoint: str | None, values: object) -> None:
        if endpoint == "market.create":
            request.max_content_length = 2 * LIMITS.max_bytes + _FORM_BYTES


@market.get("/")
def index() -> Response:
    """The page, the same for everybody who may see it."""
    answer = make_response(_page())
    answer.headers["Content-Security-Policy"] = _POLICY
    answer.headers["Permissions-Policy"] = _PERMISSIONS
    return answer


@market.get("/state")
def state() -> Response:
    """Who is signed in, the token of forms, and what the page offers to choose from."""
    person = signed_in.person()
    owner = access.owner()
    assert person is not None and owner is not None  # noqa: S101 - `access` lets in nobody else
    with store.session(uploads.work().engine) as opened:
        markets, stalls = circumstances.recent(opened, owner)
        batches = assigned.choices(opened, person.id, today())
    return jsonify(
        {
            "person": person.id,
            "name": person.name,
            "csrf": generate_csrf(),
            "markets": markets,
            "stalls": stalls,
            "batches": [{"id": one.id, "title": f"{one.number} {one.title}"} for one in batches],
            "revision": uploads.registry().revision.revision,
        }
    )


@market.post("/checks")
def create() -> Response:
    """Takes a certificate: once under its key, however often it is sent."""
    try:
        accepted = _accept()
    except CertcheckError as error:
        problem = explain(error)
        if problem.http_status >= 500:
            raise
        return problem_json(problem)
    answer = jsonify({"check": accepted.check_id})
    answer.status_code = 201 if accepted.fresh else 200
    return answer


@market.get("/registry")
def registry() -> Response:
    """The list that is taken along: of the authorities asked for, else of all."""
    wanted = frozenset(filter(None, request.args.get("authorities", "").split(",")))
    if not wanted <= offline.codes().keys():
        abort(404)
    held = uploads.registry()
    revision = held.revision.revision
    answer = Response(mimetype="application/json")
    answer.set_etag(offline.tag(revision, wanted))
    answer.make_conditional(request)
    if answer.status_code == 304:
        return answer
    packed = offline.packed(held, revision, wanted)
    if request.accept_encodings["gzip"]:
        answer.headers["Content-Encoding"] = "gzip"
        answer.set_data(packed)
    else:
        answer.set_data(gzip.decompress(packed))
    answer.vary.add("Accept-Encoding")
    return answer


@market.get("/checks/<check_id>/back.jpg")
def back(check_id: str) -> Response:
    """The back of a certificate, made anew by us."""
    held = around(check_id)
    try:
        data = uploads.work().blobs.read(held.back) if held and held.back else None
    except BlobDamagedError:
        data = None
    picture = backs.apart(data) if data else None
    if picture is None:
        abort(404)
    return Response(picture, mimetype="image/jpeg")


def around(check_id: str) -> Circumstances | None:
    """Where and when the certificate of a check was photographed, for who may know."""
    if not access.may("market.back"):
        return None
    with store.session(uploads.work().engine) as opened:
        return circumstances.of(opened, check_id)


@market.get("/scan.js")
def scanner() -> Response:
    """What reads codes beside the page: alone of all scripts, it may run what is compiled."""
    return _script("scan.js")


@market.get("/worker.js")
def worker() -> Response:
    """The service worker, with what it keeps."""
    shell, version = _shell()
    return _script(
        "worker.js", f"const VERSION = {json.dumps(version)}, SHELL = {json.dumps(shell)};\n"
    )


@market.get("/manifest.webmanifest")
def manifest() -> Response:
    """What a phone needs to put the page on its home screen."""
    icons = [
        {"src": f"../static/market/icon-{size}.png", "sizes": f"{size}x{size}", "type": "image/png",
         "purpose": "any maskable"}
        for size in (192, 512)
    ]  # fmt: skip
    told = {
        "id": "./", "start_url": f"./?lang={language.current()}", "scope": "./",
        "name": language.word("market.app_name"), "short_name": language.word("market.short_name"),
        "lang": language.HTML_LANG[language.current()], "display": "standalone",
        "background_color": _LIGHT, "theme_color": _DARK, "icons": icons,
    }  # fmt: skip
    return Response(json.dumps(told, ensure_ascii=False), mimetype="application/manifest+json")


def _accept() -> circumstances.Accepted:
    """Writes down what came.

    Raises:
        CertcheckError: it cannot be accepted.
    """
    person = signed_in.person()
    assert person is not None  # noqa: S101 - `access` lets in nobody else
    try:
        said = json.loads(request.form.get("told", ""))
    except (ValueError, RecursionError) as error:
        raise RefusedError("market.unreadable") from error
    about = circumstances.told(said)
    # Somebody else signed in on the phone while this was on its way.
    if said.get("owner") != person.id:
        raise RefusedError("market.other_account")
    front, back = request.files.get("front"), request.files.get("back")
    if front is None:
        raise RefusedError("web.no_photo")
    asked = Request(
        name=uploads.label(front.filename or ""), wish=Wish(visitor=True),
        revision=uploads.registry().revision.revision, priority=Priority.PERSON,
        owner=access.owner(),
    )  # fmt: skip
    done = circumstances.accept(
        uploads.work(), front.stream, back.stream if back else None, asked, about
    )
    checks.ensure(uploads.app())
    return done


def _script(name: str, head: str = "") -> Response:
    """A script that runs beside the page, under a policy of its own."""
    text = (_static() / _SCRIPTS / name).read_text("utf-8")
    answer = Response(head + text, mimetype="text/javascript")
    answer.headers["Content-Security-Policy"] = _BESIDE[name]
    return answer


def _page() -> str:
    return render_template(
        "market.html", person=None, menu=(), shell=True, scripts=OF_PAGE,
        max_bytes=LIMITS.max_bytes, words=_words(), authorities=offline.codes(),
    )  # fmt: skip


def _words() -> str:
    """What the scripts say, as JSON; they fill in what stands in braces."""
    told = {
        code.removeprefix(_SAY): language.say(one.text)
        for code, one in messages.catalogue().items()
        if code.startswith(_SAY)
    }
    return json.dumps(told, ensure_ascii=False)


@functools.cache
def _static() -> Path:
    return Path(__file__).with_name("static")


def _shell() -> tuple[list[str], str]:
    """Addresses of all that the page is made of, and a digest of it."""
    return _shell_of(tuple(_rendered()))


def _rendered() -> list[str]:
    """The page in every language."""
    now = language.current()
    pages = []
    for lang in language.LANGUAGES:
        language.speak(lang)
        pages.append(_page())
    language.speak(now)
    return pages


@functools.lru_cache(maxsize=8)
def _shell_of(pages: tuple[str, ...]) -> tuple[list[str], str]:
    files = [
        *(f"{_SCRIPTS}/{one}" for one in OF_PAGE), *_OTHERS, *_OF_WORKER,
    ]  # fmt: skip
    digest = hashlib.sha256("\0".join(pages).encode())
    for one in (*files, f"{_SCRIPTS}/scan.js", f"{_SCRIPTS}/worker.js"):
        digest.update((_static() / one).read_bytes())
    shell = [f"/market/?lang={lang}" for lang in language.LANGUAGES]
    shell += ["/market/scan.js", *(f"/static/{one}" for one in files)]
    return shell, digest.hexdigest()[:16]
