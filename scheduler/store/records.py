"""What happened: attendance, entries of hours, visits as they were, measures."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from scheduler.model.plan import Assignment
from scheduler.store.database import Store
from scheduler.store.plans import assignments
from scheduler.store.queries.paging import in_area
from scheduler.store.repository import Repository, utc_text


@dataclass(frozen=True, slots=True)
class Attendance:
    """When a visit began and ended. `back_filled`: entered afterwards, kept apart from automatic times."""

    assignment_id: str
    checked_in_at: datetime | None
    checked_out_at: datetime | None
    recorded_by: str
    back_filled: bool = False
    note: str = ""
    revision: int = 0


@dataclass(frozen=True, slots=True)
class HoursEntry:
    """One line of the hours ledger; never changed, only reversed by a line with the opposite minutes.

    `review`: who must confirm the day's credit beyond 8 hours ("parent") or 12 hours ("province"), else "none".
    """

    id: str
    volunteer_id: str
    assignment_id: str | None
    service_date: date
    planned_min: int
    actual_min: int
    credited_min: int
    kind: str  # automatic, back_filled, reversal
    review: str
    entered_by: str
    entered_at: datetime
    reverses_id: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class VisitFact:
    """A visit that took place or is promised, with what measures ask about it."""

    assignment_id: str
    volunteer_id: str
    recipient_id: str
    service_type: str
    starts_at: datetime
    minutes: int
    in_person: bool
    state: str


SCHEDULER = "scheduler"  # who enters the hours of a visit that nobody checked out of

attendance = Repository("attendance", Attendance, key="assignment_id")
hours_entries = Repository("hours_entries", HoursEntry)


def entries_of(store: Store, assignment_id: str) -> list[HoursEntry]:
    """Lines about one assignment, oldest first."""
    return hours_entries.where(store, "assignment_id = :id ORDER BY rowid", {"id": assignment_id})


def entries_between(store: Store, volunteer_id: str, from_date: date, until_date: date) -> list[HoursEntry]:
    """A person's lines for local days from one to another (both included), oldest first."""
    return hours_entries.where(
        store,
        "volunteer_id = :volunteer AND service_date BETWEEN :from AND :until ORDER BY service_date, rowid",
        {"volunteer": volunteer_id, "from": from_date.isoformat(), "until": until_date.isoformat()},
    )


def not_checked_in(store: Store, since_at: datetime, until_at: datetime, *, grids: set[str] | None = None) -> list[Any]:
    """Accepted visits that should have begun within a span, earliest first: rows with names for the at-risk list."""
    rows = store.rows(
        """SELECT a.id, a.slot_id, a.volunteer_id, a.starts_at, s.service_type, s.grid_id, s.recipient_id, s.priority,
                  v.name AS volunteer_name, r.name AS recipient_name
           FROM assignments a JOIN slots s ON s.id = a.slot_id JOIN volunteers v ON v.id = a.volunteer_id
                JOIN recipients r ON r.id = s.recipient_id
           WHERE a.state = 'accepted' AND a.starts_at >= :since AND a.starts_at < :until
           ORDER BY s.priority DESC, a.starts_at, a.id""",
        {"since": utc_text(since_at), "until": utc_text(until_at)},
    )
    return [row for row in rows if grids is None or row["grid_id"] in grids]


def left_open(store: Store, before: datetime) -> list[Assignment]:
    """Checked-in visits whose planned end lies before a moment."""
    rows = store.rows(
        """SELECT a.* FROM assignments a JOIN slots s ON s.id = a.slot_id
           WHERE a.state = 'checked_in'
             AND unixepoch(a.starts_at) + 60 * s.minutes < unixepoch(:before) ORDER BY a.starts_at, a.id""",
        {"before": utc_text(before)},
    )
    return [assignments.from_row(store, row) for row in rows]


def is_unconfirmed(entry: HoursEntry) -> bool:
    """Whether a line credits nothing only because of the moment at which a button was pressed, or was not."""
    return entry.credited_min == 0 and (entry.kind == "automatic" or entry.entered_by == SCHEDULER)


def unconfirmed(store: Store, since_at: datetime, before: datetime) -> list[Assignment]:
    """Visits since a moment of which staff have to say how they were, earliest first.

    Finished ones that earned nothing by what was pressed, and promised ones that began before a moment and of which
    nobody said anything.
    """
    rows = store.rows(
        """SELECT a.* FROM assignments a WHERE a.state = 'accepted' AND a.starts_at >= :since AND a.starts_at < :before
           UNION ALL
           SELECT a.* FROM hours_entries e JOIN assignments a ON a.id = e.assignment_id
           WHERE e.credited_min = 0 AND (e.kind = 'automatic' OR e.entered_by = :scheduler)
                 AND a.state = 'done' AND a.starts_at >= :since
                 AND NOT EXISTS (SELECT 1 FROM hours_entries r
                                 WHERE r.assignment_id = e.assignment_id AND r.reverses_id = e.id)
           ORDER BY starts_at, id""",
        {"since": utc_text(since_at), "before": utc_text(before), "scheduler": SCHEDULER},
    )
    return [assignments.from_row(store, row) for row in rows]


def shows_and_misses(store: Store) -> dict[str, tuple[int, int]]:
    """Volunteer id → (visits that took place, visits missed without excuse)."""
    rows = store.rows(
        """SELECT volunteer_id, SUM(state = 'done') AS done, SUM(state = 'missed') AS missed
           FROM assignments WHERE state IN ('done', 'missed') GROUP BY volunteer_id"""
    )
    return {row["volunteer_id"]: (int(row["done"]), int(row["missed"])) for row in rows}


