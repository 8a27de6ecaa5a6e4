"""The demo district for the load test, with a week of offers and promises, visited by thousands of logged-in people.

The visits are handed out first come, first served: the pages' load depends on how many rows there are, not on how good
the plan is, and the world is ready in a minute.
"""

import random
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

from scheduler.config import Config, load_config
from scheduler.demo.load import load_demo
from scheduler.localtime import LOCAL, local_date
from scheduler.model.accounts import Account, Role
from scheduler.model.ids import new_id, stable_id
from scheduler.model.plan import Assignment, State
from scheduler.needs.renew import expand_all
from scheduler.store import Store, open_store
from scheduler.store.accounts import accounts
from scheduler.store.logins import Login, logins
from scheduler.store.plans import assignments
from scheduler.store.repository import utc_text
from web.sessions import token_hash

FOLDER = Path("build/load")
STAFF = 40
LASTS = timedelta(days=30)
READS = {"next visits": 55, "one visit": 20, "free week": 8, "free now": 5, "history": 5, "my data": 2}
STAFF_READS = {"today": 4, "needs": 3, "a visit at the desk": 3, "why": 1, "a forecast": 1}
TWO_THOUSAND_PEOPLE = "编号,姓名,类别,所在居委或楼宇\n" + "".join(f"L{n},来客{n},居民,?\n" for n in range(2000))
WRITES = {"accept": 60, "free times": 20, "decline": 10, "open address": 10}


@dataclass
class Visitor:
    """Somebody with a login, and what they may look at and answer."""

    token: str
    csrf: str
    staff: bool
    free_until: str
    visits: list[str] = field(default_factory=list)
    offers: list[str] = field(default_factory=list)
    slots: list[str] = field(default_factory=list)
    recipient: str = ""

    def next_request(self, rng: random.Random, port: int, *, write: bool) -> tuple[str, bytes]:
        """The kind of the next thing this person does, and its bytes."""
        if write and not self.staff:
            return self._write(rng, port)
        table = STAFF_READS if self.staff else READS
        (kind,) = rng.choices(list(table), table.values())
        if kind in ("why", "a forecast"):
            return kind, self._dear(kind, port, rng.randrange(1000))
        return kind, self._request(port, "GET", self._address(kind, rng))

    def dear_request(self, port: int, number: int) -> tuple[str, bytes]:
        """The next of the pages that take long, as somebody opens them who has many tabs."""
        kind = {0: "an export", 1: "a forecast", 2: "an import"}.get(number % 8, "why")
        return kind, self._dear(kind, port, number)

    def _dear(self, kind: str, port: int, number: int) -> bytes:
        today = local_date(datetime.now(UTC))
        month = {"from": today.isoformat(), "until": (today + timedelta(days=30)).isoformat()}
        if kind == "an export":
            return self._request(port, "POST", "/exchange/roster", {**month, "reason": "load test"})
        if kind == "a forecast":
            need = {"service_type": "E01", "recipient_id": self.recipient, "kind": "once", "from_date": month["from"]}
            return self._request(port, "POST", "/needs/forecast", need)
        if kind == "an import":
            return self._upload(port)
        return self._request(port, "GET", f"/slots/{self.slots[number % len(self.slots)]}/why")

    def _upload(self, port: int) -> bytes:
        parts = (("_csrf", "", self.csrf), ("file", '; filename="week.csv"', TWO_THOUSAND_PEOPLE))
        body = "".join(
            f'--part\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n{value}\r\n'
            for name, more, value in parts
        )
        content = f"{body}--part--\r\n".encode()
        head = f"POST /exchange/upload HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: sid={self.token}\r\n"
        kind = f"Content-Type: multipart/form-data; boundary=part\r\nContent-Length: {len(content)}\r\n\r\n"
        return f"{head}{kind}".encode() + content

    def _address(self, kind: str, rng: random.Random) -> str:
        visit = f"/my/visits/{rng.choice(self.visits)}" if self.visits else "/my/"
        slot = f"/slots/{rng.choice(self.slots)}" if self.slots else "/today"
        addresses = {
            "next visits": "/my/",
            "one visit": visit,
            "free week": "/my/free",
            "free now": f"/my/now?until={self.free_until}",
            "history": "/my/history",
            "my data": "/my/data",
            "today": "/today",
            "needs": "/needs",
            "a visit at the desk": slot,
        }
        return addresses[kind]

    def _write(self, rng: random.Random, port: int) -> tuple[str, bytes]:
        (kind,) = rng.choices(list(WRITES), WRITES.values())
        if kind == "accept" and self.offers:
            return kind, self._request(port, "POST", f"/my/visits/{self.offers.pop()}/accept", {})
        if kind == "decline" and self.offers:
            return kind, self._request(port, "POST", f"/my/visits/{self.offers.pop()}/decline", {"reason": "time"})
        if kind == "open address" and self.visits:
            return kind, self._request(port, "POST", f"/my/visits/{rng.choice(self.visits)}/open", {})
        cells = [("cell", f"{day}-{cell}") for day in range(1, 6) for cell in range(28, 28 + rng.randint(2, 6))]
        return "free times", self._request(port, "POST", "/my/free", cells)

    def _request(
        self, port: int, method: str, address: str, form: list[tuple[str, str]] | dict[str, str] | None = None
    ) -> bytes:
        head = f"{method} {address} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: sid={self.token}\r\n"
        if form is None:
            return f"{head}\r\n".encode()
        fields = list(form.items()) if isinstance(form, dict) else form
        body = urlencode([("_csrf", self.csrf), *fields])
        kind = "Content-Type: application/x-www-form-urlencoded"
        return f"{head}{kind}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


