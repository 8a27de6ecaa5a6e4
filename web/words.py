"""The words for codes: one table a kind, so a state or a reason reads the same on every page."""

from typing import Any

from flask_babel import get_locale
from flask_babel import lazy_gettext as _l

WORDS: dict[str, dict[str, Any]] = {
    "role": {
        "admin": _l("Administrator"),
        "staff": _l("Staff member"),
        "auditor": _l("Auditor"),
        "volunteer": _l("Volunteer"),
    },
    "kind": {
        "courier": _l("Courier"),
        "party_member": _l("Party member"),
        "resident": _l("Resident"),
    },
    "recipient_kind": {
        "elder": _l("Elder"),
        "enterprise": _l("Enterprise"),
        "building": _l("Building"),
        "park": _l("Park"),
        "station": _l("Station"),
    },
    "grid_kind": {
        "district": _l("District"),
        "street": _l("Street or town"),
        "committee": _l("Residents' committee"),
        "building": _l("Building"),
    },
    "risk": {
        "high": _l("High risk"),
        "key": _l("Key care"),
        "general": _l("General"),
    },
    "gender": {"female": _l("Female"), "male": _l("Male"), "": _l("No matter")},
    "transport": {"walk": _l("On foot"), "ebike": _l("E-bike"), "transit": _l("Bus or metro")},
    "assignment": {
        "proposed": _l("Waiting for an answer"),
        "accepted": _l("Accepted"),
        "declined": _l("Declined"),
        "expired": _l("No answer in time"),
        "withdrawn": _l("Taken back"),
        "superseded": _l("Replaced by a newer plan"),
        "cancelled": _l("Cancelled"),
        "checked_in": _l("On site"),
        "done": _l("Done"),
        "missed": _l("Did not come"),
        "excused": _l("Excused"),
    },
    "source": {
        "plan": _l("Plan"),
        "staff": _l("By staff"),
        "standby": _l("From the standbys"),
        "claim": _l("Chose it themselves"),
        "swap": _l("Swap"),
    },
    "filled": {
        "filled": _l("Filled"),
        "partly": _l("Partly filled"),
        "empty": _l("Nobody yet"),
        "cancelled": _l("Cancelled"),
    },
    "plan": {
        "draft": _l("Draft"),
        "published": _l("Published"),
        "superseded": _l("Replaced"),
        "discarded": _l("Discarded"),
    },
    "run": {"running": _l("Running"), "done": _l("Finished"), "failed": _l("Failed")},
    "request": {
        "waiting": _l("Waiting for the planner"),
        "taken": _l("Being planned"),
        "done": _l("Finished"),
        "failed": _l("Failed"),
    },
    "job": {"nightly": _l("Nightly plan"), "plan": _l("Plan by hand"), "repair": _l("Repair")},
    "pair": {
        "proposed": _l("Proposed"),
        "trial": _l("Trial visit"),
        "active": _l("Active"),
        "paused": _l("Paused"),
        "ended": _l("Ended"),
    },
    "need": {
        "draft": _l("Draft"),
        "published": _l("Open"),
        "closed": _l("Closed"),
        "cancelled": _l("Cancelled"),
    },
    "need_kind": {"once": _l("Once"), "recurring": _l("On fixed weekdays"), "cadence": _l("So many times a week")},
    "place": {"at_recipient": _l("At the recipient's place"), "remote": _l("By phone or online")},
    "continuity": {
        "paired": _l("The paired person comes"),
        "known": _l("Only someone known to the recipient"),
        "same": _l("The same contact is preferred"),
        "none": _l("Anyone suitable"),
    },
    "reason": {
        "not_available": _l("not free at that time"),
        "skill_missing": _l("a needed skill is missing"),
        "blocked": _l("must not be sent to this recipient"),
        "gender_wish": _l("the recipient wishes another gender"),
        "language_wish": _l("does not speak the wished language"),
        "not_known": _l("not known to the recipient"),
        "insurance": _l("not insured"),
        "consent": _l("has not given the needed consent"),
        "age": _l("under the minimum age"),
        "training_expired": _l("a certificate has run out"),
        "kind": _l("this service is for other volunteers"),
        "declined_before": _l("declined this visit before"),
        "inactive": _l("no longer active"),
        "auto_plan": _l("stopped automatic proposals"),
        "too_far": _l("too far away"),
        "busy": _l("already busy then"),
        "caps": _l("own limit reached"),
        "nobody": _l("nobody is suitable"),
    },
    "unfilled": {
        "no_candidates": _l("nobody suitable is free then"),
        "capacity": _l("everyone suitable is needed elsewhere or at their limit"),
        "team": _l("the team rule cannot be met"),
    },
    "term": {
        "travel": _l("Minutes on the way"),
        "affinity": _l("Familiar faces"),
        "disruption": _l("Changes to promises"),
        "overload": _l("Above the wished load"),
        "unused": _l("Willing people without a visit"),
    },
    "action": {
        "login": _l("logged in"),
        "reveal": _l("opened phone and address"),
        "account.create": _l("made the account"),
        "account.change": _l("changed the account"),
        "account.password": _l("changed the password"),
        "account.codes": _l("switched codes from the phone on"),
        "need.create": _l("published the need"),
        "need.change": _l("changed the need"),
        "need.cancel": _l("cancelled the need"),
        "recipient.change": _l("changed the recipient"),
        "volunteer.change": _l("changed the volunteer"),
        "merge": _l("merged a duplicate into this"),
        "assign": _l("put a person on the visit"),
        "unassign": _l("took a person off the visit"),
        "move": _l("moved the visit"),
        "pin": _l("pinned the assignment"),
        "unpin": _l("released the pin"),
        "publish": _l("published the plan"),
        "rollback": _l("went back to an earlier plan"),
        "plan.request": _l("asked for a plan"),
        "import": _l("imported a file"),
        "import.undo": _l("took an import back"),
        "export": _l("exported the roster"),
        "pair.change": _l("changed the pair"),
    },
    "priority": {"1": _l("Low"), "2": _l("Normal"), "3": _l("Raised"), "4": _l("High"), "5": _l("Urgent")},
}


def language() -> str:
    """ "zh" or "en": the reader's."""
    return str(get_locale() or "zh")[:2]


def word(code: Any, kind: str) -> str:
    """The reader's word for a code of a kind; the code itself where none is known."""
    return str(WORDS[kind].get(str(code), code))


def service_name(service: Any) -> str:
    """The name of a service type (or a row with name_zh and name_en) in the reader's language."""
    return str(service.name_en if language() == "en" else service.name_zh)
