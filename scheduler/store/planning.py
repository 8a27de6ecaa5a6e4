"""What planning reads and writes in bulk: days of slots, live assignments, history, runs, requests."""

import gzip
import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from scheduler.model.plan import Assignment, Run
from scheduler.model.services import Slot
from scheduler.store.database import Store
from scheduler.store.plans import assignments, runs
from scheduler.store.repository import utc_text
from scheduler.store.services import slots


def slots_between(store: Store, from_date: date, until_date: date, *, open_only: bool = False) -> list[Slot]:
    """Slots of the local days from one to another (both included), earliest first."""
    condition = "service_date BETWEEN :from AND :until" + (" AND state = 'open'" if open_only else "")
    span = {"from": from_date.isoformat(), "until": until_date.isoformat()}
    return slots.where(store, f"{condition} ORDER BY earliest_at, id", span)


def live_between(store: Store, from_date: date, until_date: date) -> list[Assignment]:
    """Assignments that bind somebody (live, or done already) on slots of these local days."""
    condition = """state IN ('proposed', 'accepted', 'checked_in', 'done') AND slot_id IN
        (SELECT id FROM slots WHERE service_date BETWEEN :from AND :until) ORDER BY starts_at, id"""
    return assignments.where(store, condition, {"from": from_date.isoformat(), "until": until_date.isoformat()})


def promised_slots(store: Store, from_date: date, until_date: date) -> set[str]:
    """Ids of the slots of these local days on which somebody stands or was asked."""
    found = store.rows(
        """SELECT DISTINCT slot_id FROM assignments JOIN slots ON slots.id = slot_id
           WHERE assignments.state IN ('proposed', 'accepted', 'checked_in', 'done')
               AND service_date BETWEEN :from AND :until""",
        {"from": from_date.isoformat(), "until": until_date.isoformat()},
    )
    return {row["slot_id"] for row in found}


def refusals(store: Store) -> list[tuple[str, str, str, str]]:
    """(need, slot, volunteer, state) of every assignment that ended without a visit by a person's choice."""
    found = store.rows(
        """SELECT DISTINCT slots.need_id, slot_id, volunteer_id, assignments.state
           FROM assignments JOIN slots ON slots.id = slot_id
           WHERE assignments.state IN ('declined', 'expired', 'withdrawn', 'excused', 'missed')"""
    )
    return [(r["need_id"], r["slot_id"], r["volunteer_id"], r["state"]) for r in found]


def visits_since(store: Store, since: datetime, until: datetime) -> list[tuple[str, str, date, int]]:
    """(volunteer, recipient, local day, minutes) of promised or finished visits that began within the span."""
    found = store.rows(
        """SELECT volunteer_id, recipient_id, service_date, minutes
           FROM assignments JOIN slots ON slots.id = slot_id
           WHERE assignments.state IN ('accepted', 'checked_in', 'done')
               AND starts_at >= :since AND starts_at < :until""",
        {"since": utc_text(since), "until": utc_text(until)},
    )
    return [(r["volunteer_id"], r["recipient_id"], date.fromisoformat(r["service_date"]), r["minutes"]) for r in found]


def known_people(store: Store) -> list[tuple[str, str]]:
    """(volunteer, recipient) of everyone who has finished a visit to somebody."""
    found = store.rows(
        """SELECT DISTINCT volunteer_id, recipient_id FROM assignments JOIN slots ON slots.id = slot_id
           WHERE assignments.state = 'done'"""
    )
    return [(r["volunteer_id"], r["recipient_id"]) for r in found]


def organisation_links(store: Store) -> dict[str, tuple[str, float, float]]:
    """Organisation id → (grid id, latitude, longitude) of where it is."""
    found = store.rows(
        """SELECT organisations.id, organisations.kind, grid_id, lat, lon
           FROM organisations JOIN grids ON grids.id = grid_id"""
    )
    return {r["id"]: (r["grid_id"], r["lat"], r["lon"]) for r in found}


def changed_slots(store: Store, items: Iterable[Slot]) -> None:
    """Writes slots that exist already, each at its next revision."""
    for item in items:
        slots.save(store, item)


# Runs ---------------------------------------------------------------------------------------------------------------


def claim_run(store: Store, run: Run, *, now: datetime) -> Run | None:
    """Adds the run if its key is new, or takes over one whose holder went silent; None if somebody else has it.

    The fence grows with each takeover. One statement each, so of two processes only one wins.
    """
    if store.execute(
        f"INSERT OR IGNORE INTO runs ({', '.join(runs.to_row(store, run))}) "
        f"VALUES ({', '.join(':' + c for c in runs.to_row(store, run))})",
        runs.to_row(store, run),
    ):
        return run
    taken = store.rows(
        """UPDATE runs SET fence = fence + 1, holder = :holder, lease_until = :lease, state = 'running',
               started_at = :now, message = '', revision = revision + 1
           WHERE key = :key AND state = 'running' AND lease_until < :now RETURNING *""",
        {"holder": run.holder, "lease": _text(run.lease_until), "key": run.key, "now": utc_text(now)},
    )
    return runs.from_row(store, taken[0]) if taken else None


