"""How far a new system has come on the way from a place to its first plan."""

from dataclasses import dataclass

from scheduler.store import Store
from scheduler.store.queries.board_lists import first_things


@dataclass(frozen=True, slots=True)
class Beginning:
    """How many there are of each thing that a first plan needs; people, services and needs that are active."""

    areas: int
    organisations: int
    volunteers: int
    free: int  # volunteers who have said when they are free
    recipients: int
    services: int
    needs: int
    plans: int  # published ones

    @property
    def steps(self) -> tuple[tuple[str, bool], ...]:
        """Each step and whether it is done, in the order in which one needs the other."""
        return (
            ("areas", bool(self.areas)),
            ("people", bool(self.volunteers and self.free and self.recipients)),
            ("services", bool(self.services)),
            ("needs", bool(self.needs)),
            ("plan", bool(self.plans)),
        )

    @property
    def next(self) -> str:
        """The first step that is not done; empty where all are."""
        return next((name for name, done in self.steps if not done), "")

    @property
    def is_over(self) -> bool:
        """Whether a plan was published, or all steps are done."""
        return bool(self.plans) or not self.next


def beginning(store: Store) -> Beginning:
    """What is there by now."""
    return Beginning(**first_things(store))
