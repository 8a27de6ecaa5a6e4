"""config.yaml as typed settings, checked at start-up."""

import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError, model_validator

from scheduler.errors import ConfigError
from scheduler.localized import Listing, LocalizedText

PREFIX = "YIDU_"
SECRETS = ("password", "secret", "user", "corp_id", "app_id", "key_id")  # taken from the environment to the letter
DEFAULT_PATHS = (Path("config.yaml"), Path(__file__).with_name("default_config.yaml"))
NO_TIME = "no time of day"


def _clock(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d|24:00", value):
        raise ValueError(NO_TIME)
    return value


Clock = Annotated[str, BeforeValidator(_clock)]
Api = Annotated[str, Field(pattern=r"^(https://[^/?#]+|http://(127\.0\.0\.1|localhost)(:\d+)?)$")]
Span = tuple[Clock, Clock]


class Section(BaseModel):
    """A block of settings; an unknown key is an error, so a misspelt one is found."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Web(Section):
    host: str
    port: int = Field(ge=0, le=65535)
    public_url: str
    languages: tuple[str, ...]
    secure_cookies: bool | None = None
    staff_codes: Literal["off", "optional", "required"] = "optional"
    proxies: int = Field(default=0, ge=0)

    @property
    def address(self) -> str:
        """Where browsers find the pages, without a slash at the end: the public address, else host and port."""
        return self.public_url.rstrip("/") or f"http://{self.host}:{self.port}"

    @property
    def cookies_are_secure(self) -> bool:
        """Whether browsers keep the login for https alone: as set, else as the public address begins."""
        return self.public_url.startswith("https://") if self.secure_cookies is None else self.secure_cookies


class Nightly(Section):
    at: Clock
    catch_up_until: Clock
    alert_by: Clock
    lease_seconds: int = Field(ge=5)
    heartbeat_seconds: int = Field(ge=1)
    backups_kept: int = Field(default=14, ge=1)


class Windows(Section):
    frozen_hours: int = Field(ge=0)
    published_days: int = Field(ge=1)
    planned_days: int = Field(ge=1)
    offer_hours: int = Field(ge=1)


class Changes(Section):
    per_person: int = Field(ge=0)
    share_of_published: float = Field(ge=0, le=1)


class SolverLimits(Section):
    seconds: float = Field(gt=0)
    workers: int = Field(ge=1)
    seed: int = Field(ge=0)
    memory_mb: int = Field(ge=500)
    grace_seconds: float = Field(ge=1)


class CostWeights(Section):
    travel: int = Field(ge=0)
    affinity: int = Field(ge=0)
    disruption: int = Field(ge=0)
    overload: int = Field(ge=0)
    unused: int = Field(ge=0)


class Affinity(Section):
    pair_first: int = Field(ge=0)
    pair_second: int = Field(ge=0)
    known: int = Field(ge=0)
    known_days: int = Field(default=56, ge=28)  # recent load looks back four weeks
    preferred_service: int = Field(ge=0)
    linked_organisation: int = Field(ge=0)


class Taxes(Section):
    beyond_72h: int = Field(ge=0)
    within_72h: int = Field(ge=0)


class LoadRules(Section):
    max_pairs: int = Field(ge=0)
    max_visits_per_day: int = Field(ge=0)
    max_minutes_per_day: int = Field(ge=0)
    max_minutes_per_week: int = Field(ge=0)
    max_travel_min: int = Field(ge=0)


class CourierRules(LoadRules):
    blackouts: tuple[Span, ...]
    rest_before_peak: int = Field(ge=0)


class MemberRules(LoadRules):
    max_visits_per_week: int = Field(ge=0)


class Everyone(Section):
    max_hours_per_day: int = Field(ge=1)
    free_days_per_week: int = Field(ge=0, le=6)
    minimum_age: int = Field(ge=0)


class Cadence(Section):
    per_week: int = Field(ge=1)
    max_gap_days: int = Field(ge=1)
    visits_per_month: int = Field(ge=0)


class Elders(Section):
    quiet_hours: tuple[Span, ...]
    contacts: dict[str, Cadence]
    surge: dict[str, int] = Field(default={"high": 7, "key": 3, "general": 1})


class Speed(Section):
    km_per_hour: float = Field(gt=0)
    overhead_min: float = Field(ge=0)


class TravelSettings(Section):
    detour: float = Field(ge=1)
    buffer_min: int = Field(ge=0)
    modes: dict[str, Speed]


class StandbySettings(Section):
    ladder: int = Field(ge=0)
    offer_minutes: int = Field(ge=1)
    offers_per_week: int = Field(ge=0)
    tell_staff_hours: int = Field(ge=0)


class MailSettings(Section):
    host: str = Field(min_length=1)
    port: int = Field(ge=1, le=65535)
    security: Literal["tls", "starttls", "none"] = "tls"
    user: str = ""
    password: SecretStr = SecretStr("")
    sender: str = Field(pattern=r"^[^@\s]+@[^@\s]+$")

    @model_validator(mode="after")
    def _in_the_clear_on_this_machine_only(self) -> Self:
        if self.security == "none" and self.host not in ("127.0.0.1", "localhost"):
            raise ValueError("without encryption only a server on this machine may be used")
        return self


class WeComSettings(Section):
    corp_id: str = Field(min_length=1)
    agent_id: int
    secret: SecretStr
    api: Api = "https://qyapi.weixin.qq.com"


class FeishuSettings(Section):
    app_id: str = Field(min_length=1)
    secret: SecretStr
    api: Api = "https://open.feishu.cn"


class SmsSettings(Section):
    access_key_id: str = Field(min_length=1)
    access_key_secret: SecretStr
    sign_name: str = Field(min_length=1)
    template_code: str = Field(min_length=1)
    api: Api = "https://dysmsapi.aliyuncs.com"


class Messages(Section):
    quiet_hours: Span
    channels: tuple[str, ...]
    attempts: int = Field(ge=1)
    mail_hosts: tuple[str, ...] = ()
    mail: MailSettings | None = None
    wecom: WeComSettings | None = None
    feishu: FeishuSettings | None = None
    sms: SmsSettings | None = None


class Config(Section):
    """All settings. `database` is a path relative to the working directory."""

    database: Path
    web: Web
    nightly: Nightly
    windows: Windows
    changes: Changes
    solver: SolverLimits
    weights: CostWeights
    affinity: Affinity
    taxes: Taxes
    couriers: CourierRules
    members: MemberRules
    everyone: Everyone
    elders: Elders
    travel: TravelSettings
    standby: StandbySettings
    messages: Messages

    @property
    def backup_folder(self) -> Path:
        """Where the copies of the database are kept."""
        return self.database.parent / "backups"


def load_config(path: Path | None = None, environ: dict[str, str] | None = None) -> Config:
    """The settings of a YAML file (default: ./config.yaml, else the packaged one), overridden by YIDU_A__B variables.

    Raises ConfigError naming the file, the key, the value found and what was expected.
    """
    path = path or next((p for p in DEFAULT_PATHS if p.exists()), DEFAULT_PATHS[0])
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(
            LocalizedText("%(path)s: cannot be read (%(strerror)s)", path=path, strerror=error.strerror)
        ) from error
    except yaml.YAMLError as error:
        raise ConfigError(LocalizedText("%(path)s: not valid YAML: %(error)s", path=path, error=error)) from error
    if not isinstance(raw, dict):
        raise ConfigError(
            LocalizedText(
                "%(path)s: expected settings like 'database: data/yidu.db', found %(kind)s",
                path=path,
                kind=type(raw).__name__,
            )
        )
    for name, text in (os.environ if environ is None else environ).items():
        if name.startswith(PREFIX):
            _override(raw, name.removeprefix(PREFIX).lower().split("__"), text)
    try:
        return Config.model_validate(raw)
    except ValidationError as error:
        lines = [_sentence(path, e["loc"], e["msg"], e["input"]) for e in error.errors(include_url=False)]
        raise ConfigError(
            LocalizedText("the settings are wrong:\n%(lines)s", lines=Listing(tuple(lines), "\n", "\n"))
        ) from error


def _override(raw: dict[str, Any], keys: list[str], text: str) -> None:
    *outer, last = keys
    for key in outer:
        raw[key] = raw.get(key) or {}
        raw = raw[key]
    as_written = last.endswith(SECRETS) or re.fullmatch(r"\d{1,2}:\d{2}", text)
    raw[last] = text if as_written else yaml.safe_load(text) if text else ""


def _sentence(path: Path, loc: tuple[int | str, ...], message: str, found: Any) -> LocalizedText:
    key = ".".join(str(part) for part in loc)
    if "Extra inputs" in message:
        return LocalizedText(
            "%(path)s: %(key)s is not a setting; remove it or correct its spelling", path=path, key=key
        )
    if message == "Field required":
        return LocalizedText("%(path)s: %(key)s is missing; copy it from the delivered config.yaml", path=path, key=key)
    if NO_TIME in message:
        return LocalizedText(
            '%(path)s: %(key)s is %(found)s, expected "HH:MM" in quotes (YAML reads 10:30 without quotes as 630)',
            path=path,
            key=key,
            found=repr(found),
        )
    detail = message[0].lower() + message[1:]  # as pydantic says it
    return LocalizedText(
        "%(path)s: %(key)s is %(found)s: %(detail)s", path=path, key=key, found=repr(found), detail=detail
    )
