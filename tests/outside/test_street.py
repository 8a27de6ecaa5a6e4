"""The ground of the other tests stands: a visit is brought in, planned, accepted and told."""

from tests.outside.street import Street


def test_a_visit_comes_in_by_workbook_and_is_proposed_told_and_accepted_on_the_phone(street: Street) -> None:
    street.a_visit()
    street.plan()
    (proposed,) = street.held()
    assert (proposed.who, proposed.state, proposed.need) == ("V1", "proposed", "N1")
    street.live("2026-11-30 10:20")
    assert street.told("V1", "建议")
    street.account("v1", "V1")
    browser = street.browser("v1")
    _, page = browser.get("/my/")
    assert "12月3日" in page
