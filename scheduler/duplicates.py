"""People who are in the list twice: finding them, and making one of two."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from scheduler.errors import InputError
from scheduler.model.people import Recipient, Volunteer
from scheduler.model.services import Need, NeedState
from scheduler.store import Store, audit
from scheduler.store.duplicates import alike, move_references
from scheduler.store.people import recipients, volunteers
from scheduler.store.repository import Repository
from scheduler.store.services import needs

KINDS: dict[str, Repository[Any]] = {"volunteer": volunteers, "recipient": recipients}
FILLED = {  # what the one who stays takes from the other where it is empty
    "volunteer": ("gender", "birth_month", "phone", "address", "organisation_id", "preferred_services"),
    "recipient": ("gender", "birth_year", "phone", "address", "organisation_id", "quiet_hours", "language_wish"),
}


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Two people who may be one: they share a phone ("phone"), or name and birth ("birth")."""

    first: Any
    second: Any
    why: str


def suspicions(store: Store, kind: str) -> list[Suspicion]:
    """Pairs of active volunteers ("volunteer") or recipients ("recipient") who may be the same person."""
    repository = KINDS[kind]
    found = alike(store, repository.table)
    people = {id: repository.get(store, id) for pair in found for id in pair[:2]}
    return [Suspicion(people[first], people[second], why) for first, second, why in found]


def merge(store: Store, kind: str, keep_id: str, drop_id: str, *, by: str, now: datetime) -> Any:
    """The person who stays, with everything that belonged to the other: visits, pairs, needs, free times, login.

    Empty fields are filled, skills and the like united. The other one is kept without phone, address and notes, not
    active. Needs of the same service are not doubled: the other's are closed.
    Raises NotFound, InputError for one and the same person, IllegalMove if both are on the same visit.
    """
    if keep_id == drop_id:
        raise InputError("choose two different people")
    repository = KINDS[kind]
    with store.transaction():
        keep, drop = repository.get(store, keep_id), repository.get(store, drop_id)
        if kind == "recipient":
            _close_doubled_needs(store, keep_id, drop_id)
        move_references(store, repository.table, drop_id, keep_id)
        filled = {name: getattr(keep, name) or getattr(drop, name) for name in FILLED[kind]}
        notes = "\n".join(text for text in (keep.notes, drop.notes) if text)
        united = _united(keep, drop) | {"notes": notes}
        repository.save(store, replace(repository.get(store, drop_id), phone="", address="", notes="", active=False))
        kept = repository.save(store, replace(repository.get(store, keep_id), **filled, **united))
        store.touch()
        for id, action in ((keep_id, f"{kind}.merge"), (drop_id, f"{kind}.merged_away")):
            audit.record(store, at=now, actor=by, action=action, object_kind=kind, object_id=id, reason=drop.code)
    return kept


def _united(keep: Volunteer | Recipient, drop: Volunteer | Recipient) -> dict[str, Any]:
    if isinstance(keep, Volunteer) and isinstance(drop, Volunteer):
        return {
            "kinds": keep.kinds | drop.kinds,
            "skills": keep.skills | drop.skills,
            "languages": keep.languages | drop.languages,
            "trainings": drop.trainings | keep.trainings,
            "consents": drop.consents | keep.consents,
            "insured": keep.insured or drop.insured,
        }
    if isinstance(keep, Recipient) and isinstance(drop, Recipient):
        return {"blocked": keep.blocked | drop.blocked, "lives_alone": keep.lives_alone or drop.lives_alone}
    raise InputError("choose two volunteers or two recipients")


def _close_doubled_needs(store: Store, keep_id: str, drop_id: str) -> None:
    def running(recipient_id: str) -> list[Need]:
        return [n for n in needs.by(store, recipient_id=recipient_id) if n.state is NeedState.PUBLISHED]

    services = {need.service_type for need in running(keep_id)}
    for need in running(drop_id):
        if need.service_type in services:
            needs.save(store, replace(need, state=NeedState.CLOSED))
