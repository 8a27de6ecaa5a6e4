"""A volunteer's visits as a calendar (RFC 5545): time, road and kind of service, nothing that names a person."""

from datetime import datetime, timedelta

from icalendar import Calendar, Event, Timezone
from icalendar.enums import STATUS

from scheduler.access.entry import volunteer_may_come_in
from scheduler.localized import LocalizedText
from scheduler.localtime import LOCAL
from scheduler.model.ids import stable_id
from scheduler.model.plan import HELD, State
from scheduler.model.services import Place
from scheduler.people.privacy import street_level
from scheduler.store import Store, tokens
from scheduler.store.queries.volunteer_lists import VisitRow, visits

PAST = timedelta(days=30)
AHEAD = timedelta(days=90)
REFRESH = timedelta(hours=1)
UID_DOMAIN = "yidu"


def open_feed(store: Store, volunteer_id: str, *, now: datetime) -> str:
    """A fresh token for the volunteer's feed; shown once, stored as a hash, and any older token ends."""
    token = tokens.new_token()
    with store.transaction():
        tokens.put_feed(store, volunteer_id, token, now=now)
    return token


def close_feed(store: Store, volunteer_id: str) -> bool:
    """Revokes the volunteer's feed; True if there was one."""
    with store.transaction():
        return tokens.drop_feed(store, volunteer_id)


def holder_of(store: Store, token: str) -> str | None:
    """The volunteer whose feed this token opens, None for an unknown or revoked one or who may not come in any more."""
    volunteer_id = tokens.feed_holder(store, token)
    return volunteer_id if volunteer_id and volunteer_may_come_in(store, volunteer_id) else None


def calendar_of(store: Store, volunteer_id: str, *, now: datetime, locale: str) -> bytes:
    """The feed: 30 days back, 90 ahead. A visit keeps its UID; its SEQUENCE grows; a lost one stays as CANCELLED.

    The same bytes at each reading until something changes, so that a client sees one calendar.
    """
    return _calendar(volunteer_id, visits(store, volunteer_id, now - PAST, now + AHEAD), locale)


def one_visit(visit: VisitRow, *, locale: str) -> bytes:
    """A calendar with a single visit, for "add to calendar"."""
    return _calendar(visit.id, [visit], locale)


def _calendar(whose: str, rows: list[VisitRow], locale: str) -> bytes:
    chinese = locale.startswith("zh")
    calendar = Calendar.new(
        uid=f"{stable_id('calendar', whose)}@{UID_DOMAIN}",
        prodid="-//Yidu//volunteer calendar//ZH",
        method="PUBLISH",
        name=LocalizedText("Yidu").to(locale),
        refresh_interval=REFRESH,
        subcomponents=[Timezone.from_tzid(str(LOCAL)), *(_event(row, chinese) for row in rows)],  # never without any
    )
    return bytes(calendar.to_ical())


def _event(visit: VisitRow, chinese: bool) -> Event:
    starts_at = visit.starts_at.astimezone(LOCAL)
    changed_at = max(filter(None, (visit.proposed_at, visit.replied_at)), default=visit.starts_at)
    return Event.new(
        uid=f"{visit.id}@{UID_DOMAIN}",
        sequence=visit.sequence,
        stamp=changed_at,
        start=starts_at,
        end=starts_at + timedelta(minutes=visit.minutes),
        summary=visit.name_zh if chinese else visit.name_en,
        location=street_level(visit.address, visit.area) if visit.place is Place.AT_RECIPIENT else None,
        status=_status(visit.state),
    )


def _status(state: State) -> STATUS:
    if state in HELD:
        return STATUS.CONFIRMED
    return STATUS.TENTATIVE if state is State.PROPOSED else STATUS.CANCELLED
