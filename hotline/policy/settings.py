"""How this house is run: small groups, read once from `config/hotline.toml` and the environment.

An unknown name is refused, because a mistyped limit that is silently ignored is worse than a stop.
"""

import difflib
import os
import tomllib
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from hotline.base.errors import Broken

NEAR: Final = 0.75
"""How like a name must be to one that we know, from 0 to 1, to be taken for that one mistyped."""
_PREFIX: Final = "HOTLINE_"
_TOOLS: Final = ("HOTLINE_PRACTICE_", "HOTLINE_TEST_", "HOTLINE_BENCH_")
"""The practice exchange reads its own settings; so do tests and the bench."""
_OWN: Final = (
    "HOTLINE_HOME",
    "HOTLINE_CONFIG",
    "HOTLINE_KEY_RING",
    "HOTLINE_DEMO",
    "HOTLINE_REPLAY_PASSWORD",
    "HOTLINE_SKIP_CONSOLE",
)


class _Group(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Database(_Group):
    """PostgreSQL: a real server by URL, or the embedded one."""

    url: str = ""
    pool_size_max: int = Field(default=16, ge=2, le=200)
    loop_pool_size_max: int = Field(default=8, ge=2, le=50)
    statement_timeout_ms: int = Field(default=10_000, ge=100)


class Web(_Group):
    """The edge: addresses, limits, sign-in."""

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    public_base: str = "http://127.0.0.1:8000"
    body_bytes_max: int = Field(default=65_536, ge=1024)
    rulebook_body_bytes_max: int = Field(default=1_000_000, ge=65_536)
    body_seconds_max: float = Field(default=20.0, gt=0)
    head_bytes_max: int = Field(default=32_768, ge=4096)
    head_seconds_max: float = Field(default=10.0, gt=0)
    answer_seconds_max: float = Field(default=30.0, gt=0)
    half_open_max: int = Field(default=1000, ge=10)
    message_characters_max: int = Field(default=2000, ge=1)
    messages_page_max: int = Field(default=500, ge=1)
    reviews_max: int = Field(default=50, ge=1, le=500)
    reviews_days: int = Field(default=7, ge=1, le=90)
    tasks_page_max: int = Field(default=500, ge=1)
    record_characters_max: int = Field(default=4000, ge=1)
    note_characters_max: int = Field(default=2000, ge=1)
    reason_characters_max: int = Field(default=1000, ge=1)
    live_client_bytes_max: int = Field(default=1_000_000, ge=10_000)
    live_tail_seconds: float = Field(default=1.0, gt=0)
    live_snapshot_contacts_max: int = Field(default=5000, ge=1)
    chat_messages_burst_max: int = Field(default=20, ge=1)
    chat_messages_per_second: float = Field(default=1.0, gt=0)
    chat_slow_seconds_max: float = Field(default=3.0, ge=0)
    chat_opens_burst_max: int = Field(default=20, ge=1)
    chat_opens_per_second: float = Field(default=0.5, gt=0)
    chat_opens_slow_seconds_max: float = Field(default=5.0, ge=0, le=10)
    chat_opens_waiting_max: int = Field(default=200, ge=0)
    sign_in_hours: int = Field(default=12, ge=1)
    sign_in_failures_max: int = Field(default=5, ge=1)
    sign_in_failures_per_login_max: int = Field(default=30, ge=1)
    sign_in_failures_per_address_max: int = Field(default=60, ge=1)
    sign_in_window_seconds: int = Field(default=300, ge=1)
    sign_ins_waiting_max: int = Field(default=200, ge=1)
    known_device_days: int = Field(default=90, ge=1)
    beat_seconds: int = Field(default=3, ge=1)
    workers_silent_seconds_max: float = Field(default=10.0, ge=5)
    restriction_review_days_max: int = Field(default=30, ge=1)
    screening_remind_seconds: int = Field(default=480, ge=1)
    screening_due_seconds: int = Field(default=600, ge=1)
    long_talk_remind_seconds: int = Field(default=2400, ge=1)
    long_talk_due_seconds: int = Field(default=3600, ge=1)
    shutdown_seconds: int = Field(default=10, ge=1)
    trusted_proxies: str = ""
    emergency_numbers: tuple[str, ...] = ("110", "119", "120", "12356")

    @property
    def is_secure(self) -> bool:
        """Whether browsers reach us by TLS, so that cookies can be marked Secure."""
        return self.public_base.startswith("https://")


class Telephony(_Group):
    """The telephone network behind the port."""

    kind: Literal["none", "twilio"] = "none"
    account_sid: str = ""
    auth_tokens: tuple[SecretStr, ...] = ()
    api_key_sid: str = ""
    api_key_secret: SecretStr = SecretStr("")
    application_sid: str = ""
    base_url: str = ""
    from_number: str = ""
    request_seconds: float = Field(default=10.0, gt=0)
    rest_attempts_max: int = Field(default=3, ge=1)
    ring_seconds: int = Field(default=20, ge=5, le=60)
    softphone_seconds: int = Field(default=43_200, ge=60, le=86_400)
    park_queue: str = "park"
    practice_browser_url: str = ""


class Pages(_Group):
    """Pages by telephone call, by e-mail and by signed webhook.

    `webhooks` by the name of the centre, "*" for all others.
    """

    ring_seconds: int = Field(default=25, ge=5, le=60)
    key_seconds: int = Field(default=8, ge=3, le=30)
    webhooks: dict[str, str] = Field(default_factory=dict[str, str])
    webhook_secret: SecretStr = SecretStr("")
    mail_host: str = ""
    mail_port: int = Field(default=587, ge=1, le=65535)
    mail_from: str = "hotline@localhost"
    mail_login: str = ""
    mail_password: SecretStr = SecretStr("")
    mail_tls: bool = True
    seconds: float = Field(default=10.0, gt=0)


class Keys(_Group):
    """Where the key ring lies."""

    file: str = ""


class Work(_Group):
    """How often the workers look, and how much they take at once."""

    dispatch_seconds: float = Field(default=1.0, gt=0)
    keep_seconds: float = Field(default=1.0, gt=0)
    age_seconds: float = Field(default=5.0, gt=0)
    sweep_seconds: float = Field(default=2.0, gt=0)
    survey_seconds: float = Field(default=60.0, gt=0)
    escalate_seconds: float = Field(default=1.0, gt=0)
    audit_seconds: float = Field(default=30.0, gt=0)
    batch_max: int = Field(default=200, ge=1)
    relay_jobs_max: int = Field(default=20, ge=1)
    relay_tries_max: int = Field(default=8, ge=1)
    relay_heartbeat_seconds: float = Field(default=5.0, gt=0)
    relay_recover_seconds: float = Field(default=2.0, gt=0)


class Rulebook(_Group):
    """How large a rulebook may be, how long it may be tried, and how far back it is replayed."""

    follow_seconds: float = Field(default=1.0, gt=0)
    file_bytes_max: int = Field(default=400_000, ge=1_000)
    files_max: int = Field(default=64, ge=1, le=64)
    drafts_max: int = Field(default=50, ge=1)
    versions_shown_max: int = Field(default=100, ge=1)
    try_seconds_max: float = Field(default=60.0, gt=0)
    try_characters_max: int = Field(default=4000, ge=1)
    tries_at_once_max: int = Field(default=2, ge=1)
    tries_waiting_max: int = Field(default=8, ge=0)
    replay_days_max: int = Field(default=31, ge=1)
    replay_contacts_max: int = Field(default=20_000, ge=1)
    replay_listed_max: int = Field(default=1_000, ge=1)


class Settings(BaseSettings):
    """Everything together; environment variables win over the file."""

    model_config = SettingsConfigDict(
        env_prefix="HOTLINE_", env_nested_delimiter="__", extra="forbid", frozen=True
    )

    database: Database = Database()
    web: Web = Web()
    telephony: Telephony = Telephony()
    pages: Pages = Pages()
    keys: Keys = Keys()
    work: Work = Work()
    rulebook: Rulebook = Rulebook()

    @cached_property
    def public_base(self) -> str:
        """The public address without a trailing slash."""
        return self.web.public_base.rstrip("/")


def load(folder: Path) -> Settings:
    """Read `hotline.toml` of a configuration folder, then the environment.

    Raises:
        Broken: the file is not TOML, a name is unknown or a value is out of range; the sentence lists
            all of them.
    """
    _require_known(os.environ)

    class FromFile(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            del dotenv_settings, file_secret_settings
            return (
                init_settings,
                env_settings,
                TomlConfigSettingsSource(settings_cls, folder / "hotline.toml"),
            )

    try:
        settings = FromFile()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Broken("settings.toml", f"{folder / 'hotline.toml'} is not TOML: {error}.") from None
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise Broken("settings.invalid", f"hotline.toml or the environment is wrong: {faults}.") from None
    url = os.environ.get("DATABASE_URL")
    if url:
        return settings.model_copy(update={"database": settings.database.model_copy(update={"url": url})})
    return settings


def strangers(names: Iterable[str]) -> list[str]:
    """A sentence for each variable that looks like one of ours, and that nobody here reads.

    A platform may set such names for its own reasons (for a service of our name), so they stop nothing.
    """
    known = {*_OWN, *(f"HOTLINE_{group}".upper() for group in Settings.model_fields)}
    return [
        f"{name} is unknown and does nothing{_nearest(name)}"
        for name in sorted(names)
        if (upper := name.upper()).startswith(_PREFIX)
        and "__" not in name
        and upper not in known
        and not upper.startswith(_TOOLS)
    ]


def _require_known(names: Iterable[str]) -> None:
    """Names with `__` are settings, but for the tools'; one that nobody reads would be a limit ignored."""
    known = set(_settings())
    unknown = sorted(
        name
        for name in names
        if (upper := name.upper()).startswith(_PREFIX)
        and "__" in name
        and not upper.startswith(_TOOLS)
        and upper not in known
    )
    if unknown:
        told = " ".join(f"{name} is unknown{_nearest(name)}" for name in unknown)
        raise Broken("settings.unknown", f"The environment is wrong: {told}")


def _settings() -> list[str]:
    groups: dict[str, type[_Group]] = {
        name: field.annotation
        for name, field in Settings.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, _Group)
    }
    return [
        f"HOTLINE_{group}__{name}".upper() for group, made in groups.items() for name in made.model_fields
    ]


def _nearest(name: str) -> str:
    known = [each.removeprefix(_PREFIX) for each in (*_settings(), *_OWN)]
    found = difflib.get_close_matches(name.upper().removeprefix(_PREFIX), known, n=1, cutoff=NEAR)
    return f"; is {_PREFIX}{found[0]} meant?" if found else "."
