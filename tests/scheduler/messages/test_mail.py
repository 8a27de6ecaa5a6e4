"""Mail, against a mail server on loopback."""

import pytest

from scheduler.config import MailSettings
from scheduler.errors import DeliveryError
from scheduler.messages.channels import Addressee, Message
from scheduler.messages.mail import MailChannel
from tests.partners import mail_server
from tests.world import NOW

TEXT = "邀请：11月25日 周三 10:00 结对陪伴。\nhttps://example.cn/r/abc"
MESSAGE = Message("0123456789abcdef", "volunteer:ann", "ann@example.cn", TEXT, NOW)


def channel_to(server, **more):
    values = {"host": "127.0.0.1", "port": server.port, "security": "none", "sender": "yidu@example.cn", **more}
    return MailChannel(MailSettings(**values), seconds=0.5)


def test_a_mail_arrives_with_its_words_and_a_subject_that_says_what_it_is_about():
    with mail_server() as server:
        channel_to(server, user="yidu", password="open sesame").send(MESSAGE)
    [mail] = server.taken
    assert mail.get_content().strip() == TEXT
    assert mail["Subject"] == "一度 · 邀请：11月25日 周三 10:00 结对陪伴。"
    assert (mail["To"], mail["From"], mail["Auto-Submitted"]) == ("ann@example.cn", "yidu@example.cn", "auto-generated")
    assert server.logins == ["\0yidu\0open sesame"]


def test_it_reaches_whoever_gave_an_address():
    channel = MailChannel(MailSettings(host="localhost", port=25, security="none", sender="a@b"))
    assert channel.address_of(Addressee("volunteer:ann", {"mail": "ann@example.cn"})) == "ann@example.cn"
    assert channel.address_of(Addressee("volunteer:bob", {"sms": "13900007777"})) == ""
    assert channel.address_of(Addressee("staff:g1")) == ""


@pytest.mark.parametrize(("answer", "permanent"), [("550 no such user", True), ("450 come back later", False)])
def test_a_refused_address_is_given_up_and_a_busy_server_is_asked_again(answer, permanent):
    with mail_server(refuses={"ann@example.cn": answer}) as server, pytest.raises(DeliveryError) as refused:
        channel_to(server).send(MESSAGE)
    assert refused.value.permanent is permanent
    assert answer[4:] in str(refused.value)


def test_a_wrong_password_is_a_setting_and_not_the_fault_of_the_person():
    with mail_server(login_answer="535 wrong") as server, pytest.raises(DeliveryError, match="535 wrong") as refused:
        channel_to(server, user="yidu", password="x").send(MESSAGE)
    assert not refused.value.permanent
    assert server.taken == []


def test_a_silent_server_and_one_that_is_not_there_are_tried_again():
    with mail_server(silent_seconds=2) as server, pytest.raises(DeliveryError, match="timed out") as late:
        channel_to(server).send(MESSAGE)
    with pytest.raises(DeliveryError) as gone:
        channel_to(server).send(MESSAGE)
    assert not late.value.permanent
    assert not gone.value.permanent


def test_a_mail_that_was_taken_without_a_word_is_sent_again_under_the_same_id():
    with mail_server(hangs_up_after_data=1) as server:
        with pytest.raises(DeliveryError):
            channel_to(server).send(MESSAGE)
        channel_to(server).send(MESSAGE)
    assert [mail["Message-ID"] for mail in server.taken] == ["<0123456789abcdef@example.cn>"] * 2


def test_a_server_that_nobody_vouches_for_gets_neither_password_nor_words():
    with mail_server() as server, pytest.raises(DeliveryError):
        channel_to(server, security="starttls", user="yidu", password="x").send(MESSAGE)
    assert (server.logins, server.taken) == ([], [])


def test_without_encryption_only_this_machine_is_allowed():
    with pytest.raises(ValueError, match="without encryption"):
        MailSettings(host="mail.example.cn", port=25, security="none", sender="a@b.cn")
