"""What the independent check found, in the reader's words."""

from collections.abc import Sequence

from scheduler.localized import Listing, LocalizedText, Word
from solver.model.check import Violation

TOLD = 3  # violations named in a sentence


def broken_rules(found: Sequence[Violation]) -> Listing:
    """The rules broken first, each with the detail that the check gives, in English and with ids."""
    told = [LocalizedText("%(rule)s [%(detail)s]", rule=Word("rules", v.rule), detail=v.message) for v in found[:TOLD]]
    return Listing(tuple(told), "；", "; ")
