"""The reader's words for codes, from the one table of words (scheduler/data/words.yaml)."""

from typing import Any

from flask_babel import get_locale

from scheduler.words import vocabulary

GROUPS = {  # kinds that pages call by a short name
    "assignment": "assignment_states",
    "gender": "genders",
    "kind": "kinds",
    "language": "languages",
    "need": "need_states",
    "need_kind": "need_kinds",
    "object": "objects",
    "pair": "pair_states",
    "reason": "reasons",
    "recipient_kind": "recipient_kinds",
    "skill": "tags",
    "transport": "transports",
}
ON_THEIR_OWN = ("assignment", "gender", "kind", "need", "need_kind", "pair", "recipient_kind", "transport")
WHYS = ("refusals", "log_reasons", "cause", "reasons", "causes", "purposes")


def language() -> str:
    """ "zh" or "en": the reader's."""
    return str(get_locale() or "zh")[:2]


def word(code: Any, kind: str) -> str:
    """The reader's word for a code of a kind; the code itself where none is known."""
    said = vocabulary(GROUPS.get(kind, kind)).word(str(code), language())
    return said[:1].upper() + said[1:] if kind in ON_THEIR_OWN else said


def who(actor: str) -> str:
    """Who did it: a login stays as it is."""
    return word(actor, "actors")


def why(reason: str) -> str:
    """Why: the words for a code, which an id may follow; what somebody wrote stays as it is."""
    code = reason.partition(": ")[0]
    return next((word(code, group) for group in WHYS if code in vocabulary(group).words), reason)


def service_name(service: Any) -> str:
    """The name of a service type (or a row with name_zh and name_en) in the reader's language."""
    return str(service.name_en if language() == "en" else service.name_zh)
