"""Writes the demo into an empty store."""

import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from scheduler.access.accounts import create_account
from scheduler.config import Config
from scheduler.demo.history import past_visits
from scheduler.demo.needs import street_needs
from scheduler.demo.people import Helper, make_elders, make_helpers, make_pairs
from scheduler.demo.places import SIZES, Places, sizes_by_street, street_places
from scheduler.errors import InputError
from scheduler.localized import LocalizedText
from scheduler.localtime import local_date
from scheduler.model.accounts import Role
from scheduler.model.people import Kind, Volunteer
from scheduler.needs.catalogue import delivered_service_types, load_catalogue
from scheduler.store import Store, people, plans, services

Progress = Callable[[str, float], None]  # what is being done, share done (0 to 1)


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """A login to show to the person who tries the demo; the password is new with each demo."""

    login: str
    password: str
    role: Role
    name: str


@dataclass(slots=True)
class DemoSummary:
    """What was loaded."""

    size: str
    counts: dict[str, int] = field(default_factory=dict)  # couriers, members, elders, sites, needs, pairs, past_visits
    accounts: tuple[DemoAccount, ...] = ()

    def add(self, **counts: int) -> None:
        for name, count in counts.items():
            self.counts[name] = self.counts.get(name, 0) + count


def load_demo(
    store: Store, config: Config, *, size: str, now: datetime, on_progress: Progress | None = None
) -> DemoSummary:
    """Fills an empty store with a synthetic district; the same size and local date give the same people and needs.

    `size`: "small" (one committee and one building), "street" (长征镇) or "district" (all ten streets). All or nothing.
    Raises InputError for another size, or if the store holds volunteers already.
    """
    if size not in SIZES:
        raise InputError(LocalizedText("size '%(size)s' is unknown: expected %(sizes)s", size=size, sizes=SIZES))
    if store.value("SELECT 1 FROM volunteers LIMIT 1"):
        raise InputError(
            LocalizedText(
                "%(path)s holds volunteers already: choose another database file for the demo", path=store.path
            )
        )
    summary = DemoSummary(size)
    streets = sizes_by_street(size)
    volunteers: list[Volunteer] = []
    with store.transaction():
        load_catalogue(store)
        for number, (code, street_size) in enumerate(streets.items()):
            rng = random.Random(f"{size} {code}")
            places = street_places(code, street_size, rng)
            if on_progress:
                on_progress(places.street.name, number / len(streets))
            helpers = make_helpers(places, street_size, len(volunteers) + 1, config, rng, now, local_date(now))
            volunteers += [helper.volunteer for helper in helpers]
            _write_street(store, summary, places, helpers, street_size.elders, rng, now)
        summary.accounts = _accounts(store, volunteers, now)
        store.touch()
    if on_progress:
        on_progress("", 1.0)
    return summary


def _write_street(
    store: Store,
    summary: DemoSummary,
    places: Places,
    helpers: list[Helper],
    elder_count: int,
    rng: random.Random,
    now: datetime,
) -> None:
    today = local_date(now)
    elders = make_elders(places, elder_count, summary.counts.get("elders", 0) + 1, rng, today)
    pairs = list(make_pairs(elders, helpers, rng, today))
    first_need = summary.counts.get("needs", 0) + 1
    needs = street_needs(places, elders, helpers, pairs, first_need, rng, now, today)
    kinds = {kind.code: kind for kind in delivered_service_types()}
    past = list(past_visits(needs, kinds, {elder.id: elder for elder in elders}, helpers, pairs, rng, today))

    people.grids.add_all(store, places.buildings)
    people.organisations.add_all(store, places.organisations)
    people.volunteers.add_all(store, (helper.volunteer for helper in helpers))
    people.availability_rules.add_all(store, (rule for helper in helpers for rule in helper.rules))
    people.availability_exceptions.add_all(store, (away for helper in helpers for away in helper.exceptions))
    people.recipients.add_all(store, (*places.recipients, *elders))
    people.pairs.add_all(store, pairs)
    services.needs.add_all(store, needs)
    services.slots.add_all(store, (slot for slot, _ in past))
    plans.assignments.add_all(store, (visit for _, visit in past))
    couriers = sum(Kind.COURIER in helper.volunteer.kinds for helper in helpers)
    summary.add(
        couriers=couriers,
        members=len(helpers) - couriers,
        elders=len(elders),
        sites=len(places.recipients),
        pairs=len(pairs),
        needs=len(needs),
        past_visits=len(past),
    )


def _accounts(store: Store, volunteers: list[Volunteer], now: datetime) -> tuple[DemoAccount, ...]:
    """An administrator, a staff member, an auditor, a courier and a party member, with passwords made up now."""
    courier = next(v for v in volunteers if Kind.COURIER in v.kinds)
    member = next(v for v in volunteers if Kind.COURIER not in v.kinds)
    made = []
    for login, role, name, volunteer in (
        ("admin", Role.ADMIN, "管理员", None),
        ("staff", Role.STAFF, "工作人员", None),
        ("auditor", Role.AUDITOR, "审计员", None),
        ("courier", Role.VOLUNTEER, courier.name, courier),
        ("member", Role.VOLUNTEER, member.name, member),
    ):
        account = DemoAccount(login, secrets.token_urlsafe(9), role, name)
        create_account(
            store,
            login=login,
            password=account.password,
            role=role,
            name=name,
            volunteer_id=volunteer.id if volunteer else None,
            by="demo",
            now=now,
        )
        made.append(account)
    return tuple(made)
