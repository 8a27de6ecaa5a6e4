"""Lasting companions: proposed, accepted by both sides, tried out, kept, paused, handed over with a joint visit.

proposed ──(yes of both)──▶ trial ──(first visit by two, then two more)──▶ active ◀──▶ paused
    │                         │                                              │           │
    └────────(a no)───────────┴──────────────────▶ ended ◀───────────────────┴───────────┘
"""

from dataclasses import replace
from datetime import datetime, timedelta

from scheduler.config import Config
from scheduler.errors import IllegalMove, InputError
from scheduler.localized import LocalizedText, Word, words_for
from scheduler.localtime import local_date
from scheduler.messages import outbox
from scheduler.model.ids import new_id, stable_id
from scheduler.model.people import Kind, Pair, PairState, Recipient, Volunteer
from scheduler.model.services import Need, NeedKind
from scheduler.pairs.gates import gates_of, stopped
from scheduler.promises.settle import settled
from scheduler.store import Store, audit
from scheduler.store.pairing import (
    add_step,
    open_pairs,
    pairs_of_recipient,
    pairs_of_volunteer,
    steps_of,
    visits_since_step,
)
from scheduler.store.people import pairs, recipients, volunteers
from scheduler.store.services import needs, service_types
from scheduler.words import vocabulary

SIDES = ("volunteer", "recipient")
FIRST_VISIT = "E04"  # the service of the first visit, made by two people
TRIAL_VISITS = 3  # the first visit and two more
FIRST_VISIT_DAYS = 14  # the first visit falls within so many days
STATES = vocabulary("pair_states")
PINNED = LocalizedText("this pair is pinned: unpin it first")

NEXT: dict[PairState, frozenset[PairState]] = {
    PairState.PROPOSED: frozenset({PairState.TRIAL, PairState.ENDED}),
    PairState.TRIAL: frozenset({PairState.ACTIVE, PairState.PAUSED, PairState.ENDED}),
    PairState.ACTIVE: frozenset({PairState.PAUSED, PairState.ENDED}),
    PairState.PAUSED: frozenset({PairState.ACTIVE, PairState.ENDED}),
}


def room_of(volunteer: Volunteer, config: Config) -> int:
    """How many pairs a person may hold: their own limit and that of their kind, couriers being the stricter one."""
    usual = config.couriers.max_pairs if Kind.COURIER in volunteer.kinds else config.members.max_pairs
    return min(volunteer.max_pairs, usual)


def propose(
    store: Store,
    config: Config,
    recipient_id: str,
    volunteer_id: str,
    *,
    rank: int,
    by: str,
    reason: str = "",
    now: datetime,
) -> Pair:
    """A pair proposed to both sides. Raises NotFound, InputError for another rank, IllegalMove if it cannot be."""
    if rank not in (1, 2):
        raise InputError(LocalizedText("the rank of a face is %(rank)s: expected 1 or 2", rank=rank))
    with store.transaction():
        recipient, volunteer = recipients.get(store, recipient_id), volunteers.get(store, volunteer_id)
        _refuse_unfit(store, config, recipient, volunteer, now=now)
        pair = pairs.add(store, Pair(new_id(), recipient_id, volunteer_id, rank, PairState.PROPOSED))
        add_step(store, pair.id, "proposed", actor=by, reason=reason, now=now)
        _tell(store, pair, "pair_proposed", now)
        audit.record(store, at=now, actor=by, action="pair.proposed", object_kind="pair", object_id=pair.id)
        store.touch()
        return pair


def answer(store: Store, pair_id: str, *, side: str, yes: bool, by: str, reason: str = "", now: datetime) -> Pair:
    """One side's answer. Two yes start the trial with a first visit by two people; one no ends it for good.

    Raises NotFound, InputError for another side, IllegalMove if the pair is not proposed any more or, for a yes, one of
    the two has left.
    """
    if side not in SIDES:
        raise InputError(LocalizedText("the side is '%(side)s': expected volunteer or recipient", side=side))
    with store.transaction():
        pair = pairs.get(store, pair_id)
        if pair.state is not PairState.PROPOSED:
            raise _not_in_this_state(pair, LocalizedText("it is not waiting for an answer"))
        if yes:
            _refuse_inactive(recipients.get(store, pair.recipient_id), volunteers.get(store, pair.volunteer_id))
        add_step(store, pair.id, f"{'yes' if yes else 'no'}:{side}", actor=by, reason=reason, now=now)
        if not yes:
            return _move(store, pair, PairState.ENDED, by=by, reason=reason, now=now)
        if all(f"yes:{s}" in {step.step for step in steps_of(store, pair.id)} for s in SIDES):
            pair = _move(store, pair, PairState.TRIAL, by=by, now=now)
            _ask_for_first_visit(store, pair, now)
            _tell(store, pair, "pair_started", now)
        return pair


