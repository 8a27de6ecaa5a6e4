"""Volunteers with their free times, recipients, pairs, organisations, grids."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from scheduler.model.people import (
    AvailabilityException,
    AvailabilityRule,
    Grid,
    Organisation,
    OrganisationLink,
    Pair,
    Recipient,
    Volunteer,
)
from scheduler.store.database import Store
from scheduler.store.repository import Repository, among

grids = Repository("grids", Grid)
organisations = Repository("organisations", Organisation)
organisation_links = Repository("organisation_links", OrganisationLink)
volunteers = Repository("volunteers", Volunteer, blind=("phone",))
availability_rules = Repository("availability_rules", AvailabilityRule)
availability_exceptions = Repository("availability_exceptions", AvailabilityException)
recipients = Repository("recipients", Recipient, blind=("phone",))
pairs = Repository("pairs", Pair)


def with_phone(store: Store, number: str) -> list[Volunteer]:
    """Volunteers with exactly this phone number, in digits; found by its blind index."""
    return volunteers.where(store, "phone_index = :index", {"index": store.seal.blind(number)})


def is_active(store: Store, volunteer_id: str) -> bool:
    """Whether the volunteer is on the list; False for one who does not exist."""
    return bool(store.value("SELECT active FROM volunteers WHERE id = :id", {"id": volunteer_id}))


def rules_by_volunteer(store: Store, people: Iterable[str] | None = None) -> dict[str, list[AvailabilityRule]]:
    """Weekly rules, grouped by volunteer id; of everybody unless people are named."""
    found: dict[str, list[AvailabilityRule]] = defaultdict(list)
    for rule in availability_rules.where(store, *_of(people)):
        found[rule.volunteer_id].append(rule)
    return found


def exceptions_by_volunteer(
    store: Store, people: Iterable[str] | None = None
) -> dict[str, list[AvailabilityException]]:
    """Exceptions, grouped by volunteer id; of everybody unless people are named."""
    found: dict[str, list[AvailabilityException]] = defaultdict(list)
    for exception in availability_exceptions.where(store, *_of(people)):
        found[exception.volunteer_id].append(exception)
    return found


def _of(people: Iterable[str] | None) -> tuple[str, dict[str, Any]]:
    return ("1", {}) if people is None else among("volunteer_id", people)


def grids_within(store: Store, grid_id: str | None) -> set[str]:
    """Ids of a grid and everything below it; of all grids where None."""
    if grid_id is None:
        return {row["id"] for row in store.rows("SELECT id FROM grids")}
    below = """WITH RECURSIVE below(id) AS (SELECT :top UNION ALL
               SELECT grids.id FROM grids JOIN below ON grids.parent_id = below.id) SELECT id FROM below"""
    return {row["id"] for row in store.rows(below, {"top": grid_id})}
