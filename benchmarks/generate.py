"""A synthetic week of a large district in the exchange format: the same seed, the same file.

    python -m benchmarks.generate week.json.gz --volunteers 10000 --slots 20000 --seed 1

Couriers are free for an hour or two between meal peaks, party members at noon, in the evening and on a whole day off;
two visits of three are company for elders, the rest receptions, phone calls, installations in twos and patrols of four
to six. Supply is short on purpose: that is the normal week.
"""

from __future__ import annotations

import argparse
import gzip
import json
from pathlib import Path
from random import Random
from typing import Any

CENTRE = 31.2553, 121.4016
SPREAD = 0.0193, 0.0243
MODES = {
    "walk": {"metres_per_minute": 67, "overhead": 2},
    "bike": {"metres_per_minute": 170, "overhead": 3},
    "ebike": {"metres_per_minute": 217, "overhead": 3},
    "transit": {"metres_per_minute": 250, "overhead": 8},
}
SKILLS = {
    "insured": 0.97,
    "companion": 0.83,
    "shanghainese": 0.45,
    "reception": 0.3,
    "smartphone_teach": 0.23,
    "first_aid": 0.17,
    "smart_install": 0.12,
}
# (start of day, minutes) of free windows
COURIER_TIMES = [(840, 120), (840, 150), (840, 90), (540, 75), (855, 150), (870, 90)]
MEMBER_TIMES = [(1080, 90), (720, 60), (1110, 120), (540, 480), (540, 150), (840, 180), (810, 210)]
VISIT_STARTS = [840, 810, 540, 1080, 870, 600, 900]
Json = dict[str, Any]


def a_week(volunteers: int, slots: int, seed: int) -> Json:
    """The problem of a week; every number comes from the seed."""
    random = Random(seed)
    homes = [_place(random) for _ in range(max(1, slots // 2))]
    people = [_volunteer(random, n) for n in range(volunteers)]
    return {
        "format": "yidu-problem/1",
        "name": f"week-{volunteers}-{slots}-{seed}",
        "horizon": 7 * 1440,
        "travel": {"detour": 1.3, "modes": MODES},
        "weights": {"travel": 1, "affinity": 1, "disruption": 1, "overload": 1, "unused": 25},
        "volunteers": people,
        "slots": [_slot(random, n, homes, volunteers) for n in range(slots)],
    }


def _place(random: Random) -> list[float]:
    return [round(random.gauss(centre, spread), 5) for centre, spread in zip(CENTRE, SPREAD, strict=True)]


def _volunteer(random: Random, number: int) -> Json:
    courier = random.random() < 0.2
    tags = ["courier"] if courier else ["party_member"]
    tags += [tag for tag, share in SKILLS.items() if random.random() < share]
    tags.append("female" if random.random() < (0.07 if courier else 0.4) else "male")
    home = _place(random)
    windows = []
    for day in sorted(random.sample(range(7), random.randint(1, 5 if courier else 3))):
        start, minutes = random.choice(COURIER_TIMES if courier else MEMBER_TIMES)
        windows.append({"start": 1440 * day + start, "end": 1440 * day + start + minutes, "from": home})
        if courier:
            windows[-1]["to"] = home
    return {
        "id": f"v{number}",
        "tags": sorted(tags),
        "location": home,
        "mode": "ebike" if courier else random.choice(("walk", "walk", "bike", "ebike", "transit")),
        "windows": windows,
        "max_visits_per_day": random.choice((1, 2)) if courier else random.choice((2, 3, 4, 6)),
        "max_minutes_per_day": random.choice((60, 90)) if courier else 240,
        "max_minutes": 180 if courier else random.choice((120, 180, 240, 480)),
        "max_reach": 15 if courier else 30,
        "served": random.choice((0, 0, 30, 60, 120, 240)),
        "target": 90 if courier else random.choice((60, 120, 180)),
        "willing": random.random() < 0.3,
    }


def _slot(random: Random, number: int, homes: list[list[float]], volunteers: int) -> Json:
    day, kind = random.randrange(7), random.random()
    slot: Json = {"id": f"s{number}", "location": random.choice(homes), "requires_all": ["insured"]}
    if kind < 0.675:  # company for an elder
        wish = random.choice((["companion"], ["companion"], ["companion", "shanghainese"]))
        start, slack = random.choice(VISIT_STARTS), random.choice((0, 60, 105, 165))
        slot |= {"type": "E01", "duration": random.choice((30, 45, 45, 60)), "headcount": 1}
        slot |= {"value": random.choice((3000, 4000, 4000, 5000)), "requires_all": ["insured", *wish]}
        if random.random() < 0.65:
            slot["affinity"] = {f"v{random.randrange(volunteers)}": random.choice((80, 120))}
    elif kind < 0.77:  # reception
        start, slack = random.choice((540, 840, 1080)), 0
        slot |= {"type": "C01", "duration": 120, "headcount": 1, "value": 3000}
        slot |= {"requires_all": ["insured", "reception"], "requires_any": ["party_member"]}
    elif kind < 0.873:  # by phone
        start, slack = 840, 350
        slot |= {"type": "E03", "duration": 10, "headcount": 1, "value": 3000, "location": None}
    elif kind < 0.95:  # an installation, in twos
        start, slack = random.choice((540, 840, 1080)), 60
        team = [{"tag": "party_member", "at_least": 1}, {"tag": "smart_install", "at_least": 1}]
        slot |= {"type": "E08", "duration": 90, "headcount": 2, "value": 4000, "step": 30, "team": team}
    else:  # a patrol
        start, slack = random.choice((540, 810, 1080)), 0
        headcount = random.choice((4, 5, 6))
        team = [{"tag": "party_member", "at_least": 1}, {"tag": "courier", "at_least": 1}]
        slot |= {"type": "C14", "duration": 60, "headcount": headcount, "min_headcount": headcount - 2}
        slot |= {"value": 2000, "team": team}
    return {**slot, "earliest": 1440 * day + start, "latest": 1440 * day + start + slack}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--volunteers", type=int, default=10_000)
    parser.add_argument("--slots", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    text = json.dumps(a_week(given.volunteers, given.slots, given.seed), separators=(",", ":"))
    packed = gzip.compress(text.encode(), mtime=0) if given.out.suffix == ".gz" else text.encode()
    given.out.write_bytes(packed)


if __name__ == "__main__":
    main()
