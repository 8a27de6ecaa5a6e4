"""Plans, runs, requests and imports as the pages list them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scheduler.model.plan import Plan, Run
from scheduler.store.database import Store
from scheduler.store.plans import latest_plan, plans, runs
from scheduler.store.queries.paging import Page


def shown_plans(store: Store) -> list[Plan]:
    """Draft plans newer than the published one, newest first: what staff may still publish."""
    published = latest_plan(store, "published")
    since = published.created_at if published else None
    drafts = plans.where(store, "state = 'draft' ORDER BY created_at DESC, rowid DESC LIMIT 10")
    return [plan for plan in drafts if since is None or plan.created_at >= since]


def unfilled_of(store: Store, plan_id: str = "") -> dict[str, Any]:
    """Slot id → what a plan says about its missing people; of the published plan by default."""
    plan = plans.find(store, plan_id) if plan_id else latest_plan(store, "published") or latest_plan(store, "draft")
    return plan.unfilled if plan else {}


def newest_plans(store: Store, *, limit: int = 30) -> list[Plan]:
    return plans.where(store, f"1 ORDER BY created_at DESC, rowid DESC LIMIT {int(limit)}")


def newest_runs(store: Store, *, limit: int = 30) -> list[Run]:
    return runs.where(store, f"1 ORDER BY started_at DESC, rowid DESC LIMIT {int(limit)}")


def plan_of_run(store: Store, run_id: str) -> Plan | None:
    """The newest plan that a run made."""
    found = plans.where(store, "run_id = :run ORDER BY created_at DESC LIMIT 1", {"run": run_id})
    return found[0] if found else None


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A wish to plan that staff or a decline filed."""

    id: str
    job: str
    reason: str
    requested_by: str
    requested_at: datetime
    state: str
    run_id: str | None


def newest_requests(store: Store, *, open_only: bool = False, limit: int = 20) -> list[RequestRow]:
    condition = "state IN ('waiting', 'taken')" if open_only else "1"
    sql = f"""SELECT id, job, reason, requested_by, requested_at, state, run_id FROM replan_requests
              WHERE {condition} ORDER BY requested_at DESC, rowid DESC LIMIT {int(limit)}"""
    return [RequestRow(**r | {"requested_at": datetime.fromisoformat(r["requested_at"])}) for r in store.rows(sql)]


@dataclass(frozen=True, slots=True)
class ImportRow:
    """A confirmed import; `counts` as the import reported them."""

    id: str
    filename: str
    imported_by: str
    imported_at: datetime
    state: str
    counts: dict[str, Any]


def newest_imports(store: Store, *, limit: int = 20) -> list[ImportRow]:
    sql = f"""SELECT id, filename, imported_by, imported_at, state, counts FROM imports
              ORDER BY imported_at DESC, rowid DESC LIMIT {int(limit)}"""
    return [
        ImportRow(**r | {"imported_at": datetime.fromisoformat(r["imported_at"]), "counts": json.loads(r["counts"])})
        for r in store.rows(sql)
    ]


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One change for one person, with the words a page needs."""

    kind: str
    slot_id: str
    volunteer_id: str
    starts_at: datetime
    cause: str
    old_starts_at: datetime | None
    volunteer_name: str
    name: str
    gender: str
    recipient_kind: str
    name_zh: str
    name_en: str


def change_rows(store: Store, changes: Sequence[Any], *, offset: int = 0, size: int = 50) -> Page[ChangeRow]:
    """A page of the changes of a plan's difference, named."""
    shown = changes[offset : offset + size]
    who = {"volunteers": json.dumps([c.volunteer_id for c in shown]), "slots": json.dumps([c.slot_id for c in shown])}
    names = {
        row["id"]: row["name"]
        for row in store.rows(
            "SELECT id, name FROM volunteers WHERE id IN (SELECT value FROM json_each(:volunteers))", who
        )
    }
    visits = {
        row.pop("id"): row
        for row in store.rows(
            """SELECT s.id, r.name, r.gender, r.kind AS recipient_kind, t.name_zh, t.name_en FROM slots s
               JOIN recipients r ON r.id = s.recipient_id JOIN service_types t ON t.code = s.service_type
               WHERE s.id IN (SELECT value FROM json_each(:slots))""",
            who,
        )
    }
    rows = [
        ChangeRow(
            c.kind, c.slot_id, c.volunteer_id, c.starts_at, c.cause, c.old_starts_at, names[c.volunteer_id],
            **visits[c.slot_id],
        )
        for c in shown
    ]  # fmt: skip
    return Page(rows, len(changes), offset, size)
