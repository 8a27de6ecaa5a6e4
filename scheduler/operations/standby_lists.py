"""Builds the standby lists of all published slots, so that a decline is answered in the same second."""

from datetime import datetime

from scheduler.config import Config
from scheduler.model.plan import LIVE, PlanState
from scheduler.model.services import Slot
from scheduler.planning.standby_problem import StandIn, rank_stand_ins
from scheduler.records.attendance import show_rate, wanted_standbys
from scheduler.store import Store, records
from scheduler.store.people import volunteers
from scheduler.store.plans import assignments, latest_plan
from scheduler.store.repository import among
from scheduler.store.services import service_types
from scheduler.store.services import slots as slot_rows
from scheduler.store.standbys import Standby, built_at, note_built, replace_standbys

EQUAL_COST = 10  # people whose cost differs by less are equals: the one asked longest ago comes first
MOST_STANDBYS = 12  # of a critical slot with unreliable people


def build_standby_lists(store: Store, config: Config, *, now: datetime) -> int:
    """Ranks standbys for every slot that somebody is on from now, in place of the lists before; the number of slots.

    A slot keeps `standby.ladder` people; a critical one (its service asks for standbys) as many more as its people's
    show rates call for. No transaction is open while people are ranked.
    """
    found = rank_stand_ins(store, config, limit=max(MOST_STANDBYS, config.standby.ladder), now=now)
    slots = {slot.id: slot for slot in slot_rows.where(store, *among("id", found))}
    wanted = _wanted(store, config, slots)
    standbys = [
        standby
        for slot_id, ranked in found.items()
        for standby in _ranked(slots[slot_id], ranked[: wanted[slot_id]], now)
    ]
    with store.transaction():
        replace_standbys(store, found, standbys)
        note_built(store, now=now)
    return len(found)


def build_if_due(store: Store, config: Config, *, now: datetime) -> bool:
    """Builds the lists if a plan was published since they were built last; whether it did."""
    plan, last = latest_plan(store, PlanState.PUBLISHED), built_at(store)
    if plan is None or plan.published_at is None or (last is not None and plan.published_at <= last):
        return False
    build_standby_lists(store, config, now=now)
    return True


def _wanted(store: Store, config: Config, slots: dict[str, Slot]) -> dict[str, int]:
    """Slot id → how many standbys to keep."""
    critical = {t.code: t.standbys for t in service_types.where(store) if t.standbys}
    shown, people = records.shows_and_misses(store), {v.id: v for v in volunteers.where(store)}
    wanted = {}
    for slot in slots.values():
        wanted[slot.id] = config.standby.ladder
        if slot.service_type in critical:
            there = [a.volunteer_id for a in assignments.by(store, slot_id=slot.id) if a.state in LIVE]
            rates = [show_rate(people[who], *shown.get(who, (0, 0))) for who in there]
            more = wanted_standbys(rates, slot.heads, at_least=critical[slot.service_type], most=MOST_STANDBYS)
            wanted[slot.id] = min(MOST_STANDBYS, config.standby.ladder + more)
    return wanted


def _ranked(slot: Slot, ranked: list[StandIn], now: datetime) -> list[Standby]:
    """The standbys with their ranks: equals share one."""
    rank, first_cost, found = 0, 0, []
    for standby in ranked:
        if not rank or standby.cost_change - first_cost >= EQUAL_COST:
            rank, first_cost = rank + 1, standby.cost_change
        found.append(
            Standby(
                slot_id=slot.id,
                volunteer_id=standby.volunteer_id,
                rank=rank,
                starts_at=standby.starts_at,
                coverage_change=standby.coverage_change,
                cost_change=standby.cost_change,
                built_at=now,
                valid_until=standby.starts_at,
            )
        )
    return found
