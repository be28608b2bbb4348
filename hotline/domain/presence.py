"""Presence: what a person chose, and what follows from it.

Only the choice is stored (signed out, ready, not ready with a reason), besides a heartbeat that the
page sends and the moment from which the person is free again. Whether somebody is ringing, talking,
wrapping up or resting follows from the rows of their contacts; so the state that is shown is the
state that routing uses, and the two cannot disagree.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from hotline.base.errors import Refused
from hotline.domain.journal import Entry, staff_actor, system_actor
from hotline.domain.outcome import NOTHING, Outcome

REASONS: Final = frozenset({"break", "meal", "meeting", "training", "supervision", "admin", "other"})
"""Reasons a person may give; `missed`, `device`, `console` and `signed_in` are imposed."""


RECOVERING: Final = "recovering"
"""The state of whoever rests after a contact in imminent danger."""


class Choice(StrEnum):
    """What a person chose, or what a missed offer imposed."""

    SIGNED_OUT = "signed_out"
    READY = "ready"
    NOT_READY = "not_ready"


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """One row per member of staff; `id` is the staff id.

    `idle_since` orders the longest idle; `rested_at` is when the record was closed, `free_at` when the
    wrap-up minimum ends, `recovers_until` when the rest after a grave contact does (all are emptied by the
    sweep that finds it passed); `is_connected` is what the last sweep made of `heartbeat_at`.
    """

    id: UUID
    centre_id: UUID
    choice: Choice
    since: datetime
    idle_since: datetime
    reason: str | None = None
    heartbeat_at: datetime | None = None
    is_connected: bool = False
    free_at: datetime | None = None
    rested_at: datetime | None = None
    recovers_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a person holds at this moment, counted from contacts."""

    offered: int = 0
    connecting: int = 0
    voice_talking: int = 0
    chats_talking: int = 0
    wrapping: int = 0
    grave: int = 0
    """Contacts at high or imminent among them."""
    since: datetime | None = None
    """When the newest of them changed its state."""

    @property
    def chats(self) -> int:
        """Chats held, in any state."""
        return self.chats_talking

    @property
    def has_contact(self) -> bool:
        """Whether a contact is in the person's hands; one that is only offered is not yet."""
        return bool(self.connecting or self.voice_talking or self.chats_talking or self.wrapping)

    @property
    def is_empty(self) -> bool:
        """Whether the person holds nothing."""
        return not (
            self.offered or self.connecting or self.voice_talking or self.chats_talking or self.wrapping
        )


