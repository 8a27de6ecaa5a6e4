from datetime import timedelta

import pytest

from scheduler.errors import DeliveryError, InputError
from scheduler.localized import Bilingual
from scheduler.messages import outbox
from scheduler.messages.channels import Addressee, Message, ways_to
from scheduler.messages.groups import AppriseChannel
from scheduler.model.contact_points import ContactPoint
from scheduler.operations.delivery import LEASE, deliver_all, deliver_next, in_quiet_hours
from scheduler.store import contact_points, open_store
from scheduler.store import outbox as rows
from scheduler.store.repository import utc_text
from tests.scheduler.promises.conftest import config, store
from tests.scheduler.promises.world import NOW, a_config, a_slot, a_volunteer, an_assignment

__all__ = ["config", "store"]
from tests.world import message_by_key

NIGHT = NOW + timedelta(hours=14)  # midnight on the local clock
SOON = utc_text(NOW + timedelta(days=2))


class Postbox:
    """A channel that keeps what it was given; it can be told to fail first."""

    def __init__(self, name="postbox", *, failures=0, permanent=False):
        self.name, self.failures, self.permanent = name, failures, permanent
        self.messages: list[Message] = []

    def address_of(self, addressee):
        return addressee.id

    def send(self, message):
        if self.failures:
            self.failures -= 1
            raise DeliveryError(Bilingual("no connection", "no connection"), permanent=self.permanent)
        self.messages.append(message)
        return ""


def file(store, key, *, to="v1", template="reminder", now=NOW, urgent=False, **payload):
    return outbox.enqueue(
        store, key=key, addressee=outbox.to_volunteer(to), template=template,
        payload={"service": "E01", "starts_at": SOON, **payload}, now=now, urgent=urgent,
    )  # fmt: skip


def deliver(store, *channels, config=None, now=NOW):
    return deliver_all(store, config or a_config(), channels, by="test", clock=lambda: now)


def test_a_message_with_the_same_key_is_filed_once(store):
    assert file(store, "k")
    assert not file(store, "k")
    assert rows.counts(store) == dict.fromkeys(rows.STATES, 0) | {"waiting": 1}


def test_an_unknown_template_is_refused_when_it_is_filed(store):
    with pytest.raises(InputError, match="'remindr' does not exist"):
        file(store, "k", template="remindr")


def test_a_rolled_back_fact_leaves_no_message(store):
    with pytest.raises(RuntimeError), store.transaction():
        file(store, "k")
        raise RuntimeError
    assert rows.counts(store)["waiting"] == 0


def test_everything_for_one_person_is_one_digest_with_cancellations_first(store):
    file(store, "a", template="reminder")
    file(store, "b", template="cancelled", reason="雨")
    box = Postbox()
    assert deliver(store, box) == 1
    lines = box.messages[0].text.splitlines()
    assert lines[0].startswith("取消")
    assert lines[1].startswith("提醒：11月25日 周三 10:00 结对陪伴")


def test_two_people_get_two_messages(store):
    file(store, "a", to="v1")
    file(store, "b", to="v2")
    box = Postbox()
    deliver(store, box)
    assert sorted(m.addressee for m in box.messages) == ["volunteer:v1", "volunteer:v2"]


def test_a_sent_message_is_not_sent_again(store):
    file(store, "a")
    box = Postbox()
    deliver(store, box)
    deliver(store, box, now=NOW + timedelta(days=1))
    assert len(box.messages) == 1


def test_quiet_hours_hold_messages_but_not_urgent_ones(store):
    file(store, "calm", to="v1", now=NIGHT)
    file(store, "urgent", to="v2", now=NIGHT, urgent=True)
    box = Postbox()
    deliver(store, box, now=NIGHT)
    assert [m.addressee for m in box.messages] == ["volunteer:v2"]
    deliver(store, box, now=NIGHT + timedelta(hours=8))
    assert [m.addressee for m in box.messages] == ["volunteer:v2", "volunteer:v1"]


@pytest.mark.parametrize(("clock_hours", "quiet"), [(11.4, False), (11.5, True), (21.99, True), (22, False)])
def test_quiet_hours_include_their_start_and_exclude_their_end(clock_hours, quiet):
    local_ten = NOW  # 10:00 local; quiet from 21:30 to 08:00
    assert in_quiet_hours(a_config(), local_ten + timedelta(hours=clock_hours)) is quiet


