"""WeCom, Feishu and short messages, against servers on loopback that check the documented requests."""

import json
from datetime import UTC, datetime

import pytest

from scheduler.config import FeishuSettings, SmsSettings, WeComSettings
from scheduler.errors import DeliveryError
from scheduler.messages import http_api
from scheduler.messages.channels import Message
from scheduler.messages.feishu import FeishuChannel, id_type
from scheduler.messages.sms import SmsChannel, signed
from scheduler.messages.wecom import WeComChannel, whole_lines
from tests.partners import provider

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
MESSAGE = Message(
    "0123456789abcdef0123456789abcdef", "volunteer:ann", "ZhangSan", "邀请：结对陪伴\nhttps://x.cn/r/1", AT, 2
)


@pytest.fixture(autouse=True)
def no_tokens(monkeypatch):
    monkeypatch.setattr(http_api, "_tokens", {})


class WeCom:
    """The two calls of the service, as documented; `says` is what it answers to a message, in turn."""

    def __init__(self, *says):
        self.says, self.tokens = list(says), 0

    def __call__(self, asked):
        if (asked.method, asked.path) == ("GET", "/cgi-bin/gettoken"):
            assert asked.query == {"corpid": "ww1", "corpsecret": "s3cret"}
            self.tokens += 1
            return 200, {"errcode": 0, "errmsg": "ok", "access_token": f"t{self.tokens}", "expires_in": 7200}
        assert (asked.method, asked.path) == ("POST", "/cgi-bin/message/send")
        assert asked.query == {"access_token": f"t{self.tokens}"}
        assert asked.body["touser"] == "ZhangSan"
        assert (asked.body["msgtype"], asked.body["agentid"]) == ("text", 1000002)
        assert asked.body["enable_duplicate_check"] == 1
        return 200, self.says.pop(0) if self.says else {"errcode": 0, "errmsg": "ok", "msgid": "m1"}


def wecom(server):
    settings = WeComSettings(corp_id="ww1", agent_id=1000002, secret="s3cret", api=server.address)
    return WeComChannel(settings, seconds=0.5)


def test_wecom_is_asked_for_one_token_and_then_for_each_message():
    with provider(WeCom()) as server:
        assert wecom(server).send(MESSAGE) == "m1"
        wecom(server).send(MESSAGE)
    assert [asked.path for asked in server.asked] == ["/cgi-bin/gettoken"] + ["/cgi-bin/message/send"] * 2
    assert server.asked[1].body == server.asked[2].body  # the service drops the repetition of the same words
    assert server.asked[1].body["text"]["content"] == MESSAGE.text


def test_wecom_gets_a_new_token_when_the_old_one_has_ended():
    answers = WeCom({"errcode": 42001, "errmsg": "access_token expired"})
    with provider(answers) as server:
        wecom(server).send(MESSAGE)
    assert answers.tokens == 2


@pytest.mark.parametrize(
    ("said", "permanent"),
    [
        ({"errcode": 81013, "errmsg": "user & party & tag all invalid"}, True),
        ({"errcode": 60111, "errmsg": "userid not found"}, True),
        ({"errcode": 0, "errmsg": "ok", "invaliduser": "zhangsan"}, True),
        ({"errcode": 45009, "errmsg": "reach max api daily quota limit"}, False),
        ({"errcode": -1, "errmsg": "system busy"}, False),
        ({"errcode": 60020, "errmsg": "not allow to access from your ip"}, False),
    ],
)
def test_wecom_refuses_a_person_for_good_and_everything_else_for_now(said, permanent):
    with provider(WeCom(said)) as server, pytest.raises(DeliveryError) as refused:
        wecom(server).send(MESSAGE)
    assert refused.value.permanent is permanent


def test_a_long_wecom_message_ends_at_a_line():
    text = "\n".join(f"第{n}行" * 10 for n in range(100))
    short = whole_lines(text, 2048)
    assert len(short.encode()) <= 2048
    assert short.endswith("\n…")
    assert text.startswith(short.removesuffix("…"))


@pytest.mark.parametrize(
    ("answer", "wait"),
    [
        ((503, b""), 0),
        ((429, b"", {"Retry-After": "90"}), 90),
        ((200, b"<html>"), 0),
        ((302, b"", {"Location": "/"}), 0),
    ],
)
def test_what_is_no_answer_is_tried_again_and_nobody_is_followed_elsewhere(answer, wait):
    with provider(lambda _: answer) as server, pytest.raises(DeliveryError) as failed:
        wecom(server).send(MESSAGE)
    assert (failed.value.permanent, failed.value.wait) == (False, wait)
    assert len(server.asked) == 1


def test_a_provider_that_does_not_answer_is_tried_again():
    import time

    def slow(_):
        time.sleep(1.5)
        return 200, {}

    with provider(slow) as server, pytest.raises(DeliveryError, match="did not answer") as failed:
        wecom(server).send(MESSAGE)
    assert not failed.value.permanent


class Feishu:
    def __init__(self, *says):
        self.says, self.seen, self.tokens = list(says), set(), 0

    def __call__(self, asked):
        if asked.path == "/open-apis/auth/v3/tenant_access_token/internal":
            assert asked.body == {"app_id": "cli_1", "app_secret": "s3cret"}
            self.tokens += 1
            return 200, {"code": 0, "msg": "ok", "tenant_access_token": f"t{self.tokens}", "expire": 7200}
        assert (asked.method, asked.path) == ("POST", "/open-apis/im/v1/messages")
        assert asked.query == {"receive_id_type": "open_id"}
        assert asked.headers["Authorization"] == f"Bearer t{self.tokens}"
        assert (asked.body["receive_id"], asked.body["msg_type"]) == ("ou_1", "text")
        assert json.loads(asked.body["content"]) == {"text": MESSAGE.text}
        assert len(asked.body["uuid"]) <= 50
        self.seen.add(asked.body["uuid"])
        said = self.says.pop(0) if self.says else {"code": 0, "msg": "success", "data": {"message_id": "om_1"}}
        return 200 if said["code"] == 0 else 400, said


