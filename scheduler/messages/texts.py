"""The words of every message, put into the reader's language with the values that its row in the outbox holds."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scheduler.errors import InputError
from scheduler.localized import Bilingual, Localized, LocalizedText, Moment, Word, msgid
from scheduler.words import vocabulary

CANCELLATIONS = ("cancelled", "superseded", "moved")  # told first, and to be acknowledged
REPLYABLE = ("proposed", "standby_offer")
QUESTIONS = (*REPLYABLE, "moved", "swap_asked")  # whoever is told one is asked for an answer

TEXTS = {
    "cancelled": msgid("Cancelled: %(when)s %(service)s. Please do not go. %(reason)s"),
    "superseded": msgid("No longer proposed: %(when)s %(service)s. No need to go."),
    "moved": msgid("Moved: %(service)s from %(old_when)s to %(when)s."),
    "proposed": msgid("Proposed: %(when)s %(service)s. Please answer by %(reply_by)s."),
    "standby_offer": msgid("Stand-in wanted: %(when)s %(service)s. Please answer by %(reply_by)s."),
    "standby_void": msgid("%(when)s %(service)s: somebody else has taken it. Thank you."),
    "reminder": msgid("Reminder: %(when)s %(service)s."),
    "swap_asked": msgid("%(from_name)s asks you to take over: %(when)s %(service)s. Please answer by %(reply_by)s."),
    "swap_accepted": msgid("%(to_name)s takes over your %(when)s %(service)s."),
    "swap_declined": msgid("%(to_name)s cannot: %(when)s %(service)s is still yours."),
    "swap_off": msgid("No need to take over any more: %(when)s %(service)s of %(from_name)s has changed."),
    "swap_ended": msgid("Your request to %(to_name)s has ended: %(when)s %(service)s is no longer yours."),
    "partner_left": msgid(
        "%(when)s %(service)s: the person who was to come with you cannot. We are looking for "
        "somebody. Please do not go alone: ask the coordinator first."
    ),
    "pair_proposed": msgid("A lasting match with an elder is proposed to you: please answer."),
    "pair_started": msgid("Your match begins: the first visit is made by two."),
    "pair_ended": msgid("The match has ended. Thank you for your company."),
    "pair_handover": msgid("The match is handed over: please make one visit together."),
    "seat_open_again": msgid("%(when)s %(service)s is open again: %(reason)s (%(hours)s h before the start)"),
    "nobody_to_ask": msgid("%(when)s %(service)s is open and the standby list is used up."),
    "unsettled": msgid("No word yet of how %(count)s visits were, the first on %(when)s: open the day sheet."),
    "at_risk": msgid("Not checked in: %(when)s %(service)s, %(count)s in all."),
    "doors_in_vain": msgid(
        "Volunteer %(code)s has opened %(count)s addresses today and did not go there: no further "
        "one opens. Please call."
    ),
    "no_verified_plan": msgid("No verified plan for today: %(reason)s The old plan stands."),
    "letter": msgid("%(sender)s writes: %(words)s"),
    "night_done": msgid("The night has run: %(changed)s changes, coverage %(coverage)s."),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence of a digest, with the assignment that may be answered through a link (else "")."""

    template: str
    text: str
    assignment_id: str = ""


def unknown(template: str) -> InputError:
    """The error for a template that does not exist."""
    return InputError(
        LocalizedText(
            "message template '%(template)s' does not exist: expected one of %(known)s",
            template=template,
            known=sorted(TEXTS),
        )
    )


def lines_of(
    template: str, payload: dict[str, Any], *, locale: str, services: dict[str, Bilingual], in_public: bool = False
) -> list[Line]:
    """The sentences of one outbox row: one, or one for each entry of `items` ({"template": …, other values}).

    Moments stand in the payload as ISO UTC text under names that end in `_at`: `starts_at` reads as when,
    `old_starts_at` as old_when, `expires_at` as reply_by. `service` is a catalogue code, `reason` a cause, a rule or
    a sentence; `reason_zh` is the same in Chinese. What somebody wrote as a reason may name an elder: it is left out
    `in_public`.
    Raises InputError for a template we do not have.
    """
    if items := payload.get("items"):
        return [
            line
            for item in items
            for line in lines_of(item["template"], item, locale=locale, services=services, in_public=in_public)
        ]
    if template not in TEXTS:
        raise unknown(template)
    values = dict.fromkeys(PLACEHOLDERS, "") | payload
    for source, name in (("starts_at", "when"), ("old_starts_at", "old_when"), ("expires_at", "reply_by")):
        if payload.get(source):
            values[name] = Moment(datetime.fromisoformat(payload[source]))
    values["service"] = services.get(values["service"], values["service"])
    values["reason"] = _reason(values["reason"], payload.get("reason_zh", ""), in_public)
    text = LocalizedText(TEXTS[template], **values).to(locale).strip()
    return [Line(template, text, payload.get("assignment_id", "") if template in REPLYABLE else "")]


def _reason(reason: str, zh: str, in_public: bool) -> str | Localized:
    """The words for a cause or a rule; anything else is a sentence already."""
    if zh:
        return Bilingual(zh, reason)
    return next(
        (Word(group, reason) for group in ("causes", "reasons") if reason in vocabulary(group).words),
        "" if in_public else reason,
    )


PLACEHOLDERS = sorted({name for text in TEXTS.values() for name in re.findall(r"%\((\w+)\)s", text)})


def in_telling_order(lines: list[Line]) -> list[Line]:
    """Cancellations first, otherwise as they came."""
    return sorted(lines, key=lambda line: line.template not in CANCELLATIONS)
