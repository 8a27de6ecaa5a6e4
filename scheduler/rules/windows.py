"""The planning windows: what is past, frozen, published, published next, or still a draft."""

from datetime import date, datetime, timedelta
from enum import StrEnum

from scheduler.config import Config
from scheduler.localtime import at_local, local_date
from scheduler.rules.answer_time import answer_by


class PlanningWindow(StrEnum):
    """History cannot change; frozen is staff's; published is proposed to people; the rest is a draft."""

    HISTORY = "history"
    FROZEN = "frozen"
    PUBLISHED = "published"
    FINAL_DRAFT = "final_draft"  # the next night publishes it
    DRAFT = "draft"
    OUT = "out"


def window_of(starts_at: datetime, config: Config, *, now: datetime) -> PlanningWindow:
    """The window in which something that starts then lies at `now`."""
    day = local_date(starts_at)
    if starts_at <= now:
        return PlanningWindow.HISTORY
    if starts_at < now + timedelta(hours=config.windows.frozen_hours):
        return PlanningWindow.FROZEN
    if day < first_draft_day(config, now=now):
        return PlanningWindow.PUBLISHED
    if day == first_draft_day(config, now=now) and day <= last_planned_day(config, now=now):
        return PlanningWindow.FINAL_DRAFT
    return PlanningWindow.DRAFT if day <= last_planned_day(config, now=now) else PlanningWindow.OUT


def first_draft_day(config: Config, *, now: datetime) -> date:
    """The first local day that is not proposed to people yet."""
    return local_date(now) + timedelta(days=config.windows.published_days + 1)


def last_planned_day(config: Config, *, now: datetime) -> date:
    """The last local day that is planned at all; always at least one day beyond the published ones."""
    return local_date(now) + timedelta(days=max(config.windows.planned_days, config.windows.published_days + 1))


def offer_expires_at(starts_at: datetime, config: Config, *, now: datetime) -> datetime:
    """Until when a proposal made now may be answered: `offer_hours`, but at most half of what is left to the start.

    The other half belongs to those who are asked next.
    """
    return answer_by(config, starts_at, within=timedelta(hours=config.windows.offer_hours), now=now)


def day_starts_at(day: date) -> datetime:
    """The UTC moment of a local midnight."""
    return at_local(day, "00:00")
