"""Who may read what: how each role sees a sensitive field, by what it may search for it, and who hears which reason.

The one table of reading. Searching, filtering, sorting, counting and refusing are readings too: whoever may see only
the last four digits of a number may search only for these, or the number could be read digit by digit. The lists of
the store are given a `Reader` and ask it; so do the pages.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from scheduler.model.accounts import Role
from scheduler.model.people import RecipientKind, Unreadable
from scheduler.model.phone_numbers import first_number
from scheduler.words import spelling


class Sight(StrEnum):
    """How a role reads a sensitive field."""

    CLEAR = "clear"
    MASKED = "masked"
    REASON = "reason"  # in full once a reason is given; each reading is recorded
    WINDOW = "window"  # in full for the assigned person from 24 h before to 2 h after
    NEVER = "never"


class Search(StrEnum):
    """By what a role may find people through a sensitive field."""

    ANY_PART = "any part"
    SHOWN = "shown"  # by all of what its mask shows and by nothing else
    WHOLE = "whole"  # besides by the whole value, which is recorded
    NEVER = "never"


ADMIN, STAFF, AUDITOR, VOLUNTEER = Role.ADMIN, Role.STAFF, Role.AUDITOR, Role.VOLUNTEER

FIELDS: dict[str, dict[Role, tuple[Sight, Search]]] = {
    "elder_name": {
        ADMIN: (Sight.CLEAR, Search.ANY_PART),
        STAFF: (Sight.CLEAR, Search.ANY_PART),
        AUDITOR: (Sight.MASKED, Search.SHOWN),
        VOLUNTEER: (Sight.WINDOW, Search.NEVER),
    },
    "phone": {
        ADMIN: (Sight.REASON, Search.WHOLE),
        STAFF: (Sight.REASON, Search.WHOLE),
        AUDITOR: (Sight.MASKED, Search.SHOWN),
        VOLUNTEER: (Sight.WINDOW, Search.NEVER),
    },
    "address": {
        ADMIN: (Sight.REASON, Search.NEVER),
        STAFF: (Sight.REASON, Search.NEVER),
        AUDITOR: (Sight.MASKED, Search.NEVER),
        VOLUNTEER: (Sight.WINDOW, Search.NEVER),
    },
    "notes": {
        ADMIN: (Sight.REASON, Search.NEVER),
        STAFF: (Sight.REASON, Search.NEVER),
        AUDITOR: (Sight.NEVER, Search.NEVER),
        VOLUNTEER: (Sight.WINDOW, Search.NEVER),
    },
}

# Why somebody cannot take a visit: may the person themselves read it? Staff read every reason, colleagues none.
# What the recipient wishes stays with staff, one sentence for all of it, so that nobody learns that they are blocked.
TOLD_TO_THE_PERSON: dict[str, bool] = {
    "inactive": True,
    "auto_plan": True,
    "consent": True,
    "age": True,
    "insurance": True,
    "kind": True,
    "skill_missing": True,
    "training_expired": True,
    "declined_before": True,
    "taken_off": True,
    "not_available": True,
    "too_far": True,
    "busy": True,
    "caps": True,
    "gender_wish": False,
    "language_wish": False,
    "blocked": False,
    "not_known": True,
    "team": False,
}


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks, for which part of the city (a grid's id, None for all of it), and when."""

    role: Role
    area: str | None = None
    login: str = ""
    at: datetime | None = None

    def sight(self, field: str) -> Sight:
        return FIELDS[field][self.role][0]

    def search(self, field: str) -> Search:
        return FIELDS[field][self.role][1]

    def recipient_name(self, name: str, gender: str, kind: str, locale: str) -> str:
        """The name of a recipient as this reader may see it in a list; only places and firms are never masked."""
        public = kind in set(RecipientKind) - {RecipientKind.ELDER}
        return name if public or self.sight("elder_name") is Sight.CLEAR else masked_name(name, gender, locale)

    def wanted(self, text: str) -> "WantedPhone":
        """Which phone this reader looks for with a text typed into a search box."""
        digits, search = "".join(spelling(text).split()), self.search("phone")
        is_tail = digits.isascii() and digits.isdigit() and len(digits) == SHOWN_DIGITS
        return WantedPhone(
            tail=digits if is_tail and search is not Search.NEVER else "",
            whole=first_number(text)[0] if search is Search.WHOLE else "",
        )


@dataclass(frozen=True, slots=True)
class WantedPhone:
    """The last four digits of a phone, or a whole one; empty where the text means none."""

    tail: str = ""
    whole: str = ""


def told_to_the_person(codes: tuple[str, ...]) -> tuple[str, ...]:
    """Those reasons that may be told to the person whom they keep from a visit."""
    return tuple(code for code in codes if TOLD_TO_THE_PERSON[code])


def reason_for_the_person(code: str) -> str:
    """Why an offer ended, for the one to whom it was made: what may not be told reads as a better plan."""
    return code if TOLD_TO_THE_PERSON.get(code, True) else "better_plan"


# masks

SHOWN_DIGITS = 4  # of a number long enough to hide the rest
_LONG = 11  # digits of a mobile; shorter ones keep the last two
_DOUBLE_SURNAMES = (
    "欧阳",
    "上官",
    "司马",
    "诸葛",
    "司徒",
    "夏侯",
    "皇甫",
    "尉迟",
    "公孙",
    "慕容",
    "令狐",
    "端木",
    "东方",
    "单于",
)
_TITLES = {"zh": {"female": "女士", "male": "先生"}, "en": {"female": "Ms", "male": "Mr"}}


def masked_phone(phone: str) -> str:
    """ "138****5678"; a short or foreign number keeps its last two digits only."""
    if not phone or isinstance(phone, Unreadable):
        return phone
    return f"{phone[:3]}****{phone[-SHOWN_DIGITS:]}" if len(phone) >= _LONG else f"****{phone[-2:]}"


def shows_tail(phone: str, digits: str) -> bool:
    """Whether the mask of a phone shows exactly these last digits."""
    return masked_phone(phone).endswith(f"*{digits}")


def surname(name: str) -> str:
    """What a masked name keeps of a name."""
    if name.isascii():
        return name.split()[-1] if name.split() else ""
    return name[:2] if name.startswith(_DOUBLE_SURNAMES) and len(name) > 2 else name[:1]


def masked_name(name: str, gender: str, locale: str) -> str:
    """Surname and title ("王女士", "Ms 王"); without a known gender the surname and two stars."""
    if not name:
        return ""
    title = _TITLES["zh" if locale.startswith("zh") else "en"].get(gender)
    if title is None:
        return f"{surname(name)}**"
    return f"{surname(name)}{title}" if locale.startswith("zh") else f"{title} {surname(name)}"
