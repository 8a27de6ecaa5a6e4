"""What is read and written all the same, but looks as if something else was meant: warnings about rows."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from scheduler.config import Config
from scheduler.localized import Localized, LocalizedText
from scheduler.localtime import local_date
from scheduler.model.people import Recipient, Volunteer
from scheduler.model.phone_numbers import first_number
from scheduler.model.services import Need, ServiceType
from scheduler.needs.need_form import never_takes_place


class Doubts:
    """Knows the people of the store and, row by row, of the file.

    `known`: "volunteers" and "recipients" → code → who is stored. `services`: code → service type.
    """

    def __init__(
        self,
        known: Mapping[str, Mapping[str, Any]],
        services: Mapping[str, ServiceType],
        config: Config,
        *,
        now: datetime,
    ) -> None:
        self.services, self.config, self.now = services, config, now
        self.oldest_minor = _birth_month(config.everyone.minimum_age, local_date(now))
        self.recipients: dict[str, Recipient] = {who.id: who for who in known["recipients"].values()}
        self.code_of_phone = {
            name: {who.phone: code for code, who in known[name].items() if who.phone and who.active}
            for name in ("volunteers", "recipients")
        }
        self.twins: set[tuple[str, str]] = set()  # sheet and code of whom a row told that a new phone is theirs

    def about(self, sheet: str, texts: Mapping[str, str], existing: Any, made: Any) -> Iterator[Localized]:
        """Sentences about one row of a sheet: its texts, what was stored before and what was read."""
        if isinstance(made, Recipient):
            self.recipients[made.id] = made
        if isinstance(made, Volunteer) and made.birth_month > self.oldest_minor:
            yield LocalizedText("a minor, not planned")
        if isinstance(made, Volunteer | Recipient):
            yield from self._phone(sheet, texts.get("phone", ""), existing, made)
        if isinstance(made, Need) and made != existing and (recipient := self.recipients.get(made.recipient_id)):
            # Written all the same: an old list may be brought in again.
            service = self.services[made.service_type]
            if never := never_takes_place(made, service, recipient, self.config, now=self.now):
                yield never

    def _phone(self, sheet: str, text: str, existing: Any, made: Volunteer | Recipient) -> Iterator[Localized]:
        """Two codes with one phone may be one person: told, not refused, for families share phones."""
        twin = self.code_of_phone[sheet].setdefault(made.phone, made.code) if made.phone else made.code
        if twin != made.code:
            if existing is None or existing.phone != made.phone:
                self.twins.add((sheet, twin))
            yield LocalizedText("%(code)s has the phone of %(twin)s: the same person?", code=made.code, twin=twin)
        if first_number(text)[1]:
            yield LocalizedText("more than a number as phone: the first is used, the whole text goes to the notes")


def _birth_month(age: int, today: date) -> str:
    """The last month of birth of people who have reached an age."""
    return f"{today.year - age}-{today.month:02d}"
