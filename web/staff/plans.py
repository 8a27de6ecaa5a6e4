"""Plans and runs: ask for a plan, watch it being made, look at the changes, publish."""

from random import SystemRandom

from flask import Blueprint, jsonify, redirect, render_template, url_for
from flask import Response as FileResponse
from werkzeug.wrappers import Response

from scheduler.boards.plan_comparison import compare
from scheduler.exchange.proof_files import proof_zip
from scheduler.operations import scenarios
from scheduler.operations.rollback import roll_back
from scheduler.planning import publish as publishing
from scheduler.planning import receipt, replan
from scheduler.store import audit
from scheduler.store.ledger import has_files, request_stop
from scheduler.store.plans import latest_plan, plans, runs
from scheduler.store.queries import runs_lists
from scheduler.store.scenarios import newest_scenarios
from scheduler.store.services import service_types
from web import asked, chart
from web.context import actor, get_store, now, settings
from web.dear import dear
from web.once import once
from web.security import action

bp = Blueprint("plans", __name__)


@bp.get("/plans")
@action("run.read")
def index() -> str:
    store = get_store()
    return render_template(
        "staff/plans.html", published=latest_plan(store, "published"), drafts=runs_lists.shown_plans(store),
        runs=runs_lists.newest_runs(store, limit=20), **open_work(),
    )  # fmt: skip


def open_work() -> dict[str, object]:
    """What is waiting or being planned right now."""
    store = get_store()
    running = [run for run in runs_lists.newest_runs(store, limit=5) if run.state == "running"]
    return {"requests": runs_lists.newest_requests(store, open_only=True), "running": running, "curve": chart.curve}


@bp.get("/plans/progress")
@action("run.read")
def progress() -> tuple[str, int, dict[str, str]]:
    work = open_work()
    busy = bool(work["requests"] or work["running"])
    headers = {} if busy or not asked.text("busy") else {"HX-Refresh": "true"}
    return render_template("staff/progress.html", **work), 200, headers


@bp.post("/plans/request")
@action("plan.write")
@once()
def ask() -> Response:
    replan.request_plan(get_store(), by=actor(), reason=asked.text("reason", 200), now=now())
    return redirect(url_for("plans.index"), 303)


@bp.get("/plans/<plan_id>")
@action("run.read")
def show(plan_id: str) -> str:
    store = get_store()
    plan = plans.get(store, plan_id)
    found = publishing.difference(store, plan_id, now=now()) if plan.state == "draft" else None
    changes = runs_lists.change_rows(store, found.changes if found else (), offset=asked.whole("offset"))
    return render_template(
        "staff/plan.html", plan=plan, run=runs.find(store, plan.run_id), difference=found, changes=changes,
        others=[other for other in runs_lists.newest_plans(store, limit=12) if other.id != plan_id],
    )  # fmt: skip


@bp.post("/plans/<plan_id>/publish")
@action("plan.write")
def publish(plan_id: str) -> Response:
    publishing.publish(get_store(), settings(), plan_id, by=actor(), now=now())
    return redirect(url_for("plans.show", plan_id=plan_id, done="publish"), 303)


@bp.get("/plans/<plan_id>/beside/<other_plan_id>")
@action("run.read")
def comparison(plan_id: str, other_plan_id: str) -> str:
    found = compare(get_store(), plan_id, other_plan_id)
    changes = runs_lists.change_rows(get_store(), found.changes, offset=asked.whole("offset"))
    return render_template("staff/compare.html", found=found, changes=changes)


@bp.get("/plans/what-if")
@action("run.read")
def what_if() -> str:
    return render_template(
        "staff/what_if.html", found=newest_scenarios(get_store()), ways=tuple(scenarios.WAYS),
        services=service_types.where(get_store(), "active = 1 ORDER BY code"), today=asked.today(),
    )  # fmt: skip


@bp.post("/plans/what-if")
@action("plan.write")
@once()
def ask_what_if() -> Response:
    day = asked.day("closed_on").isoformat() if asked.text("closed_on") else ""
    scenarios.ask(
        get_store(), ill=asked.whole("ill", most=50), closed=asked.text("closed", 10), closed_on=day,
        way=asked.one_of("way", tuple(scenarios.WAYS), "usual"), by=actor(), now=now(),
    )  # fmt: skip
    return redirect(url_for("plans.what_if"), 303)


@bp.get("/plans/runs/<run_id>")
@action("run.read")
def run(run_id: str) -> str:
    found = runs.get(get_store(), run_id)
    plan = runs_lists.plan_of_run(get_store(), run_id)
    changes = runs_lists.change_rows(get_store(), receipt.changes_in(found.receipt), offset=asked.whole("offset"))
    back = receipt.rolled_back_at(found.receipt)
    return render_template(
        "staff/run.html", run=found, plan=plan, curve=chart.curve, changes=changes, rolled_back_at=back,
        has_files=has_files(get_store(), run_id),
    )  # fmt: skip


@bp.get("/plans/runs/<run_id>/receipt.json")
@action("run.read")
def receipt_json(run_id: str) -> Response:
    return jsonify(runs.get(get_store(), run_id).receipt)


@bp.get("/plans/runs/<run_id>/proof.zip")
@action("proof.read")
@dear
def proof(run_id: str) -> Response:
    """Problem and solution for `yidu check` and `yidu prove`, with other names and places."""
    store = get_store()
    content = proof_zip(store, run_id, SystemRandom())
    with store.transaction():
        audit.record(store, at=now(), actor=actor(), action="export", object_kind="run", object_id=run_id)
    headers = {"Content-Disposition": f'attachment; filename="yidu-proof-{run_id}.zip"'}
    return FileResponse(content, mimetype="application/zip", headers=headers)


@bp.post("/plans/runs/<run_id>/rollback")
@action("plan.write")
def rollback(run_id: str) -> Response:
    roll_back(get_store(), settings(), run_id, by=actor(), now=now())
    return redirect(url_for("plans.run", run_id=run_id, done="rollback"), 303)


@bp.post("/plans/runs/<run_id>/stop")
@action("plan.write")
def stop(run_id: str) -> Response:
    request_stop(get_store(), run_id)
    return redirect(asked.own_address("back") or url_for("plans.index"), 303)