def feishu(server):
    settings = FeishuSettings(app_id="cli_1", secret="s3cret", api=server.address)
    return FeishuChannel(settings, seconds=0.5)


TO_FEISHU = Message(MESSAGE.key, MESSAGE.addressee, "ou_1", MESSAGE.text, AT)


def test_feishu_is_told_the_key_so_that_it_drops_a_repetition():
    answers = Feishu({"code": 99991663, "msg": "Invalid access token"})
    with provider(answers) as server:
        assert feishu(server).send(TO_FEISHU) == "om_1"
        feishu(server).send(TO_FEISHU)
    assert (answers.seen, answers.tokens) == ({MESSAGE.key}, 2)


@pytest.mark.parametrize(("code", "permanent"), [(230013, True), (230029, True), (99991400, False), (230020, False)])
def test_feishu_refuses_a_person_for_good_and_a_rush_for_now(code, permanent):
    with provider(Feishu({"code": code, "msg": "no"})) as server, pytest.raises(DeliveryError) as refused:
        feishu(server).send(TO_FEISHU)
    assert refused.value.permanent is permanent


def test_the_kind_of_a_feishu_id_is_told_by_its_form():
    assert [id_type(a) for a in ("ou_1", "on_1", "a@b.cn", "7f3a")] == ["open_id", "union_id", "email", "user_id"]


class Alibaba:
    """Checks the signature with the secret it shares, and remembers what it was given."""

    def __init__(self, *says, status=1):
        self.says, self.sent, self.status = list(says), [], status

    def __call__(self, asked):
        action = asked.headers["x-acs-action"]
        again = signed(
            asked.headers["host"], action, asked.headers["x-acs-version"], asked.query, "id", "s3cret",
            date=asked.headers["x-acs-date"], nonce=asked.headers["x-acs-signature-nonce"],
        )  # fmt: skip
        assert asked.headers["Authorization"] == again["Authorization"]
        assert (asked.method, asked.headers["x-acs-date"]) == ("POST", "2026-11-23T02:00:00Z")
        if action == "QuerySendDetails":
            assert asked.query["SendDate"] == "20261123"
            found = [
                {"OutId": out, "BizId": biz, "SendStatus": self.status}
                for out, biz in self.sent
                if asked.query.get("BizId", biz) == biz
            ]
            return 200, {"Code": "OK", "SmsSendDetailDTOs": {"SmsSendDetailDTO": found}}
        assert action == "SendSms"
        assert asked.query["PhoneNumbers"] == "13900007777"
        assert (asked.query["SignName"], asked.query["TemplateCode"]) == ("真如街道", "SMS_1")
        assert json.loads(asked.query["TemplateParam"]) == {"count": "2"}
        said = self.says.pop(0) if self.says else {"Code": "OK", "Message": "OK", "BizId": f"b{len(self.sent)}"}
        if said["Code"] == "OK":
            self.sent.append((asked.query["OutId"], said["BizId"]))
        return 200, said


def sms(server):
    settings = SmsSettings(
        access_key_id="id", access_key_secret="s3cret", sign_name="真如街道", template_code="SMS_1", api=server.address
    )
    return SmsChannel(settings, seconds=0.5)


TO_PHONE = Message(MESSAGE.key, MESSAGE.addressee, "13900007777", MESSAGE.text, AT, 2)


def test_a_request_is_signed_as_the_provider_s_own_example():
    query = {"ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd", "RegionId": "cn-shanghai"}
    headers = signed(
        "ecs.cn-shanghai.aliyuncs.com", "RunInstances", "2014-05-26", query, "YourAccessKeyId", "YourAccessKeySecret",
        date="2023-10-26T10:22:32Z", nonce="3156853299f313e23d1673dc12e1703d",
    )  # fmt: skip
    assert headers["Authorization"].endswith(
        "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )


def test_a_short_message_says_how_many_things_there_are_and_no_name_and_no_link():
    with provider(Alibaba()) as server:
        assert sms(server).send(TO_PHONE) == "b0"
    assert "结对" not in str(server.asked[0].query)


def test_a_short_message_that_may_have_been_taken_is_searched_for_before_it_is_sent_again():
    answers = Alibaba()
    again = Message(TO_PHONE.key, TO_PHONE.addressee, TO_PHONE.address, TO_PHONE.text, AT, 2, again=True)
    with provider(answers) as server:
        assert sms(server).send(again) == "b0"  # nobody had taken it
        assert sms(server).send(again) == "b0"
    assert len(answers.sent) == 1


@pytest.mark.parametrize(("status", "arrived"), [(1, None), (2, False), (3, True)])
def test_the_provider_says_what_has_arrived(status, arrived):
    answers = Alibaba(status=status)
    with provider(answers) as server:
        receipt = sms(server).send(TO_PHONE)
        assert sms(server).has_arrived("13900007777", receipt, AT, now=AT) is arrived


@pytest.mark.parametrize(
    ("code", "permanent"),
    [("isv.MOBILE_NUMBER_ILLEGAL", True), ("isv.BUSINESS_LIMIT_CONTROL", False), ("isv.AMOUNT_NOT_ENOUGH", False)],
)
def test_a_wrong_number_is_given_up_and_a_limit_is_waited_for(code, permanent):
    with provider(Alibaba({"Code": code, "Message": "no"})) as server, pytest.raises(DeliveryError) as refused:
        sms(server).send(TO_PHONE)
    assert refused.value.permanent is permanent
