"""Where messages go: the log by default, Apprise addresses with the extra `notify`."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qs, quote, urlsplit

from scheduler.config import Config
from scheduler.errors import ConfigError, DeliveryError
from scheduler.localized import LocalizedText
from scheduler.model.ids import stable_id

log = logging.getLogger("yidu.messages")

# Services that speak to one fixed public host: an address cannot be turned against machines inside the network.
FIXED_HOSTS = frozenset({"wecombot", "dingtalk", "feishu", "lark", "pushplus"})
MAIL = frozenset({"mailtos"})
FORBIDDEN_MAIL_SETTINGS = frozenset({"smtp", "mode", "format", "attach"})


@dataclass(frozen=True, slots=True)
class Message:
    """One digest. `key` is the same for the same rows: a channel that knows keys can drop a repetition."""

    key: str
    addressee: str
    name: str
    phone: str = field(repr=False)
    text: str = field(repr=False)


class Channel(Protocol):
    """`personal`: only the addressee reads it, so links that answer in their name may be sent."""

    name: str
    personal: bool

    def send(self, message: Message) -> None:
        """Hands the message over. Raises DeliveryError; permanent=True where trying again cannot help."""


class LogChannel:
    """Writes that a message went out; the words stay in the outbox, where its page shows them to the right person."""

    name = "log"
    personal = False

    def send(self, message: Message) -> None:
        lines = message.text.count("\n") + 1
        log.info("message %s to %s, %d lines", message.key[:8], message.addressee, lines)


class AppriseChannel:
    """One Apprise address. `{phone}` in it is replaced by the addressee's number: then the channel is personal.

    Redirects are never followed and only the services above are allowed: the address is configuration, yet a mistake in
    it must not reach into the network.
    """

    def __init__(self, address: str, *, allowed_mail_hosts: Sequence[str] = ()) -> None:
        self.address = checked_address(address, allowed_mail_hosts)
        self.personal = "{phone}" in address
        self.name = f"{urlsplit(address).scheme}-{stable_id(address)[:8]}"  # a hash: the address holds secrets

    def send(self, message: Message) -> None:
        if self.personal and not message.phone:
            return  # staff and people without a number are reached by the other channels
        address = self.address.replace("{phone}", quote(message.phone, safe=""))
        words = message.text if self.personal or not message.name else f"{message.name}:\n{message.text}"
        if not self._connect(address).notify(body=words, title="一度"):
            raise DeliveryError(LocalizedText("%(name)s did not take the message", name=self.name))

    def _connect(self, address: str) -> Any:
        apprise = _apprise()
        asset = apprise.AppriseAsset(http_redirects=False)
        client = apprise.Apprise(asset=asset)
        if not client.add(address):
            raise DeliveryError(
                LocalizedText("%(name)s: the address is not understood", name=self.name), permanent=True
            )
        return client


def checked_address(address: str, allowed_mail_hosts: Sequence[str]) -> str:
    """The address, if it can only reach an allowed service. Raises ConfigError, never showing the secrets in it."""
    parts = urlsplit(address)
    if parts.scheme in FIXED_HOSTS:
        return address
    if parts.scheme in MAIL:
        found = FORBIDDEN_MAIL_SETTINGS & parse_qs(parts.query).keys()
        if found:
            raise ConfigError(
                LocalizedText("messages.channels: a mail address may not set %(found)s", found=sorted(found))
            )
        if (parts.hostname or "") in allowed_mail_hosts:
            return address
        raise ConfigError(
            LocalizedText(
                "messages.channels: mail host '%(hostname)s' is not allowed: messages.mail_hosts may add it",
                hostname=parts.hostname,
            )
        )
    expected = ", ".join(sorted(FIXED_HOSTS | MAIL))
    raise ConfigError(
        LocalizedText(
            "messages.channels: service '%(scheme)s' is not allowed, expected one of %(expected)s",
            scheme=parts.scheme,
            expected=expected,
        )
    )


def _apprise() -> Any:
    try:
        import apprise
    except ImportError as error:
        raise ConfigError(
            LocalizedText("messages.channels needs the extra `notify`: pip install 'yidu[notify]'")
        ) from error
    return apprise


def channels_of(config: Config) -> list[Channel]:
    """Every configured address, and then the log. Raises ConfigError for an address that is not allowed."""
    if config.messages.channels:
        _apprise()
    addresses = [AppriseChannel(a, allowed_mail_hosts=config.messages.mail_hosts) for a in config.messages.channels]
    return [*addresses, LogChannel()]
