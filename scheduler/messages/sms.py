"""Short messages through Alibaba Cloud (Dysmsapi 2017-05-25), signed with ACS3-HMAC-SHA256.

The text is a template that the provider has approved, with one variable, `count`: how many things there are to tell.
Providers refuse addresses in variables, so a short message holds no link: it sends people to their page or the phone.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import uuid4

from scheduler.config import SmsSettings
from scheduler.localtime import local_date
from scheduler.messages.channels import Addressee, Message
from scheduler.messages.http_api import SECONDS, ask, refused
from scheduler.store.repository import utc_text

NOBODY = frozenset({"isv.MOBILE_NUMBER_ILLEGAL", "isv.BLACK_KEY_CONTROL_LIMIT", "isv.MOBILE_COUNT_OVER_LIMIT"})
ARRIVED, NOT_ARRIVED = 3, 2  # of SendStatus; 1 is on its way


class SmsChannel:
    """`SendSms`; `QuerySendDetails` says what has arrived, and whether a message without an answer was taken."""

    name = "sms"

    def __init__(self, settings: SmsSettings, *, seconds: float = SECONDS) -> None:
        self.settings, self.seconds = settings, seconds

    def address_of(self, addressee: Addressee) -> str:
        return addressee.contacts.get(self.name, "")

    def send(self, message: Message) -> str:
        if message.again:
            for detail in self._details(message.address, message.at, now=message.at):
                if detail.get("OutId") == message.key:
                    return str(detail.get("BizId", ""))
        answer = self._ask(
            "SendSms",
            {
                "PhoneNumbers": message.address,
                "SignName": self.settings.sign_name,
                "TemplateCode": self.settings.template_code,
                "TemplateParam": json.dumps({"count": str(message.count)}),
                "OutId": message.key,
            },
            message.at,
        )
        return str(answer.get("BizId", ""))

    def has_arrived(self, address: str, receipt: str, sent_at: datetime, *, now: datetime) -> bool | None:
        """Whether the phone has it; None while nobody knows. Raises DeliveryError."""
        for detail in self._details(address, sent_at, now=now, BizId=receipt):
            status = detail.get("SendStatus")
            return {ARRIVED: True, NOT_ARRIVED: False}.get(int(status or 0))
        return None

    def _details(self, address: str, on: datetime, *, now: datetime, **more: str) -> list[dict[str, Any]]:
        day = local_date(on).strftime("%Y%m%d")
        asked = {"PhoneNumber": address, "SendDate": day, "PageSize": "50", "CurrentPage": "1", **more}
        answer = self._ask("QuerySendDetails", asked, now)
        return list(answer.get("SmsSendDetailDTOs", {}).get("SmsSendDetailDTO", ()))

    def _ask(self, action: str, query: Mapping[str, str], now: datetime) -> dict[str, Any]:
        key_id, secret = self.settings.access_key_id, self.settings.access_key_secret.get_secret_value()
        host = urlsplit(self.settings.api).netloc
        headers = signed(host, action, "2017-05-25", query, key_id, secret, date=utc_text(now), nonce=uuid4().hex)
        answer = ask(self.settings.api, "POST", "/", query=query, headers=headers, seconds=self.seconds)
        code = answer.get("Code")
        if code != "OK":
            raise refused("Alibaba Cloud", code, answer.get("Message", ""), permanent=code in NOBODY)
        return answer


def signed(
    host: str, action: str, version: str, query: Mapping[str, str], key_id: str, secret: str, *, date: str, nonce: str
) -> dict[str, str]:
    """The headers of a request without a body, signed as the provider documents it."""
    nothing = hashlib.sha256(b"").hexdigest()
    headers = {
        "host": host,
        "x-acs-action": action,
        "x-acs-content-sha256": nothing,
        "x-acs-date": date,
        "x-acs-signature-nonce": nonce,
        "x-acs-version": version,
    }
    names = ";".join(sorted(headers))
    asked = "&".join(f"{quote(name, safe='~')}={quote(query[name], safe='~')}" for name in sorted(query))
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    canonical = "\n".join(["POST", "/", asked, lines, names, nothing])
    text = "ACS3-HMAC-SHA256\n" + hashlib.sha256(canonical.encode()).hexdigest()
    signature = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    return headers | {
        "Authorization": f"ACS3-HMAC-SHA256 Credential={key_id},SignedHeaders={names},Signature={signature}"
    }
