"""Who may come in: what opens with an account ends with it, everywhere and at once."""

from scheduler.access import accounts as use
from scheduler.access.api_tokens import SCOPES, give
from scheduler.access.entry import may_come_in
from scheduler.model.accounts import Role
from scheduler.people.person_form import save_volunteer
from scheduler.store.accounts import accounts
from scheduler.store.logins import logins


def account_of(street, login):
    return accounts.by(street.store, login=login)[0]


def a_token(street, login="boss"):
    return give(
        street.store, account_of(street, login).id, name="other system", scopes=frozenset(SCOPES), days=30, by="boss",
        now=street.clock(),
    )[1]  # fmt: skip


def answer_to(street, token):
    """The status of the API for a bearer of the token."""
    browser = street.browser()
    return browser.get("/api/v1/needs", headers={"Authorization": f"Bearer {token}"})[0]


def a_feed(browser):
    """The private address of the calendar of whoever is logged in."""
    browser.get("/my/data")
    _, page = browser.post("/my/calendar", {})
    return "/calendar/" + page.split("/calendar/")[1].split(".ics")[0] + ".ics"


def a_volunteer_with_an_account(street):
    street.a_visit()
    street.account("v1", "V1")
    return street.browser("v1")


def test_a_reset_password_ends_tokens_and_calendars(street):
    me = a_volunteer_with_an_account(street)
    feed = a_feed(me)
    token = a_token(street)
    assert answer_to(street, token) == 200
    use.reset_password(street.store, account_of(street, "v1").id, by="boss", now=street.clock())
    assert me.get(feed)[0] == 404
    use.create_account(
        street.store, login="other", password="four-plain-words-here", role=Role.ADMIN, by="boss", now=street.clock()
    )
    theirs = a_token(street, "other")
    use.reset_password(street.store, account_of(street, "other").id, by="boss", now=street.clock())
    assert answer_to(street, theirs) == 401
    assert answer_to(street, token) == 200


def test_logging_out_everywhere_ends_the_calendar_too(street):
    me = a_volunteer_with_an_account(street)
    feed = a_feed(me)
    assert me.get(feed)[0] == 200
    me.get("/account")
    me.post("/account/logout-everywhere", {})
    assert me.get(feed)[0] == 404


def test_a_changed_password_gives_this_browser_a_new_login_that_works(street):
    me = a_volunteer_with_an_account(street)
    me.get("/account")
    (before,) = logins.by(street.store, account_id=account_of(street, "v1").id)
    status, _ = me.post("/account/password", {"old": "four-plain-words-here", "new": "five-other-words-of-mine"})
    assert status == 200
    (after,) = logins.by(street.store, account_id=account_of(street, "v1").id)
    assert after.token_hash != before.token_hash
    status, _ = me.post("/my/free/exceptions", {"kind": "away", "from_date": "2026-12-20"})
    assert status == 200
    assert "/my/free" in me.url


def test_a_closed_account_ends_its_tokens(street):
    use.create_account(
        street.store, login="other", password="four-plain-words-here", role=Role.ADMIN, by="boss", now=street.clock()
    )
    token, other = a_token(street, "other"), account_of(street, "other")
    for active in (False, True):
        use.change_account(
            street.store, other.id, role=Role.ADMIN, grid_id=None, active=active, by="boss", now=street.clock()
        )
    assert answer_to(street, token) == 401


def test_an_account_may_come_in_only_as_long_as_its_volunteer_is_on_the_list(street):
    a_volunteer_with_an_account(street)
    mine = account_of(street, "v1")
    assert may_come_in(street.store, mine)
    save_volunteer(street.store, {"active": "否"}, volunteer_id=mine.volunteer_id, by="boss", now=street.clock())
    assert mine.active
    assert not may_come_in(street.store, mine)
    assert use.verify(street.store, "v1", "four-plain-words-here") is None