def prepare(size: str, *, now: datetime, fresh: bool = False) -> Path:
    """The path of a database with the demo of this size, made once a day."""
    path = FOLDER / f"{size}-{local_date(now)}.db"
    if not fresh and path.exists() and _is_ready(path):
        return path
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob(f"{size}-*"):
        old.unlink()
    config = load_config().model_copy(update={"database": path})
    with open_store(path) as store:
        print(f"loading the demo ({size}); this is done once a day", flush=True)
        load_demo(store, config, size=size, now=now)
        expand_all(store, config, now=now)
        _hand_out(store, config, now=now)
    return path


def _is_ready(path: Path) -> bool:
    with open_store(path) as store:
        return bool(store.value("SELECT 1 FROM assignments WHERE state = 'proposed' LIMIT 1"))


def _hand_out(store: Store, config: Config, *, now: datetime) -> None:
    """Gives three in four visits of the published days to somebody of the same street; half have said yes."""
    rng = random.Random(0)
    helpers: dict[str, list[str]] = {}
    for row in store.rows("SELECT v.id, g.parent_id FROM volunteers v JOIN grids g ON g.id = v.grid_id ORDER BY v.id"):
        helpers.setdefault(row["parent_id"], []).append(row["id"])
    span = {"now": utc_text(now), "until": utc_text(now + timedelta(days=config.windows.published_days))}
    open_slots = store.rows(
        """SELECT s.id, s.earliest_at, g.parent_id FROM slots s JOIN grids g ON g.id = s.grid_id
           WHERE s.state = 'open' AND s.earliest_at > :now AND s.earliest_at < :until ORDER BY s.id""",
        span,
    )
    taken: set[tuple[str, str]] = set()
    visits = []
    for slot in open_slots:
        who = rng.choice(helpers.get(slot["parent_id"]) or [""])
        if not who or rng.random() < 0.25 or (who, slot["earliest_at"]) in taken:
            continue
        taken.add((who, slot["earliest_at"]))
        state = rng.choice((State.PROPOSED, State.ACCEPTED))
        visits.append(
            Assignment(new_id(), slot["id"], who, datetime.fromisoformat(slot["earliest_at"]), state, proposed_at=now)
        )
    with store.transaction():
        assignments.add_all(store, visits)
        store.touch()


def visitors(path: Path, *, now: datetime, seed: int) -> list[Visitor]:
    """One visitor for each volunteer with a live visit, and some staff; their logins are stored."""
    found: list[Visitor] = []
    with Store(path) as store, store.transaction():
        store.execute("DELETE FROM logins")
        rows = store.rows(
            """SELECT id, volunteer_id, state, slot_id FROM assignments
               WHERE state IN ('proposed', 'accepted') AND starts_at > :now ORDER BY id""",
            {"now": now.strftime("%Y-%m-%dT%H:%M:%SZ")},
        )
        by_person: dict[str, list[dict[str, str]]] = {}
        for row in rows:
            by_person.setdefault(row["volunteer_id"], []).append(row)
        for volunteer_id, mine in by_person.items():
            visitor = _logged_in(store, now, Role.VOLUNTEER, volunteer_id)
            visitor.visits = [row["id"] for row in mine]
            visitor.offers = [row["id"] for row in mine if row["state"] == "proposed"]
            found.append(visitor)
        slots = [row["slot_id"] for row in rows]
        for number in range(STAFF):
            visitor = _logged_in(store, now, Role.STAFF, f"desk-{number}")
            visitor.recipient = str(store.value("SELECT id FROM recipients WHERE kind = 'elder' ORDER BY id LIMIT 1"))
            visitor.slots = random.Random(seed + number).sample(slots, min(50, len(slots)))
            found.append(visitor)
    if len(found) == STAFF:
        raise SystemExit(f"{path} holds no published visits: run again with --fresh")
    return found


def _logged_in(store: Store, now: datetime, role: Role, who: str) -> Visitor:
    account_id = stable_id("load", who)
    if accounts.find(store, account_id) is None:
        volunteer_id = who if role is Role.VOLUNTEER else None
        accounts.add(store, Account(account_id, f"load-{account_id[:12]}", role, "-", volunteer_id=volunteer_id))
    in_two_hours = (now + timedelta(hours=2)).astimezone(LOCAL)
    until = f"{in_two_hours:%H:%M}" if local_date(in_two_hours) == local_date(now) else "23:55"
    token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(24)
    visitor = Visitor(token, csrf, staff=role is Role.STAFF, free_until=until)
    logins.add(store, Login(token_hash(visitor.token), account_id, now, now, now + LASTS, visitor.csrf))
    return visitor
