"""What may be shown when: street level, and the hours in which the person who comes sees the full address.

A volunteer sees a street and a surname until 24 hours before the accepted visit, then name, address and phone until
2 hours after its end. Every opening of full details lasts half an hour and leaves one line in the audit log; staff give
a reason (PIPL art. 6, 19, 54).
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduler.errors import IllegalMove, InputError
from scheduler.localized import LocalizedText
from scheduler.localtime import local_date
from scheduler.messages import outbox
from scheduler.model.people import Grid, Recipient, RecipientKind, Volunteer
from scheduler.model.plan import HELD, Assignment
from scheduler.model.reading_rights import masked_name
from scheduler.model.services import Need, Place, Slot
from scheduler.store import Store, audit
from scheduler.store.people import grids, recipients, volunteers
from scheduler.store.plans import assignments
from scheduler.store.queries.volunteer_lists import OpeningRow, opened_without_visit, openings, was_opened
from scheduler.store.repository import not_found
from scheduler.store.services import needs, slots

SHOWN_BEFORE = timedelta(hours=24)
SHOWN_AFTER = timedelta(hours=2)
OPEN_FOR = timedelta(minutes=30)  # after this the details are masked again, and the next look is a new opening
A_DAY = timedelta(days=1)
DOORS_IN_VAIN = 2  # doors that a volunteer may open in a day without going there; then staff are asked
REVEAL = "reveal"  # the audit log's word for every opening of full details
MIN_REASON, MIN_DIFFERENT = 4, 3  # letters or digits; "ok" is no reason, nor is "...." or "aaaa"

_STREET = re.compile(r"[^\d０-９\s,，]*?(?:大道|公路|路|街(?!道)|巷|新村|坊)")
_AREA = re.compile(r"^.*?(?:省|市|区|县|镇|街道)(?=.)")


def street_level(address: str, area: str) -> str:
    """The road of an address without house, building or flat; the name of the area where no road is found."""
    rest = address
    while found := _AREA.match(rest):
        rest = rest[found.end() :]
    road = _STREET.match(rest)
    return road.group(0) if road else area


def shown_span(assignment: Assignment, minutes: int) -> tuple[datetime, datetime]:
    """The two moments between which the assigned person may see full details of a visit of so many minutes."""
    return assignment.starts_at - SHOWN_BEFORE, assignment.starts_at + timedelta(minutes=minutes) + SHOWN_AFTER


def may_see_full(assignment: Assignment, minutes: int, *, now: datetime) -> bool:
    """True for a promised visit from 24 hours before its start to 2 hours after its end, both included."""
    opens_at, closes_at = shown_span(assignment, minutes)
    return assignment.state in HELD and opens_at <= now <= closes_at


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom and where, as precisely as may be shown now.

    `address`, `phone` and `notes` are empty unless `full`; `may_open` says that one tap would open them.
    """

    name: str
    place: str  # street level; for offices, parks and stations the public address
    full: bool
    may_open: bool
    opens_at: datetime
    closes_at: datetime
    address: str = ""
    phone: str = ""
    notes: str = ""


def contact_of(store: Store, assignment: Assignment, *, now: datetime, locale: str) -> Contact:
    """What the assigned volunteer may see of the recipient now; reading it changes nothing."""
    slot, need, recipient, grid = _circumstances(store, assignment)
    opens_at, closes_at = shown_span(assignment, slot.minutes)
    allowed = may_see_full(assignment, slot.minutes, now=now)
    full = allowed and _opened(store, recipient.id, assignment, now)
    private = recipient.kind is RecipientKind.ELDER
    return Contact(
        name=recipient.name if full or not private else masked_name(recipient.name, recipient.gender, locale),
        place=street_level(recipient.address, grid.name) if private else recipient.address or grid.name,
        full=full,
        may_open=allowed and not full,
        opens_at=opens_at,
        closes_at=closes_at,
        address=recipient.address if full and slot.place is Place.AT_RECIPIENT else "",
        phone=recipient.phone if full else "",
        notes=" ".join(filter(None, (need.notes, recipient.notes))) if full else "",
    )


