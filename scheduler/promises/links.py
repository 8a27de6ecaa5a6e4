"""One-time links: the holder may answer one proposal without a login. Looking changes nothing; acting is a POST.

A token has 256 random bits and only its sha256 is stored. It ends with the proposal, and with its first use.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from scheduler.access.entry import volunteer_may_come_in
from scheduler.config import Config
from scheduler.errors import IllegalMove, InputError, NotFound
from scheduler.localized import LocalizedText
from scheduler.model.plan import Assignment, State
from scheduler.promises import replies
from scheduler.store import Store
from scheduler.store import links as rows
from scheduler.store.plans import assignments

TOKEN_BYTES = 32
ANSWERS = ("accept", "decline")


@dataclass(frozen=True, slots=True)
class LinkView:
    """What a link is about; `open` is False once it was used, has ended, or the proposal was settled otherwise."""

    assignment: Assignment
    open: bool
    why: str  # "", "used", "ended" or the assignment's state


def make(store: Store, assignment_id: str, *, told_as: str = "", now: datetime) -> str:
    """A fresh token for a proposal; it is shown once and cannot be read back. Raises NotFound.

    What was `told_as` the same message has the same token: told twice by accident, it is the same to the letter.
    """
    assignment = assignments.get(store, assignment_id)
    token = store.seal.token(f"{told_as}:{assignment_id}") if told_as else secrets.token_urlsafe(TOKEN_BYTES)
    rows.add(store, token_hash=_hash(token), assignment_id=assignment_id, now=now, expires_at=assignment.starts_at)
    return token


def look(store: Store, token: str, *, now: datetime) -> LinkView:
    """What the link asks; changes nothing. Raises NotFound for a token that was never given, or whose person left."""
    link = rows.find(store, _hash(token))
    if link is None:
        raise _unknown()
    assignment = assignments.get(store, link["assignment_id"])
    if not volunteer_may_come_in(store, assignment.volunteer_id):
        raise _unknown()
    if link["used_at"]:
        return LinkView(assignment, False, "used")
    settled = assignment.state is not State.PROPOSED
    if not settled and replies.is_over(store, assignment, now=now):
        return LinkView(assignment, False, "ended")
    return LinkView(assignment, not settled, assignment.state.value if settled else "")


def use(
    store: Store,
    config: Config,
    token: str,
    answer: str,
    *,
    reason: str = "",
    only_this_time: bool = False,
    now: datetime,
) -> Assignment:
    """Accepts or declines through the link, once.

    Raises NotFound, InputError for an answer that is neither, IllegalMove if the link or the proposal is settled.
    """
    if answer not in ANSWERS:
        raise InputError(LocalizedText("the answer is '%(answer)s': expected accept or decline", answer=answer))
    view = look(store, token, now=now)
    with store.transaction():
        if view.why == "ended" or not rows.spend(store, _hash(token), now=now):
            raise IllegalMove(LocalizedText("this link was used already or is over: open the newest message"))
        if answer == "accept":
            return replies.accept(store, config, view.assignment.id, by="link", now=now)
        return replies.decline(
            store, config, view.assignment.id, reason, only_this_time=only_this_time, by="link", now=now
        )


def address(config: Config, token: str) -> str:
    """The full web address of a link."""
    return f"{config.web.address}/r/{token}"


def _unknown() -> NotFound:
    return NotFound(LocalizedText("this link is not known: open the newest message, or ask the coordinator"))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
