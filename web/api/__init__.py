"""The JSON API, so that a street's own system can publish needs and read what became of them.

Documented by /api/v1/openapi.json. Clients send `Authorization: Bearer TOKEN`; a token acts for an account, whose role
and area bound it, and may do only the actions in its scopes. Cookies do not count here.
"""

from typing import Any

from flask import Flask

from web.api import auth, document, needs, plans, slots, tokens  # noqa: F401 - four for the routes they add
from web.api.schema import API, Problem, problem_of

VERSION = "1.0.0"
DESCRIPTION = """\
Publish needs, follow their dated slots, who is on them, and the plans behind them.

Every failure is an RFC 9457 problem document. Times are UTC, dates and wall-clock times are Asia/Shanghai. Unknown
fields are refused. Names of people at home are cut to surname and title; phones and addresses are never part of an
answer.
"""

# Arguments of flask_openapi.OpenAPI; its own document pages stay off, the document has an address of its own.
DOCUMENT: dict[str, Any] = {
    "info": {"title": "Yidu", "version": VERSION, "description": DESCRIPTION},
    "security_schemes": {"token": {"type": "http", "scheme": "bearer"}},
    "validation_error_model": Problem,
    "validation_error_callback": problem_of,
    "doc_ui": False,
}


def install(app: Flask) -> None:
    """Lets requests below /api/ in by token only; call before the check against forged requests."""
    auth.install(app)


def register(app: Any) -> None:
    """Adds the routes of the API to a flask_openapi application."""
    app.register_api(API)
    app.register_blueprint(tokens.bp)