def open_for_visit(store: Store, assignment_id: str, volunteer_id: str, *, by: str, now: datetime) -> None:
    """The assigned volunteer opens name, address and phone of one visit for half an hour: one line in the log.

    Raises NotFound if the visit is somebody else's, IllegalMove outside the hours, before it is accepted, or for who
    has opened doors today and then did not go there; staff are told of them.
    """
    with store.transaction():
        assignment = assignments.get(store, assignment_id)
        if assignment.volunteer_id != volunteer_id:
            raise not_found("assignments", assignment_id)
        slot = slots.get(store, assignment.slot_id)
        if not may_see_full(assignment, slot.minutes, now=now):
            raise IllegalMove(
                LocalizedText(
                    "the address of an accepted visit is shown from 24 hours before its start to 2 hours after its end"
                )
            )
        in_vain = opened_without_visit(store, volunteer_id, since_at=now - A_DAY)
        if in_vain >= DOORS_IN_VAIN:
            _tell_staff(store, volunteer_id, in_vain, now)
        elif not _opened(store, slot.recipient_id, assignment, now):
            reason = f"visit {assignment.id}"
            _log(store, "recipient", slot.recipient_id, by=by, reason=reason, now=now, opened_for=assignment.id)
    if in_vain >= DOORS_IN_VAIN:  # only now, so that staff are told
        raise IllegalMove(
            LocalizedText(
                "you have opened addresses today and then gave the visits back: call the coordinator, who "
                "tells you this address"
            )
        )


@dataclass(frozen=True, slots=True)
class Details:
    """The full contact details of a person, after a logged opening."""

    name: str
    phone: str
    address: str
    notes: str


def reveal(store: Store, kind: str, object_id: str, *, by: str, reason: str, now: datetime) -> Details:
    """Staff open the full details of a "recipient" or "volunteer" for a stated reason, which is logged first.

    Raises InputError without a real reason, NotFound for an unknown id. The caller has checked role and scope.
    """
    if not says_something(reason):
        raise InputError(
            LocalizedText(
                "reason: '%(reason)s' says nothing; say in a few words why the full details are needed", reason=reason
            )
        )
    with store.transaction():
        person: Recipient | Volunteer = (recipients if kind == "recipient" else volunteers).get(store, object_id)
        _log(store, kind, object_id, by=by, reason=reason.strip(), now=now)
    return Details(person.name, person.phone, person.address, person.notes)


def says_something(reason: str) -> bool:
    """Whether a stated reason has enough letters or digits, and enough different ones, to tell anybody anything."""
    letters = [letter for letter in unicodedata.normalize("NFKC", reason) if letter.isalnum()]
    return len(letters) >= MIN_REASON and len(set(letters)) >= MIN_DIFFERENT


def openings_of(store: Store, kind: str, object_id: str) -> list[OpeningRow]:
    """Who opened the full details of a "recipient" or "volunteer", when and why, newest first."""
    return openings(store, kind, object_id)


def _circumstances(store: Store, assignment: Assignment) -> tuple[Slot, Need, Recipient, Grid]:
    slot = slots.get(store, assignment.slot_id)
    return (
        slot,
        needs.get(store, slot.need_id),
        recipients.get(store, slot.recipient_id),
        grids.get(store, slot.grid_id),
    )


def _opened(store: Store, recipient_id: str, assignment: Assignment, now: datetime) -> bool:
    return was_opened(store, recipient_id, assignment.id, since_at=now - OPEN_FOR)


def _tell_staff(store: Store, volunteer_id: str, in_vain: int, now: datetime) -> None:
    """Once a day, without a name, as in every message."""
    person = volunteers.get(store, volunteer_id)
    outbox.enqueue(
        store,
        key=f"doors_in_vain:{volunteer_id}:{local_date(now)}",
        addressee=outbox.to_staff(person.grid_id),
        template="doors_in_vain",
        payload={"code": person.code, "count": in_vain},
        now=now,
    )


def _log(store: Store, kind: str, object_id: str, *, by: str, reason: str, now: datetime, opened_for: str = "") -> None:
    audit.record(
        store, at=now, actor=by, action=REVEAL, object_kind=kind, object_id=object_id, reason=reason,
        opened_for=opened_for,
    )  # fmt: skip
