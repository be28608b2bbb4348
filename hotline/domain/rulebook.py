"""The life of a rulebook: shipped, changed by one person, put into use by another.

A version is a set of files, named by their hash; it is never edited and never deleted, so an appraisal made
years ago can be read beside the rules that made it. A change is one person's work on a copy: it is written,
proposed, and put into use by somebody else. Nothing is put into use that was not made from what is in use
at that moment: whoever was overtaken carries the own work over first. Going back is a change like any other.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from hotline.base.errors import Absent, Forbidden, Refused
from hotline.base.sensitive import Sensitive
from hotline.domain.journal import Entry, Json, staff_actor
from hotline.domain.machine import Machine
from hotline.domain.outcome import NOTHING, Outcome

MACHINE: Final = Machine(
    name="change",
    start="draft",
    moves={
        ("draft", "propose"): "proposed",
        ("draft", "discard"): "discarded",
        ("proposed", "withdraw"): "draft",
        ("proposed", "reject"): "draft",
        ("proposed", "approve"): "approved",
    },
    ends=frozenset({"approved", "discarded"}),
)

REPLAYS: Final = Machine(
    name="replay",
    start="waiting",
    moves={
        ("waiting", "begin"): "running",
        ("running", "begin"): "running",
        ("running", "finish"): "done",
        ("running", "fail"): "failed",
    },
    ends=frozenset({"done", "failed"}),
)
"""A replay whose worker died is begun again by another."""

Files = Mapping[str, str]
Edits = Mapping[str, str | None]
"""What a change says of each file that it touches; None takes the file away."""
NewId = Callable[[], UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """The files of a rulebook; nobody made those that were shipped."""

    id: UUID
    digest: str
    files: Files
    based_on: str | None
    made_by: UUID | None
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One person's work; `edition` grows with every edit, `digest` names what was proposed."""

    id: UUID
    centre_id: UUID
    author_id: UUID
    title: Sensitive
    state: str
    based_on: str
    edits: Edits
    edition: int
    made_at: datetime
    changed_at: datetime
    digest: str | None = None
    proposed_at: datetime | None = None
    decided_by: UUID | None = None
    decided_at: datetime | None = None
    answer: Sensitive | None = None

    @property
    def is_open(self) -> bool:
        """Whether something can still become of it."""
        return self.state not in MACHINE.ends

    def files(self, base: Files) -> dict[str, str]:
        """The files of `base` as this change would have them."""
        changed = {**base, **self.edits}
        return {name: text for name, text in changed.items() if text is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation:
    """A version was put into use; the highest `number` is in use. Those shipped were put there by nobody."""

    id: UUID
    number: int
    version_id: UUID
    digest: str
    change_id: UUID | None
    proposed_by: UUID | None
    approved_by: UUID | None
    at: datetime
    replay_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What the contacts of some days would have been judged by another rulebook: ids, levels, rule ids.

    `moves` counts contacts by "old>new"; `changed` lists those that differ, as many as are kept.
    """

    id: UUID
    change_id: UUID
    centre_id: UUID
    asked_by: UUID
    asked_at: datetime
    old_digest: str
    new_digest: str
    days: int
    state: str
    beat_at: datetime | None = None
    ended_at: datetime | None = None
    contacts: int = 0
    is_whole: bool = True
    moves: Mapping[str, int]
    changed: tuple[Mapping[str, Json], ...] = ()


def ship(version: Version, standing: Activation | None, *, now: datetime, new_id: NewId) -> Outcome:
    """The rulebook that came with this release is kept, and used as long as no people chose another one."""
    if standing is not None and standing.approved_by is not None:
        return Outcome(rows=(version,))
    activation = Activation(
        id=new_id(),
        number=0 if standing is None else standing.number + 1,
        version_id=version.id,
        digest=version.digest,
        change_id=None,
        proposed_by=None,
        approved_by=None,
        at=now,
    )
    return Outcome(rows=(version, activation))


def start(change: Change) -> Outcome:
    """Somebody begins to change what is in use, or goes back to what was."""
    return Outcome(rows=(change,), entries=(_entry(change, "change.begun", change.author_id),))


def own(change: Change, staff_id: UUID) -> Change:
    """The change, if it is this person's work.

    Raises:
        Forbidden: it is somebody else's.
    """
    if change.author_id != staff_id:
        raise Forbidden(
            "rulebook.not_yours", "This is somebody else's draft; begin one of your own, or ask them."
        )
    return change


def write(
    change: Change, base: Files, name: str, text: str | None, *, edition: int, now: datetime
) -> Outcome:
    """Put a file as it shall be (None: take it away); the same text again changes nothing.

    Raises:
        Refused: it is no draft, or was edited elsewhere since the page was loaded.
        Absent: a file that is not there cannot be taken away.
    """
    before = change.files(base).get(name)
    if before == text:
        if text is None:
            raise Absent("rulebook.file", "There is no such file in this rulebook.")
        return NOTHING
    _require_draft(change)
    if edition != change.edition:
        raise Refused(
            "rulebook.edited", "This draft was edited in another window; load it again before you save."
        )
    edits = {**change.edits, name: text}
    if base.get(name) == text:
        del edits[name]
    edited = replace(change, edits=edits, edition=change.edition + 1, changed_at=now)
    return Outcome(rows=(edited,))


def carry_over(change: Change, edits: Edits, onto: str, now: datetime) -> Outcome:
    """The own work, as it is on what is in use now.

    Raises:
        Refused: it is no draft.
    """
    _require_draft(change)
    carried = replace(
        change, edits=edits, based_on=onto, edition=change.edition + 1, changed_at=now, digest=None
    )
    return Outcome(rows=(carried,), entries=(_entry(change, "change.carried", change.author_id),))


def version_of(change: Change, digest: str, files: Files, new_id: UUID, now: datetime) -> Version:
    """The files of a change as they are now, to be kept."""
    return Version(
        id=new_id,
        digest=digest,
        files=dict(files),
        based_on=change.based_on,
        made_by=change.author_id,
        made_at=now,
    )


def propose(change: Change, version: Version, standing: Activation, now: datetime) -> Outcome:
    """The author hands it to a second person; `version` are its files, checked and kept.

    Raises:
        Refused: nothing is changed, it is no draft, or something else is in use by now.
    """
    if change.state == "proposed" and change.digest == version.digest:
        return NOTHING
    if version.digest == standing.digest:
        raise Refused("rulebook.same", "This is what is in use; change something first.")
    _require_current(change, standing)
    proposed = replace(
        change,
        state=MACHINE.after(change.state, "propose"),
        digest=version.digest,
        proposed_at=now,
        decided_by=None,
        decided_at=None,
        answer=None,
    )
    entry = _entry(proposed, "change.proposed", change.author_id, version=version.digest)
    return Outcome(rows=(proposed,), entries=(entry,))


def withdraw(change: Change, now: datetime) -> Outcome:
    """The author goes on working on it."""
    if change.state == "draft":
        return NOTHING
    return _back(change, "withdraw", change.author_id, None, now)


def reject(change: Change, staff_id: UUID, reason: Sensitive, now: datetime) -> Outcome:
    """The second person says what is wrong; the author goes on working on it.

    Raises:
        Refused: there is no reason, or it is not proposed.
    """
    if change.state == "draft" and change.decided_by == staff_id:
        return NOTHING
    if reason.is_blank:
        raise Refused("rulebook.reason", "Say what is wrong with it, so that it can be mended.")
    return _back(change, "reject", staff_id, reason, now)


def discard(change: Change, now: datetime) -> Outcome:
    """The author gives it up; it is kept, and nothing becomes of it."""
    if change.state == "discarded":
        return NOTHING
    given_up = replace(change, state=MACHINE.after(change.state, "discard"), changed_at=now)
    return Outcome(rows=(given_up,), entries=(_entry(change, "change.discarded", change.author_id),))


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Who puts what into use, and which replay lay before them, if any."""

    staff_id: UUID
    version: Version
    replay: Replay | None = None


def require_second(change: Change, staff_id: UUID, digest: str) -> None:
    """Asked before anything is tried, and again under the lock.

    Raises:
        Forbidden: it is the person's own work.
        Refused: it is not proposed, or not what this person has seen.
    """
    if change.author_id == staff_id:
        raise Forbidden("rulebook.second_person", "Nobody puts their own work into use; ask a second person.")
    MACHINE.after(change.state, "approve")
    if change.digest != digest:
        raise Refused("rulebook.moved_on", "This was changed since you looked; look at it again.")


def approve(
    change: Change, approval: Approval, standing: Activation, *, now: datetime, new_id: NewId
) -> Outcome:
    """A second person puts it into use.

    Raises:
        Forbidden: it is the person's own work.
        Refused: it is not proposed, not what this person has seen, or something else is in use by now.
    """
    require_second(change, approval.staff_id, approval.version.digest)
    _require_current(change, standing)
    replay = approval.replay
    if replay is not None and replay.new_digest != change.digest:
        raise Refused("rulebook.replay", "That replay was of another version; look at one of this version.")
    approved = replace(
        change, state=MACHINE.after(change.state, "approve"), decided_by=approval.staff_id, decided_at=now
    )
    activation = Activation(
        id=new_id(),
        number=standing.number + 1,
        version_id=approval.version.id,
        digest=approval.version.digest,
        change_id=change.id,
        proposed_by=change.author_id,
        approved_by=approval.staff_id,
        at=now,
        replay_id=replay.id if replay else None,
    )
    body = {"version": activation.digest, "before": standing.digest, "proposed_by": str(change.author_id)}
    entry = _entry(change, "rulebook.activated", approval.staff_id, **body)
    return Outcome(rows=(approved, activation), entries=(entry,))


def ask_replay(replay: Replay) -> Outcome:
    """Somebody wants to see what would have changed; it reads callers' words, so it is journalled."""
    entry = Entry(
        kind="rulebook.replayed",
        centre_id=replay.centre_id,
        actor=staff_actor(replay.asked_by),
        body={"version": replay.new_digest, "days": replay.days},
    )
    return Outcome(rows=(replay,), entries=(entry,))


def begin_replay(replay: Replay, now: datetime) -> Outcome:
    """A worker takes it; what a worker before it had counted is counted anew."""
    begun = replace(
        replay,
        state=REPLAYS.after(replay.state, "begin"),
        beat_at=now,
        contacts=0,
        moves={},
        changed=(),
        is_whole=True,
    )
    return Outcome(rows=(begun,))


def end_replay(replay: Replay, step: str, now: datetime) -> Outcome:
    """It is through, or cannot be done."""
    ended = replace(replay, state=REPLAYS.after(replay.state, step), beat_at=None, ended_at=now)
    return Outcome(rows=(ended,))


def _back(change: Change, step: str, staff_id: UUID, answer: Sensitive | None, now: datetime) -> Outcome:
    back = replace(
        change,
        state=MACHINE.after(change.state, step),
        decided_by=staff_id if answer else None,
        decided_at=now if answer else None,
        answer=answer,
        changed_at=now,
    )
    kind = {"withdraw": "change.withdrawn", "reject": "change.rejected"}[step]
    return Outcome(rows=(back,), entries=(_entry(change, kind, staff_id),))


def _require_draft(change: Change) -> None:
    if change.state != "draft":
        raise Refused("rulebook.no_draft", "This is no draft any more; take it back before you edit it.")


def _require_current(change: Change, standing: Activation) -> None:
    if change.based_on != standing.digest:
        raise Refused(
            "rulebook.outdated", "Somebody put another version into use; carry your changes over to it first."
        )


def _entry(change: Change, kind: str, staff_id: UUID, **body: Json) -> Entry:
    return Entry(
        kind=kind,
        centre_id=change.centre_id,
        actor=staff_actor(staff_id),
        body={"change_id": str(change.id), **body},
    )
