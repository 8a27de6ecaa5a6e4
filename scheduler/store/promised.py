"""Questions about assignments: who holds a slot, what a person holds, whom we asked and when."""

from datetime import date, datetime, timedelta

from scheduler.model.ids import new_id
from scheduler.model.people import Pair
from scheduler.model.plan import Assignment
from scheduler.store.database import Store
from scheduler.store.ledger import add_request
from scheduler.store.people import pairs
from scheduler.store.plans import assignments
from scheduler.store.repository import utc_text
from scheduler.store.services import slots

LIVE_SQL = "state IN ('proposed', 'accepted', 'checked_in')"
TAKEN_OFF_SQL = """FROM assignments a WHERE a.taken_off AND NOT EXISTS (SELECT 1 FROM assignments later
    WHERE later.slot_id = a.slot_id AND later.volunteer_id = a.volunteer_id AND later.rowid > a.rowid)"""
WEEK = timedelta(days=7)


def live_on_slot(store: Store, slot_id: str) -> list[Assignment]:
    """Proposed, accepted or checked-in assignments of a slot."""
    return assignments.where(store, f"slot_id = :slot AND {LIVE_SQL} ORDER BY starts_at, id", {"slot": slot_id})


def another_visitor(store: Store, slot_id: str, starts_at: datetime) -> bool:
    """Whether somebody is, or was asked to be, at the slot's recipient for another slot during a visit from then."""
    sql = f"""SELECT 1 FROM slots mine JOIN slots s ON s.recipient_id = mine.recipient_id AND s.id != mine.id
                  AND s.service_date = mine.service_date
              JOIN assignments a ON a.slot_id = s.id
              WHERE mine.id = :slot AND a.{LIVE_SQL} AND unixepoch(a.starts_at) < unixepoch(:start) + 60 * mine.minutes
                  AND unixepoch(a.starts_at) + 60 * s.minutes > unixepoch(:start) LIMIT 1"""
    return bool(store.value(sql, {"slot": slot_id, "start": utc_text(starts_at)}))


def binding_in_week(store: Store, volunteer_id: str, from_date: date, until_date: date) -> list[Assignment]:
    """Live or finished assignments of a person on slots of these local days, by start."""
    return assignments.where(
        store,
        """volunteer_id = :volunteer AND state IN ('proposed', 'accepted', 'checked_in', 'done') AND EXISTS
           (SELECT 1 FROM slots WHERE slots.id = slot_id AND service_date BETWEEN :from AND :until)
           ORDER BY starts_at, id""",
        {"volunteer": volunteer_id, "from": from_date.isoformat(), "until": until_date.isoformat()},
    )


def at_the_time_of(store: Store, visit: Assignment, volunteer_id: str) -> list[Assignment]:
    """Live or finished assignments of a person whose time overlaps that of a visit, itself aside, by start."""
    ends_at = visit.starts_at + timedelta(minutes=slots.get(store, visit.slot_id).minutes)
    before = assignments.where(
        store,
        """volunteer_id = :volunteer AND id <> :visit AND starts_at < :end
           AND state IN ('proposed', 'accepted', 'checked_in', 'done') ORDER BY starts_at, id""",
        {"volunteer": volunteer_id, "visit": visit.id, "end": utc_text(ends_at)},
    )
    minutes = {a.id: slots.get(store, a.slot_id).minutes for a in before if a.starts_at > visit.starts_at - WEEK}
    return [a for a in before if a.id in minutes and a.starts_at + timedelta(minutes=minutes[a.id]) > visit.starts_at]


def pairs_between(store: Store, volunteer_id: str, recipient_id: str) -> list[Pair]:
    """Pairs of two people, ended ones too."""
    return pairs.by(store, volunteer_id=volunteer_id, recipient_id=recipient_id)


def has_visited(store: Store, volunteer_id: str, recipient_id: str) -> bool:
    """Whether the person has finished a visit to the recipient."""
    sql = """SELECT 1 FROM assignments a JOIN slots s ON s.id = a.slot_id
             WHERE a.volunteer_id = :volunteer AND s.recipient_id = :recipient AND a.state = 'done' LIMIT 1"""
    return bool(store.value(sql, {"volunteer": volunteer_id, "recipient": recipient_id}))


