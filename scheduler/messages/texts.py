"""The words of every message, in Chinese and English. Template names are fixed; values never contain placeholders."""

from dataclasses import dataclass
from datetime import datetime
from string import Template
from typing import Any

from scheduler.errors import InputError
from scheduler.localtime import LOCAL
from scheduler.words import Said, vocabulary

WEEKDAYS_ZH = "一二三四五六日"

CANCELLATIONS = ("cancelled", "superseded", "moved")  # told first, and to be acknowledged
REPLYABLE = ("proposed", "standby_offer")
QUESTIONS = (*REPLYABLE, "moved", "swap_asked")  # whoever is told one is asked for an answer

TEXTS: dict[str, tuple[str, str]] = {
    "cancelled": (
        "取消：$when $service，请不要前往。原因：$reason",
        "Cancelled: $when $service. Please do not go. $reason",
    ),
    "superseded": ("撤回建议：$when $service，无需前往。", "No longer proposed: $when $service. No need to go."),
    "moved": ("改时间：$service 由 $old_when 改为 $when。", "Moved: $service from $old_when to $when."),
    "proposed": (
        "建议：$when $service，请在 $reply_by 前答复。",
        "Proposed: $when $service. Please answer by $reply_by.",
    ),
    "standby_offer": (
        "候补邀请：$when $service 缺人，您愿意去吗？请在 $reply_by 前答复。",
        "Stand-in wanted: $when $service. Please answer by $reply_by.",
    ),
    "standby_void": ("$when $service 已有人接，谢谢您。", "$when $service: somebody else has taken it. Thank you."),
    "reminder": ("提醒：$when $service。", "Reminder: $when $service."),
    "swap_asked": (
        "$from_name 请您代班：$when $service，请在 $reply_by 前答复。",
        "$from_name asks you to take over: $when $service. Please answer by $reply_by.",
    ),
    "swap_accepted": ("您的 $when $service 已由 $to_name 接手。", "$to_name takes over your $when $service."),
    "swap_declined": (
        "$to_name 不能代班：$when $service 仍由您负责。",
        "$to_name cannot: $when $service is still yours.",
    ),
    "swap_off": (
        "不用代班了：$from_name 的 $when $service 已有变动。",
        "No need to take over any more: $when $service of $from_name has changed.",
    ),
    "swap_ended": (
        "您请 $to_name 代班的请求已取消：$when $service 已不由您负责。",
        "Your request to $to_name has ended: $when $service is no longer yours.",
    ),
    "partner_left": (
        "$when $service：同行的志愿者不能来了，正在找人。请不要单独前往，先联系社区工作人员。",
        "$when $service: the person who was to come with you cannot. We are looking for somebody. "
        "Please do not go alone: ask the coordinator first.",
    ),
    "pair_proposed": (
        "建议与您结对一位长者，请查看并答复。",
        "A lasting match with an elder is proposed to you: please answer.",
    ),
    "pair_started": ("结对开始：首次入户由两人同去。", "Your match begins: the first visit is made by two."),
    "pair_ended": ("结对已结束，感谢您的陪伴。", "The match has ended. Thank you for your company."),
    "pair_handover": (
        "结对将交接，请一起完成一次共同探访。",
        "The match is handed over: please make one visit together.",
    ),
    "seat_open_again": (
        "$when $service 又缺人：$reason（距开始 $hours 小时）",
        "$when $service is open again: $reason ($hours h before the start)",
    ),
    "nobody_to_ask": (
        "$when $service 缺人，候补名单已用完。",
        "$when $service is open and the standby list is used up.",
    ),
    "at_risk": ("到点未签到：$when $service，共 $count 项。", "Not checked in: $when $service, $count in all."),
    "doors_in_vain": (
        "志愿者 $code 今天看过 $count 户的地址后没有上门，不能再看新的地址：请与其联系。",
        "Volunteer $code has opened $count addresses today and did not go there: no further one opens. Please call.",
    ),
    "no_verified_plan": (
        "今天没有通过检查的新计划：$reason 旧计划仍有效。",
        "No verified plan for today: $reason The old plan stands.",
    ),
    "night_done": (
        "夜间重排完成：改动 $changed 项，覆盖 $coverage。",
        "The night has run: $changed changes, coverage $coverage.",
    ),
}


