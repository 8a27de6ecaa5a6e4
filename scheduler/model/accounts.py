"""Who may log in: staff and volunteers, with a scope."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from scheduler.model.people import SEALED


class Role(StrEnum):
    ADMIN = "admin"  # everything in its scope, accounts and settings included
    STAFF = "staff"  # needs, plans, people of its scope
    AUDITOR = "auditor"  # reads, never sees full addresses
    VOLUNTEER = "volunteer"  # own assignments only


@dataclass(frozen=True, slots=True)
class Account:
    """A login. `grid_id` is the part of the city a staff account may see (None: everything)."""

    id: str
    login: str
    role: Role
    password_hash: str
    name: str = ""
    grid_id: str | None = None
    volunteer_id: str | None = None
    totp_secret: str = field(default="", metadata=SEALED)
    locale: str = "zh"
    active: bool = True
    created_at: datetime | None = None
    revision: int = 0
