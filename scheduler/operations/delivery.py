"""Sends what waits in the outbox: one digest for each person, repeated until a channel takes it
or none is left.

A sender claims everything that is due for one addressee with one conditional write and hands it over as one message: a
night that changed five things for a person is one message. A sender that dies leaves its claim to lapse.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduler.config import Config
from scheduler.errors import DeliveryError, InputError
from scheduler.messages import texts
from scheduler.messages.channels import VOLUNTEER, Addressee, Channel, Message, ways_to
from scheduler.messages.outbox import unsent_questions
from scheduler.model.ids import stable_id
from scheduler.promises import links
from scheduler.promises.message_validity import keep_current
from scheduler.rules import answer_time
from scheduler.rules.answer_time import in_quiet_hours
from scheduler.store import Store, contact_points
from scheduler.store import outbox as rows
from scheduler.store.accounts import accounts
from scheduler.store.practice import is_practice
from scheduler.store.services import service_types

LEASE = timedelta(minutes=3)  # longer than the slowest channel takes to give up
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=2)


def deliver_next(
    store: Store,
    config: Config,
    channels: Sequence[Channel],
    *,
    resting: dict[str, DeliveryError] | None = None,
    by: str,
    now: datetime,
) -> bool:
    """Sends what is due for one addressee, as one digest. False if nothing is due.

    A volunteer is told by the first of their channels that takes it, staff by all of theirs. A channel that fails is
    tried again with a jittered, doubling wait; after `messages.attempts`, or at a permanent error, the next one is. Who
    has no channel is told by nobody: the rows say so, and never that they were sent. Channels that are down are put
    into `resting` with their error, and fail with it at once for whoever follows.
    """
    quiet, rings_before = in_quiet_hours(config, now), answer_time.rings_before(config, now)
    batch = rows.claim_batch(store, by=by, now=now, lease=LEASE, urgent_only=quiet, rings_before=rings_before)
    if not batch:
        return False
    addressee = _addressee(store, batch[0].addressee)
    digest_of, unreadable = _readable(store, config, batch, now=now)
    for row, error in unreadable:
        rows.mark_failed(store, [row.id], error=error, now=now)
    if digest_of:
        resting = {} if resting is None else resting
        _hand_over(store, config, _Digest(addressee, digest_of), ways_to(addressee, channels), resting, now=now)
    return True


def _hand_over(
    store: Store,
    config: Config,
    digest: "_Digest",
    ways: list[tuple[Channel, str]],
    resting: dict[str, DeliveryError],
    *,
    now: datetime,
) -> None:
    """Tries the ways that are left for the digest and stores what became of it."""
    if not ways:
        with store.transaction():
            rows.mark_no_channel(store, digest.ids, now=now)
        return
    first = digest.found[0][0]
    taken, refused, receipt = list(first.sent_to), list(first.refused_by), ""
    left = [(channel, address) for channel, address in ways if channel.name not in {*taken, *refused}]
    wanted = left[:1] if digest.addressee.is_volunteer else left
    for channel, address in wanted:
        try:
            if channel.name in resting:
                raise resting[channel.name]
            receipt = channel.send(_message(store, config, digest, channel.name, address, now=now))
            taken.append(channel.name)
        except DeliveryError as error:
            if error.down:
                resting[channel.name] = error
            _failed(store, config, digest, channel, len(left) > 1, taken, error, now=now)
            return
    with store.transaction():
        if wanted or (taken and not digest.addressee.is_volunteer):
            rows.mark_sent(store, digest.ids, sent_to=taken, receipt=receipt, now=now)
        else:
            rows.mark_failed(store, digest.ids, error=first.error, refused_by=refused, now=now)


def _failed(
    store: Store,
    config: Config,
    digest: "_Digest",
    channel: Channel,
    others: bool,
    taken: list[str],
    error: DeliveryError,
    *,
    now: datetime,
) -> None:
    """The channel did not take it: once more later, or the person's next channel, or nobody."""
    with store.transaction():
        for row, _ in digest.found:
            hopeless = error.permanent or row.attempts + 1 >= config.messages.attempts
            refused = [*row.refused_by, channel.name]
            if not hopeless:
                next_at = now + max(_wait(row.attempts), timedelta(seconds=error.wait))
                rows.try_later(store, row, next_at=next_at, error=str(error), digest=digest.key, sent_to=taken)
            elif others and digest.addressee.is_volunteer:
                rows.try_the_next(store, row, refused_by=refused, error=str(error), now=now)
            else:
                rows.mark_failed(store, [row.id], error=str(error), refused_by=refused, now=now)


