"""By what a volunteer is told something, and in which order: what they say themselves, or staff enter for them."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from scheduler.errors import Unfit
from scheduler.forms.fields import Phone
from scheduler.forms.form import InvalidFields, Mistake
from scheduler.localized import Localized, LocalizedText
from scheduler.model.contact_points import ContactPoint
from scheduler.model.ids import new_id
from scheduler.store import Store, audit, contact_points

MAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?\.[A-Za-z]{2,}"
)
USER = re.compile(r"[A-Za-z0-9_.@-]{1,64}")
LAST = 99  # the place of a channel for which none was chosen


def choose(
    store: Store,
    volunteer_id: str,
    texts: Mapping[str, str],
    offered: Sequence[str],
    *,
    keep_unseen: bool = False,
    by: str,
    now: datetime,
) -> list[ContactPoint]:
    """Stores the addresses of `texts` (by channel) in the order of its ranks (`mail_rank`: "1"…, "" for not at all).

    A new address without a rank comes last. With `keep_unseen` an empty text keeps the address that is stored, for
    staff change what they do not see; else it removes it. Channels that are not offered stay as they are. Raises
    InvalidFields naming every wrong address.
    """
    with store.transaction():
        stored = {point.channel: point.address for point in contact_points.of(store, volunteer_id)}
        wanted: list[tuple[int, str, str]] = []
        mistakes = []
        for channel in offered:
            text, rank = texts.get(channel, "").strip(), texts.get(f"{channel}_rank", "").strip()
            kept = stored.get(channel, "")
            try:
                address = _read(channel, text) if text else kept if keep_unseen else ""
            except Unfit as error:
                mistakes.append(Mistake(channel, text, error.expected))
                continue
            if rank and not address:
                mistakes.append(Mistake(channel, "", EXPECTED[channel]))
            elif address and (rank or address != kept):
                wanted.append((int(rank) if rank.isdecimal() else LAST, channel, address))
        if mistakes:
            raise InvalidFields(mistakes)
        wanted.sort(key=lambda point: (point[0], offered.index(point[1])))
        others = [(LAST, channel, address) for channel, address in stored.items() if channel not in offered]
        made = [
            ContactPoint(new_id(), volunteer_id, channel, address, number)
            for number, (_, channel, address) in enumerate([*wanted, *others], 1)
        ]
        contact_points.replace_all(store, volunteer_id, made)
        audit.record(
            store, at=now, actor=by, action="volunteer.contact_points", object_kind="volunteer", object_id=volunteer_id
        )
    return made


EXPECTED: dict[str, Localized] = {
    "mail": LocalizedText("a mail address such as name@example.com"),
    "wecom": LocalizedText("the person's account in WeCom, as the address book there shows it"),
    "feishu": LocalizedText("the person's user id, or the mail address they have in Feishu"),
    "sms": LocalizedText("an 11-digit mobile number"),
}


def _read(channel: str, text: str) -> str:
    """The address as it is stored. Raises Unfit."""
    if channel == "sms":
        number = Phone().read(text)
        if len(number) != 11 or not number.startswith("1"):
            raise Unfit(EXPECTED[channel])
        return number
    if not (MAIL if channel == "mail" else USER).fullmatch(text):
        raise Unfit(EXPECTED[channel])
    return text
