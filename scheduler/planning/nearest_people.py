"""People on the map, asked for the nearest ones."""

from collections.abc import Iterable

import numpy as np

from scheduler.model.people import Volunteer


class Crowd:
    """Volunteers by where they live; the answer is the same whatever order they were given in."""

    def __init__(self, people: Iterable[Volunteer]) -> None:
        mine = sorted(people, key=lambda v: v.id)
        self.ids = [v.id for v in mine]
        self.places = np.array([(v.lat, v.lon) for v in mine], dtype=float).reshape(len(mine), 2)

    def nearest(self, lat: float, lon: float, count: int) -> list[str]:
        """Ids of the `count` people nearest to a point, or of everybody if there are no more."""
        if len(self.ids) <= count:
            return self.ids
        away = np.square(self.places - (lat, lon)) @ (1.0, np.cos(np.radians(lat)) ** 2)
        return [self.ids[k] for k in np.argsort(away, kind="stable")[:count]]
