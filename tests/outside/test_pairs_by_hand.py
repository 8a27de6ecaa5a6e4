"""Who misses a companion is on one page; staff pair two people by their numbers, and hand a pair over the same way."""

import pytest

from scheduler.store.people import pairs
from tests.outside.street import Street


@pytest.fixture
def lonely(street: Street) -> Street:
    """An elder with companion visits and nobody yet; three volunteers."""
    street.a_visit("2026-12-03", ("V1", "V2", "V3"))
    return street


def pair_by_hand(street: Street, code: str, rank: str = "1") -> tuple[int, str]:
    staff, elder = street.browser(), street.recipient("E1")
    staff.get(f"/recipients/{elder.id}")
    return staff.post(f"/recipients/{elder.id}/pairs", {"volunteer": code, "rank": rank, "reason": "邻居"})


def test_an_elder_without_a_companion_is_listed_until_there_are_two(lonely):
    staff = lonely.browser()
    assert "无人" in staff.get("/pairs/wanted")[1]
    assert pair_by_hand(lonely, "V1")[0] == 200
    assert "缺第二陪伴人" in staff.get("/pairs/wanted")[1]
    assert pair_by_hand(lonely, "V2", "2")[0] == 200
    assert "都有第一、第二陪伴人" in staff.get("/pairs/wanted")[1]


def test_a_number_that_nobody_has_is_told(lonely):
    status, page = pair_by_hand(lonely, "V999")
    assert status == 422
    assert "您的片区里没有编号为“V999”的志愿者" in page


def test_a_pair_is_handed_over_to_the_number_that_the_form_asks_for(lonely):
    pair_by_hand(lonely, "V1")
    pair = pairs.where(lonely.store, "1")[0]
    staff = lonely.browser()
    staff.get(f"/pairs/{pair.id}")
    for side in ("elder-yes", "volunteer-yes"):
        staff.post(f"/pairs/{pair.id}/{side}", {})
    status, _ = staff.post(f"/pairs/{pair.id}/hand-over", {"volunteer": "V3"})
    assert status == 200
    assert {p.volunteer_id for p in pairs.where(lonely.store, "1")} == {lonely.volunteer(c).id for c in ("V1", "V3")}
