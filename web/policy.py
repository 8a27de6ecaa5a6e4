"""Who may do what, and where: the one table of access rights.

Which fields they may read: see scheduler/model/reading_rights.py.

Every view names its action with `@action("slot.read")`; `create_app` refuses to start when a route has none, when its
action is not in this table, or when its address holds an id that no scope check knows.
"""

from dataclasses import dataclass
from enum import StrEnum

from scheduler.model.accounts import Role
from scheduler.model.reading_rights import ADMIN, AUDITOR, STAFF, VOLUNTEER


class Scope(StrEnum):
    """Which objects an action reaches."""

    PUBLIC = "public"  # no login asked
    SELF = "self"  # the account itself: password, language, logout
    OWN = "own"  # what belongs to the volunteer behind the account
    AREA = "area"  # what lies in the account's grid or below it
    WHOLE = "whole"  # only accounts whose area holds the whole database: plans, imports, accounts


EVERYONE = frozenset(Role)
DESK = frozenset({ADMIN, STAFF, AUDITOR})  # may read the staff pages
HANDS = frozenset({ADMIN, STAFF})  # may change things
CHIEF = frozenset({ADMIN})
PHONE = frozenset({VOLUNTEER})


@dataclass(frozen=True, slots=True)
class Policy:
    """The roles that may do an action, and the scope that bounds it."""

    roles: frozenset[Role]
    scope: Scope


ACTIONS: dict[str, Policy] = {
    # everybody
    "public.read": Policy(EVERYONE, Scope.PUBLIC),
    "login": Policy(EVERYONE, Scope.PUBLIC),
    "self.change": Policy(EVERYONE, Scope.SELF),
    # staff: reading
    "today.read": Policy(DESK, Scope.AREA),
    "board.read": Policy(DESK, Scope.AREA),
    "figures.read": Policy(DESK, Scope.AREA),
    "slot.read": Policy(DESK, Scope.AREA),
    "need.read": Policy(DESK, Scope.AREA),
    "recipient.read": Policy(DESK, Scope.AREA),
    "volunteer.read": Policy(DESK, Scope.AREA),
    "organisation.read": Policy(DESK, Scope.AREA),
    "service.read": Policy(DESK, Scope.AREA),
    "area.read": Policy(DESK, Scope.AREA),
    "pair.read": Policy(DESK, Scope.AREA),
    "run.read": Policy(DESK, Scope.WHOLE),
    "roster.read": Policy(DESK, Scope.AREA),
    "settings.read": Policy(DESK, Scope.WHOLE),
    "health.read": Policy(DESK, Scope.WHOLE),
    "audit.read": Policy(frozenset({ADMIN, AUDITOR}), Scope.WHOLE),
    "proof.read": Policy(frozenset({ADMIN, AUDITOR}), Scope.WHOLE),
    "assignment.read": Policy(DESK, Scope.AREA),
    "plan.read": Policy(DESK, Scope.WHOLE),
    "recommendation.read": Policy(DESK, Scope.AREA),
    # staff: changing
    "need.write": Policy(HANDS, Scope.AREA),
    "recipient.write": Policy(HANDS, Scope.AREA),
    "volunteer.write": Policy(HANDS, Scope.AREA),
    "area.write": Policy(HANDS, Scope.AREA),
    "organisation.write": Policy(HANDS, Scope.AREA),
    "pair.write": Policy(HANDS, Scope.AREA),
    "assignment.write": Policy(HANDS, Scope.AREA),
    "reveal": Policy(HANDS, Scope.AREA),
    "service.write": Policy(HANDS, Scope.WHOLE),
    "plan.write": Policy(HANDS, Scope.WHOLE),
    "surge.write": Policy(HANDS, Scope.WHOLE),
    "exchange.write": Policy(HANDS, Scope.WHOLE),
    "roster.export": Policy(HANDS, Scope.WHOLE),
    "account.write": Policy(CHIEF, Scope.WHOLE),
    # volunteers
    "link": Policy(EVERYONE, Scope.PUBLIC),  # the random token in the address is the right
    "my.read": Policy(PHONE, Scope.OWN),
    "my.write": Policy(PHONE, Scope.OWN),
}

# Ids that may stand in an address, and the kind of object whose place in the city is checked for them.
# A kind of None means that the view itself bounds it by the account (a one-time token, a file name).
URL_IDS: dict[str, str | None] = {
    "slot_id": "slot",
    "need_id": "need",
    "recipient_id": "recipient",
    "volunteer_id": "volunteer",
    "organisation_id": "organisation",
    "pair_id": "pair",
    "assignment_id": "assignment",
    "plan_id": "plan",
    "other_plan_id": "plan",
    "run_id": "run",
    "import_id": "import",
    "account_id": "account",
    "grid_id": "grid",
    "service_code": "service_type",
    "filename": None,
    "token": None,
    "day": None,
    "kind": None,
    "locale": None,
    "field": None,
    "step": None,
}
