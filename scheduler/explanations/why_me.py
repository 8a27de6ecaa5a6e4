"""Why a visit was proposed to this person: the facts the plan weighs, told to the one they are about (PIPL art. 24)."""

from dataclasses import dataclass

from scheduler.config import Config
from scheduler.localtime import LOCAL, clock_of, local_date
from scheduler.model.people import Pair, Volunteer
from scheduler.model.plan import Assignment
from scheduler.model.services import Place, Slot
from scheduler.promises.feasibility import facts_of_person
from scheduler.rules.availability import Calendar, free_spans
from scheduler.rules.facts import STANDING, Facts
from scheduler.rules.travel import leg_min, starting_point
from scheduler.store import Store
from scheduler.store.people import volunteers
from scheduler.store.services import slots


@dataclass(frozen=True, slots=True)
class Because:
    """One fact that spoke for it. Codes: free, way, remote, first_face, second_face, known, preferred, skills.

    `minutes` belongs to way; `text` to free ("14:00–16:30") and skills (their names).
    """

    code: str
    minutes: int = 0
    text: str = ""


def why_me(store: Store, config: Config, assignment: Assignment) -> tuple[Because, ...]:
    """The facts as they stand now, the strongest first; empty where none is left (a free time was changed since)."""
    slot, volunteer = slots.get(store, assignment.slot_id), volunteers.get(store, assignment.volunteer_id)
    facts = facts_of_person(store, config, volunteer, slot)
    found = [*_pair(facts, volunteer, slot), *_free(facts, volunteer, slot, assignment), *_leg(facts, volunteer, slot)]
    if slot.service_type in volunteer.preferred_services:
        found.append(Because("preferred"))
    asked_for = set(slot.requires_all) | set(slot.requires_any)
    if shown := sorted(asked_for & (volunteer.skills | set(volunteer.trainings))):
        found.append(Because("skills", text=", ".join(shown)))
    return tuple(found)


def _pair(facts: Facts, volunteer: Volunteer, slot: Slot) -> list[Because]:
    current_pairs: list[Pair] = [p for p in facts.pairs if p.volunteer_id == volunteer.id and p.state in STANDING]
    if current_pairs:
        return [Because("first_face" if current_pairs[0].rank == 1 else "second_face")]
    return [Because("known")] if (volunteer.id, slot.recipient_id) in facts.knows else []


def _free(facts: Facts, volunteer: Volunteer, slot: Slot, assignment: Assignment) -> list[Because]:
    local = assignment.starts_at.astimezone(LOCAL)
    start = local.hour * 60 + local.minute
    for free_from, free_to in free_spans(
        facts.calendars.get(volunteer.id, Calendar()), local_date(assignment.starts_at)
    ):
        if free_from <= start and start + slot.minutes <= free_to:
            return [Because("free", text=f"{clock_of(free_from)}–{clock_of(free_to)}")]
    return []


def _leg(facts: Facts, volunteer: Volunteer, slot: Slot) -> list[Because]:
    if slot.place is Place.REMOTE:
        return [Because("remote")]
    local = slot.earliest_at.astimezone(LOCAL)
    origin, _ = starting_point(volunteer, slot.service_date, local.hour * 60 + local.minute, facts)
    return [Because("way", minutes=leg_min(volunteer, origin, (slot.lat, slot.lon), facts.config))]
