"""Where messages go, and where they must never go."""

import logging

import pytest

from scheduler.errors import ConfigError, DeliveryError
from scheduler.messages.channels import AppriseChannel, LogChannel, Message, channels_of, checked_address
from tests.scheduler.promises.conftest import config, store
from tests.scheduler.promises.world import a_config

__all__ = ["config", "store"]

MESSAGE = Message("0123456789abcdef", "volunteer:v1", "李阿姨", "13900007777", "取消:11月25日\n提醒:11月26日")


def test_the_log_tells_that_a_message_went_out_and_none_of_its_words(caplog):
    with caplog.at_level(logging.INFO, "yidu.messages"):
        LogChannel().send(MESSAGE)
    assert "01234567" in caplog.text
    assert "2 lines" in caplog.text
    assert not any(secret in caplog.text for secret in ("李阿姨", "13900007777", "取消"))


def test_without_addresses_there_is_only_the_log():
    assert [channel.name for channel in channels_of(a_config())] == ["log"]


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

    def connect(self, found):
        addresses.append(found)
        return client

    monkeypatch.setattr(AppriseChannel, "_connect", connect)
    return AppriseChannel(address, allowed_mail_hosts=["mail.example.com"]), addresses


def test_a_group_is_told_whom_the_message_is_for(monkeypatch):
    client = FakeClient()
    channel, _ = a_channel(monkeypatch, "wecombot://key", client)
    channel.send(MESSAGE)
    assert not channel.personal
    assert client.said[0][1].startswith("李阿姨:\n取消")


def test_a_personal_address_carries_the_number_of_the_addressee(monkeypatch):
    client = FakeClient()
    channel, addresses = a_channel(monkeypatch, "mailtos://u:p@mail.example.com?to={phone}@139.com", client)
    channel.send(MESSAGE)
    assert channel.personal
    assert addresses == ["mailtos://u:p@mail.example.com?to=13900007777@139.com"]
    assert client.said[0][1].startswith("取消")


def test_a_number_cannot_break_out_of_its_place_in_the_address(monkeypatch):
    channel, addresses = a_channel(monkeypatch, "mailtos://u:p@mail.example.com?to={phone}@139.com", FakeClient())
    channel.send(Message("k", "volunteer:v1", "", "1&smtp=127.0.0.1", "x"))
    assert addresses == ["mailtos://u:p@mail.example.com?to=1%26smtp%3D127.0.0.1@139.com"]


def test_a_personal_channel_leaves_out_who_has_no_number(monkeypatch):
    client = FakeClient()
    channel, _ = a_channel(monkeypatch, "mailtos://u:p@mail.example.com?to={phone}@139.com", client)
    channel.send(Message("k", "staff:g1", "", "", "x"))
    assert client.said == []


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
    client = AppriseChannel("wecombot://12345678-1234-1234-1234-123456789012")._connect(
        "wecombot://12345678-1234-1234-1234-123456789012"
    )
    assert isinstance(client, apprise.Apprise)
    assert client.asset.http_redirects is False
