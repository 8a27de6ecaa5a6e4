"""Sentences about plans, imports and explanations, put together from codes and numbers."""

import math
from datetime import date
from typing import Any

from flask_babel import format_date, format_percent
from flask_babel import gettext as _

from scheduler.localtime import LOCAL
from web.words import service_name, word


def why_sentence(why: Any) -> str:
    """Why people are missing, from a plan's note on a visit: the reasons that stop most people first."""
    if not isinstance(why, dict):
        return ""
    counts = why.get("stopped") or {}
    parts = [f"{word(code, 'reason')} {number}" for code, number in sorted(counts.items(), key=lambda kv: -kv[1])[:4]]
    cause = word(why["reason"], "unfilled") if why.get("reason") else ""
    return " · ".join(filter(None, [cause, *parts]))


def found_of(figures: dict[str, Any]) -> str:
    """How many people a plan found of those needed."""
    return str(
        _("%(filled)s of %(heads)s people found", filled=figures.get("filled", 0), heads=figures.get("heads", 0))
    )


def proof_in_words(figures: dict[str, Any]) -> str:
    """What the bounds of a plan prove, for people who do not know what a bound is; empty before there is one."""
    reached, most = figures.get("coverage", 0), figures.get("coverage_bound", 0)
    if not most:
        return ""
    if figures.get("status") == "OPTIMAL":
        return str(_("Proven: with these people and times nobody can make a better plan."))
    if reached >= most:
        return str(_("Proven: no plan can help more people. Only the ways and the changes might still get better."))
    return str(
        _(
            "Proven: of what any plan could do, urgent visits counting more, this one does at least %(share)s. Nobody "
            "can get more than the last %(rest)s out of these people and times.",
            share=format_percent(_floor(reached / most), "0.0%"),
            rest=format_percent(1 - _floor(reached / most), "0.0%"),
        )
    )


def _floor(share: float) -> float:
    """A share in tenths of a per cent, never rounded up: what is said is proven."""
    return math.floor(1000 * share) / 1000


def need_title(need: Any) -> str:
    """A need's own title in the reader's language; empty where its service says enough."""
    kind, colon, rest = need.title.partition(":")
    if (kind, colon, rest) == ("pair", ":", "first"):
        return str(_("First visit of a pair"))
    return word(rest.partition(":")[0], "surge") if (kind, colon) == ("surge", ":") else str(need.title)


def pair_reason(reason: str) -> str:
    """Why a step of a pair was taken: what spoke for one that was suggested, else what somebody wrote."""
    kind, _colon, rest = reason.partition(":")
    if kind != "suggested":
        return reason
    minutes, hours, visits = rest.split(":")
    return str(
        _(
            "%(minutes)s min apart · %(hours)s h a week in common · %(visits)s visits before",
            minutes=minutes,
            hours=hours,
            visits=visits,
        )
    )


def import_counts(counts: dict[str, dict[str, int]]) -> str:
    """What an import did in all sheets together: new, changed, unchanged rows."""
    kinds = dict.fromkeys(name for sheet in counts.values() for name in sheet)
    sums = {name: sum(sheet.get(name, 0) for sheet in counts.values()) for name in kinds}
    return " · ".join(f"{word(name, 'import')} {number}" for name, number in sums.items() if number)


def easing_sentence(easing: Any) -> str:
    """A change to a visit that would let somebody come, in words."""
    tag, start = word(easing.tag, "skill"), easing.starts_at.astimezone(LOCAL).strftime("%H:%M")
    sentences = {
        "earlier": _("begin %(n)s minutes earlier, at %(start)s", n=easing.amount, start=start),
        "later": _("begin %(n)s minutes later, at %(start)s", n=easing.amount, start=start),
        "smaller_minimum": _("be content with %(n)s people fewer", n=easing.amount),
        "tag_fewer": _("do without “%(tag)s”", tag=tag),
        "tag_allowed": _("allow “%(tag)s”", tag=tag),
        "any_tag": _("do without any of the wished skills"),
        "team_rule": _("ask for %(n)s “%(tag)s” fewer in the team", n=easing.amount, tag=tag),
    }
    return sentences.get(easing.kind, easing.kind)


def change_sentence(change: Any) -> str:
    """The smallest change to a need that would bring more people, in words."""
    sentences = {
        "wider": _("Widen the times by %(n)s minutes: %(people)s people.", n=change.amount, people=change.people),
        "any_time": _("Allow the service's usual times: %(people)s people.", people=change.people),
        "any_gender": _("Do without the wish for a woman or a man: %(people)s people.", people=change.people),
        "any_language": _("Do without the language: %(people)s people.", people=change.people),
        "any_day": _("Let the plan choose the days: %(people)s people.", people=change.people),
    }
    return sentences[change.kind]


def scenario_name(changes: dict[str, Any], services: list[Any]) -> str:
    """A what-if scenario in words."""
    closed = next((s for s in services if s.code == changes.get("closed")), None)
    parts = []
    if changes.get("ill"):
        parts.append(_("%(n)s couriers ill", n=changes["ill"]))
    if closed is not None:
        when = str(format_date(date.fromisoformat(changes["closed_on"]))) if changes.get("closed_on") else ""
        parts.append(_("without “%(service)s” %(day)s", service=service_name(closed), day=when).strip())
    if changes.get("way", "usual") != "usual":
        parts.append(word(changes["way"], "way"))
    return " · ".join(parts) or str(_("things as they are"))