def renew_lease(store: Store, run: Run, *, until: datetime) -> bool:
    """Whether the run is still ours; if so it is until the new end of the lease."""
    return bool(
        store.execute(
            "UPDATE runs SET lease_until = :until WHERE id = :id AND fence = :fence AND state = 'running'",
            {"until": utc_text(until), "id": run.id, "fence": run.fence},
        )
    )


def still_holds(store: Store, run_id: str, fence: int) -> bool:
    """Whether the fence is the newest one of the run; ask inside the transaction that it guards."""
    return bool(store.value("SELECT 1 FROM runs WHERE id = :id AND fence = :fence", {"id": run_id, "fence": fence}))


def end_run(store: Store, run: Run, *, state: str, message: str, receipt: dict[str, Any], now: datetime) -> bool:
    """Closes a run that is still ours; False if another process took it over."""
    return bool(
        store.execute(
            """UPDATE runs SET state = :state, message = :message, receipt = :receipt, ended_at = :now,
               lease_until = NULL, revision = revision + 1 WHERE id = :id AND fence = :fence AND state = 'running'""",
            {
                "state": state, "message": message, "receipt": json.dumps(receipt, ensure_ascii=False, sort_keys=True),
                "now": utc_text(now), "id": run.id, "fence": run.fence,
            },
        )
    )  # fmt: skip


def note_progress(store: Store, run_id: str, progress: dict[str, Any]) -> bool:
    """Writes the latest report of a search and tells whether somebody asked to stop it."""
    found = store.rows(
        "UPDATE runs SET progress = :progress WHERE id = :id RETURNING stop_requested",
        {"progress": json.dumps(progress, ensure_ascii=False), "id": run_id},
    )
    return bool(found and found[0]["stop_requested"])


def request_stop(store: Store, run_id: str) -> bool:
    """Asks a running search to end now with the best plan it has; False if it does not run."""
    return bool(
        store.execute("UPDATE runs SET stop_requested = 1 WHERE id = :id AND state = 'running'", {"id": run_id})
    )


def keep_files(store: Store, run_id: str, problem: dict[str, Any], *, seed: int, versions: dict[str, str]) -> None:
    """Stores what a run needs to be replayed; its solution follows with keep_solution."""
    store.execute(
        """INSERT INTO run_files (run_id, problem, solution, seed, versions)
           VALUES (:id, :problem, NULL, :seed, :versions) ON CONFLICT (run_id)
           DO UPDATE SET problem = :problem, solution = NULL, seed = :seed, versions = :versions""",
        {"id": run_id, "problem": _packed(problem), "seed": seed, "versions": json.dumps(versions, sort_keys=True)},
    )


def keep_solution(store: Store, run_id: str, solution: dict[str, Any]) -> None:
    store.execute(
        "UPDATE run_files SET solution = :solution WHERE run_id = :id", {"id": run_id, "solution": _packed(solution)}
    )


def files_of(store: Store, run_id: str) -> tuple[dict[str, Any], dict[str, Any] | None, int, dict[str, str]] | None:
    """(problem, solution, seed, versions) of a run, None if it kept none."""
    for row in store.rows("SELECT * FROM run_files WHERE run_id = :id", {"id": run_id}):
        solution = None if row["solution"] is None else _unpacked(row["solution"])
        return _unpacked(row["problem"]), solution, int(row["seed"]), json.loads(row["versions"])
    return None


def forget_files(store: Store, *, before: datetime) -> int:
    """Removes problem and solution files of runs that ended before a moment; returns how many."""
    return store.execute(
        "DELETE FROM run_files WHERE run_id IN (SELECT id FROM runs WHERE ended_at < :before)",
        {"before": utc_text(before)},
    )


# Requests -----------------------------------------------------------------------------------------------------------


def add_request(store: Store, *, id: str, job: str, slot_id: str | None, reason: str, by: str, now: datetime) -> None:
    """Files the wish to plan again; a process that may solve takes it."""
    store.db.table("replan_requests").insert(
        {
            "id": id, "job": job, "slot_id": slot_id, "reason": reason, "requested_by": by,
            "requested_at": utc_text(now), "state": "waiting", "run_id": None,
        }
    )  # fmt: skip


def take_request(store: Store) -> dict[str, Any] | None:
    """The oldest waiting request, now ours; None if there is none. Two takers never get the same one."""
    taken = store.rows(
        """UPDATE replan_requests SET state = 'taken' WHERE state = 'waiting' AND id =
           (SELECT id FROM replan_requests WHERE state = 'waiting' ORDER BY requested_at, id LIMIT 1) RETURNING *"""
    )
    return taken[0] if taken else None


def end_request(store: Store, request_id: str, *, state: str, run_id: str | None) -> None:
    store.execute(
        "UPDATE replan_requests SET state = :state, run_id = :run WHERE id = :id",
        {"state": state, "run": run_id, "id": request_id},
    )


def _packed(data: dict[str, Any]) -> bytes:
    return gzip.compress(json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode(), compresslevel=6, mtime=0)


def _unpacked(blob: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(gzip.decompress(blob))
    return found


def _text(moment_at: datetime | None) -> str | None:
    return utc_text(moment_at) if moment_at else None
