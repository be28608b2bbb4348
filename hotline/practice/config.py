"""What the exchange is told at its start: the account, its numbers and applications, and its pace.

Values come from flags, then from the environment (`HOTLINE_PRACTICE_*`), then from a TOML file that
`HOTLINE_PRACTICE_FILE` names.
"""

import os

from pydantic import BaseModel, ConfigDict, Field
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from hotline.practice.sids import sid_of


class Number(BaseModel):
    """A dialled number of the account and the webhooks that stand behind it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    phone_number: str = Field(pattern=r"^\+?\d{3,15}$")
    voice_url: str = ""
    voice_fallback_url: str = ""
    status_callback: str = ""
    friendly_name: str = ""

    @property
    def sid(self) -> str:
        """The same for the same number each time."""
        return sid_of("PN", self.phone_number)


class Application(BaseModel):
    """A TwiML application: where a browser's call is sent."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sid: str = Field(pattern=r"^AP[0-9a-fA-F]{32}$")
    voice_url: str = ""
    voice_fallback_url: str = ""
    status_callback: str = ""
    friendly_name: str = ""


class PracticeConfig(BaseSettings):
    """Everything the exchange needs to know; it keeps all else in memory."""

    model_config = SettingsConfigDict(env_prefix="HOTLINE_PRACTICE_", extra="ignore", frozen=True)

    host: str = "127.0.0.1"
    port: int = Field(default=8090, ge=0, le=65535)
    account: str = Field(pattern=r"^AC[0-9a-fA-F]{32}$")
    auth_token: str = Field(min_length=16)
    api_keys: dict[str, str] = Field(default_factory=dict[str, str])
    """API key (SK...) -> its secret; either may sign in, and secrets sign the tokens of softphones."""
    numbers: tuple[Number, ...] = ()
    applications: tuple[Application, ...] = ()
    callers: tuple[str, ...] = ("+8613800000001", "+8613800000002", "+8613800000003", "anonymous")
    """The numbers that the page offers to call from."""
    bins: str = ""
    """A folder of documents, `<digits>.xml`, served at `/bins/<digits>` also when the house is down."""
    pace: float = Field(default=1.0, gt=0, le=10)
    """Every wait of the telephone world is multiplied by this: ringing, key presses, pauses, music.
    Time-outs of webhooks are not: the other side runs in real time."""
    speech_seconds: float = Field(default=4.0, ge=0, le=60)
    """How long a recording lasts, and twenty spoken characters, before `pace`."""
    webhook_seconds_max: float = Field(default=15.0, gt=0, le=15)
    calls_per_second: float = Field(default=1.0, gt=0)
    """How fast outbound calls leave the queue; Twilio gives a new account one a second."""
    lost_seconds: float = Field(default=30.0, ge=0)
    """How long the network takes to notice that a device is gone, before `pace`."""
    control_from_anywhere: bool = False
    """Whether the control API and the page answer to others than this machine."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags, then the environment, then the file."""
        del dotenv_settings, file_secret_settings
        file = os.environ.get("HOTLINE_PRACTICE_FILE")
        toml = (TomlConfigSettingsSource(settings_cls, toml_file=file),) if file else ()
        return (init_settings, env_settings, *toml)
