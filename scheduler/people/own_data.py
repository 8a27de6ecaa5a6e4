"""A volunteer's own data: carry it away, take a consent back, stop automatic proposals (PIPL art. 15, 24, 45)."""

import csv
import io
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from scheduler.errors import InputError
from scheduler.forms.time_fields import Weekdays
from scheduler.localized import LocalizedText
from scheduler.localtime import LOCAL
from scheduler.model.people import Volunteer
from scheduler.model.reading_rights import masked_name
from scheduler.people.privacy import openings_of, street_level
from scheduler.promises.settle import settled
from scheduler.store import Store, audit, contact_points
from scheduler.store.people import availability_exceptions, availability_rules, volunteers
from scheduler.store.queries.volunteer_lists import VisitRow, messages_to, visits
from scheduler.store.tokens import feed_since

PURPOSES = ("contact", "health_data")
ALL_TIME = timedelta(days=3660)
COLUMNS = ("date", "start", "end", "minutes", "service", "state", "source", "with", "street", "reason")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")


def own_data(store: Store, volunteer_id: str, *, now: datetime) -> dict[str, Any]:
    """Everything kept about the volunteer, ready for JSON; other people appear by surname and street only."""
    person = volunteers.get(store, volunteer_id)
    feed = feed_since(store, volunteer_id)
    return {
        "exported_at": now.isoformat(),
        "person": _profile(person),
        "free_times": [
            {
                "weekdays": Weekdays().write(r.weekdays),
                "start": r.start,
                "end": r.end,
                "from": _iso(r.from_date),
                "until": _iso(r.until_date),
            }
            for r in availability_rules.by(store, volunteer_id=volunteer_id)
        ],
        "exceptions": [
            {"kind": e.kind, "from": _iso(e.from_date), "until": _iso(e.until_date), "start": e.start, "end": e.end}
            for e in availability_exceptions.by(store, volunteer_id=volunteer_id)
        ],
        "visits": [dict(zip(COLUMNS, _visit_cells(row), strict=True)) for row in _all_visits(store, volunteer_id, now)],
        "who_saw_my_details": [
            {"at": line.at.isoformat(), "by": line.actor_name or line.actor, "reason": line.reason}
            for line in openings_of(store, "volunteer", volunteer_id)
        ],
        "contact_points": [
            {"channel": point.channel, "address": point.address} for point in contact_points.of(store, volunteer_id)
        ],
        "messages": messages_to(store, volunteer_id),
        "calendar_feed_since": feed.isoformat() if feed else None,
    }


def visits_csv(store: Store, volunteer_id: str, *, now: datetime) -> bytes:
    """The volunteer's visits as CSV in UTF-8 with a mark for spreadsheets; no cell can act as a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in _all_visits(store, volunteer_id, now):
        writer.writerow([_safe(cell) for cell in _visit_cells(row)])
    return text.getvalue().encode("utf-8-sig")


def set_auto_plan(store: Store, volunteer_id: str, *, wanted: bool, by: str, now: datetime) -> Volunteer:
    """Starts or stops automatic proposals; a plan built before becomes stale, visits already accepted stay."""
    with store.transaction():
        person = volunteers.get(store, volunteer_id)
        if person.auto_plan is wanted:
            return person
        action = "volunteer.auto_plan_on" if wanted else "volunteer.auto_plan_off"
        audit.record(store, at=now, actor=by, action=action, object_kind="volunteer", object_id=volunteer_id)
        store.touch()
        return volunteers.save(store, replace(person, auto_plan=wanted))


def set_consent(store: Store, volunteer_id: str, purpose: str, *, given: bool, by: str, now: datetime) -> Volunteer:
    """Gives a consent or takes it back: promises that need it end. Raises InputError for an unknown purpose."""
    if purpose not in PURPOSES:
        raise InputError(
            LocalizedText(
                "purpose: '%(purpose)s' is unknown; expected one of %(purposes)s", purpose=purpose, purposes=PURPOSES
            )
        )
    with settled(store, volunteers=[volunteer_id], by=by, now=now):
        person = volunteers.get(store, volunteer_id)
        if (purpose in person.consents) is given:
            return person
        rest = {name: at for name, at in person.consents.items() if name != purpose}
        action = "volunteer.consent_given" if given else "volunteer.consent_withdrawn"
        audit.record(
            store, at=now, actor=by, action=action, object_kind="volunteer", object_id=volunteer_id, reason=purpose
        )
        store.touch()
        return volunteers.save(store, replace(person, consents=rest | ({purpose: now} if given else {})))


def _all_visits(store: Store, volunteer_id: str, now: datetime) -> list[VisitRow]:
    return visits(store, volunteer_id, now - ALL_TIME, now + ALL_TIME, most=100_000)


def _visit_cells(row: VisitRow) -> tuple[str | int, ...]:
    starts_at, ends_at = row.starts_at.astimezone(LOCAL), row.ends_at.astimezone(LOCAL)
    name = masked_name(row.recipient_name, row.recipient_gender, "zh") if row.private else row.recipient_name
    street = street_level(row.address, row.area)
    times = f"{starts_at:%Y-%m-%d}", f"{starts_at:%H:%M}", f"{ends_at:%H:%M}"
    return *times, row.minutes, row.name_zh, row.state.value, row.source, name, street, row.reason


def _profile(person: Volunteer) -> dict[str, Any]:
    return {
        "code": person.code,
        "name": person.name,
        "kinds": sorted(kind.value for kind in person.kinds),
        "gender": person.gender,
        "birth_month": person.birth_month,
        "phone": person.phone,
        "address": person.address,
        "transport": person.transport.value,
        "location": [person.lat, person.lon],
        "languages": sorted(person.languages),
        "skills": sorted(person.skills),
        "trainings": {name: _iso(until) for name, until in sorted(person.trainings.items())},
        "consents": {purpose: at.isoformat() for purpose, at in sorted(person.consents.items())},
        "preferred_services": list(person.preferred_services),
        "wished_minutes_a_week": person.wished_minutes,
        "insured": person.insured,
        "automatic_proposals": person.auto_plan,
        "notes": person.notes,
    }


def _iso(day: Any) -> str | None:
    return day.isoformat() if day else None


def _safe(cell: str | int) -> str | int:
    """A text that a spreadsheet would read as a formula gets a leading apostrophe (OWASP: CSV injection)."""
    return f"'{cell}" if isinstance(cell, str) and cell.lstrip(" '\"").startswith(_FORMULA_STARTS) else cell
