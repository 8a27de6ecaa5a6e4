"""The pages of the desk, one module a topic."""

from web.staff import admin, board, bonds, exchange, messages, needs, people, people_edit, plans, slots, timeline, today

blueprints = (
    bonds.bp,
    messages.bp,
    timeline.bp,
    today.bp,
    slots.bp,
    board.bp,
    needs.bp,
    people_edit.bp,
    people.bp,
    admin.bp,
    plans.bp,
    exchange.bp,
)
