"""Files in and out: the template, an import with its dry run, undo, the roster to download and to print."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from scheduler.errors import InputError
from scheduler.exchange import importing, roster, workbook
from scheduler.exchange.findings import Preview, Shown
from scheduler.exchange.reading import FileRefused
from scheduler.localized import LocalizedText
from scheduler.people.privacy import says_something
from scheduler.store import audit, uploads
from scheduler.store.imports import was_imported
from scheduler.store.logins import take
from scheduler.store.queries.board_lists import slots_page
from scheduler.store.queries.paging import BY_PHONE
from scheduler.store.queries.runs_lists import newest_imports
from web import asked
from web.context import account, actor, get_store, now, settings
from web.dear import dear
from web.security import action
from web.words import language

bp = Blueprint("exchange", __name__)

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SUFFIXES = (".xlsx", ".csv")
PER_HOUR = 10
SHEET_ROWS = 2000
AN_HOUR, SIX_DAYS = timedelta(hours=1), timedelta(days=6)


@bp.get("/exchange")
@action("exchange.write")
def index(error: str = "") -> str:
    return render_template(
        "staff/exchange.html", imports=newest_imports(get_store()), error=error, first=asked.today(),
        last=asked.today() + SIX_DAYS,
    )  # fmt: skip


@bp.get("/exchange/template")
@action("exchange.write")
@dear
def template() -> Response:
    return workbook_file("yidu-template.xlsx", lambda path: workbook.write_template(path, get_store()))


@bp.post("/exchange/upload")
@action("exchange.write")
@dear
def upload() -> AnyResponse | tuple[str, int]:
    """Reads the file once; its page shows what was found then, however often it is opened."""
    sent = request.files.get("file")
    if sent is None or not (sent.filename or "").lower().endswith(SUFFIXES):
        return index(_("Choose an .xlsx workbook or a .csv file.")), 422
    if take(get_store(), f"import:{account().id}", limit=PER_HOUR, per=AN_HOUR, now=now()):
        return index(_("Too many imports in this hour. Wait a little.")), 429
    token = uploads.keep(get_store(), account().id, Path(sent.filename or "").name, sent.read(), now=now())
    try:
        record_found_by_phone(dry_run(token))
    except FileRefused as refused:
        uploads.forget(get_store(), token)
        return index(refused.said.to(language())), 422
    return redirect(url_for("exchange.preview", token=token), 303)


def record_found_by_phone(found: Preview) -> None:
    """Whoever is found by a whole phone number stands in the log, also where a file asked."""
    with get_store().transaction():
        for kind, object_id in sorted(found.found_by_phone):
            audit.record(
                get_store(), at=now(), actor=actor(), action=BY_PHONE, object_kind=kind, object_id=object_id,
                reason=found.filename,
            )  # fmt: skip


def dry_run(upload_id: str) -> Preview:
    """What importing the file would change; nothing of it is written, and what people are shown of it is kept."""
    file = uploads.of(get_store(), upload_id, account().id, now=now())
    with TemporaryDirectory() as folder:
        path = Path(folder, "upload").with_suffix(Path(file.filename).suffix.lower())
        path.write_bytes(file.content)
        found = importing.preview(path, get_store(), settings(), now=now(), by=actor(), filename=file.filename)
    uploads.keep_dry_run(get_store(), upload_id, found.shown().to_json())
    return found


@bp.get("/exchange/upload/<token>")
@action("exchange.write")
def preview(token: str) -> str:
    kept = uploads.dry_run_of(get_store(), token, account().id, now=now())
    return render_template("staff/preview.html", preview=Shown.from_json(kept), token=token)


@bp.post("/exchange/upload/<token>/confirm")
@action("exchange.write")
@dear
def confirm(token: str) -> AnyResponse:
    done = redirect(url_for("exchange.index", done="import"), 303)
    if was_imported(get_store(), token):
        return done  # the same press again
    found = dry_run(token)
    if found.fingerprint != asked.text("fingerprint"):
        return redirect(url_for("exchange.preview", token=token), 303)  # things changed since: look again
    with get_store().transaction():
        if not was_imported(get_store(), token):
            importing.confirm(get_store(), found, by=actor(), now=now(), import_id=token)
            uploads.forget(get_store(), token)
    return done


@bp.post("/exchange/imports/<import_id>/undo")
@action("exchange.write")
def undo(import_id: str) -> AnyResponse:
    importing.undo(get_store(), import_id, by=actor(), now=now())
    return redirect(url_for("exchange.index", done="undo"), 303)


@bp.get("/exchange/roster")
@action("roster.read")
@dear
def sheet() -> str:
    first = asked.day("from")
    last = min(max(asked.day("until", first), first), first + timedelta(days=31))
    page = slots_page(get_store(), first, last, area=asked.grid(), states=("filled", "partly"), size=SHEET_ROWS)
    return render_template("staff/roster.html", page=page, first=first, last=last)


@bp.post("/exchange/roster")
@action("roster.export")
@dear
def download() -> Response:
    first, reason = asked.day("from"), asked.text("reason", 200)
    last = min(max(asked.day("until", first), first), first + timedelta(days=31))
    if not says_something(reason):
        raise InputError(LocalizedText("Say in a few words what the roster is for."))
    audit.record(
        get_store(), at=now(), actor=actor(), action="export", object_kind="roster", object_id=f"{first}/{last}",
        reason=reason,
    )  # fmt: skip
    return workbook_file(f"yidu-roster-{first}.xlsx", lambda path: roster.export(get_store(), path, first, last))


def workbook_file(name: str, write: Callable[[Path], object]) -> Response:
    """A workbook as a download, made in a folder that is gone afterwards."""
    with TemporaryDirectory() as folder:
        path = Path(folder, name)
        write(path)
        content = path.read_bytes()
    return Response(content, mimetype=EXCEL, headers={"Content-Disposition": f'attachment; filename="{name}"'})
