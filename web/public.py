"""What everybody may open: the login page, language and theme, the start address, readiness."""

import segno
from flask import Blueprint, g, jsonify, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from scheduler.access import accounts as use
from scheduler.access.authentication import NotProven, TooManyTries, prove
from scheduler.access.entry import end_access
from scheduler.errors import InputError, YiduError, told
from scheduler.model.accounts import Account, Role
from scheduler.store import audit
from web import asked, sessions
from web.context import account, get_store, now, sender, settings, soundness
from web.errors import sentence
from web.i18n import LANGUAGE_COOKIE
from web.security import action
from web.words import language as reader_language

bp = Blueprint("login", __name__)

A_YEAR_S = 31_536_000


@bp.get("/")
@action("public.read")
def home() -> Response:
    if g.account is None:
        return redirect(url_for("login.form"), 303)
    return redirect(start_page(g.account), 303)


def start_page(person: Account) -> str:
    return url_for("visits.index" if person.role is Role.VOLUNTEER else "today.page")


@bp.get("/login")
@action("login")
def form() -> str:
    return render_template("login.html", next=asked.own_address("next"), error="", login="")


@bp.post("/login")
@action("login")
def log_in() -> Response | tuple[str, int]:
    name = typed("login")
    try:
        person = proven(name, typed("password"), typed("code"), what="login")
    except TooManyTries as wait:
        return refuse(name, sentence(wait), 429)
    except NotProven as wrong:
        return refuse(name, sentence(wrong), 403)
    token = sessions.start(get_store(), person, agent=request.user_agent.string)
    audit.record(get_store(), at=now(), actor=person.login, action="login", object_kind="account", object_id=person.id)
    return sessions.give_cookie(redirect(asked.own_address("next") or start_page(person), 303), token, person)


def typed(name: str) -> str:
    return request.form.get(name, "")


def proven(login: str, password: str, code: str, *, what: str) -> Account:
    """The account that the password, and the code where one is due, belong to. Raises as prove does."""
    return prove(
        get_store(), login, password, code, what=what, sender=sender(),
        with_codes=settings().web.staff_codes != "off", now=now(),
    )  # fmt: skip


def refuse(name: str, error: str, status: int) -> tuple[str, int]:
    return render_template("login.html", next=asked.own_address("next"), error=error, login=name[:40]), status


@bp.post("/logout")
@action("self.change")
def log_out() -> Response:
    return sessions.end(redirect(url_for("login.form"), 303))


@bp.get("/account")
@action("self.change")
def me() -> str:
    return own_page()


def own_page(error: str = "", done: str = "", secret: str = "") -> str:
    secret = secret if use.CODE_SECRET.fullmatch(secret) else use.new_code_secret()
    address = use.code_address(account(), secret)
    picture = segno.make(address, error="m").svg_data_uri(scale=5, border=4, light="#fff")
    return render_template("account.html", error=error, done=done, secret=secret, address=address, picture=picture)


@bp.post("/account/password")
@action("self.change")
def password() -> Response | tuple[str, int]:
    try:
        person = proven(account().login, typed("old"), typed("code_now"), what="account.password")
        use.change_password(get_store(), person.id, typed("new"), by=person.login, now=now())
    except (InputError, NotProven, TooManyTries) as error:
        return own_page(error=sentence(error)), 429 if isinstance(error, TooManyTries) else 422
    token = sessions.start(get_store(), person, agent=request.user_agent.string)
    page = make_response(own_page(done=_("The password is changed; other devices are logged out.")))
    return sessions.give_cookie(page, token, person)


@bp.post("/account/codes")
@action("self.change")
def codes() -> str | tuple[str, int]:
    """Switches codes on, or moves them to another phone: for who knows the password and has the phone so far."""
    secret = typed("secret")
    try:
        person = proven(account().login, typed("password"), typed("old_code"), what="account.codes")
        g.account = use.switch_codes_on(get_store(), person.id, secret, typed("code"), now=now())
    except (InputError, NotProven, TooManyTries) as error:
        page = own_page(error=sentence(error), secret=secret)
        return page, 429 if isinstance(error, TooManyTries) else 422
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
    response = redirect(asked.own_address("next") or url_for("login.home"), 303)
    response.set_cookie(
        name, value, max_age=A_YEAR_S, secure=settings().web.cookies_are_secure, httponly=True, samesite="Lax", path="/"
    )
    return response


@bp.get("/readyz")
@action("public.read")
def readiness() -> Response | tuple[Response, int]:
    """200 while the database is whole, has its key and can be read, else 503 and what the technician has to do."""
    try:
        soundness().look()
        return jsonify(ready=get_store().revision() > 0)
    except YiduError as error:
        return jsonify(ready=False, detail=told(error).to(reader_language())), 503
