"""Group robots and staff mailboxes through Apprise (extra `notify`): what staff are told, never what a person is.

Everybody in a group reads along: so no volunteer's message goes there, no link that answers for somebody and no name
of an elder.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from scheduler.errors import ConfigError, DeliveryError
from scheduler.localized import LocalizedText
from scheduler.messages.channels import Addressee, Message
from scheduler.model.ids import stable_id

# Services that speak to one fixed public host: an address cannot be turned against machines inside the network.
FIXED_HOSTS = frozenset({"wecombot", "dingtalk", "feishu", "lark", "pushplus"})
MAIL = frozenset({"mailtos"})
FORBIDDEN_MAIL_SETTINGS = frozenset({"smtp", "mode", "format", "attach"})


class AppriseChannel:
    """One Apprise address.

    Redirects are never followed and only the services above are allowed: the address is configuration, yet a mistake in
    it must not reach into the network.
    """

    def __init__(self, address: str, *, allowed_mail_hosts: Sequence[str] = ()) -> None:
        self.address = checked_address(address, allowed_mail_hosts)
        self.name = f"{urlsplit(address).scheme}-{stable_id(address)[:8]}"  # a hash: the address holds secrets

    def address_of(self, addressee: Addressee) -> str:
        return "" if addressee.is_volunteer else self.name

    def send(self, message: Message) -> str:
        if not self._connect().notify(body=message.text, title="一度"):
            raise DeliveryError(LocalizedText("%(name)s did not take the message", name=self.name))
        return ""

    def _connect(self) -> Any:
        apprise = _apprise()
        asset = apprise.AppriseAsset(http_redirects=False)
        client = apprise.Apprise(asset=asset)
        if not client.add(self.address):
            raise DeliveryError(
                LocalizedText("%(name)s: the address is not understood", name=self.name), permanent=True
            )
        return client


def checked_address(address: str, allowed_mail_hosts: Sequence[str]) -> str:
    """The address, if it can only reach an allowed service. Raises ConfigError, never showing the secrets in it."""
    parts = urlsplit(address)
    if "{phone}" in address:
        raise ConfigError(
            LocalizedText(
                "messages.channels: '{phone}' is not possible any more: the whole group would read what is meant for "
                "one person (DingTalk only mentions the number). Give people channels of their own instead"
            )
        )
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


def groups_of(addresses: Sequence[str], *, allowed_mail_hosts: Sequence[str] = ()) -> list[AppriseChannel]:
    """A channel for each address. Raises ConfigError for one that is not allowed, or where the extra is missing."""
    if addresses:
        _apprise()
    return [AppriseChannel(address, allowed_mail_hosts=allowed_mail_hosts) for address in addresses]


def _apprise() -> Any:
    try:
        import apprise
    except ImportError as error:
        raise ConfigError(
            LocalizedText("messages.channels needs the extra `notify`: pip install 'yidu[notify]'")
        ) from error
    return apprise
