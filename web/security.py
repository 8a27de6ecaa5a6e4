"""Enforces the policy table on every request: who is asking, may they do this, is the object theirs to see."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, g, redirect, request, url_for
from werkzeug.wrappers import Response

from scheduler.errors import ConfigError, InputError, NotFound
from scheduler.localized import LocalizedText
from scheduler.model.accounts import Account, Role
from scheduler.model.reading_rights import Reader
from scheduler.store import scopes
from scheduler.store.people import grids_within, volunteers
from web.context import get_store, is_partial, now, settings, wants_json
from web.policy import ACTIONS, URL_IDS, Scope

View = TypeVar("View", bound=Callable[..., Any])


def action(name: str) -> Callable[[View], View]:
    """Declares which action of the policy table a view performs. Put it directly above the function."""

    def declare(view: View) -> View:
        view.action = name  # type: ignore[attr-defined]
        return view

    return declare


def check_policies(app: Flask) -> None:
    """Raises ConfigError naming the first route without a policy, with an unknown action or an unchecked id."""
    for rule in app.url_map.iter_rules():
        name = action_of(app, rule.endpoint)
        if name is None:
            raise ConfigError(
                LocalizedText(
                    "route %(rule)s (%(endpoint)s) declares no action: put @action(...) on its view",
                    rule=rule.rule,
                    endpoint=rule.endpoint,
                )
            )
        if name not in ACTIONS:
            raise ConfigError(
                LocalizedText(
                    "route %(rule)s declares '%(name)s', which web/policy.py does not list", rule=rule.rule, name=name
                )
            )
        for argument in rule.arguments - set(URL_IDS):
            raise ConfigError(
                LocalizedText(
                    "route %(rule)s: no scope check is known for '%(argument)s' (web/policy.py, URL_IDS)",
                    rule=rule.rule,
                    argument=argument,
                )
            )


def action_of(app: Flask, endpoint: str | None) -> str | None:
    """The declared action of an endpoint; static files are public."""
    if endpoint is None:
        return None
    if endpoint == "static" or endpoint.endswith(".static"):
        return "public.read"
    return getattr(app.view_functions.get(endpoint), "action", None)


def enforce(app: Flask) -> Response | None:
    """Runs before every view. Strangers are sent to the login page; other roles get 403; foreign objects 404."""
    if request.endpoint is None:
        return None  # no such address: Flask answers 404
    policy = ACTIONS[action_of(app, request.endpoint) or ""]
    if policy.scope is Scope.PUBLIC:
        return None
    person: Account | None = g.get("account")
    if person is None:
        if wants_json() or is_partial() or request.method != "GET":
            abort(401)
        return redirect(url_for("login.form", next=request.full_path.rstrip("?")), 303)
    if person.role not in policy.roles:
        abort(403)
    if policy.scope is not Scope.SELF and codes_missing(person):
        return redirect(url_for("login.me"), 303)
    if policy.scope is Scope.WHOLE and not sees_everything(person):
        abort(403)
    for argument, value in (request.view_args or {}).items():
        kind = URL_IDS[argument]
        if kind and not may_touch(person, kind, str(value), policy.scope):
            abort(404)
    return None


def codes_missing(person: Account) -> bool:
    """Whether the settings ask staff for codes from the phone and this account has none yet."""
    required = settings().web.staff_codes == "required"
    return required and person.role is not Role.VOLUNTEER and not person.totp_secret


def may_touch(person: Account, kind: str, object_id: str, scope: Scope) -> bool:
    """Whether an object exists inside what the account may reach."""
    store = get_store()
    if scope is Scope.OWN:
        return person.volunteer_id is not None and person.volunteer_id in scopes.people_of(store, kind, object_id)
    place = scopes.place_of(store, kind, object_id)
    if place is None:
        return False
    return person.grid_id is None or place in area() or place == scopes.ANYWHERE


def area() -> set[str]:
    """Ids of the grids that the person behind the request may see; computed once a request."""
    if "area" not in g:
        g.area = grids_within(get_store(), g.account.grid_id)
    found: set[str] = g.area
    return found


def in_area(grid_id: str) -> bool:
    """Whether a grid lies in the account's area."""
    return g.account.grid_id is None or grid_id in area()


def visible_volunteer(volunteer_id: str) -> str:
    """The id of a volunteer that the account may see. Raises NotFound for others."""
    place = scopes.place_of(get_store(), "volunteer", volunteer_id)
    if place is None or not in_area(place):
        raise NotFound(LocalizedText("there is no such volunteer in your area"))
    return volunteer_id


def volunteer_numbered(code: str) -> str:
    """The id of the volunteer with a number that the account may see. Raises InputError for others."""
    found = volunteers.by(get_store(), code=code)
    if not found or not in_area(found[0].grid_id):
        raise InputError(LocalizedText("there is no volunteer with the number '%(code)s' in your area", code=code))
    return found[0].id


def visible_need(need_id: str) -> str:
    """The id of a need inside the account's area. Raises NotFound for others."""
    place = scopes.place_of(get_store(), "need", need_id)
    if place is None or not in_area(place):
        raise NotFound(LocalizedText("there is no such need in your area"))
    return need_id


def area_limit() -> str | None:
    """The grid that bounds lists for this account, None for the whole database."""
    grid_id: str | None = g.account.grid_id
    return grid_id


def sees_everything(person: Account) -> bool:
    """Whether the account's area holds every recipient and volunteer of the database."""
    return person.grid_id is None or not scopes.anything_outside(get_store(), area())


def can(name: str) -> bool:
    """Whether the person behind the request may do an action somewhere: templates hide what cannot be done."""
    person: Account | None = g.get("account")
    policy = ACTIONS[name]
    if person is None or person.role not in policy.roles:
        return False
    return policy.scope is not Scope.WHOLE or sees_everything(person)


def reader() -> Reader:
    """Who reads the page that is being made, for what the account may see of the city."""
    return Reader(g.account.role, area_limit(), g.account.login, now())