def test_a_failed_message_waits_longer_each_time_and_then_becomes_a_dead_letter(store):
    file(store, "a")
    config, box, now, waits = a_config(messages={"attempts": 3}), Postbox(failures=99), NOW, []
    for _ in range(2):
        deliver(store, box, config=config, now=now)
        row = message_by_key(store, "a")
        waits.append(row.next_at - now)
        assert row.state == "waiting"
        assert not deliver_next(store, config, [box], by="test", now=row.next_at - timedelta(seconds=1))
        now = row.next_at
    assert timedelta(seconds=15) <= waits[0] <= timedelta(seconds=30) <= waits[1] <= timedelta(seconds=60)
    deliver(store, box, config=config, now=now)
    dead = rows.rows_in_state(store, "failed")
    assert [(d.key, d.attempts, d.error) for d in dead] == [("a", 3, "no connection")]


def test_a_permanent_error_is_not_tried_again(store):
    file(store, "a")
    deliver(store, Postbox(failures=1, permanent=True))
    assert message_by_key(store, "a").state == "failed"


def test_a_dead_letter_can_be_tried_again(store):
    file(store, "a")
    box = Postbox(failures=1, permanent=True)
    deliver(store, box)
    assert rows.try_again(store, message_by_key(store, "a").id, now=NOW)
    deliver(store, box)
    assert len(box.messages) == 1


def test_one_bad_addressee_delays_nobody(store):
    file(store, "a", to="bad")
    file(store, "b", to="good")

    class Picky(Postbox):
        def send(self, message):
            if message.addressee == "volunteer:bad":
                raise DeliveryError(Bilingual("no such number", "no such number"))
            return super().send(message)

    box = Picky()
    deliver(store, box)
    assert [m.addressee for m in box.messages] == ["volunteer:good"]


def test_a_row_that_cannot_be_read_dies_alone(store):
    file(store, "good")
    file(store, "broken", starts_at="yesterday")
    box = Postbox()
    deliver(store, box)
    assert len(box.messages) == 1
    assert [row.key for row in rows.rows_in_state(store, "failed")] == ["broken"]


def to_staff(store, key):
    return outbox.enqueue(store, key=key, addressee=outbox.to_staff(), template="night_done", payload={}, now=NOW)


def test_a_group_that_took_the_message_is_spared_when_another_failed(store):
    to_staff(store, "a")
    first, second = Postbox("first"), Postbox("second", failures=1)
    deliver(store, first, second)
    deliver(store, first, second, now=NOW + timedelta(minutes=2))
    assert (len(first.messages), len(second.messages)) == (1, 1)
    assert message_by_key(store, "a").sent_to == ("first", "second")


class ByContact(Postbox):
    """A channel that reaches whoever chose it."""

    def address_of(self, addressee):
        return addressee.contacts.get(self.name, "")


def chose(store, who, *channels):
    a_volunteer(store, who)
    for rank, channel in enumerate(channels):
        contact_points.contact_points.add(
            store, ContactPoint(f"{who}-{channel}", who, channel, f"{who}@{channel}", rank)
        )


def test_a_person_is_told_once_by_the_first_channel_they_chose(store):
    chose(store, "ann", "sms", "mail")
    file(store, "a", to="ann")
    mail, sms = ByContact("mail"), ByContact("sms")
    deliver(store, mail, sms)
    assert (len(mail.messages), [m.address for m in sms.messages]) == (0, ["ann@sms"])
    assert message_by_key(store, "a").state == "sent"


def test_a_channel_that_refuses_for_good_hands_over_to_the_next_one_and_the_last_to_staff(store):
    chose(store, "ann", "mail", "sms")
    file(store, "a", to="ann")
    mail, sms = ByContact("mail", failures=9, permanent=True), ByContact("sms")
    deliver(store, mail, sms)
    assert len(sms.messages) == 1
    file(store, "b", to="ann")
    sms.failures, sms.permanent = 9, True
    deliver(store, mail, sms)
    row = message_by_key(store, "b")
    assert (row.state, row.refused_by, row.error) == ("failed", ("mail", "sms"), "no connection")


def test_a_channel_that_is_down_is_not_tried_for_everybody_in_turn(store):
    class Down(ByContact):
        def send(self, message):
            self.messages.append(message)
            raise DeliveryError(Bilingual("no answer", "no answer"), down=True)

    for who in ("ann", "bob", "eve"):
        chose(store, who, "mail")
        file(store, who, to=who)
    mail = Down("mail")
    deliver(store, mail)
    assert len(mail.messages) == 1
    assert {message_by_key(store, who).error for who in ("ann", "bob", "eve")} == {"no answer"}
    deliver(store, mail, now=NOW + timedelta(minutes=2))
    assert len(mail.messages) == 2


