"""The reader's words for who did something and why, where the log keeps a code; people's own words stay as they are."""

from typing import Any

from flask_babel import lazy_gettext as _l

from web.words import WORDS

ACTORS: dict[str, Any] = {
    "night": _l("the nightly run"),
    "scheduler": _l("the scheduler"),
    "replies": _l("after an answer"),
    "link": _l("by the link in a message"),
    "swap": _l("by a swap"),
    "volunteer": _l("the volunteer"),
    "pairs": _l("a new pair"),
    "command line": _l("the technician"),
    "demo": _l("the demo"),
}
REFUSALS: dict[str, Any] = {
    "time": _l("The time does not suit me"),
    "distance": _l("It is too far"),
    "illness": _l("I am ill"),
    "not_this_service": _l("I would rather not do this service"),
    "not_this_person": _l("I would rather not visit this person"),
    "too_often": _l("It is too often for me"),
    "other": _l("Another reason"),
}
STEPS: dict[str, Any] = {
    "the seat is taken": _l("somebody else has accepted"),
    "handed over": _l("handed over"),
    "no check-out": _l("nobody checked out"),
    "not needed": _l("the visit is no longer needed"),
    "time changed": _l("time or content of the visit has changed"),
    "left": _l("the volunteer is no longer on the list"),
    "no consent": _l("no consent in force"),
    "no insurance": _l("no insurance in force"),
    "no training": _l("the training asked for has ended"),
    "changed": _l("the arrangement has changed"),
}


def who(actor: str) -> str:
    """Who did it: a login stays as it is."""
    return str(ACTORS.get(actor, actor))


def why(reason: str) -> str:
    """Why: the words for a reason to say no, for a cause of a plan, or the text that somebody wrote."""
    return str(REFUSALS.get(reason) or STEPS.get(reason) or WORDS["cause"].get(reason, reason))
