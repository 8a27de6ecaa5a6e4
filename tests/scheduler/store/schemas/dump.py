"""A small filled database of today's schema as SQL text: run this before a release, keep what it writes for ever.

python -m tests.scheduler.store.schemas.dump NAME    writes NAME.sql and NAME.key beside this file
"""

import sqlite3
import sys
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from scheduler.access.accounts import create_account
from scheduler.model.accounts import Role
from scheduler.people import privacy
from scheduler.store.people import recipients, volunteers
from tests.outside.street import PASSWORD, Street

HERE = Path(__file__).parent


def a_lived_day(folder: Path) -> Street:
    """People, a plan, an accepted visit, openings of an address by its volunteer and by staff, a waiting upload."""
    street = Street(folder)
    slot = street.a_visit("2026-12-01", ("V1", "V2"))
    for repository in (volunteers, recipients):
        for found in repository.where(street.store):
            repository.save(street.store, _with_details(found))
    street.account("v1", "V1")
    held = street.place(slot, "V1")
    street.plan()
    street.live("2026-11-30 10:10")
    street.clock.at("2026-12-01 09:00")
    privacy.open_for_visit(street.store, held.id, held.volunteer_id, by="v1", now=street.clock())
    elder = street.recipient("E2").id
    said = f"visit {held.id}"  # a person's own words, and no volunteer's opening
    privacy.reveal(street.store, "recipient", elder, by="boss", reason=said, now=street.clock())
    create_account(street.store, login="aud", password=PASSWORD, role=Role.AUDITOR, by="boss", now=street.clock())
    boss = street.store.value("SELECT id FROM accounts WHERE login = 'boss'")
    street.store.execute(
        "INSERT INTO uploads (id, account_id, filename, content, uploaded_at) VALUES ('u', :b, 'a.csv', :c, :now)",
        {
            "b": boss,
            "c": "姓名,电话\n王芳,13900007777\n".encode(),
            "now": f"{street.clock() - timedelta(days=9):%FT%TZ}",
        },
    )
    return street


def _with_details(person):
    return replace(person, address="真光路1288弄5号602室", notes="敲门要重", phone=person.phone or "13900007777")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        street = a_lived_day(Path(folder))
        street.close()
        lines = sqlite3.connect(street.config.database).iterdump()
        (HERE / f"{sys.argv[1]}.sql").write_text("\n".join(lines) + "\n", encoding="utf-8")
        (HERE / f"{sys.argv[1]}.key").write_bytes(street.config.database.with_suffix(".key").read_bytes())