def let_go_of_slot(store: Store, slot_id: str) -> frozenset[str]:
    """Volunteers whose assignment on this slot ended by their choice or absence."""
    rows = store.rows(
        """SELECT DISTINCT volunteer_id FROM assignments
           WHERE slot_id = :slot AND state IN ('declined', 'expired', 'withdrawn', 'excused', 'missed')""",
        {"slot": slot_id},
    )
    return frozenset(row["volunteer_id"] for row in rows)


def taken_off_slot(store: Store, slot_id: str) -> frozenset[str]:
    """Volunteers whom staff took off this slot and have not put back since."""
    rows = store.rows(f"SELECT volunteer_id {TAKEN_OFF_SQL} AND a.slot_id = :slot", {"slot": slot_id})
    return frozenset(row["volunteer_id"] for row in rows)


def asked_on_slot(store: Store, slot_id: str) -> frozenset[str]:
    """Volunteers who were ever on a slot or asked for it; not whose offer was taken back before they heard of it."""
    rows = store.rows(
        f"""SELECT DISTINCT volunteer_id FROM assignments a
            WHERE slot_id = :slot AND NOT (a.state = 'superseded' AND {NEVER_TOLD})""",
        {"slot": slot_id},
    )
    return frozenset(row["volunteer_id"] for row in rows)


def overdue_offers(store: Store, *, now: datetime) -> list[str]:
    """Ids of proposals whose time to answer is over, or whose start has passed, longest overdue first."""
    rows = store.rows(
        """SELECT id FROM assignments WHERE state = 'proposed' AND (expires_at <= :now OR starts_at <= :now)
           ORDER BY expires_at, id""",
        {"now": utc_text(now)},
    )
    return [row["id"] for row in rows]


def accepted_between(store: Store, since_at: datetime, until_at: datetime) -> list[Assignment]:
    """Accepted visits that begin within a span, earliest first."""
    return assignments.where(
        store,
        "state = 'accepted' AND starts_at >= :since AND starts_at < :until ORDER BY starts_at, id",
        {"since": utc_text(since_at), "until": utc_text(until_at)},
    )


def who_refused(store: Store, need_id: str) -> frozenset[str]:
    """Volunteers whose no covers the need and stands: they are not asked for it again."""
    rows = store.rows("SELECT DISTINCT volunteer_id FROM standing_noes WHERE need_id = :need", {"need": need_id})
    return frozenset(row["volunteer_id"] for row in rows)


# An offer that ended before its message was sent: nobody was asked. An answer says that the person knew of it.
NEVER_TOLD = """a.state IN ('superseded', 'cancelled', 'expired') AND EXISTS
    (SELECT 1 FROM outbox o WHERE o.key = 'standby_offer:' || a.id || ':0'
     AND o.state IN ('waiting', 'failed', 'dropped'))"""


def standby_offers(store: Store, volunteer_id: str, *, now: datetime) -> tuple[int, str]:
    """How often a person was asked as a standby in the last 7 days, and when last ("" = never)."""
    row = store.rows(
        f"""SELECT COALESCE(SUM(proposed_at > :since), 0) AS asked, COALESCE(MAX(proposed_at), '') AS last
           FROM assignments a WHERE volunteer_id = :volunteer AND source = 'standby' AND NOT ({NEVER_TOLD})""",
        {"volunteer": volunteer_id, "since": utc_text(now - WEEK)},
    )[0]
    return int(row["asked"]), str(row["last"])


def request_repair(store: Store, slot_id: str, *, reason: str, now: datetime) -> str:
    """Asks the scheduler process to fill one slot; a request that waits already is enough. Its id."""
    waiting = store.value(
        "SELECT id FROM replan_requests WHERE slot_id = :slot AND state = 'waiting'", {"slot": slot_id}
    )
    if waiting:
        return str(waiting)
    request_id = new_id()
    add_request(store, id=request_id, job="repair", slot_id=slot_id, reason=reason, by="replies", now=now)
    return request_id
