"""People who are in the list twice: finding them, and making one of two."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from scheduler.errors import IllegalMove, InputError
from scheduler.localized import LocalizedText
from scheduler.localtime import LOCAL
from scheduler.model.people import PairState, Volunteer
from scheduler.model.services import Need, NeedKind, NeedState, last_day
from scheduler.pairs.lifecycle import end as end_pair
from scheduler.people.merging import merged, one_need, without_withdrawn
from scheduler.promises.settle import settled
from scheduler.store import Store, audit
from scheduler.store.duplicates import alike, move_references, overlapping_visits
from scheduler.store.pairing import add_step
from scheduler.store.people import pairs, recipients, volunteers
from scheduler.store.repository import Repository
from scheduler.store.services import needs

KINDS: dict[str, Repository[Any]] = {"volunteer": volunteers, "recipient": recipients}
STRENGTH = (PairState.ACTIVE, PairState.PAUSED, PairState.TRIAL, PairState.PROPOSED)
HOLDS_RANK = frozenset({PairState.ACTIVE, PairState.PAUSED})


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

    Fields follow the rules of merging.py. The other one is kept without phone, address and notes, not active.
    Needs of the same service at the same time are not doubled.
    Raises NotFound, InputError for one and the same person, IllegalMove if their fields contradict each other, if both
    are on the same visit or on two at one time, or if a pinned pair would have to end.
    """
    if keep_id == drop_id:
        raise InputError(LocalizedText("choose two different people"))
    repository = KINDS[kind]
    people: dict[str, Any] = {repository.table: [keep_id, drop_id]}
    with settled(store, **people, by=by, now=now):
        keep, drop = repository.get(store, keep_id), repository.get(store, drop_id)
        fields = merged(*_with_consents_that_stand(store, keep, drop))
        if kind == "recipient":
            _close_doubled_needs(store, keep_id, drop_id)
        else:
            _refuse_overlaps(store, keep_id, drop_id)
        _merge_pairs(store, f"{kind}_id", keep_id, drop_id, by=by, now=now)
        move_references(store, repository.table, drop_id, keep_id, now=now)
        repository.save(store, replace(repository.get(store, drop_id), phone="", address="", notes="", active=False))
        kept = repository.save(store, replace(fields, revision=repository.get(store, keep_id).revision))
        _end_blocked_pairs(store, keep_id, by=by, now=now)
        store.touch()
        for id, action in ((keep_id, f"{kind}.merge"), (drop_id, f"{kind}.merged_away")):
            audit.record(store, at=now, actor=by, action=action, object_kind=kind, object_id=id, reason=drop.code)
    return kept


def _with_consents_that_stand(store: Store, keep: Any, drop: Any) -> tuple[Any, ...]:
    """Both people without consents that were taken back on either record after they were given."""
    if not isinstance(keep, Volunteer):
        return keep, drop
    withdrawn: dict[str, datetime] = {}
    for row in (row for person in (keep, drop) for row in audit.history(store, "volunteer", person.id, limit=1000)):
        if row.action == "volunteer.consent_withdrawn":
            withdrawn[row.reason] = max(row.at, withdrawn.get(row.reason, row.at))
    return without_withdrawn(keep, drop, withdrawn)


def _refuse_overlaps(store: Store, keep_id: str, drop_id: str) -> None:
    """One person cannot be on two visits that overlap: staff take one of the two off first."""
    if clash := overlapping_visits(store, keep_id, drop_id):
        first, second = (f"{moment.astimezone(LOCAL):%m-%d %H:%M}" for moment in clash)
        raise IllegalMove(
            LocalizedText(
                "their visits overlap (%(first)s and %(second)s): take one of them off first",
                first=first,
                second=second,
            )
        )


def _merge_pairs(store: Store, column: str, keep_id: str, drop_id: str, *, by: str, now: datetime) -> None:
    """Of two pairs with the same third person the stronger one stays; an elder's other companions take a free rank."""
    other = "volunteer_id" if column == "recipient_id" else "recipient_id"
    mine = {getattr(pair, other): pair for pair in pairs.by(store, **{column: keep_id}) if pair.state in STRENGTH}
    theirs = [pair for pair in pairs.by(store, **{column: drop_id}) if pair.state in STRENGTH]
    for pair in (pair for pair in theirs if getattr(pair, other) in mine):
        twin = mine[getattr(pair, other)]
        stays, goes = sorted((twin, pair), key=lambda p: STRENGTH.index(p.state))
        pairs.save(store, replace(goes, state=PairState.ENDED, pinned=False))
        add_step(store, goes.id, PairState.ENDED, actor=by, reason="merged", now=now)
        if goes.pinned:
            stays = pairs.save(store, replace(stays, pinned=True))
        mine[getattr(pair, other)] = stays
    if column == "recipient_id":
        taken = {pair.rank for pair in mine.values() if pair.state in HOLDS_RANK}
        for pair in (pair for pair in theirs if getattr(pair, other) not in mine and pair.state in HOLDS_RANK):
            free = [rank for rank in (pair.rank, 1, 2) if rank not in taken]
            if free:
                pairs.save(store, replace(pair, rank=free[0]))
                taken.add(free[0])
            else:
                end_pair(store, pair.id, by=by, reason="merged", now=now)


def _end_blocked_pairs(store: Store, person_id: str, *, by: str, now: datetime) -> None:
    """A block that one record has ends the pair that the other has."""
    for pair in (*pairs.by(store, recipient_id=person_id), *pairs.by(store, volunteer_id=person_id)):
        if pair.state in STRENGTH and pair.volunteer_id in recipients.get(store, pair.recipient_id).blocked:
            end_pair(store, pair.id, by=by, reason="blocked", now=now)


def _close_doubled_needs(store: Store, keep_id: str, drop_id: str) -> None:
    """Of two needs for the same service in the same time the one that ends first is closed; the other takes its wishes.

    What comes once and what comes again and again do not double each other.
    """
    theirs = needs.by(store, recipient_id=drop_id, state=NeedState.PUBLISHED)
    for mine in needs.by(store, recipient_id=keep_id, state=NeedState.PUBLISHED):
        for other in [need for need in theirs if _doubled(mine, need)]:
            stays, goes = sorted((mine, other), key=lambda need: last_day(need) or date.max, reverse=True)
            needs.save(store, replace(goes, state=NeedState.CLOSED))
            theirs.remove(other)
            mine = needs.save(store, one_need(stays, goes))


def _doubled(one: Need, other: Need) -> bool:
    alike = one.service_type == other.service_type and (one.kind is NeedKind.ONCE) is (other.kind is NeedKind.ONCE)
    meet_until = min(last_day(one) or date.max, last_day(other) or date.max)
    return alike and max(one.from_date, other.from_date) <= meet_until
