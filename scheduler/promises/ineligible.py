"""What a volunteer hears who may not take a visit."""

from scheduler.errors import IllegalMove
from scheduler.model.reading_rights import told_to_the_person
from scheduler.words import Said, listed


def to_the_person(reasons: tuple[str, ...]) -> IllegalMove:
    """The refusal in words for the person whom these reasons keep away: what is about themselves, and nothing else.

    A wish of the recipient, or a block, reads like any other visit that somebody else fits better.
    """
    if told := told_to_the_person(reasons):
        why = listed("reasons", told)
        return IllegalMove(Said(f"您不能接这次服务：{why.zh}", f"you cannot take this visit: {why.en}"))
    return IllegalMove(
        Said(
            "这次服务更适合别人：请另选一次，或联系社区工作人员",
            "this visit suits somebody else better: choose another one, or call the coordinator",
        )
    )