def visits_to(
    store: Store, recipient_kind: str, since_at: datetime, until_at: datetime, *, states: tuple[str, ...] = ("done",),
    area: str | None = None,
) -> list[VisitFact]:  # fmt: skip
    """Visits and calls to recipients of a kind that begin within a span, in the given states, earliest first.

    `area`: those in a grid or below it only.
    """
    names = ", ".join(f":s{n}" for n in range(len(states)))
    rows = store.rows(
        f"""SELECT a.id AS assignment_id, a.volunteer_id, s.recipient_id, s.service_type, a.starts_at, s.minutes,
                   s.place = 'at_recipient' AS in_person, a.state
            FROM assignments a JOIN slots s ON s.id = a.slot_id JOIN recipients r ON r.id = s.recipient_id
            WHERE r.kind = :kind AND a.state IN ({names}) AND a.starts_at >= :since AND a.starts_at < :until
                  AND {in_area("s.grid_id")}
            ORDER BY a.starts_at, a.id""",
        {"kind": recipient_kind, "since": utc_text(since_at), "until": utc_text(until_at), "area": area}
        | {f"s{n}": state for n, state in enumerate(states)},
    )
    return [
        VisitFact(**{**row, "starts_at": datetime.fromisoformat(row["starts_at"]), "in_person": bool(row["in_person"])})
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Contacts:
    """How an elder was seen lately: the last contact, contacts of a week, those in person of a week and of 30 days."""

    last_at: datetime
    week: int
    week_in_person: int
    month_in_person: int


def contacts_of_elders(
    store: Store, since_at: datetime, now: datetime, *, states: tuple[str, ...]
) -> dict[str, Contacts]:
    """Elder id → contacts; counted by the database, because a district has tens of thousands of visits a month."""
    names = ", ".join(f":s{n}" for n in range(len(states)))
    rows = store.rows(
        f"""SELECT s.recipient_id AS elder, max(a.starts_at) AS last_at, sum(a.starts_at > :week) AS week,
                   sum(a.starts_at > :week AND s.place = 'at_recipient') AS week_in_person,
                   sum(a.starts_at > :month AND s.place = 'at_recipient') AS month_in_person
            FROM assignments a JOIN slots s ON s.id = a.slot_id JOIN recipients r ON r.id = s.recipient_id
            WHERE r.kind = 'elder' AND a.state IN ({names}) AND a.starts_at >= :since AND a.starts_at < :now
            GROUP BY s.recipient_id""",
        {
            "since": utc_text(since_at),
            "now": utc_text(now),
            "week": utc_text(now - timedelta(days=7)),
            "month": utc_text(now - timedelta(days=30)),
            **{f"s{n}": state for n, state in enumerate(states)},
        },
    )
    return {row.pop("elder"): Contacts(**{**row, "last_at": datetime.fromisoformat(row["last_at"])}) for row in rows}


def elders_in_programme(store: Store, area: str | None = None) -> dict[str, str]:
    """Id → risk tier of active elders, in an area or everywhere, who have a published need."""
    rows = store.rows(
        f"""SELECT id, risk_tier FROM recipients WHERE kind = 'elder' AND active AND {in_area("grid_id")} AND EXISTS
            (SELECT 1 FROM needs WHERE recipient_id = recipients.id AND state = 'published')""",
        {"area": area},
    )
    return {row["id"]: row["risk_tier"] for row in rows}


def headcount_between(store: Store, from_date: date, until_date: date, states: tuple[str, ...]) -> dict[str, int]:
    """required seats, filled seats (assignments in the states), and both weighted by priority, of open slots."""
    names = ", ".join(f":s{n}" for n in range(len(states)))
    row = store.rows(
        f"""SELECT COALESCE(SUM(heads), 0) AS required, COALESCE(SUM(filled), 0) AS filled,
                   COALESCE(SUM(heads * priority), 0) AS weighted_required,
                   COALESCE(SUM(filled * priority), 0) AS weighted_filled
            FROM (SELECT s.heads, s.priority, MIN(s.heads, (SELECT COUNT(*) FROM assignments a
                         WHERE a.slot_id = s.id AND a.state IN ({names}))) AS filled
                  FROM slots s WHERE s.state = 'open' AND s.service_date BETWEEN :from AND :until)""",
        {"from": from_date.isoformat(), "until": until_date.isoformat()}
        | {f"s{n}": state for n, state in enumerate(states)},
    )[0]
    return {name: int(value) for name, value in row.items()}


def credited_by_volunteer(store: Store, from_date: date, until_date: date) -> dict[str, int]:
    """Volunteer id → credited minutes of these local days."""
    rows = store.rows(
        """SELECT volunteer_id, SUM(credited_min) AS minutes FROM hours_entries
           WHERE service_date BETWEEN :from AND :until GROUP BY volunteer_id""",
        {"from": from_date.isoformat(), "until": until_date.isoformat()},
    )
    return {row["volunteer_id"]: int(row["minutes"]) for row in rows}


def keep_measures(store: Store, service_date: date, scope: str, values: dict[str, float | None], now: datetime) -> None:
    """Stores a day's measures, replacing those of an earlier run for the day; a missing value stays null."""
    store.db.table("measures").upsert_all(
        [
            {"service_date": service_date.isoformat(), "name": name, "scope": scope, "value": value,
             "measured_at": utc_text(now)}
            for name, value in sorted(values.items())
        ],
        pk=("service_date", "name", "scope"),
    )  # fmt: skip
