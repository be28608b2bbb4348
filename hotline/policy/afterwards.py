"""What follows a contact, as policy: `afterwards.toml` and `holidays.toml` to what the domain decides by."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from hotline.base.errors import Broken
from hotline.domain.followup import FollowUpPolicy, Step
from hotline.domain.hours import Calendar, Calendars, Hours
from hotline.domain.level import Level
from hotline.domain.outreach import OutreachPolicy
from hotline.domain.recovery import MINUTES_MIN, RecoveryPolicy

HOURS_A_YEAR: Final = 24 * 366
LevelName = Annotated[Level, BeforeValidator(Level.parse)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Afterwards:
    """Everything that follows a contact."""

    followup: FollowUpPolicy
    outreach: OutreachPolicy
    recovery: RecoveryPolicy


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Step(_Part):
    code: str = Field(pattern=r"^[a-z0-9]{1,10}$")
    days: int = Field(default=0, ge=0, le=3660)
    hours: int = Field(default=0, ge=0, le=HOURS_A_YEAR)
    levels: frozenset[LevelName] = frozenset()
    offered: frozenset[LevelName] = frozenset()
    holidays: Literal["called", "waited for"] = "waited for"

    @model_validator(mode="after")
    def _is_some_time_later(self) -> Self:
        if bool(self.days) == bool(self.hours):
            raise ValueError("a step has days or hours")
        return self

    def step(self) -> Step:
        return Step(
            code=self.code,
            days=self.days,
            hours=self.hours,
            levels=self.levels,
            offered=self.offered,
            waits_for_holidays=self.holidays != "called",
        )


class _FollowUp(_Part):
    calls_since: time
    calls_until: time
    weekends_off: bool = False
    misses_max: int = Field(ge=1, le=20)
    again_after_hours: int = Field(ge=1, le=240)
    supervisor_after_hours: int = Field(ge=1, le=HOURS_A_YEAR)
    manager_after_hours: int = Field(ge=1, le=HOURS_A_YEAR)
    by_hand_days_max: int = Field(ge=1, le=3660)
    steps: tuple[_Step, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        codes = [each.code for each in self.steps]
        if len(set(codes)) < len(codes):
            raise ValueError("every step needs a code of its own")
        if self.manager_after_hours < self.supervisor_after_hours:
            raise ValueError("what is overdue reaches a supervisor before it reaches a manager")
        return self


class _Recovery(_Part):
    minutes: int = Field(ge=MINUTES_MIN, le=24 * 60)
    debrief_hours: int = Field(ge=1, le=240)


class _Outreach(_Part):
    calls_since: time
    calls_until: time
    within_hours: int = Field(ge=1, le=24 * 30)
    tries_max: int = Field(ge=1, le=20)
    spacing_hours: int = Field(ge=1, le=240)
    listed_max: int = Field(ge=1, le=1000)
    voicemail_zh: str = Field(min_length=1, max_length=300)
    voicemail_en: str = Field(min_length=1, max_length=300)
    betraying: tuple[str, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _betrays_nothing(self) -> Self:
        said = f"{self.voicemail_zh} {self.voicemail_en}".casefold()
        found = [word for word in self.betraying if word.casefold() in said]
        if found:
            raise ValueError(f"what a machine hears betrays the service by {', '.join(found)}")
        return self


class _Calendar(_Part):
    timezones: frozenset[str] = Field(min_length=1)
    off: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()


class _Holidays(_Part):
    calendars: tuple[_Calendar, ...] = ()


class _File(_Part):
    followup: _FollowUp
    outreach: _Outreach
    recovery: _Recovery


def read(raw: Mapping[str, Any], holidays: Mapping[str, Any]) -> Afterwards:
    """The policies of the two files.

    Raises:
        Broken: a value is missing, unknown or out of range; the sentence lists every fault.
    """
    try:
        file, days = _File.model_validate(raw), _Holidays.model_validate(holidays)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise Broken("policy.afterwards", f"afterwards.toml or holidays.toml is wrong: {faults}.") from None
    return Afterwards(
        followup=_followup(file.followup, _calendars(days, is_weekend_off=file.followup.weekends_off)),
        outreach=_outreach(file.outreach),
        recovery=RecoveryPolicy(minutes=file.recovery.minutes, debrief_hours=file.recovery.debrief_hours),
    )


def _outreach(raw: _Outreach) -> OutreachPolicy:
    return OutreachPolicy(
        hours=Hours(since=raw.calls_since, until=raw.calls_until),
        voicemail={"zh": raw.voicemail_zh, "en": raw.voicemail_en},
        within_hours=raw.within_hours,
        tries_max=raw.tries_max,
        spacing_hours=raw.spacing_hours,
        listed_max=raw.listed_max,
    )


def _calendars(days: _Holidays, *, is_weekend_off: bool) -> Calendars:
    known = tuple(
        Calendar(timezones=each.timezones, off=each.off, worked=each.worked) for each in days.calendars
    )
    return Calendars(known=known, is_weekend_off=is_weekend_off)


def _followup(raw: _FollowUp, calendars: Calendars) -> FollowUpPolicy:
    return FollowUpPolicy(
        steps=tuple(each.step() for each in raw.steps),
        hours=Hours(since=raw.calls_since, until=raw.calls_until),
        calendars=calendars,
        misses_max=raw.misses_max,
        again_after_hours=raw.again_after_hours,
        supervisor_after_hours=raw.supervisor_after_hours,
        manager_after_hours=raw.manager_after_hours,
        by_hand_days_max=raw.by_hand_days_max,
    )