CAUSES = {  # why a seat is open again, as seats.refill names it
    "declined": ("有人谢绝", "somebody declined"),
    "withdrawn": ("有人不能来了", "somebody cannot come after all"),
    "no answer": ("到时没有答复", "no answer came in time"),
    "taken off": ("有人被换下", "somebody was taken off"),
    # why a visit ended for the person who had promised it, as settle.FORBIDS names it
    "not needed": ("对方不再需要这次服务。", "The visit is no longer needed."),
    "time changed": ("服务的时间或内容有变动。", "The time or content of the visit has changed."),
    "left": ("您的志愿者登记已停用。", "Your registration as a volunteer has ended."),
    "no consent": ("没有有效的同意书。", "There is no consent in force."),
    "no insurance": ("没有有效的保险。", "There is no insurance in force."),
    "no training": ("所需的培训或证书已失效。", "The training or certificate asked for has ended."),
    "changed": ("安排有变动。", "The arrangement has changed."),
}


REASONS = vocabulary("reasons")  # why a promise ended, for staff


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence of a digest, with the assignment that may be answered through a link (else "")."""

    template: str
    text: str
    assignment_id: str = ""


def unknown(template: str) -> InputError:
    """The error for a template that does not exist."""
    return InputError(
        Said(
            f"没有消息模板“{template}”：应为 {'、'.join(sorted(TEXTS))} 之一",
            f"message template '{template}' does not exist: expected one of {', '.join(sorted(TEXTS))}",
        )
    )


def when_text(moment_at: datetime, locale: str) -> str:
    """ "11月23日 周一 14:30" or "Mon 23 Nov 14:30", on the local clock."""
    local = moment_at.astimezone(LOCAL)
    if locale == "zh":
        return f"{local.month}月{local.day}日 周{WEEKDAYS_ZH[local.weekday()]} {local:%H:%M}"
    return f"{local:%a} {local.day} {local:%b %H:%M}"


def lines_of(
    template: str, payload: dict[str, Any], *, locale: str, services: dict[str, tuple[str, str]]
) -> list[Line]:
    """The sentences of one outbox row: one, or one for each entry of `items` ({"template": …, other values}).

    Moments stand in the payload as ISO UTC text under names that end in `_at`: `starts_at` reads as $when,
    `old_starts_at` as $old_when, `expires_at` as $reply_by. `service` is a catalogue code, `reason` one of CAUSES or a
    sentence; `reason_zh` is the same in Chinese.
    Raises InputError for a template we do not have.
    """
    if items := payload.get("items"):
        return [line for i in items for line in lines_of(i["template"], i, locale=locale, services=services)]
    if template not in TEXTS:
        raise unknown(template)
    values = {name: str(value) for name, value in payload.items()}
    for source, name in (("starts_at", "when"), ("old_starts_at", "old_when"), ("expires_at", "reply_by")):
        if payload.get(source):
            values[name] = when_text(datetime.fromisoformat(payload[source]), locale)
    language = 0 if locale == "zh" else 1
    values["service"] = services.get(values.get("service", ""), ("", ""))[language] or values.get("service", "")
    if locale == "zh" and values.get("reason_zh"):
        values["reason"] = values["reason_zh"]
    if reason := values.get("reason"):
        values["reason"] = CAUSES[reason][language] if reason in CAUSES else REASONS.word(reason, locale)
    text = Template(TEXTS[template][language]).safe_substitute(dict.fromkeys(PLACEHOLDERS, "") | values).strip()
    return [Line(template, text, values.get("assignment_id", "") if template in REPLYABLE else "")]


PLACEHOLDERS = sorted({name for pair in TEXTS.values() for text in pair for name in Template(text).get_identifiers()})


def in_telling_order(lines: list[Line]) -> list[Line]:
    """Cancellations first, otherwise as they came."""
    return sorted(lines, key=lambda line: line.template not in CANCELLATIONS)
