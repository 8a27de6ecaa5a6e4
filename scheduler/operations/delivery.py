"""Sends what waits in the outbox: one digest for each person, repeated until a channel takes it.

A sender claims everything that is due for one addressee with one conditional write and hands it over as one message: a
night that changed five things for a person is one message. A sender that dies leaves its claim to lapse.
"""

import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from scheduler.config import Config
from scheduler.errors import DeliveryError, InputError
from scheduler.messages import texts
from scheduler.messages.channels import Channel, Message
from scheduler.messages.outbox import unsent_questions
from scheduler.model.ids import stable_id
from scheduler.promises import links
from scheduler.promises.message_validity import keep_current
from scheduler.rules import answer_time
from scheduler.rules.answer_time import in_quiet_hours
from scheduler.store import Store
from scheduler.store import outbox as rows
from scheduler.store.accounts import accounts
from scheduler.store.people import volunteers
from scheduler.store.services import service_types

LEASE = timedelta(seconds=60)
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=2)


def deliver_next(store: Store, config: Config, channels: Sequence[Channel], *, by: str, now: datetime) -> bool:
    """Sends what is due for one addressee, as one digest. False if nothing is due.

    A failed channel is tried again with a jittered, doubling wait; after `messages.attempts`, or at a permanent error,
    the rows are dead letters. Channels that have taken the digest are not sent it again.
    """
    quiet, rings_before = in_quiet_hours(config, now), answer_time.rings_before(config, now)
    batch = rows.claim_batch(store, by=by, now=now, lease=LEASE, urgent_only=quiet, rings_before=rings_before)
    if not batch:
        return False
    digest_of, unreadable = _readable(store, config, batch, now=now)
    for row, error in unreadable:
        rows.mark_failed(store, row, sent_to=list(row.sent_to), next_at=None, error=error, now=now)
    if not digest_of:
        return True
    taken = list(batch[0].sent_to)
    try:
        for channel in channels:
            if channel.name not in taken:
                channel.send(_message(store, config, digest_of, personal=channel.personal, now=now))
                taken.append(channel.name)
    except DeliveryError as error:
        for row, _ in digest_of:
            hopeless = error.permanent or row.attempts + 1 >= config.messages.attempts
            next_at = None if hopeless else now + _wait(row.attempts)
            rows.mark_failed(store, row, sent_to=taken, next_at=next_at, error=str(error), now=now)
        return True
    with store.transaction():
        rows.mark_sent(store, [row.id for row, _ in digest_of], sent_to=taken, now=now)
    return True


def deliver_all(
    store: Store, config: Config, channels: Sequence[Channel], *, by: str, clock: Callable[[], datetime]
) -> int:
    """Delivers until nothing is due; the number of digests handed over or failed."""
    count = 0
    while deliver_next(store, config, channels, by=by, now=clock()):
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


def _readable(
    store: Store, config: Config, batch: list[rows.OutboxRow], *, now: datetime
) -> tuple[Readable, list[tuple[rows.OutboxRow, str]]]:
    """Rows with the sentences that still hold, and rows that cannot be put into words (an old template) with the error.

    What no longer holds is dropped here.
    """
    names = {service.code: service.name for service in service_types.where(store)}
    locale = _locale(store, config, batch[0].addressee)
    good: Readable = []
    bad = []
    with store.transaction():
        untold = unsent_questions(store, batch[0].addressee, untouched=True)
        for row in batch:
            try:
                with store.transaction():
                    holds = keep_current(store, config, row, untold, now=now)
                if holds:
                    good.append((holds, texts.lines_of(holds.template, holds.payload, locale=locale, services=names)))
            except (InputError, KeyError, ValueError) as error:
                bad.append((row, f"{type(error).__name__}: {error}"))
    return good, bad


def _message(store: Store, config: Config, digest_of: Readable, *, personal: bool, now: datetime) -> Message:
    """The digest. A link that answers in one's name is only put where nobody else reads it."""
    addressee = digest_of[0][0].addressee
    lines = texts.in_telling_order([line for _, found in digest_of for line in found])
    words = []
    for line in lines:
        words.append(line.text)
        if personal and line.assignment_id:
            token = links.make(store, line.assignment_id, now=now)
            words.append(links.address(config, token))
    kind, _, volunteer_id = addressee.partition(":")
    person = volunteers.find(store, volunteer_id) if kind == "volunteer" else None
    return Message(
        key=stable_id(*sorted(row.key for row, _ in digest_of)),
        addressee=addressee,
        name=person.name if person else "",
        phone=person.phone if person else "",
        text="\n".join(words),
    )
