"""The ledger of runs: who has a run, what it told, what it needs to be replayed; and the requests to plan."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from scheduler.localized import Bilingual, Localized, LocalizedText
from scheduler.model.plan import Run
from scheduler.store.database import Store
from scheduler.store.plans import runs
from scheduler.store.repository import utc_text

NOTHING_TO_SAY = Bilingual("", "")
DIED = LocalizedText("the process ended without a word")


def claim_run(store: Store, run: Run, *, now: datetime, tries: int, rest: timedelta) -> Run | None:
    """Adds the run if its key is new, or takes over one whose holder went silent; None if somebody else has it.

    A failed run is tried again after a rest, `tries` times in all. The fence grows with each takeover. One statement
    each, so of two processes only one wins. A lease that ends later than any clock a little ahead of ours could have
    set it was taken before the clock was set back: it holds nobody up. The same is true of the rest.
    """
    if store.execute(
        f"INSERT OR IGNORE INTO runs ({', '.join(runs.to_row(store, run))}) "
        f"VALUES ({', '.join(':' + c for c in runs.to_row(store, run))})",
        runs.to_row(store, run),
    ):
        return run
    taken = store.rows(
        """UPDATE runs SET fence = fence + 1, holder = :holder, lease_until = :lease, state = 'running',
               started_at = :now, message = '', message_zh = '', revision = revision + 1
           WHERE key = :key AND ((state = 'running' AND (lease_until < :now OR lease_until > :far_lease))
               OR (state = 'failed' AND fence < :tries AND (ended_at < :rested OR ended_at > :far_end))) RETURNING *""",
        {
            "holder": run.holder,
            "lease": _text(run.lease_until),
            "key": run.key,
            "now": utc_text(now),
            "tries": tries,
            "rested": utc_text(now - rest),
            "far_lease": _text(run.lease_until and now + 2 * (run.lease_until - now)),
            "far_end": utc_text(now + rest),
        },
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


def end_run(
    store: Store, run_id: str, fence: int, *, state: str, message: Localized = NOTHING_TO_SAY, now: datetime
) -> bool:
    """Closes a run under the fence it was started with; False if another process took it over, or it has ended."""
    return bool(
        store.execute(
            """UPDATE runs SET state = :state, message = :en, message_zh = :zh, ended_at = :now, lease_until = NULL,
               revision = revision + 1 WHERE id = :id AND fence = :fence AND state = 'running'""",
            {"state": state, "en": message.en, "zh": message.zh, "now": utc_text(now), "id": run_id, "fence": fence},
        )
    )


def keep_receipt(store: Store, run_id: str, receipt: dict[str, Any]) -> None:
    """Writes what a run changed and why."""
    text = json.dumps(receipt, ensure_ascii=False, sort_keys=True)
    store.execute("UPDATE runs SET receipt = :receipt WHERE id = :id", {"receipt": text, "id": run_id})


def give_up_dead_runs(store: Store, *, started_before: datetime, now: datetime) -> int:
    """Marks runs by hand as failed whose process must be dead by now; nightly runs have their lease for that."""
    return store.execute(
        """UPDATE runs SET state = 'failed', message = :en, message_zh = :zh, ended_at = :now,
           revision = revision + 1 WHERE state = 'running' AND lease_until IS NULL
               AND NOT started_at BETWEEN :before AND :after""",
        {
            "before": utc_text(started_before),
            "after": utc_text(now + (now - started_before)),  # later: by a clock that was set back since
            "now": utc_text(now),
            "en": DIED.en,
            "zh": DIED.zh,
        },
    )


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


def has_files(store: Store, run_id: str) -> bool:
    """Whether problem and solution of a run are still kept."""
    return bool(store.value("SELECT 1 FROM run_files WHERE run_id = :id AND solution IS NOT NULL", {"id": run_id}))


def forget_files(store: Store, *, before: datetime, tries_before: datetime) -> int:
    """Removes problem and solution files of runs that ended before a moment; returns how many.

    Those of plans by hand that nobody published go when they ended before `tries_before`.
    """
    return store.execute(
        """DELETE FROM run_files WHERE run_id IN (SELECT id FROM runs WHERE ended_at < :before
           OR (job = 'plan' AND ended_at < :tries_before AND NOT EXISTS (SELECT 1 FROM plans
               WHERE plans.run_id = runs.id AND plans.published_at IS NOT NULL)))""",
        {"before": utc_text(before), "tries_before": utc_text(tries_before)},
    )


def add_request(store: Store, *, id: str, job: str, slot_id: str | None, reason: str, by: str, now: datetime) -> None:
    """Files the wish to plan again; a process that may solve takes it."""
    store.db.table("replan_requests").insert(
        {
            "id": id, "job": job, "slot_id": slot_id, "reason": reason, "requested_by": by,
            "requested_at": utc_text(now), "state": "waiting", "run_id": None,
        }
    )  # fmt: skip


def open_request(store: Store, *, job: str, slot_id: str | None) -> str | None:
    """The id of the same wish if it waits, or, for a whole plan, is being served."""
    found = store.value(
        """SELECT id FROM replan_requests WHERE job = :job AND slot_id IS :slot
           AND (state = 'waiting' OR (state = 'taken' AND job = 'plan')) ORDER BY requested_at LIMIT 1""",
        {"job": job, "slot": slot_id},
    )
    return str(found) if found else None


def take_request(store: Store, *, job: str | None = None) -> dict[str, Any] | None:
    """The oldest waiting request (for a job, if told), now ours; None if there is none. Two never get the same one."""
    taken = store.rows(
        """UPDATE replan_requests SET state = 'taken' WHERE state = 'waiting' AND id =
           (SELECT id FROM replan_requests WHERE state = 'waiting' AND job = COALESCE(:job, job)
            ORDER BY requested_at, id LIMIT 1) RETURNING *""",
        {"job": job},
    )
    return taken[0] if taken else None


def start_request(store: Store, request_id: str, run_id: str) -> None:
    """Names the run that serves the request, so that a page can show its progress."""
    store.execute("UPDATE replan_requests SET run_id = :run WHERE id = :id", {"run": run_id, "id": request_id})


def reopen_requests(store: Store) -> int:
    """Requests taken by a process that died wait again."""
    return store.execute("UPDATE replan_requests SET state = 'waiting', run_id = NULL WHERE state = 'taken'")


def end_request(store: Store, request_id: str, *, state: str) -> None:
    """Closes a request: done or failed."""
    store.execute("UPDATE replan_requests SET state = :state WHERE id = :id", {"state": state, "id": request_id})


def note_running(store: Store, *, now: datetime) -> None:
    """A sign of life of the scheduler process."""
    sql = "INSERT INTO counters VALUES ('running_at', :at) ON CONFLICT (name) DO UPDATE SET value = :at"
    store.execute(sql, {"at": int(now.timestamp())})


def last_running(store: Store) -> datetime | None:
    """When the scheduler process gave its last sign of life; None if it never ran."""
    found = store.value("SELECT value FROM counters WHERE name = 'running_at'")
    return datetime.fromtimestamp(found, tz=UTC) if found is not None else None


def _packed(data: dict[str, Any]) -> bytes:
    return gzip.compress(json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode(), compresslevel=6, mtime=0)


def _unpacked(blob: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(gzip.decompress(blob))
    return found


def _text(moment_at: datetime | None) -> str | None:
    return utc_text(moment_at) if moment_at else None
