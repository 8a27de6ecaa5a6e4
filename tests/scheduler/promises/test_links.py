from datetime import timedelta

import pytest

from scheduler.errors import IllegalMove, InputError, NotFound
from scheduler.model.plan import State
from scheduler.promises import links, replies
from scheduler.store.plans import assignments
from tests.scheduler.promises.world import NOW, a_slot, a_volunteer, an_assignment


@pytest.fixture
def offer(store):
    a_volunteer(store, "v1")
    return an_assignment(store, a_slot(store, "s1"), "v1")


def test_looking_at_a_link_changes_nothing(store, offer):
    token = links.make(store, offer.id, now=NOW)
    assert links.look(store, token, now=NOW).open
    assert links.look(store, token, now=NOW).open
    assert assignments.get(store, offer.id) == offer


def test_a_link_works_once(store, config, offer):
    token = links.make(store, offer.id, now=NOW)
    assert links.use(store, config, token, "accept", now=NOW).state is State.ACCEPTED
    assert links.look(store, token, now=NOW).why == "used"
    with pytest.raises(IllegalMove, match="used already"):
        links.use(store, config, token, "decline", now=NOW)


def test_a_link_declines_with_a_reason(store, config, offer):
    token = links.make(store, offer.id, now=NOW)
    assert links.use(store, config, token, "decline", reason="time", now=NOW).reason == "time"


def test_a_link_ends_with_the_proposal(store, config, offer):
    token = links.make(store, offer.id, now=NOW)
    assert links.look(store, token, now=offer.expires_at - timedelta(seconds=1)).open
    assert links.look(store, token, now=offer.expires_at).why == "ended"
    with pytest.raises(IllegalMove):
        links.use(store, config, token, "accept", now=offer.expires_at)


def test_a_link_to_a_settled_proposal_says_so_and_stays_unspent(store, config, offer):
    token = links.make(store, offer.id, now=NOW)
    replies.decline(store, config, offer.id, now=NOW)
    assert links.look(store, token, now=NOW).why == "declined"
    with pytest.raises(IllegalMove):
        links.use(store, config, token, "accept", now=NOW)
    assert links.look(store, token, now=NOW).why == "declined"


def test_an_unknown_token_and_an_unknown_answer_are_refused(store, config, offer):
    with pytest.raises(NotFound):
        links.look(store, "guess", now=NOW)
    with pytest.raises(InputError, match="expected accept or decline"):
        links.use(store, config, links.make(store, offer.id, now=NOW), "maybe", now=NOW)


def test_the_token_itself_is_nowhere_in_the_database(store, offer):
    token = links.make(store, offer.id, now=NOW)
    files = [store.path, store.path.with_name(store.path.name + "-wal")]
    assert not any(token.encode() in f.read_bytes() for f in files if f.exists())
