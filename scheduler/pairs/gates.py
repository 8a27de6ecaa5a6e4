"""What companion visits ask of whoever becomes a companion: the gates of service and need, and the wishes."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from scheduler.model.people import Volunteer
from scheduler.model.services import Continuity, NeedState, ServiceType
from scheduler.rules.eligibility import Reason, lacking
from scheduler.store import Store
from scheduler.store.people import recipients
from scheduler.store.services import needs, service_types


@dataclass(frozen=True, slots=True)
class Gate:
    """What one need of an elder asks for on a day."""

    service_date: date
    service: ServiceType
    requires_all: tuple[str, ...]
    requires_any: tuple[str, ...]
    gender: str
    language: str

    def stops(self, volunteer: Volunteer) -> tuple[Reason, ...]:
        """Why the person could never make these visits; empty if nothing of their own speaks against it."""
        return tuple(dict.fromkeys(lacking(volunteer, self, self.service, self.gender, self.language)))


def gates_of(store: Store, day: date, recipient_id: str = "") -> dict[str, frozenset[Gate]]:
    """Elder id → the gates of their published needs of a service by companions; of one elder, or of all."""
    paired = {t.code: t for t in service_types.where(store, "active") if t.continuity is Continuity.PAIRED}
    people = {r.id: r for r in recipients.by(store, **({"id": recipient_id} if recipient_id else {"active": 1}))}
    found: dict[str, set[Gate]] = defaultdict(set)
    for need in needs.by(store, state=NeedState.PUBLISHED):
        service, elder = paired.get(need.service_type), people.get(need.recipient_id)
        if service and elder:
            asked = service.requires_all + need.requires_all, service.requires_any
            wishes = need.gender_wish or elder.gender_wish, need.language_wish or elder.language_wish
            found[elder.id].add(Gate(day, service, *asked, *wishes))
    return {elder: frozenset(gates) for elder, gates in found.items()}


def stopped(gates: Iterable[Gate], people: Iterable[Volunteer]) -> frozenset[str]:
    """Ids of the people who pass none of the gates: who passes one can keep the elder company in that service."""
    gates = tuple(gates)
    return frozenset(v.id for v in people if gates and all(gate.stops(v) for gate in gates))
