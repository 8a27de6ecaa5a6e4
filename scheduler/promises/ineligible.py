"""What a volunteer hears who may not take a visit."""

from scheduler.errors import IllegalMove
from scheduler.localized import LocalizedText, words_for
from scheduler.model.reading_rights import told_to_the_person


def to_the_person(reasons: tuple[str, ...]) -> IllegalMove:
    """The refusal in words for the person whom these reasons keep away: what is about themselves, and nothing else.

    A wish of the recipient, or a block, reads like any other visit that somebody else fits better.
    """
    if told := told_to_the_person(reasons):
        why = words_for("reasons", told)
        return IllegalMove(LocalizedText("you cannot take this visit: %(why)s", why=why))
    return IllegalMove(
        LocalizedText("this visit suits somebody else better: choose another one, or call the coordinator")
    )
