"""What the health page asks the database."""

from datetime import datetime, timedelta

from scheduler.store.database import Store
from scheduler.store.repository import utc_text

UNTOLD = "call_outcome IN ('', 'not_reached') AND acknowledged_at IS NULL"  # of a message that reached nobody


def newest_planned_at(store: Store) -> datetime | None:
    """When the published plan was published."""
    found = store.value("SELECT max(published_at) FROM plans WHERE state = 'published'")
    return datetime.fromisoformat(found) if found else None


def failed_runs(store: Store, *, since: datetime) -> int:
    sql = "SELECT count(*) FROM runs WHERE state = 'failed' AND started_at >= :since"
    return int(store.value(sql, {"since": utc_text(since)}))


def failed_messages(store: Store) -> int:
    """Messages that every channel of their addressee refused, and that nobody has told by phone."""
    return int(store.value(f"SELECT count(*) FROM outbox WHERE state = 'failed' AND {UNTOLD}"))


def people_without_channel(store: Store, *, since: datetime) -> int:
    """Volunteers for whom there was a message lately and nobody to hand it to, and whom nobody has phoned."""
    sql = f"""SELECT count(DISTINCT addressee) FROM outbox WHERE state = 'no_channel' AND created_at >= :since
             AND addressee LIKE 'volunteer:%' AND {UNTOLD}"""
    return int(store.value(sql, {"since": utc_text(since)}))


def age_of_waiting(store: Store, *, now: datetime) -> timedelta | None:
    """How long the oldest request has waited for the planner; None if none waits."""
    oldest = store.value("SELECT min(requested_at) FROM replan_requests WHERE state = 'waiting'")
    return now - datetime.fromisoformat(oldest) if oldest else None


def library_version(store: Store) -> tuple[int, ...]:
    """The version of the SQLite library in use."""
    return tuple(int(part) for part in str(store.value("SELECT sqlite_version()")).split("."))
