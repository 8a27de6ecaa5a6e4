"""The words for codes: one table a kind, so a state or a reason reads the same on every page."""

from typing import Any

from flask_babel import get_locale
from flask_babel import lazy_gettext as _l

from scheduler.words import vocabulary
from web.reasons import REASONS

WORDS: dict[str, dict[str, Any]] = {
    "role": {
        "admin": _l("Administrator"),
        "staff": _l("Staff member"),
        "auditor": _l("Auditor"),
        "volunteer": _l("Volunteer"),
    },
    "grid_kind": {
        "district": _l("District"),
        "street": _l("Street or town"),
        "committee": _l("Residents' committee"),
        "building": _l("Building"),
    },
    "risk": {"high": _l("High risk"), "key": _l("Key care"), "general": _l("General care")},
    "wish": {"female": _l("a woman"), "male": _l("a man"), "": _l("No matter")},
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
    "login": {"none": _l("No login yet"), "invited": _l("Slip printed"), "has": _l("Has a login")},
    "job": {"nightly": _l("Nightly plan"), "plan": _l("Plan by hand"), "repair": _l("Repair")},
    "place": {"at_recipient": _l("At the recipient's place"), "remote": _l("By phone or online")},
    "continuity": {
        "paired": _l("The paired person comes"),
        "known": _l("Only someone known to the recipient"),
        "same": _l("The same contact is preferred"),
        "none": _l("Anyone suitable"),
    },
    "reason": REASONS,
    "unfilled": {
        "no_candidates": _l("nobody suitable is free then"),
        "capacity": _l("everyone suitable is needed elsewhere or at their limit"),
        "team": _l("the team rule cannot be met"),
    },
    "way": {
        "usual": _l("as usual"),
        "familiar": _l("familiar faces first"),
        "near": _l("short ways first"),
        "calm": _l("as few changes as possible"),
        "fair": _l("even load first"),
    },
    "supply": {
        "absent": _l("Too few people could come even if everybody else were free."),
        "elsewhere": _l("Those who could come are needed by other visits or at their limit."),
        "team": _l("People are free, but they make no team for this visit."),
        "free": _l("Somebody could come right now: ask below, or let the planner look."),
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
        "proof.failed": _l("could not prove who it was"),
        "reveal": _l("opened phone and address"),
        "phone.search": _l("found the person by the whole phone number"),
        "account.create": _l("made the account"),
        "account.change": _l("changed the account"),
        "account.password": _l("changed the password"),
        "account.codes": _l("switched codes from the phone on"),
        "need.create": _l("published the need"),
        "need.change": _l("changed the need"),
        "need.cancel": _l("cancelled the need"),
        "recipient.change": _l("changed the recipient"),
        "volunteer.change": _l("changed the volunteer"),
        "volunteer.create": _l("added the volunteer"),
        "volunteer.invited": _l("printed a slip to log in"),
        "volunteer.ask_again": _l("may be asked again for what was declined"),
        "volunteer.free_times": _l("changed the free times"),
        "volunteer.import": _l("imported from a workbook"),
        "volunteer.merge": _l("merged a duplicate into this"),
        "volunteer.merged_away": _l("merged into another record"),
        "recipient.create": _l("added the recipient"),
        "recipient.import": _l("imported from a workbook"),
        "recipient.merge": _l("merged a duplicate into this"),
        "recipient.merged_away": _l("merged into another record"),
        "need.import": _l("imported from a workbook"),
        "pair.import": _l("imported from a workbook"),
        "assignment.proposed": _l("proposed the visit"),
        "assignment.accepted": _l("accepted the visit"),
        "assignment.claimed": _l("chose the visit"),
        "assignment.declined": _l("declined the visit"),
        "assignment.expired": _l("no answer came in time"),
        "assignment.withdrawn": _l("took the yes back"),
        "assignment.superseded": _l("a newer plan replaced the proposal"),
        "assignment.cancelled": _l("took a person off the visit"),
        "assignment.checked_in": _l("came to the visit"),
        "assignment.done": _l("finished the visit"),
        "assignment.missed": _l("did not come"),
        "assignment.excused": _l("was excused"),
        "assign": _l("put a person on the visit"),
        "unassign": _l("took a person off the visit"),
        "move": _l("moved the visit"),
        "keep": _l("let the visit stand"),
        "pin": _l("pinned the assignment"),
        "unpin": _l("released the pin"),
        "publish": _l("published the plan"),
        "rollback": _l("went back to an earlier plan"),
        "plan.request": _l("asked for a plan"),
        "import.confirm": _l("imported a file"),
        "import.undo": _l("took an import back"),
        "export": _l("exported the roster"),
        "pair.change": _l("changed the pair"),
        "pair.proposed": _l("proposed the pair"),
        "pair.trial": _l("began the pair's trial visits"),
        "pair.active": _l("made the pair lasting"),
        "pair.paused": _l("paused the pair"),
        "pair.ended": _l("ended the pair"),
        "pair.pinned": _l("pinned the pair"),
        "pair.unpinned": _l("released the pair"),
        "standby.asked": _l("asked a standby"),
        "swap.asked": _l("asked somebody to take the visit over"),
        "surge.declared": _l("declared a surge of care visits"),
        "surge.ended": _l("ended the surge"),
        "token.give": _l("gave access to another system"),
        "token.revoke": _l("took access from another system"),
    },
    "surge": {"heat": _l("Care in the heat"), "cold": _l("Care in the cold")},
    "change": {"new": _l("New"), "gone": _l("Taken back"), "moved": _l("Moved")},
    "cause": {
        "newly_planned": _l("newly planned"),
        "better_plan": _l("the plan is better this way"),
        "declined": _l("somebody declined"),
        "withdrawn": _l("somebody took it back"),
        "expired": _l("no answer came in time"),
        "missed": _l("somebody did not come"),
        "excused": _l("somebody was excused"),
        "cancelled": _l("it was cancelled"),
        "slot_cancelled": _l("the visit was cancelled"),
        "slot_moved": _l("the visit's time was changed"),
        "rollback": _l("an earlier plan was taken back"),
        **REASONS,
    },
    "import": {
        "new": _l("new"),
        "changed": _l("changed"),
        "unchanged": _l("unchanged"),
        "removed": _l("removed"),
        "refused": _l("refused"),
    },
    "stage": {
        "waiting": _l("Waiting"),
        "build": _l("Reading people and needs"),
        "coverage": _l("Finding people for as many visits as possible"),
        "cost": _l("Choosing familiar faces and short ways"),
        "explain": _l("Checking every rule again and finding reasons"),
        "done": _l("Finished"),
    },
    "figure": {
        "slots": _l("Visits"),
        "heads": _l("People needed"),
        "filled": _l("People found"),
        "coverage": _l("Weighted coverage"),
        "coverage_bound": _l("At most possible"),
        "cost": _l("Cost"),
        "cost_bound": _l("At least needed"),
        "seconds": _l("Seconds"),
    },
    "health": {
        "plan_age": _l("A plan is published and fresh"),
        "failed_runs": _l("Planning runs of the last two days without failure"),
        "waiting_request": _l("The planner takes requests"),
        "dead_messages": _l("Every message could be delivered"),
        "disk": _l("Free space on the disk"),
        "holidays": _l("Public holidays are known as far as plans look"),
        "sqlite": _l("A safe version of the database library"),
        "proxies": _l("Visitors are told apart behind the proxy"),
        "key": _l("The key for phone numbers and addresses fits"),
        "log": _l("The log of who did what reaches as far as it did"),
    },
    "health_advice": {
        "plan_age": _l("Start the planner (yidu scheduler) or press Plan on the page of plans."),
        "failed_runs": _l("Open the page of plans and read the message of the failed run."),
        "waiting_request": _l("The planner does not run: start it with yidu scheduler."),
        "dead_messages": _l("Check the channels in config.yaml and the people's addresses."),
        "disk": _l("Make room on the disk before the next night."),
        "holidays": _l("Update the package chinesecalendar; until then Monday to Friday count as working days."),
        "sqlite": _l("Install pysqlite3, or use a newer Python: older versions can damage the file."),
        "proxies": _l(
            "All visitors count as one, so a few wrong passwords lock out all: set web.proxies in config.yaml."
        ),
        "key": _l("Put the right key file back; without it phone numbers cannot be read."),
        "log": _l("Its newest rows were removed: run yidu health and compare with the backup named here."),
    },
    "settings": {
        "web": _l("Pages"),
        "nightly": _l("The night"),
        "windows": _l("How far ahead"),
        "changes": _l("How much a night may change"),
        "solver": _l("The planner's limits"),
        "couriers": _l("Couriers"),
        "members": _l("Party members and residents"),
        "everyone": _l("Everyone"),
        "elders": _l("Elders"),
        "travel": _l("Ways"),
        "standby": _l("Standbys"),
        "messages": _l("Messages"),
    },
    "organisation_kind": {
        "branch": _l("Party branch"),
        "courier_station": _l("Courier station"),
        "community": _l("Community body"),
        "committee": _l("Residents' committee"),
        "building": _l("Building"),
        "enterprise": _l("Enterprise"),
    },
    "priority": {"1": _l("Low"), "2": _l("Normal"), "3": _l("Raised"), "4": _l("High"), "5": _l("Urgent")},
}


WORDS["cause"] = WORDS["reason"] | WORDS["cause"]  # a rule that stops somebody may also be what ended a proposal

# Kinds whose words the import and the forms know too.
SHARED = {
    "kind": "kinds",
    "gender": "genders",
    "transport": "transports",
    "recipient_kind": "recipient_kinds",
    "pair": "pair_states",
    "need_kind": "need_kinds",
    "need": "need_states",
    "language": "languages",
    "skill": "tags",
}
INSIDE_A_SENTENCE = ("skill", "language")


def language() -> str:
    """ "zh" or "en": the reader's."""
    return str(get_locale() or "zh")[:2]


def word(code: Any, kind: str) -> str:
    """The reader's word for a code of a kind; the code itself where none is known."""
    if kind in SHARED:
        said = vocabulary(SHARED[kind]).word(str(code), language())
        return said if kind in INSIDE_A_SENTENCE else said[:1].upper() + said[1:]
    return str(WORDS[kind].get(str(code), code))


def service_name(service: Any) -> str:
    """The name of a service type (or a row with name_zh and name_en) in the reader's language."""
    return str(service.name_en if language() == "en" else service.name_zh)
