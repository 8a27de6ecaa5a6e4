"""Builds the standby ladders of all published slots, so that a decline is answered in the same second."""

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
from scheduler.store.standbys import Standby, built_at, note_built, replace_ladders

EQUAL_COST = 10  # people whose cost differs by less are equals: the one asked longest ago comes first
MOST_RUNGS = 12  # of a critical slot with unreliable people


def build_ladders(store: Store, config: Config, *, now: datetime) -> int:
    """Ranks standbys for every slot that somebody is on from now, in place of the ladders before; the number of slots.

    A slot keeps `standby.ladder` people; a critical one (its service asks for standbys) as many more as its people's
    show rates call for. No transaction is open while people are ranked.
    """
    found = rank_stand_ins(store, config, limit=max(MOST_RUNGS, config.standby.ladder), now=now)
    slots = {slot.id: slot for slot in slot_rows.where(store, *among("id", found))}
    wanted = _wanted(store, config, slots)
    rungs = [
        rung for slot_id, ranked in found.items() for rung in _ladder(slots[slot_id], ranked[: wanted[slot_id]], now)
    ]
    with store.transaction():
        replace_ladders(store, found, rungs)
        note_built(store, now=now)
    return len(found)


def build_if_due(store: Store, config: Config, *, now: datetime) -> bool:
    """Builds the ladders if a plan was published since they were built last; whether it did."""
    plan, last = latest_plan(store, PlanState.PUBLISHED), built_at(store)
    if plan is None or plan.published_at is None or (last is not None and plan.published_at <= last):
        return False
    build_ladders(store, config, now=now)
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
            more = wanted_standbys(rates, slot.heads, at_least=critical[slot.service_type], most=MOST_RUNGS)
            wanted[slot.id] = min(MOST_RUNGS, config.standby.ladder + more)
    return wanted


def _ladder(slot: Slot, ranked: list[StandIn], now: datetime) -> list[Standby]:
    """The rungs with their ranks: equals share one."""
    rank, first_cost, found = 0, 0, []
    for rung in ranked:
        if not rank or rung.cost_change - first_cost >= EQUAL_COST:
            rank, first_cost = rank + 1, rung.cost_change
        found.append(
            Standby(
                slot_id=slot.id,
                volunteer_id=rung.volunteer_id,
                rank=rank,
                starts_at=rung.starts_at,
                coverage_change=rung.coverage_change,
                cost_change=rung.cost_change,
                built_at=now,
                valid_until=rung.starts_at,
            )
        )
    return found
