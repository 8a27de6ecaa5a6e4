"""An application message of WeCom (企业微信) to one member."""

from typing import Any

from scheduler.config import WeComSettings
from scheduler.messages.channels import Addressee, Message
from scheduler.messages.http_api import SECONDS, ask, refused, token_of

TOKEN_ENDED = frozenset({40014, 42001})
NOBODY = frozenset({40003, 60111, 81013})  # the member does not exist, or the application may not write to them
LONGEST_BYTES = 2048  # more is cut off in the middle of a word by the service
REMEMBERED_SECONDS = 14400  # so long, at most, the service drops the same words to the same person


class WeComChannel:
    """`gettoken` and `message/send`. The service drops a repetition of the same words."""

    name = "wecom"

    def __init__(self, settings: WeComSettings, *, seconds: float = SECONDS) -> None:
        self.settings, self.seconds = settings, seconds

    def address_of(self, addressee: Addressee) -> str:
        return addressee.contacts.get(self.name, "")

    def send(self, message: Message) -> str:
        answer = self._post(message, anew=False)
        if answer.get("errcode") in TOKEN_ENDED:
            answer = self._post(message, anew=True)
        code = answer.get("errcode")
        if code:
            raise refused("WeCom", code, answer.get("errmsg", ""), permanent=code in NOBODY)
        if answer.get("invaliduser") or answer.get("unlicenseduser"):
            raise refused("WeCom", code, "invaliduser", permanent=True)
        return str(answer.get("msgid", ""))

    def _post(self, message: Message, *, anew: bool) -> dict[str, Any]:
        key = (self.settings.api, self.settings.corp_id, str(self.settings.agent_id))
        body = {
            "touser": message.address,
            "msgtype": "text",
            "agentid": self.settings.agent_id,
            "text": {"content": whole_lines(message.text, LONGEST_BYTES)},
            "safe": 0,
            "enable_duplicate_check": 1,
            "duplicate_check_interval": REMEMBERED_SECONDS,
        }
        query = {"access_token": token_of(key, self._token, anew=anew)}
        return ask(self.settings.api, "POST", "/cgi-bin/message/send", query=query, body=body, seconds=self.seconds)

    def _token(self) -> tuple[str, int]:
        query = {"corpid": self.settings.corp_id, "corpsecret": self.settings.secret.get_secret_value()}
        answer = ask(self.settings.api, "GET", "/cgi-bin/gettoken", query=query, seconds=self.seconds)
        if answer.get("errcode"):
            raise refused("WeCom", answer["errcode"], answer.get("errmsg", ""))
        return str(answer["access_token"]), int(answer["expires_in"])


def whole_lines(text: str, longest: int) -> str:
    """As many lines as fit into so many bytes, with a sign that there are more."""
    if len(text.encode()) <= longest:
        return text
    kept: list[str] = []
    for line in text.split("\n"):
        if len("\n".join([*kept, line, "…"]).encode()) > longest:
            break
        kept.append(line)
    return "\n".join([*kept, "…"])
