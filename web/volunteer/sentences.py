"""Sentences of the volunteer pages: why me, how a visit came."""

from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _

from scheduler.explanations.why_me import Because
from scheduler.localtime import local_date
from scheduler.model.reading_rights import masked_name
from scheduler.people.privacy import street_level
from scheduler.store.queries.volunteer_lists import VisitRow
from web.context import now
from web.words import why, word


def because(fact: Because) -> str:
    """One fact that spoke for a visit, as a sentence to the volunteer."""
    if fact.code == "free":
        return _("You said that you are free then (%(times)s).", times=fact.text)
    if fact.code == "way":
        return _("It is about %(minutes)s minutes from you.", minutes=fact.minutes)
    if fact.code == "skills":
        return _("It needs what you can do: %(skills)s.", skills=fact.text)
    sentences = {
        "first_face": _("You are this person's first familiar face."),
        "second_face": _("You are this person's second familiar face."),
        "known": _("You have visited this person before."),
        "remote": _("It is done by phone, so nobody has to travel."),
        "preferred": _("It is one of the services you like best."),
    }
    return sentences[fact.code]


def how_it_came(source: str) -> str:
    """Who put the volunteer on a visit, as a sentence."""
    sentences = {
        "plan": _("The nightly plan proposed it; nobody decided by hand."),
        "staff": _("A staff member chose you."),
        "standby": _("Somebody else could not come and you were next on the list."),
        "claim": _("You chose it yourself."),
        "swap": _("You took it over from another volunteer."),
    }
    return sentences.get(source, word(source, "source"))


def days_until(row: VisitRow) -> int:
    """Local days from today to a visit: 0 today, 1 tomorrow."""
    return (local_date(row.starts_at) - local_date(now())).days


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "days_until": days_until,
    "masked_name": masked_name,
    "street_level": street_level,
    "refusal": why,
    "purpose_text": lambda code: word(code, "purposes"),
    "because": because,
    "how_it_came": how_it_came,
}
