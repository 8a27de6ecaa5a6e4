"""Reminds people of what they promised: once a visit, in the morning of the day before or as soon as it is known."""

from datetime import datetime, timedelta

from scheduler.localtime import at_local, local_date
from scheduler.promises import seats
from scheduler.store import Store, promised


def remind(store: Store, *, now: datetime) -> int:
    """Files a reminder for every accepted visit that begins before the end of tomorrow; how many visits that are.

    A visit is reminded of once, however often this runs; quiet hours hold the messages until the morning.
    """
    until_at = at_local(local_date(now) + timedelta(days=2), "00:00")
    ahead = promised.accepted_between(store, now, until_at)
    with store.transaction():
        for visit in ahead:
            seats.tell_once(store, visit, "reminder", now=now)
    return len(ahead)
