"""Every failure as a page (or JSON) that says what happened and what to do; never a traceback."""

import logging
import secrets
from http import HTTPStatus
from typing import cast

from flask import Flask, current_app, g, jsonify, render_template
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.wrappers import Response

from scheduler.errors import (
    IllegalMove,
    InputError,
    KeyWrong,
    NotFound,
    StaleWrite,
    StoreBusy,
    StoreDamaged,
    StoreNewer,
    StoreUnwritable,
    YiduError,
)
from scheduler.forms.form import InvalidFields
from web.context import is_partial, wants_json
from web.words import language

log = logging.getLogger("yidu.web")

STATUS_OF: tuple[tuple[type[Exception], HTTPStatus], ...] = (
    (NotFound, HTTPStatus.NOT_FOUND),
    (InputError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (IllegalMove, HTTPStatus.CONFLICT),
    (StaleWrite, HTTPStatus.CONFLICT),
    (StoreBusy, HTTPStatus.SERVICE_UNAVAILABLE),
    (StoreUnwritable, HTTPStatus.INSUFFICIENT_STORAGE),
    (StoreDamaged, HTTPStatus.INTERNAL_SERVER_ERROR),
    (StoreNewer, HTTPStatus.INTERNAL_SERVER_ERROR),
    (KeyWrong, HTTPStatus.INTERNAL_SERVER_ERROR),
    (YiduError, HTTPStatus.CONFLICT),
)


def advice(status: int) -> tuple[str, str]:
    """Title and advice for a status, in the reader's language."""
    known = {
        400: (_("The request cannot be read"), _("Go back and try again.")),
        401: (_("Please log in"), _("Your login ended. Log in again and repeat the step.")),
        403: (
            _("Not allowed"),
            _("Your account may not do this, or the page was open too long. Go back and try again."),
        ),
        404: (_("Nothing here"), _("There is no such page, or it belongs to another area.")),
        405: (_("Not possible here"), _("Go back and use the buttons of the page.")),
        409: (_("Somebody was faster"), _("Load the page again and look at the newest state.")),
        413: (_("The file is too large"), _("At most 6 MB can be uploaded. Split the file.")),
        422: (_("Please check the entries"), _("Go back and correct the entry named above.")),
        429: (_("Too many tries"), _("Wait a little and try again.")),
        503: (_("Busy at the moment"), _("Try again in a few seconds.")),
        507: (_("Nothing can be saved at the moment"), _("What was published stands. Tell the operator.")),
    }
    return known.get(
        status, (_("Something went wrong"), _("It was recorded. Try again; if it stays, tell the operator."))
    )


def answer(status: int, detail: str, request_id: str = "") -> Response:
    title, what_to_do = advice(status)
    if wants_json():
        body = jsonify(
            type="about:blank", title=title, status=status, detail=detail or what_to_do, request_id=request_id
        )
        body.mimetype = "application/problem+json"
        body.status_code = status
        return body
    template = "errors/fragment.html" if is_partial() else "errors/page.html"
    text = render_template(
        template, status=status, title=title, detail=detail, advice=what_to_do, request_id=request_id
    )
    response = Response(text, status=status, mimetype="text/html")
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = "5"
    return response


def of_http(error: HTTPException) -> Response:
    if isinstance(error, SecurityError):  # an untrusted host: no page of ours could build its addresses
        return Response("Bad Request", status=HTTPStatus.BAD_REQUEST, mimetype="text/plain")
    if error.response is not None:
        return cast(Response, error.response)
    response = answer(error.code or 500, "")
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def of_yidu(error: YiduError) -> Response:
    if isinstance(error, StoreDamaged):
        current_app.extensions["yidu_soundness"].damage = error
    status = next(code for kind, code in STATUS_OF if isinstance(error, kind))
    return answer(status, "" if isinstance(error, NotFound) else sentence(error))


def sentence(error: YiduError) -> str:
    """What went wrong in the reader's language."""
    if isinstance(error, InvalidFields):
        return " ".join(error.by_field(language()).values())
    return error.said.to(language())


def of_anything(error: Exception) -> Response:
    """The last resort: the reader gets a number, the log the traceback."""
    request_id = secrets.token_hex(4)
    log.error("request %s failed", request_id, exc_info=error)
    g.pop("area", None)
    return answer(HTTPStatus.INTERNAL_SERVER_ERROR, "", request_id)


def install(app: Flask) -> None:
    app.register_error_handler(HTTPException, of_http)
    app.register_error_handler(YiduError, of_yidu)
    app.register_error_handler(Exception, of_anything)
