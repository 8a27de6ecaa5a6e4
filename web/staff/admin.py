"""Accounts, settings, the audit log and the health page."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from scheduler.access import accounts as use
from scheduler.errors import InputError
from scheduler.model.accounts import Role
from scheduler.operations import health
from scheduler.store import audit
from scheduler.store.accounts import accounts
from scheduler.store.queries.board_lists import areas
from scheduler.store.queries.paging import Page
from web import asked
from web.context import actor, get_store, now, settings
from web.errors import sentence
from web.once import once
from web.security import action

bp = Blueprint("admin", __name__)

STAFF_ROLES = ("staff", "admin", "auditor")
ROWS = 100


@bp.get("/accounts")
@action("account.write")
def people() -> str:
    return people_page()


def people_page(error: str = "") -> str:
    """Every account and the form of a new one, with what was typed and why it was refused."""
    found = accounts.where(get_store(), "1 ORDER BY role, login")
    return render_template(
        "staff/accounts.html", accounts=found, areas=areas(get_store()), roles=STAFF_ROLES, error=error,
        typed=request.form,
    )  # fmt: skip


@bp.post("/accounts")
@action("account.write")
@once()
def create() -> Response | tuple[str, int]:
    try:
        use.create_account(
            get_store(), login=asked.text("login"), password=request.form.get("password", ""), name=asked.text("name"),
            role=Role(asked.one_of("role", STAFF_ROLES, "staff")), grid_id=asked.grid(), by=actor(), now=now(),
        )  # fmt: skip
    except InputError as refused:
        return people_page(sentence(refused)), 422
    return redirect(url_for("admin.people"), 303)


@bp.post("/accounts/<account_id>")
@action("account.write")
def change(account_id: str) -> Response:
    before = accounts.get(get_store(), account_id)
    role = before.role if before.role is Role.VOLUNTEER else Role(asked.one_of("role", STAFF_ROLES, before.role.value))
    use.change_account(
        get_store(),
        account_id,
        role=role,
        grid_id=asked.grid(),
        active=asked.text("active") == "1",
        by=actor(),
        now=now(),
    )
    return redirect(url_for("admin.people"), 303)


@bp.post("/accounts/<account_id>/password")
@action("account.write")
def new_password(account_id: str) -> str:
    password = use.reset_password(get_store(), account_id, by=actor(), now=now())
    return render_template("staff/new_password.html", person=accounts.get(get_store(), account_id), password=password)


@bp.get("/settings")
@action("settings.read")
def show_settings() -> str:
    return render_template("staff/settings.html", config=settings().model_dump(mode="json"))


@bp.get("/audit")
@action("audit.read")
def log() -> str:
    text, offset = asked.text("text"), asked.whole("offset")
    rows = audit.newest(get_store(), text=text, limit=ROWS, offset=offset)
    page = Page(rows, audit.count(get_store(), text=text), offset, ROWS)
    return render_template("staff/audit.html", page=page, broken=audit.broken_row(get_store()))


@bp.get("/health")
@action("health.read")
def state() -> str:
    forwarded = "X-Forwarded-For" in request.headers
    found = health.checks(get_store(), settings(), now=now(), forwarded=forwarded)
    return render_template("staff/health.html", checks=found)