def activate(store: Store, pair_id: str, *, by: str, now: datetime) -> Pair:
    """The trial went well, or the pause is over. A pair that this one succeeds ends in the same step.

    Raises NotFound, IllegalMove from another state, or if another companion holds the rank.
    """
    with store.transaction():
        pair = pairs.get(store, pair_id)
        followed = predecessor(store, pair_id)
        if followed is not None and followed.state is not PairState.ENDED:
            _move(store, followed, PairState.ENDED, by=by, reason="handed over", now=now)
            _tell(store, followed, "pair_ended", now)
        holder = [
            p
            for p in pairs_of_recipient(store, pair.recipient_id)
            if p.rank == pair.rank and p.state in (PairState.ACTIVE, PairState.PAUSED) and p.id != pair.id
        ]
        if holder:
            raise IllegalMove(
                LocalizedText("another person is this elder's face of that rank: hand over from them, or end that pair")
            )
        return _move(store, pair, PairState.ACTIVE, by=by, now=now)


def advance_trials(store: Store, *, now: datetime) -> int:
    """Trials with their first visit by two and two more become active; the number. Run each night."""
    count = 0
    for pair in open_pairs(store):
        if pair.state is PairState.TRIAL:
            visits, double = visits_since_step(store, pair, PairState.TRIAL.value)
            free = all(
                p.rank != pair.rank or p.state not in (PairState.ACTIVE, PairState.PAUSED) or _succeeds(store, pair, p)
                for p in pairs_of_recipient(store, pair.recipient_id)
            )
            if visits >= TRIAL_VISITS and double and free:
                activate(store, pair.id, by="scheduler", now=now)
                count += 1
    return count


def pause(store: Store, pair_id: str, *, by: str, reason: str = "", now: datetime) -> Pair:
    """The pair rests (illness, a journey); the second companion steps in. Raises NotFound, IllegalMove."""
    with store.transaction():
        return _move(store, pairs.get(store, pair_id), PairState.PAUSED, by=by, reason=reason, now=now)


def end(store: Store, pair_id: str, *, by: str, reason: str = "", now: datetime) -> Pair:
    """The pair ends, with thanks. Raises NotFound, IllegalMove if it is pinned or has ended."""
    with store.transaction():
        pair = pairs.get(store, pair_id)
        if pair.pinned:
            raise IllegalMove(PINNED)
        ended = _move(store, pair, PairState.ENDED, by=by, reason=reason, now=now)
        _tell(store, ended, "pair_ended", now)
        return ended


def pin(store: Store, pair_id: str, pinned: bool, *, by: str, now: datetime) -> Pair:
    """Staff pin a pair, so that nothing proposes to change it, or let it go. Raises NotFound."""
    with store.transaction():
        pair = pairs.save(store, replace(pairs.get(store, pair_id), pinned=pinned))
        action = "pinned" if pinned else "unpinned"
        add_step(store, pair.id, action, actor=by, now=now)
        audit.record(store, at=now, actor=by, action=f"pair.{action}", object_kind="pair", object_id=pair.id)
        store.touch()
        return pair


def hand_over(
    store: Store, config: Config, pair_id: str, to_volunteer_id: str, *, by: str, reason: str = "", now: datetime
) -> Pair:
    """The successor's proposal; the old companion stays until the joint visit is made and the successor is active.

    Raises NotFound, IllegalMove if the pair is pinned or not a standing one, or the successor cannot take it.
    """
    with store.transaction():
        pair = pairs.get(store, pair_id)
        if pair.pinned or pair.state not in (PairState.ACTIVE, PairState.PAUSED, PairState.TRIAL):
            cannot = LocalizedText("it cannot be handed over")
            raise IllegalMove(PINNED) if pair.pinned else _not_in_this_state(pair, cannot)
        successor = propose(
            store, config, pair.recipient_id, to_volunteer_id, rank=pair.rank, by=by, reason=reason, now=now
        )
        add_step(store, successor.id, f"succeeds:{pair.id}", actor=by, now=now)
        add_step(store, pair.id, "handover", actor=by, reason=reason, now=now)
        _tell(store, pair, "pair_handover", now)
        return successor


