"""A process to be killed: plans and publishes again and again, and says each thing only after it is done.

Called as planner.py DATABASE; prints one JSON line for every published plan.
"""

import json
import sys
from datetime import timedelta

from scheduler.errors import YiduError
from scheduler.planning.publish import publish
from scheduler.store import open_store
from scheduler.store.people import volunteers
from tests.scheduler.planning.week import NOW, config_for, planned


def main(path):
    with open_store(path) as store:
        config = config_for(store)
        print(json.dumps({"ready": True}), flush=True)
        moment = NOW
        while True:
            moment += timedelta(minutes=1)
            # Somebody else leaves each time, so that each plan changes what the last one said.
            people = volunteers.where(store, "1 ORDER BY id")
            for number, person in enumerate(people):
                away = number == moment.minute % len(people)
                store.execute(
                    "UPDATE volunteers SET active = :on WHERE id = :id", {"on": int(not away), "id": person.id}
                )
            store.touch()
            try:
                plan = publish(store, config, planned(store, config, now=moment).id, by="staff", now=moment)
            except YiduError as error:
                print(json.dumps({"refused": str(error)}), flush=True)
                continue
            print(json.dumps({"published": plan.id, "seats": plan.figures["filled"]}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
