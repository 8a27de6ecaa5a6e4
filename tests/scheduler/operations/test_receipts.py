"""What a channel says afterwards: delivered, or not, and then the next channel has its turn."""

from datetime import timedelta

import pytest

from scheduler.messages import outbox
from scheduler.model.contact_points import ContactPoint
from scheduler.operations.delivery import deliver_all
from scheduler.operations.receipts import ask_for_receipts
from scheduler.store import contact_points
from tests.scheduler.promises.conftest import config, store
from tests.scheduler.promises.world import NOW, a_volunteer
from tests.world import message_by_key

__all__ = ["config", "store"]


class Sms:
    name, arrived = "sms", None

    def __init__(self):
        self.asked = 0

    def address_of(self, addressee):
        return addressee.contacts.get("sms", "")

    def send(self, message):
        return "b1"

    def has_arrived(self, address, receipt, sent_at, *, now):
        self.asked += 1
        assert (address, receipt, sent_at) == ("13900007777", "b1", NOW)
        return self.arrived


class Mail(Sms):
    name = "mail"
    has_arrived = None

    def __init__(self):
        self.taken = []

    def address_of(self, addressee):
        return addressee.contacts.get("mail", "")

    def send(self, message):
        self.taken.append(message)
        return ""


@pytest.fixture
def sent(store, config):
    a_volunteer(store, "ann")
    contact_points.contact_points.add(store, ContactPoint("1", "ann", "sms", "13900007777", 1))
    contact_points.contact_points.add(store, ContactPoint("2", "ann", "mail", "ann@example.cn", 2))
    payload = {"service": "E01", "starts_at": "2026-11-25T02:00:00Z"}
    outbox.enqueue(store, key="k", addressee="volunteer:ann", template="reminder", payload=payload, now=NOW)
    sms = Sms()
    deliver_all(store, config, [sms], by="test", clock=lambda: NOW)
    assert message_by_key(store, "k").state == "sent"
    return sms


def test_what_has_arrived_is_called_delivered(store, sent):
    sent.arrived = True
    ask_for_receipts(store, [sent], now=NOW + timedelta(minutes=1))
    assert message_by_key(store, "k").state == "delivered"


def test_the_channel_is_asked_ever_more_rarely_while_nobody_knows(store, sent):
    for minute in range(60):
        ask_for_receipts(store, [sent], now=NOW + timedelta(minutes=minute))
    assert sent.asked == 7  # at once, then after 1, 2, 4, 8, 16, 32 minutes
    assert message_by_key(store, "k").state == "sent"


def test_what_has_not_arrived_goes_to_the_next_channel_of_the_person(store, config, sent):
    sent.arrived, mail = False, Mail()
    ask_for_receipts(store, [sent, mail], now=NOW + timedelta(minutes=1))
    deliver_all(store, config, [sent, mail], by="test", clock=lambda: NOW + timedelta(minutes=2))
    row = message_by_key(store, "k")
    assert (len(mail.taken), row.state, row.refused_by) == (1, "sent", ("sms",))