def deliver_all(
    store: Store, config: Config, channels: Sequence[Channel], *, by: str, clock: Callable[[], datetime]
) -> int:
    """Delivers until nothing is due; the number of digests handed over or failed. A practice copy has no channel."""
    channels, count = () if is_practice(store) else channels, 0
    resting: dict[str, DeliveryError] = {}
    while deliver_next(store, config, channels, resting=resting, by=by, now=clock()):
        count += 1
    return count


def _wait(attempts: int) -> timedelta:
    longest: timedelta = min(FIRST_WAIT * 2**attempts, LONGEST_WAIT)
    return longest * random.uniform(0.5, 1.0)


def _locale(store: Store, config: Config, addressee: str) -> str:
    kind, _, volunteer_id = addressee.partition(":")
    owner = accounts.by(store, volunteer_id=volunteer_id) if kind == "volunteer" else []
    return owner[0].locale if owner else config.web.languages[0]


Readable = list[tuple[rows.OutboxRow, list[texts.Line]]]


@dataclass(frozen=True, slots=True)
class _Digest:
    """What one addressee is told at once. What was tried before has the key it had then."""

    addressee: Addressee
    found: Readable

    @property
    def ids(self) -> list[str]:
        return [row.id for row, _ in self.found]

    @property
    def key(self) -> str:
        return self.found[0][0].digest or stable_id(*sorted(row.key for row, _ in self.found))


def _addressee(store: Store, addressee: str) -> Addressee:
    """Who it is, with the addresses of a volunteer who may still be told something."""
    kind, _, volunteer_id = addressee.partition(":")
    chosen = contact_points.of(store, volunteer_id) if kind == "volunteer" else []
    return Addressee(addressee, {point.channel: point.address for point in chosen})


def _readable(
    store: Store, config: Config, batch: list[rows.OutboxRow], *, now: datetime
) -> tuple[Readable, list[tuple[rows.OutboxRow, str]]]:
    """Rows with the sentences that still hold, and rows that cannot be put into words (an old template) with the error.

    What no longer holds is dropped here.
    """
    names = {service.code: service.name for service in service_types.where(store)}
    locale = _locale(store, config, batch[0].addressee)
    in_public = not batch[0].addressee.startswith(VOLUNTEER)
    good: Readable = []
    bad = []
    with store.transaction():
        untold = unsent_questions(store, batch[0].addressee, untouched=True)
        for row in batch:
            try:
                with store.transaction():
                    holds = keep_current(store, config, row, untold, now=now)
                if holds:
                    lines = texts.lines_of(
                        holds.template, holds.payload, locale=locale, services=names, in_public=in_public
                    )
                    good.append((holds, lines))
            except (InputError, KeyError, ValueError) as error:
                bad.append((row, f"{type(error).__name__}: {error}"))
    return good, bad


def _message(store: Store, config: Config, digest: _Digest, channel: str, address: str, *, now: datetime) -> Message:
    """The digest. A link that answers in one's name is only put where nobody else reads it."""
    lines = texts.in_telling_order([line for _, found in digest.found for line in found])
    words = []
    for line in lines:
        words.append(line.text)
        if digest.addressee.is_volunteer and line.assignment_id:
            token = links.make(store, line.assignment_id, told_as=f"{digest.key}:{channel}", now=now)
            words.append(links.address(config, token))
    again = bool(digest.found[0][0].digest)
    return Message(digest.key, digest.addressee.id, address, "\n".join(words), now, len(lines), again)
