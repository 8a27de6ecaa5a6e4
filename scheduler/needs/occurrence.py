"""Whether a need ever takes place: a published need of which no visit can come is told, with what would help."""

from datetime import date, datetime, timedelta

from scheduler.config import Config
from scheduler.forms.form import Mistake
from scheduler.forms.month_days import month_days_said
from scheduler.forms.time_fields import weekdays_said
from scheduler.localized import Localized, LocalizedText
from scheduler.localtime import clock_of, local_date
from scheduler.model.people import Recipient
from scheduler.model.services import Need, NeedKind, NeedState, ServiceType, last_day
from scheduler.needs.expand import expand, quiet_spans, service_spans
from scheduler.rules.intervals import Spans, common, joined, span
from scheduler.rules.recurrence import recurs_on
from scheduler.rules.workdays import falls_on, is_workday

LOOKED_AHEAD = timedelta(days=28)  # past the longest holidays
MONTHS_AHEAD = timedelta(days=62)  # twice any day of the month but the 29th to 31st of February


def why_never(
    need: Need, service_type: ServiceType, recipient: Recipient, config: Config, *, now: datetime
) -> Mistake | None:
    """The field that keeps a published need from ever taking place from now on, None if it will or is not published."""
    if need.state is not NeedState.PUBLISHED:
        return None
    if not recipient.active:
        return Mistake("recipient_id", recipient.code, LocalizedText("a recipient who is still on the list"))
    if not service_type.active:
        return Mistake("service_type", service_type.code, LocalizedText("a service that is still offered"))
    today = local_date(now)
    first = max(today, need.from_date)
    last = last_day(need)
    ahead = MONTHS_AHEAD if need.month_days else LOOKED_AHEAD + timedelta(weeks=need.every_weeks)
    until = min(last or date.max, first + ahead)
    if any(slot.latest_at > now for slot in expand(need, service_type, recipient, first, until, config)):
        return None
    if last and last < today:
        name, day = ("until_date", need.until_date) if need.until_date else ("from_date", need.from_date)
        return Mistake(
            name,
            str(day),
            LocalizedText("today or a later day"),
        )
    days = [first + timedelta(days=n) for n in range((until - first).days + 1)]
    if need.kind is NeedKind.RECURRING:
        days = [day for day in days if recurs_on(need, day)]
    elif need.kind is NeedKind.CADENCE and need.weekdays:
        days = [day for day in days if falls_on(day, need.weekdays)]
    if not days and need.month_days:
        return Mistake("month_days", month_days_said(need.month_days), _in_the_span(first, until))
    if not days:
        return Mistake("weekdays", weekdays_said(need.weekdays), _in_the_span(first, until))
    return _no_room(need, service_type, recipient, config, days)


def _no_room(need: Need, service_type: ServiceType, recipient: Recipient, config: Config, days: list[date]) -> Mistake:
    """Why none of the days has room for the visit."""
    minutes = need.minutes or service_type.minutes
    offered = {day: service_spans(service_type, day.isoweekday(), is_workday(day)) for day in days}
    if not any(offered.values()):
        field, found = ("from_date", str(need.from_date)) if need.kind is NeedKind.ONCE else ("weekdays", "")
        return Mistake(field, found or weekdays_said(need.weekdays), _when_offered(service_type))
    wished = (span(need.start or "00:00", need.end or "24:00"),)
    field, found = ("start", need.start) if need.start else ("end", need.end or "")
    fitting = [common(spans, wished) for spans in offered.values()]
    if not any(end - start >= minutes for spans in fitting for start, end in spans) and found:
        return Mistake(field, found, _hours(joined(s for spans in offered.values() for s in spans), minutes))
    quiet = quiet_spans(recipient, config)
    if quiet and not service_type.in_quiet_hours:
        return Mistake(field, found, _outside(quiet, minutes))
    return Mistake("from_date", str(need.from_date), LocalizedText("a later day: it is too late today"))


def _in_the_span(first: date, until: date) -> Localized:
    return LocalizedText("days that lie between %(first)s and %(until)s", first=first, until=until)


def _when_offered(service_type: ServiceType) -> Localized:
    days = weekdays_said({day for window in service_type.windows for day in window.weekdays})
    return LocalizedText("days on which %(service)s is offered: %(days)s", service=service_type.name, days=days)


def _hours(spans: Spans, minutes: int) -> Localized:
    text = _written(spans)
    return LocalizedText("a time within %(text)s with room for %(minutes)s minutes", text=text, minutes=minutes)


def _outside(quiet: Spans, minutes: int) -> Localized:
    text = _written(joined(quiet))
    return LocalizedText(
        "a time outside the quiet hours (%(text)s) that leaves room for %(minutes)s minutes", text=text, minutes=minutes
    )


def _written(spans: Spans) -> list[str]:
    return [f"{clock_of(start)}-{clock_of(end)}" for start, end in spans]
