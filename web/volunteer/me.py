"""Who is behind the phone: the volunteer of the account."""

from flask import abort

from scheduler.model.people import Volunteer
from scheduler.model.plan import Assignment
from scheduler.promises import refusals
from scheduler.store.people import volunteers
from scheduler.store.plans import assignments
from web.context import account, get_store


def my_id() -> str:
    """The id of the volunteer behind the account; 404 for an account that belongs to nobody."""
    found = account().volunteer_id
    if found is None:
        abort(404)
    return found


def myself() -> Volunteer:
    """The volunteer behind the account."""
    return volunteers.get(get_store(), my_id())


def my_assignment(assignment_id: str) -> Assignment:
    """One of the volunteer's own assignments; the policy has refused foreign ones already."""
    return assignments.get(get_store(), assignment_id)


def how_far(assignment: Assignment) -> dict[str, bool]:
    """Whether a no to this proposal may be for this time only, and whether that is suggested."""
    store = get_store()
    return {"comes": refusals.comes_again(store, assignment), "suggested": refusals.is_companion(store, assignment)}