def test_who_has_no_channel_is_told_by_nobody_and_the_row_says_so(store):
    chose(store, "ann")
    file(store, "a", to="ann")
    deliver(store, ByContact("mail"))
    assert message_by_key(store, "a").state == "no_channel"
    chose(store, "bob", "mail")
    file(store, "b", to="bob")
    deliver(store)  # chosen, but nothing is configured that could send it
    assert message_by_key(store, "b").state == "no_channel"


def test_what_a_channel_may_have_taken_is_repeated_to_the_letter_and_apart_from_newer_rows(store):
    """A channel that knows keys, or compares texts, can then drop the repetition."""
    chose(store, "ann", "mail")
    offer = an_assignment(store, a_slot(store, "s1"), "ann")
    file(store, "a", to="ann", template="proposed", assignment_id=offer.id)
    given = []

    class TakesItSilently(ByContact):
        def send(self, message):
            given.append(message)
            return super().send(message)

    mail = TakesItSilently("mail", failures=1)
    deliver(store, mail)
    file(store, "b", to="ann")
    deliver(store, mail, now=NOW + timedelta(minutes=2))
    assert len(given) == 3
    assert (given[0].key, given[0].text) in [(message.key, message.text) for message in given[1:]]
    assert "/r/" in given[0].text
    assert len({message.key for message in given}) == 2


def test_a_group_reads_no_message_to_a_volunteer_and_nothing_that_somebody_wrote(store):
    group = AppriseChannel("wecombot://key")
    assert ways_to(Addressee("volunteer:v1", {"wecom": "li"}), [group]) == []
    assert ways_to(Addressee("staff:g1"), [group]) == [(group, group.name)]
    outbox.enqueue(
        store, key="k", addressee=outbox.to_staff(), template="seat_open_again", now=NOW,
        payload={"service": "E01", "starts_at": SOON, "reason": "李奶奶住院", "hours": 5},
    )  # fmt: skip
    box = Postbox()
    deliver(store, box)
    assert "结对陪伴" in box.messages[0].text
    assert "李奶奶" not in box.messages[0].text


def test_a_claim_is_exclusive_until_it_lapses(store):
    file(store, "a")

    def claim(now):
        return rows.claim_batch(store, by="x", now=now, lease=LEASE, urgent_only=False)

    assert len(claim(NOW)) == 1
    assert claim(NOW + LEASE - timedelta(seconds=1)) == []
    assert len(claim(NOW + LEASE)) == 1


def test_a_claim_from_before_the_clock_was_set_back_lapses(store):
    file(store, "a", now=NOW - timedelta(days=2))
    rows.claim_batch(store, by="x", now=NOW, lease=LEASE, urgent_only=False)
    a_day_earlier = NOW - timedelta(days=1)
    assert len(rows.claim_batch(store, by="y", now=a_day_earlier, lease=LEASE, urgent_only=False)) == 1


def test_a_sender_whose_clock_is_a_little_behind_takes_nobody_s_claim(store):
    file(store, "a", now=NOW - timedelta(days=2))
    rows.claim_batch(store, by="x", now=NOW, lease=LEASE, urgent_only=False)
    assert rows.claim_batch(store, by="y", now=NOW - timedelta(seconds=7), lease=LEASE, urgent_only=False) == []


def test_two_senders_never_claim_the_same_row(store):
    for n in range(20):
        file(store, f"k{n}", to=f"v{n}")
    with open_store(store.path) as other:
        seen = []
        while batch := rows.claim_batch(store, by="a", now=NOW, lease=LEASE, urgent_only=False):
            seen += batch
            seen += rows.claim_batch(other, by="b", now=NOW, lease=LEASE, urgent_only=False)
    assert sorted(row.key for row in seen) == sorted(f"k{n}" for n in range(20))


def test_a_cancellation_stays_unseen_until_its_addressee_acknowledges_it(store):
    file(store, "a", template="cancelled")
    row = message_by_key(store, "a")
    assert not rows.acknowledge(store, row.id, "volunteer:somebody-else", now=NOW)
    assert [r.key for r in rows.unseen(store, ("cancelled",))] == ["a"]
    assert rows.acknowledge(store, row.id, "volunteer:v1", now=NOW)
    assert rows.unseen(store, ("cancelled",)) == []
