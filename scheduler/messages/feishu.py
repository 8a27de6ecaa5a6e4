"""A message of a Feishu (飞书) application to one user."""

import json
from typing import Any

from scheduler.config import FeishuSettings
from scheduler.messages.channels import Addressee, Message
from scheduler.messages.http_api import SECONDS, ask, refused, token_of

TOKEN_ENDED = frozenset({99991661, 99991663, 99991671})
NOBODY = frozenset({230013, 230029, 230034, 230053})  # unknown, gone, or does not take the application's messages
ID_TYPES = (("ou_", "open_id"), ("on_", "union_id"))


class FeishuChannel:
    """`tenant_access_token` and `im/v1/messages`. The service drops a repetition of the same `uuid` for an hour."""

    name = "feishu"

    def __init__(self, settings: FeishuSettings, *, seconds: float = SECONDS) -> None:
        self.settings, self.seconds = settings, seconds

    def address_of(self, addressee: Addressee) -> str:
        return addressee.contacts.get(self.name, "")

    def send(self, message: Message) -> str:
        answer = self._post(message, anew=False)
        if answer.get("code") in TOKEN_ENDED:
            answer = self._post(message, anew=True)
        if code := answer.get("code"):
            raise refused("Feishu", code, answer.get("msg", ""), permanent=code in NOBODY)
        return str(answer.get("data", {}).get("message_id", ""))

    def _post(self, message: Message, *, anew: bool) -> dict[str, Any]:
        token = token_of((self.settings.api, self.settings.app_id), self._token, anew=anew)
        return ask(
            self.settings.api,
            "POST",
            "/open-apis/im/v1/messages",
            query={"receive_id_type": id_type(message.address)},
            body={
                "receive_id": message.address,
                "msg_type": "text",
                "content": json.dumps({"text": message.text}, ensure_ascii=False),
                "uuid": message.key[:50],
            },
            headers={"Authorization": f"Bearer {token}"},
            seconds=self.seconds,
        )

    def _token(self) -> tuple[str, int]:
        body = {"app_id": self.settings.app_id, "app_secret": self.settings.secret.get_secret_value()}
        path = "/open-apis/auth/v3/tenant_access_token/internal"
        answer = ask(self.settings.api, "POST", path, body=body, seconds=self.seconds)
        if answer.get("code"):
            raise refused("Feishu", answer["code"], answer.get("msg", ""))
        return str(answer["tenant_access_token"]), int(answer["expire"])


def id_type(address: str) -> str:
    """Which of a user's ids an address is: its beginning tells, a mail address by its @."""
    if "@" in address:
        return "email"
    return next((kind for start, kind in ID_TYPES if address.startswith(start)), "user_id")
