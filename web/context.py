"""What a request carries: its store, its settings, its clock, the person behind it."""

import threading
from datetime import datetime
from ipaddress import IPv6Address, ip_address, ip_network
from typing import cast

from flask import current_app, g, request

from scheduler.config import Config
from scheduler.model.accounts import Account
from scheduler.operations.health import Soundness
from scheduler.store import Store, open_store
from scheduler.store.logins import Login


def now() -> datetime:
    """The moment of this request (aware UTC): one value however often it is asked for."""
    if "now" not in g:
        g.now = current_app.extensions["yidu_clock"]()
    return cast(datetime, g.now)


def settings() -> Config:
    return cast(Config, current_app.extensions["yidu_config"])


def is_practice_copy() -> bool:
    """Whether the site shows a copy to practise on."""
    return bool(current_app.extensions.get("yidu_practice"))


def soundness() -> Soundness:
    """What this process knows of the state of the database file."""
    return cast(Soundness, current_app.extensions["yidu_soundness"])


def refuse_changes_of_a_damaged_file() -> None:
    """What can be read is shown, but nobody is promised anything that a restore would take back."""
    damage = soundness().damage
    if damage is not None and request.method not in ("GET", "HEAD", "OPTIONS"):
        raise damage


def get_store() -> Store:
    """This request's connection. A server keeps one for each thread: opening it costs more than a small page."""
    if "store" not in g:
        g.store = _of_thread() if keeps_connections() else open_store(settings().database)
    return cast(Store, g.store)


def close_store(_: object = None) -> None:
    store = g.pop("store", None)
    if store is None:
        return
    if keeps_connections():
        store.settle()
    else:
        store.close()


def keeps_connections() -> bool:
    return bool(current_app.config.get("KEEP_CONNECTIONS"))


def _of_thread() -> Store:
    if getattr(_thread, "store", None) is None:
        _thread.store = open_store(settings().database)
    return cast(Store, _thread.store)


_thread = threading.local()


def account() -> Account:
    """Who is logged in. Only called in views whose policy asks for a login."""
    return cast(Account, g.account)


def login() -> Login | None:
    """The server-side login row of this request, None for strangers."""
    return cast("Login | None", g.get("login"))


def actor() -> str:
    """The name written into history: the login, "anonymous" for strangers."""
    found = g.get("account")
    return found.login if found else "anonymous"


def sender() -> str:
    """The network that the request comes from: an address, or of IPv6 the /64 that one household or office has."""
    address = (request.remote_addr or "?").partition("%")[0]
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or ip_network((found, 64), strict=False))
    return str(found)


def wants_json() -> bool:
    return request.path.startswith("/api/")


def site_address() -> str:
    """Where browsers find these pages, for what is printed or copied: as set, else as this browser came."""
    return settings().web.public_url.rstrip("/") or request.host_url.rstrip("/")


def is_partial() -> bool:
    """Whether htmx asks for a fragment of the page instead of the whole."""
    return request.headers.get("HX-Request") == "true" and "HX-Boosted" not in request.headers
