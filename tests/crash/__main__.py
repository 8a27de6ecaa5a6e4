"""python -m tests.crash --kills 200 --mix solve=80,publish=60,reply=30,send=30 --seed 0 [--ready-within 3]

solve: nights with the real solver; publish: plans of 200 seats; reply: phones that answer over HTTP; send: the outbox.
After each kill the pages are started, and the database is looked at.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.crash.harness import attack


def main() -> int:
    parser = argparse.ArgumentParser(description="Kill real processes and count what was lost.")
    parser.add_argument("--mix", default="solve=80,publish=60,reply=30,send=30", help="KIND=KILLS,…")
    parser.add_argument("--kills", type=int, help="scale the mix to so many kills in all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--ready-within", type=float, metavar="SECONDS", help="fail if the pages take longer to answer")
    args = parser.parse_args()
    mix = {kind: int(count) for kind, count in (part.split("=") for part in args.mix.split(","))}
    if args.kills:
        total = sum(mix.values())
        mix = {kind: max(1, round(count * args.kills / total)) for kind, count in mix.items()}
    clean = True
    with tempfile.TemporaryDirectory(prefix="yidu-crash-") as folder:
        for kind, kills in mix.items():
            tally = attack(kind, Path(folder) / kind, kills, args.seed)
            clean &= tally.clean and (args.ready_within is None or tally.seconds_to_ready < args.ready_within)
            print(f"{kind}: {tally.sentence}", flush=True)
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main())