def predecessor(store: Store, pair_id: str) -> Pair | None:
    """The pair that a pair takes over, if any."""
    for step in steps_of(store, pair_id):
        kind, _, old_id = step.step.partition(":")
        if kind == "succeeds":
            return pairs.find(store, old_id)
    return None


def _not_in_this_state(pair: Pair, why: LocalizedText) -> IllegalMove:
    return IllegalMove(LocalizedText("this pair is %(state)s: %(why)s", state=Word("pair_states", pair.state), why=why))


def _succeeds(store: Store, pair: Pair, other: Pair) -> bool:
    followed = predecessor(store, pair.id)
    return followed is not None and followed.id == other.id


def _move(store: Store, pair: Pair, state: PairState, *, by: str, reason: str = "", now: datetime) -> Pair:
    if state not in NEXT.get(pair.state, frozenset()):
        raise _not_in_this_state(pair, LocalizedText("it cannot become %(state)s", state=Word("pair_states", state)))
    since = local_date(now) if state is PairState.TRIAL else pair.since
    with settled(store, volunteers=[pair.volunteer_id], by=by, now=now):
        moved = pairs.save(store, replace(pair, state=state, since=since))
    add_step(store, pair.id, state.value, actor=by, reason=reason, now=now)
    audit.record(store, at=now, actor=by, action=f"pair.{state}", object_kind="pair", object_id=pair.id, reason=reason)
    store.touch()
    return moved


def _refuse_unfit(store: Store, config: Config, recipient: Recipient, volunteer: Volunteer, *, now: datetime) -> None:
    if volunteer.id in recipient.blocked:
        raise IllegalMove(LocalizedText("this person is on the elder's block list"))
    if recipient.gender_wish and volunteer.gender != recipient.gender_wish:
        raise IllegalMove(LocalizedText("the elder wishes for somebody of another gender"))
    _refuse_inactive(recipient, volunteer)
    gates = gates_of(store, local_date(now), recipient.id).get(recipient.id, frozenset())
    if stopped(gates, [volunteer]):
        fewest = min((gate.stops(volunteer) for gate in gates), key=len)
        reasons = words_for("reasons", [reason.value for reason in fewest])
        raise IllegalMove(LocalizedText("this person could not make the visits: %(reasons)s", reasons=reasons))
    mine = pairs_of_volunteer(store, volunteer.id)
    if any(p.recipient_id == recipient.id for p in mine):
        raise IllegalMove(LocalizedText("these two are a pair already"))
    if len(mine) >= room_of(volunteer, config):
        most = room_of(volunteer, config)
        raise IllegalMove(
            LocalizedText(
                "this person holds %(count)s pairs already, the limit is %(most)s", count=len(mine), most=most
            )
        )


def _refuse_inactive(recipient: Recipient, volunteer: Volunteer) -> None:
    if not volunteer.active or not recipient.active:
        raise IllegalMove(LocalizedText("one of the two is not active any more"))


def _ask_for_first_visit(store: Store, pair: Pair, now: datetime) -> None:
    """A one-off need for the visit by two: with an experienced companion, or with the old companion at a hand-over."""
    if service_types.find(store, FIRST_VISIT) is None:
        return
    today = local_date(now)
    need_id = stable_id("first visit", pair.id)
    recipient = recipients.get(store, pair.recipient_id)
    needs.add(
        store,
        Need(
            id=need_id,
            code=f"P-{need_id[:8]}",
            service_type=FIRST_VISIT,
            recipient_id=pair.recipient_id,
            kind=NeedKind.ONCE,
            from_date=today + timedelta(days=1),
            until_date=today + timedelta(days=FIRST_VISIT_DAYS),
            gender_wish=recipient.gender_wish,
            title="pair:first",
            created_by="pairs",
            created_at=now,
        ),
    )


def _tell(store: Store, pair: Pair, template: str, now: datetime) -> None:
    outbox.enqueue(
        store,
        key=f"{template}:{pair.id}:{pair.revision}",
        addressee=outbox.to_volunteer(pair.volunteer_id),
        template=template,
        payload={"pair_id": pair.id},
        now=now,
    )
