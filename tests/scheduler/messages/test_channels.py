"""Where messages go, and where they must never go."""

import pytest

from scheduler.errors import ConfigError, DeliveryError
from scheduler.messages.channels import Message
from scheduler.messages.configured import channels_of
from scheduler.messages.groups import AppriseChannel, checked_address
from tests.scheduler.promises.conftest import config, store
from tests.scheduler.promises.world import NOW, a_config

__all__ = ["config", "store"]

MESSAGE = Message("0123456789abcdef", "volunteer:v1", "wecombot", "取消:11月25日\n提醒:11月26日", NOW)


def test_a_line_in_the_log_is_no_channel():
    assert channels_of(a_config()) == []


@pytest.mark.parametrize("address", ["dingtalk://token/{phone}", "mailtos://u:p@mail.example.com?to={phone}@139.com"])
def test_a_group_that_would_read_what_is_meant_for_one_person_is_refused(address):
    with pytest.raises(ConfigError, match="the whole group would read"):
        checked_address(address, ["mail.example.com"])


@pytest.mark.parametrize(
    "address",
    [
        "wecombot://key",
        "dingtalk://token",
        "feishu://token",
        "pushplus://token",
        "mailtos://user:pass@mail.example.com?to=a@b.c",
    ],
)
def test_services_with_a_fixed_public_host_and_our_mail_server_are_allowed(address):
    assert checked_address(address, ["mail.example.com"]) == address


@pytest.mark.parametrize(
    "address",
    [
        "json://127.0.0.1/",
        "jsons://internal/",
        "xml://10.0.0.1",
        "form://[::1]/",
        "http://169.254.169.254/latest/meta-data",
        "https://2130706433/",
        "file:///etc/passwd",
        "unix:///run/docker.sock",
        "gotify://localhost/token",
        "ntfy://127.1/topic",
        "bark://internal/key",
        "mailto://user:pass@mail.example.com",
        "mailtos://user:pass@localhost?to=a@b.c",
        "mailtos://user:pass@mail.example.com.evil.example?to=a@b.c",
        "mailtos://user:pass@mail.example.com?smtp=127.0.0.1&to=a@b.c",
        "mailtos://user:pass@mail.example.com?attach=file:///etc/passwd",
        "nothing at all",
        "",
    ],
)
def test_everything_else_is_refused_before_anything_is_sent(address):
    with pytest.raises(ConfigError, match="messages.channels"):
        AppriseChannel(address, allowed_mail_hosts=["mail.example.com"])


def test_the_refusal_does_not_show_the_secrets_of_the_address():
    with pytest.raises(ConfigError) as refused:
        checked_address("json://user:topsecret@internal/", [])
    assert "topsecret" not in str(refused.value)


class FakeClient:
    """Stands where the notification library does, and notes what it is given."""

    def __init__(self, takes=True):
        self.takes, self.said = takes, []

    def notify(self, *, body, title):
        self.said.append((title, body))
        return self.takes


def a_channel(monkeypatch, address, client):
    addresses = []

    def connect(self):
        addresses.append(self.address)
        return client

    monkeypatch.setattr(AppriseChannel, "_connect", connect)
    return AppriseChannel(address, allowed_mail_hosts=["mail.example.com"]), addresses


def test_a_message_that_is_not_taken_is_tried_again_later(monkeypatch):
    channel, _ = a_channel(monkeypatch, "wecombot://key", FakeClient(takes=False))
    with pytest.raises(DeliveryError, match="did not take") as failed:
        channel.send(MESSAGE)
    assert not failed.value.permanent


def test_the_name_of_a_channel_holds_no_secret():
    channel = AppriseChannel("wecombot://topsecret")
    assert channel.name.startswith("wecombot-")
    assert "topsecret" not in channel.name


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_library_follows_no_redirect():
    apprise = pytest.importorskip("apprise")
    client = AppriseChannel("wecombot://12345678-1234-1234-1234-123456789012")._connect()
    assert isinstance(client, apprise.Apprise)
    assert client.asset.http_redirects is False
