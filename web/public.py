"""What everybody may open: the login page, language and theme, the start address, readiness."""

from datetime import timedelta
from urllib.parse import urlsplit

import segno
from flask import Blueprint, g, jsonify, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from scheduler import accounts as use
from scheduler.access import end_access
from scheduler.errors import InputError, YiduError, told
from scheduler.model.accounts import Account, Role
from scheduler.store import audit
from scheduler.store.logins import forgive, take
from web import sessions
from web.context import account, get_store, now, settings, soundness
from web.i18n import LANGUAGE_COOKIE
from web.security import action
from web.words import language as reader_language

bp = Blueprint("login", __name__)

PER_ACCOUNT, PER_ADDRESS, AN_HOUR = 10, 300, timedelta(hours=1)  # offices share one address
A_YEAR_S = 31_536_000


@bp.get("/")
@action("public.read")
def home() -> Response:
    if g.account is None:
        return redirect(url_for("login.form"), 303)
    return redirect(start_page(g.account), 303)


def start_page(person: Account) -> str:
    return "/my/" if person.role is Role.VOLUNTEER else "/today"


@bp.get("/login")
@action("login")
def form() -> str:
    return render_template("login.html", next=safe_next(), error="", login="")


@bp.post("/login")
@action("login")
def enter() -> Response | tuple[str, int]:
    name = request.form.get("login", "").strip().lower()
    wait_s = too_many(name)
    if wait_s:
        return refuse(name, _("Too many tries. Try again in %(minutes)d minutes.", minutes=int(wait_s // 60) + 1), 429)
    person = use.verify(get_store(), name, request.form.get("password", ""))
    if person is None or not second_factor(person):
        return refuse(name, _("Login, password or code is not right."), 403)
    forgive(get_store(), tries_of(name))
    token = sessions.start(get_store(), person, agent=request.user_agent.string)
    audit.record(get_store(), at=now(), actor=person.login, action="login", object_kind="account", object_id=person.id)
    return sessions.give_cookie(redirect(safe_next() or start_page(person), 303), token, person)


def too_many(name: str) -> float:
    """Seconds to wait before the next try of this login or address, 0 if it may go on."""
    address = request.remote_addr or "?"
    return max(
        take(get_store(), tries_of(name), limit=PER_ACCOUNT, per=AN_HOUR, now=now()),
        take(get_store(), f"login-address:{address}", limit=PER_ADDRESS, per=AN_HOUR, now=now()),
    )


def tries_of(name: str) -> str:
    """The bucket of one login's tries from one address, so that a stranger elsewhere locks nobody out."""
    return f"login:{name}:{request.remote_addr or '?'}"


def second_factor(person: Account) -> bool:
    """Whether the code fits, where the account has a second factor."""
    if not person.totp_secret or settings().web.staff_codes == "off":
        return True
    return use.code_fits(get_store(), person, request.form.get("code", ""), now=now())


def refuse(name: str, error: str, status: int) -> tuple[str, int]:
    return render_template("login.html", next=safe_next(), error=error, login=name), status


def safe_next() -> str:
    """Where to go after the login: only a path of this site."""
    wished = request.values.get("next", "")
    parts = urlsplit(wished)
    local = wished.startswith("/") and not wished.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    return wished if local else ""


@bp.post("/logout")
@action("self.change")
def leave() -> Response:
    return sessions.end(redirect(url_for("login.form"), 303))


@bp.get("/account")
@action("self.change")
def me() -> str:
    return own_page()


def own_page(error: str = "", done: str = "", secret: str = "") -> str:
    secret = secret or ("" if account().totp_secret else use.new_code_secret())
    address = use.code_address(account(), secret) if secret else ""
    picture = segno.make(address, error="m").svg_data_uri(scale=5, border=4, light="#fff") if address else ""
    return render_template("account.html", error=error, done=done, secret=secret, address=address, picture=picture)


@bp.post("/account/password")
@action("self.change")
def password() -> Response | tuple[str, int]:
    if use.verify(get_store(), account().login, request.form.get("old", "")) is None:
        return own_page(error=_("The old password is not right.")), 422
    try:
        use.change_password(get_store(), account().id, request.form.get("new", ""), by=account().login, now=now())
    except InputError:
        return own_page(error=_("A password has 8 to 128 characters and is not a common one.")), 422
    token = sessions.start(get_store(), account(), agent=request.user_agent.string)
    page = make_response(own_page(done=_("The password is changed; other devices are logged out.")))
    return sessions.give_cookie(page, token, account())


@bp.post("/account/codes")
@action("self.change")
def codes() -> str | tuple[str, int]:
    secret = request.form.get("secret", "")
    try:
        g.account = use.switch_codes_on(get_store(), account().id, secret, request.form.get("code", ""), now=now())
    except (InputError, ValueError):
        return own_page(error=_("The code does not fit. Type the newest one."), secret=secret), 422
    return own_page(done=_("From now on a code from the phone is asked at login."))


@bp.post("/account/logout-everywhere")
@action("self.change")
def leave_everywhere() -> Response:
    with get_store().transaction():
        end_access(get_store(), account(), now=now())
    return sessions.end(redirect(url_for("login.form"), 303))


@bp.post("/language/<locale>")
@action("public.read")
def language(locale: str) -> Response:
    return remember(LANGUAGE_COOKIE, locale if locale in settings().web.languages else settings().web.languages[0])


@bp.post("/theme/<kind>")
@action("public.read")
def theme(kind: str) -> Response:
    return remember("theme", kind if kind in ("light", "dark") else "")


def remember(name: str, value: str) -> Response:
    """Keeps a wish in a cookie and shows the page again."""
    response = redirect(safe_next() or "/", 303)
    response.set_cookie(
        name, value, max_age=A_YEAR_S, secure=settings().web.cookies_are_secure, httponly=True, samesite="Lax", path="/"
    )
    return response


@bp.get("/readyz")
@action("public.read")
def ready() -> Response | tuple[Response, int]:
    """200 while the database is whole, has its key and can be read, else 503 and what the technician has to do."""
    try:
        soundness().look()
        return jsonify(ready=get_store().revision() > 0)
    except YiduError as error:
        return jsonify(ready=False, detail=told(error).to(reader_language())), 503
