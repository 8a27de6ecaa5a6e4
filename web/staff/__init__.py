"""The pages of the desk, one module a topic."""

from web.staff import (
    admin,
    board,
    bulk,
    day,
    exchange,
    figures,
    invitations,
    messages,
    need_changes,
    needs,
    pairs,
    people,
    people_edit,
    plans,
    slots,
    surges,
    timeline,
    today,
)

blueprints = (
    invitations.bp,
    bulk.bp,  # before the pages of one need or volunteer, whose addresses are wider
    pairs.bp,
    messages.bp,
    timeline.bp,
    today.bp,
    day.bp,
    slots.bp,
    board.bp,
    need_changes.bp,
    needs.bp,
    people_edit.bp,
    people.bp,
    admin.bp,
    plans.bp,
    exchange.bp,
    figures.bp,
    surges.bp,
)
