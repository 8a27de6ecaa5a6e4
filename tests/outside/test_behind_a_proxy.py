"""What the pages believe of a proxy in front: exactly as many hops as the settings name, and no other word."""

import http.client
from pathlib import Path

import pytest

from scheduler.config import load_config
from tests.outside.street import Street
from tests.outside.test_slow_connections import Site
from web.app import create_app
from web.serve import served

WRONG = "login=boss&password=wrong"


def try_to_log_in(port: int, **headers: str) -> int:
    """The status of a try to log in with a wrong password, as a proxy passes it on."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", "/login", headers={"Host": "127.0.0.1", **headers})
    page = connection.getresponse()
    cookie, text = page.getheader("Set-Cookie", "").split(";")[0], page.read().decode()
    csrf = text.split('name="_csrf" value="', 1)[1].split('"', 1)[0]
    kind = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}
    connection.request("POST", "/login", f"{WRONG}&_csrf={csrf}", {"Host": "127.0.0.1", **kind, **headers})
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.parametrize(("proxies", "kept_apart"), [(1, True), (0, False)])
def test_visitors_are_told_apart_behind_as_many_proxies_as_the_settings_name(
    street: Street, proxies: int, kept_apart: bool
) -> None:
    site = Site(street, YIDU_WEB__PROXIES=str(proxies))
    try:
        tries = (try_to_log_in(site.port, **{"X-Forwarded-For": "203.0.113.9"}) for _ in range(40))
        assert 429 in tries
        elsewhere = try_to_log_in(site.port, **{"X-Forwarded-For": "198.51.100.7"})
        assert (elsewhere == 403) is kept_apart
        forged = {"X-Forwarded-For": "192.0.2.1, 203.0.113.9"}  # the visitor wrote the first address
        assert try_to_log_in(site.port, **forged) == 429
    finally:
        site.close()


@pytest.mark.parametrize(("proxies", "asks_for_action"), [(0, True), (1, False)])
def test_the_page_of_health_tells_when_a_proxy_is_not_in_the_settings(
    street: Street, proxies: int, asks_for_action: bool
) -> None:
    street.config = street.config.model_copy(update={"web": street.config.web.model_copy(update={"proxies": proxies})})
    browser = street.browser()
    _, page = browser.get("/health", headers={"X-Forwarded-For": "203.0.113.9"})
    assert ("web.proxies" in page) is asks_for_action
    _, page = browser.get("/health")
    assert "web.proxies" not in page


def test_https_in_front_makes_the_cookies_secure_without_another_word(tmp_path: Path) -> None:
    public = load_config(environ={"YIDU_WEB__PUBLIC_URL": "https://yidu.example.cn"})
    assert public.web.cookies_are_secure
    assert not load_config(environ={}).web.cookies_are_secure
    off = load_config(environ={"YIDU_WEB__PUBLIC_URL": "https://yidu.example.cn", "YIDU_WEB__SECURE_COOKIES": "false"})
    assert not off.web.cookies_are_secure
    config = public.model_copy(update={"database": tmp_path / "a.db"})
    served_app = served(create_app(config), config)
    answer = served_app.test_client().get("/login", base_url="https://yidu.example.cn")
    assert "__Host-" in answer.headers["Set-Cookie"]
    assert "Secure" in answer.headers["Set-Cookie"]
