"""A stored week that fits in the head: two streets' worth of people, some elders, needs, and a fast solving process."""

import sys
from datetime import datetime, timedelta
from typing import Any

from scheduler.config import Config
from scheduler.model.people import AvailabilityRule, Kind
from scheduler.model.services import Need, NeedKind
from scheduler.needs.renew import expand_all
from scheduler.planning.publish import publish
from scheduler.planning.replan import make_plan, plan_now, start_run
from scheduler.store import Store
from scheduler.store.people import availability_rules
from scheduler.store.services import needs
from tests import world
from tests.scheduler.planning.builders import CONFIG

NOW = world.NOW  # Monday 23 November 2026, 10:00 in Shanghai
FIRST_FIT: dict[str, Any] = {"command": (sys.executable, "-m", "tests.scheduler.planning.first_fit")}


def config_for(store: Store, **sections: dict[str, Any]) -> Config:
    """The delivered settings for this database, with a few days to plan instead of weeks."""
    sections = {"windows": {"published_days": 3, "planned_days": 5, "frozen_hours": 12}, **sections}
    changed = {name: getattr(CONFIG, name).model_copy(update=fields) for name, fields in sections.items()}
    return CONFIG.model_copy(update={**changed, "database": store.path})


def add_helper(store: Store, id: str, *, start: str = "08:00", end: str = "19:00", **changes: Any) -> None:
    """A party member who lives next door and is free every day."""
    world.add_volunteer(store, id, **{"kinds": frozenset({Kind.PARTY_MEMBER}), **changes})
    availability_rules.add(store, AvailabilityRule(f"free {id}", id, (1, 2, 3, 4, 5, 6, 7), start, end))


def add_need(
    store: Store, id: str, elder: str, *, weekdays: tuple[int, ...] = (3,), start: str = "14:00", **changes: Any
) -> Need:
    """Somebody wanted every week on these days, at this time of day."""
    if not store.value("SELECT 1 FROM recipients WHERE id = :id", {"id": elder}):
        world.add_elder(store, elder)
    end = f"{int(start[:2]) + 1:02d}{start[2:]}"
    since = NOW - timedelta(days=30)
    rhythm = {"weekdays": weekdays, "start": start, "end": end, "created_at": since, **changes}
    return needs.add(store, Need(id, id, "E01", elder, NeedKind.RECURRING, since.date(), **rhythm))


def a_week(store: Store, *, helpers: int = 3, elders: int = 4) -> Config:
    """Helpers h0, h1…, elders e0, e1… who want a visit on Wednesday at 14:00, 15:00, …; returns the settings."""
    world.add_map(store)
    world.add_service(store)
    for n in range(helpers):
        add_helper(store, f"h{n}")
    for n in range(elders):
        add_need(store, f"n{n}", f"e{n}", start=f"{14 + n // 2}:{30 * (n % 2):02d}")
    return config_for(store)


def planned(store: Store, config: Config, *, now: datetime = NOW, **more: Any):
    """A draft as staff make it."""
    return plan_now(store, config, by="staff", clock=lambda: now, **FIRST_FIT, **more)


def published(store: Store, config: Config, *, now: datetime = NOW):
    """A plan that people were told of."""
    return publish(store, config, planned(store, config, now=now).id, by="staff", now=now)


def night(store: Store, config: Config, *, now: datetime, **more: Any):
    """A draft as the night makes it, within the change budget."""
    expand_all(store, config, now=now)
    run = start_run(store, config, "night", by="night", now=now)
    return make_plan(store, config, run=run, now=now, within_budget=True, **FIRST_FIT, **more)
