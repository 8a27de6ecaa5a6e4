"""How two records of one person become one: a rule for every field, so that merging forgets nothing.

Where the records differ, what protects somebody survives: the stricter wish, the higher tier, the tighter limit, a
consent taken back. Wishes that contradict each other are for staff to settle first.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from scheduler.errors import IllegalMove
from scheduler.localized import Localized, LocalizedText, words_for
from scheduler.localtime import clock_of
from scheduler.model.people import Recipient, RiskTier, Volunteer
from scheduler.model.services import Need
from scheduler.rules.intervals import joined, span

P = TypeVar("P", Volunteer, Recipient)
Rule = Callable[[Any, Any, str], Any]  # the record that stays, the other one, the field → the value afterwards


def kept(keep: Any, _: Any, name: str) -> Any:
    """As the record that stays says."""
    return getattr(keep, name)


def filled(keep: Any, drop: Any, name: str) -> Any:
    """As the record that stays says; if it says nothing, as the other."""
    value = getattr(keep, name)
    return getattr(drop, name) if value in (None, "", ()) else value


def agreed(keep: Any, drop: Any, name: str) -> Any:
    """Filled, and never two that contradict each other: see `merged`."""
    return filled(keep, drop, name)


def united(keep: Any, drop: Any, name: str) -> Any:
    """Everything that either says; where the order counts, the record that stays comes first."""
    first, second = getattr(keep, name), getattr(drop, name)
    return first | second if isinstance(first, frozenset) else tuple(dict.fromkeys((*first, *second)))


def either(keep: Any, drop: Any, name: str) -> bool:
    """True if one of them says so."""
    return bool(getattr(keep, name) or getattr(drop, name))


def both(keep: Any, drop: Any, name: str) -> bool:
    """True only if both say so: whoever stopped something has stopped it."""
    return bool(getattr(keep, name) and getattr(drop, name))


def tighter(keep: Any, drop: Any, name: str) -> int | None:
    """The lower limit; no limit only if neither has one."""
    return min((limit for limit in (getattr(keep, name), getattr(drop, name)) if limit is not None), default=None)


def higher(keep: Any, drop: Any, name: str) -> RiskTier:
    """The tier that is visited more often."""
    return next(tier for tier in RiskTier if tier in (getattr(keep, name), getattr(drop, name)))


def earliest(keep: Any, drop: Any, name: str) -> dict[str, datetime]:
    """Every consent, since it was first given."""
    first, second = getattr(keep, name), getattr(drop, name)
    return {key: min(part[key] for part in (first, second) if key in part) for key in first | second}


def longest(keep: Any, drop: Any, name: str) -> dict[str, Any]:
    """Every training, as long as one of them holds; without end if one has none."""
    first, second = getattr(keep, name), getattr(drop, name)
    ends = {key: [part[key] for part in (first, second) if key in part] for key in first | second}
    return {key: None if None in days else max(days) for key, days in ends.items()}


def joined_spans(keep: Any, drop: Any, name: str) -> tuple[tuple[str, str], ...]:
    """All quiet hours of both; those that touch become one."""
    hours = joined(span(*ends) for ends in (*getattr(keep, name), *getattr(drop, name)))
    return tuple((clock_of(start), clock_of(end)) for start, end in hours)


def where_known(keep: Any, drop: Any, name: str) -> Any:
    """Grid, address and point stay together: those of the record that stays, unless only the other has an address."""
    return getattr(drop if drop.address and not keep.address else keep, name)


def told(keep: Any, drop: Any, _: str) -> str:
    """The notes of both, and in them what only one of the two fields for phone and address can hold."""
    lines = [keep.notes, drop.notes]
    for mark, name in (("☎", "phone"), ("⌂", "address")):
        mine, other = getattr(keep, name), getattr(drop, name)
        lines += [f"{mark} {other}"] if mine and other and mine != other else []
    return "\n".join(line for n, line in enumerate(lines) if line and not any(line in before for before in lines[:n]))


VOLUNTEER: dict[str, Rule] = {
    **dict.fromkeys(("id", "code", "name", "transport", "active", "revision"), kept),
    **dict.fromkeys(("birth_month", "phone", "organisation_id", "wished_minutes"), filled),
    **dict.fromkeys(("grid_id", "address", "lat", "lon"), where_known),
    **dict.fromkeys(("kinds", "languages", "skills", "preferred_services"), united),
    **dict.fromkeys(
        ("max_visits_per_day", "max_minutes_per_day", "max_visits_per_week", "max_minutes_per_week", "max_travel_min",
         "max_pairs"),
        tighter,
    ),
    "gender": agreed,
    "notes": told,
    "trainings": longest,
    "consents": earliest,
    "insured": either,
    "auto_plan": both,
}  # fmt: skip
RECIPIENT: dict[str, Rule] = {
    **dict.fromkeys(("id", "code", "name", "active", "revision"), kept),
    **dict.fromkeys(("birth_year", "phone", "organisation_id"), filled),
    **dict.fromkeys(("grid_id", "address", "lat", "lon"), where_known),
    **dict.fromkeys(("kind", "gender", "gender_wish", "language_wish"), agreed),
    "notes": told,
    "lives_alone": either,
    "risk_tier": higher,
    "quiet_hours": joined_spans,
    "blocked": united,
}
RULES: dict[type, dict[str, Rule]] = {Volunteer: VOLUNTEER, Recipient: RECIPIENT}

AGREED: dict[str, tuple[Localized, str]] = {  # field → what people call it, its words
    "kind": (LocalizedText("kind"), "recipient_kinds"),
    "gender": (LocalizedText("gender"), "genders"),
    "gender_wish": (LocalizedText("wished gender"), "genders"),
    "language_wish": (LocalizedText("wished language"), "languages"),
}


def merged(keep: P, drop: P) -> P:
    """The record that stays, with what the rules take from the other.

    Raises IllegalMove where they contradict each other.
    """
    rules = RULES[type(keep)]
    _refuse_contradiction(keep, drop, [name for name, rule in rules.items() if rule is agreed])
    return replace(keep, **{name: rule(keep, drop, name) for name, rule in rules.items()})


def _refuse_contradiction(keep: Any, drop: Any, names: Iterable[str]) -> None:
    for name in names:
        mine, other = getattr(keep, name), getattr(drop, name)
        if mine and other and mine != other:
            title, group = AGREED[name]
            raise IllegalMove(
                LocalizedText(
                    "the records differ in %(title)s (%(words)s): make them agree first",
                    title=title,
                    words=words_for(group, (mine, other)),
                )
            )


def one_need(stays: Need, goes: Need) -> Need:
    """The need that stays of two for the same service, with the other's wishes where it has none.

    Raises IllegalMove where they contradict each other.
    """
    _refuse_contradiction(stays, goes, ("gender_wish", "language_wish"))
    rules: dict[str, Rule] = {"gender_wish": filled, "language_wish": filled, "requires_all": united}
    return replace(stays, **{name: rule(stays, goes, name) for name, rule in rules.items()})


def without_withdrawn(keep: Volunteer, drop: Volunteer, withdrawn: Mapping[str, datetime]) -> tuple[Volunteer, ...]:
    """Both without the consents that were taken back later than either gave them."""
    last = {
        purpose: max(person.consents[purpose] for person in (keep, drop) if purpose in person.consents)
        for purpose in keep.consents | drop.consents
    }
    over = {purpose for purpose, at in last.items() if purpose in withdrawn and withdrawn[purpose] >= at}
    return tuple(
        replace(person, consents={p: at for p, at in person.consents.items() if p not in over})
        for person in (keep, drop)
    )
