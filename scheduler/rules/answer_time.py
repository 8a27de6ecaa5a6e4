"""Until when a question may be answered: its time runs from when it can reach the person, and stands still at night.

In the quiet hours nobody is asked unless the visit begins so soon after them that it cannot wait: then it rings.
"""

from datetime import datetime, timedelta

from scheduler.config import Config
from scheduler.localtime import LOCAL, minutes_of

NEAR = timedelta(hours=2)  # what begins sooner after the quiet hours cannot wait for their end
LEAST = timedelta(minutes=5)  # nobody is asked to answer faster
LEAST_AWAKE = timedelta(minutes=30)  # with less of the day left before the start, the night counts too
DAY = timedelta(days=1)


def in_quiet_hours(config: Config, now: datetime) -> bool:
    """Whether people are left in peace now; a span may pass midnight."""
    return _since_quiet_began(config, now) < _quiet(config)


def quiet_until(config: Config, now: datetime) -> datetime:
    """When the quiet hours that it is now in end; now itself outside them."""
    return now + max(timedelta(), _quiet(config) - _since_quiet_began(config, now))


def rings_before(config: Config, now: datetime) -> datetime:
    """What begins before this is told at once, even in the quiet hours."""
    return quiet_until(config, now) + NEAR


def told_from(config: Config, starts_at: datetime, *, now: datetime) -> datetime:
    """When a question filed now about a visit can reach a person."""
    return now if starts_at < rings_before(config, now) else quiet_until(config, now)


def answer_by(config: Config, starts_at: datetime, *, within: timedelta, now: datetime) -> datetime:
    """Until when a question that is filed now may be answered: `within`, but at most half of what is left.

    Time runs from when the question can reach the person and, whole days apart, in waking hours only: an answer is
    never due in the quiet hours, unless the visit begins in them or so soon after that the night has to count.
    """
    told_at = told_from(config, starts_at, now=now)
    left = _awake_between(config, told_at, starts_at)
    days = DAY * (within // DAY)
    half_at = told_at + (starts_at - told_at) / 2
    if left >= LEAST_AWAKE:
        half_at = _after_awake(config, told_at, left / 2)
    due_at = min(_after_awake(config, told_at + days, within - days), half_at)
    return min(starts_at, max(due_at, told_at + LEAST))


def _quiet(config: Config) -> timedelta:
    """How long the quiet hours are."""
    start, end = (minutes_of(clock) for clock in config.messages.quiet_hours)
    return timedelta(minutes=end - start) % DAY


def _since_quiet_began(config: Config, moment_at: datetime) -> timedelta:
    local = moment_at.astimezone(LOCAL)
    begins = timedelta(minutes=minutes_of(config.messages.quiet_hours[0]))
    clock = timedelta(hours=local.hour, minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    return (clock - begins) % DAY


def _awake_between(config: Config, since: datetime, until: datetime) -> timedelta:
    """How much of the span lies outside the quiet hours."""
    quiet, began = _quiet(config), _since_quiet_began(config, since)
    days, rest = divmod(max(timedelta(), until - since), DAY)
    asleep = max(timedelta(), min(began + rest, quiet) - began) + min(max(timedelta(), began + rest - DAY), quiet)
    return days * (DAY - quiet) + rest - asleep


def _after_awake(config: Config, since: datetime, time: timedelta) -> datetime:
    """The moment before which so much time has passed outside the quiet hours; never one inside them."""
    quiet, began = _quiet(config), _since_quiet_began(config, since)
    nights, rest = divmod(max(began, quiet) - quiet + time, DAY - quiet)
    return since - began + nights * DAY + quiet + rest