FREE: Final = Load()
NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Before anybody was ever heard of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The derived state: what is shown, and what routing goes by."""

    state: str
    since: datetime
    reason: str | None = None


def was_heard(since: datetime, hears_since: datetime | None) -> bool:
    """Whether the house has been hearing in time ever since this moment; if not, nobody is to blame."""
    return hears_since is not None and hears_since <= since


def silent_before(now: datetime, seconds: float, hears_since: datetime | None) -> datetime:
    """Whoever was last heard of before this moment has been silent for `seconds`.

    Only what could be heard counts: as long as the house itself has not been hearing for so long without a
    pause (`hears_since`; None while it does not hear at all), nobody is called silent.
    """
    before = now - timedelta(seconds=seconds)
    return before if was_heard(before, hears_since) else NEVER


def derive(presence: Presence, load: Load) -> Standing:
    """The one state of a person, with its reason; engagements win over choices."""
    at = load.since or presence.since
    held = (
        (load.voice_talking + load.chats_talking > 0, "engaged"),
        (load.connecting > 0, "connecting"),
        (load.wrapping > 0, "wrapping"),
        (load.offered > 0, "reserved"),
    )
    for holds, state in held:
        if holds:
            return Standing(state=state, since=at, reason=None if presence.is_connected else "heartbeat_lost")
    if presence.choice is Choice.SIGNED_OUT:
        return Standing(state="signed_out", since=presence.since)
    if not presence.is_connected:
        return Standing(
            state="offline", since=presence.heartbeat_at or presence.since, reason="heartbeat_lost"
        )
    if presence.choice is Choice.NOT_READY:
        return Standing(state="not_ready", since=presence.since, reason=presence.reason)
    if presence.free_at is not None and presence.recovers_until is not None:
        return Standing(
            state=RECOVERING, since=presence.rested_at or presence.since, reason="after_grave_contact"
        )
    if presence.free_at is not None:
        return Standing(state="resting", since=presence.rested_at or presence.since, reason="wrap_up_minimum")
    return Standing(state="ready", since=max(presence.since, presence.idle_since))


def first(staff_id: UUID, centre_id: UUID, now: datetime) -> Presence:
    """The presence of somebody who has never signed in."""
    return Presence(id=staff_id, centre_id=centre_id, choice=Choice.SIGNED_OUT, since=now, idle_since=now)


def is_at_work(presence: Presence, load: Load, before: datetime) -> bool:
    """Whether a page of the person has been heard since `before`, or a contact is in their hands."""
    heard_at = presence.heartbeat_at
    is_heard = presence.is_connected and heard_at is not None and heard_at >= before
    return is_heard or load.has_contact


def sign_in(presence: Presence, now: datetime, *, is_at_work: bool) -> Outcome:
    """Signed in, and not ready until the person says so; `is_at_work` before that changes nothing.

    Who was ready, and whose console was lost, comes back to a desk that may be another, after a time that
    may be long: they take no caller before they have looked round. A reason for not being ready stays.
    """
    if presence.choice is Choice.NOT_READY or (presence.choice is Choice.READY and is_at_work):
        return NOTHING
    return _chosen(presence, Choice.NOT_READY, "signed_in", now, staff_actor(presence.id))


def choose(presence: Presence, choice: Choice, reason: str | None, now: datetime) -> Outcome:
    """The person's own choice.

    Raises:
        Refused: not ready needs one of the known reasons.
    """
    if choice is Choice.NOT_READY and reason not in REASONS:
        raise Refused("presence.reason", f"Not ready needs a reason: one of {', '.join(sorted(REASONS))}.")
    kept = reason if choice is Choice.NOT_READY else None
    if presence.choice is choice and presence.reason == kept:
        return NOTHING
    return _chosen(presence, choice, kept, now, staff_actor(presence.id))


def impose(presence: Presence, reason: str, now: datetime) -> Outcome:
    """Not ready for a reason that the person did not choose: a missed offer, a lost device or console."""
    if presence.choice is Choice.SIGNED_OUT:
        return NOTHING
    return _chosen(presence, Choice.NOT_READY, reason, now, system_actor("duty"))


def beat(presence: Presence, now: datetime) -> Outcome:
    """A heartbeat; only the first after a silence is worth an entry."""
    beaten = replace(presence, heartbeat_at=now, is_connected=True)
    if presence.is_connected:
        return Outcome(rows=(beaten,))
    return Outcome(rows=(beaten,), entries=(_entry(beaten, "presence.connected", staff_actor(presence.id)),))


def lose(presence: Presence, now: datetime, heartbeat_seconds: int) -> Outcome:
    """The heartbeat has been missing for too long."""
    limit = now - timedelta(seconds=heartbeat_seconds)
    if not presence.is_connected or (presence.heartbeat_at is not None and presence.heartbeat_at > limit):
        return NOTHING
    lost = replace(presence, is_connected=False)
    return Outcome(rows=(lost,), entries=(_entry(lost, "presence.lost", system_actor("sweeper")),))


def rest(presence: Presence, now: datetime, *, until: datetime) -> Presence:
    """Free for the next offer from `until` on; the longest idle count from then.

    A rest that was to last longer (another chat ended later, but was written up first) is kept.
    """
    free_at = max(until, presence.free_at or until)
    return replace(presence, free_at=free_at, rested_at=now, idle_since=max(now, free_at))


def be_free(presence: Presence, now: datetime) -> Outcome:
    """The wrap-up minimum has passed."""
    if presence.free_at is None or presence.free_at > now:
        return NOTHING
    free = replace(presence, free_at=None, rested_at=None, recovers_until=None)
    return Outcome(rows=(free,), entries=(_entry(free, "presence.free", system_actor("sweeper")),))


def wait_anew(presence: Presence, now: datetime) -> Outcome:
    """Last of those who are free: what could not come to this person goes to somebody else first."""
    return Outcome(rows=(replace(presence, idle_since=max(now, presence.idle_since)),))


def _chosen(presence: Presence, choice: Choice, reason: str | None, now: datetime, actor: str) -> Outcome:
    chosen = replace(presence, choice=choice, reason=reason, since=now)
    return Outcome(rows=(chosen,), entries=(_entry(chosen, "presence.chosen", actor),))


def _entry(presence: Presence, kind: str, actor: str) -> Entry:
    body = {"choice": presence.choice.value, "reason": presence.reason, "connected": presence.is_connected}
    return Entry(kind=kind, centre_id=presence.centre_id, actor=actor, staff_ids=(presence.id,), body=body)
