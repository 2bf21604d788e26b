"""What went wrong, told to a program: RFC 9457, `application/problem+json`."""

from __future__ import annotations

import json

from flask import Response, request, url_for

from certcheck.errors import Problem
from web import language

MEDIA_TYPE = "application/problem+json"


def problem_json(problem: Problem, status: int | None = None) -> Response:
    """An answer that tells of a problem, in the language that was asked for.

    Args:
        problem: what went wrong.
        status: of the answer; the problem's own where it is None.
    """
    told = {
        "type": url_for("api.problem", code=problem.code),
        "title": language.say(problem.message),
        "status": status or problem.http_status,
        "code": problem.code,
        "next_step": language.say(problem.next_step),
        "instance": request.path,
    }
    answer = Response(
        json.dumps(told, ensure_ascii=False), status=status or problem.http_status,
        mimetype=MEDIA_TYPE,
    )  # fmt: skip
    answer.content_language.add(language.HTML_LANG[language.current()])
    return answer
