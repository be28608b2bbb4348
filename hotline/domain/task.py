"""A task: something that the house owes about a contact after the talk, with a time and a name on it.

A report on a minor, the manager's report, a debrief, a word to a caller whose number was opened. It is
made in the transaction of what it follows from, so nothing is owed that nobody knows of. It ends by being
done, or by a supervisor who says why it need not be; what the law wants (`BY_TWO`) needs somebody else to
have asked for that before. A task that is late climbs to who answers for it, and goes on climbing.

    open             somebody has to do it
    dismissal_asked  somebody says that it need not be done; it is still to be done until another agrees
    done, dismissed  ends
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol
from uuid import UUID

from hotline.base.errors import Absent, Forbidden, Refused
from hotline.base.sensitive import Sensitive
from hotline.domain.access import Permission, Viewer
from hotline.domain.contact import UNDER_AGE, Contact
from hotline.domain.journal import Entry, Json, staff_actor, system_actor
from hotline.domain.level import Level
from hotline.domain.machine import Machine
from hotline.domain.outcome import NOTHING, Outcome
from hotline.domain.staff import Role

MACHINE: Final = Machine(
    name="task",
    start="open",
    moves={
        ("open", "do"): "done",
        ("open", "ask_dismissal"): "dismissal_asked",
        ("open", "dismiss"): "dismissed",
        ("dismissal_asked", "do"): "done",
        ("dismissal_asked", "keep"): "open",
        ("dismissal_asked", "dismiss"): "dismissed",
    },
    ends=frozenset({"done", "dismissed"}),
)

MANDATORY_REPORT: Final = "mandatory_report"
MANAGERS_REPORT: Final = "managers_report"
NOTIFY_CALLER: Final = "notify_caller"
KINDS: Final = frozenset(
    {MANDATORY_REPORT, MANAGERS_REPORT, NOTIFY_CALLER, "debrief", "followup_missed", "outreach"}
)
BY_TWO: Final = frozenset({MANDATORY_REPORT, MANAGERS_REPORT, NOTIFY_CALLER})
"""What no person alone may dismiss (requirement 31)."""

READS_WORDS: Final = frozenset({Permission.READ_OWN, Permission.READ_CENTRE, Permission.READ_ESCALATED})

HARM: Final = frozenset({"abuse", "child_in_danger"})
"""Flags under which a minor is harmed or suspected to be."""
REPORT_DUE: Final = "mandatory_report"
"""The contact's flag that a report on a minor has been asked for; so it is asked for once."""

ABOVE: Final = {Role.COUNSELOR: Role.SUPERVISOR, Role.RESPONDER: Role.SUPERVISOR, Role.SUPERVISOR: Role.ADMIN}
"""Whom a late task climbs to; managers (administrators) have nobody above them and are told again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPolicy:
    """The times of tasks; every one is set in `config/duty.toml`."""

    patience_seconds: int = 900
    """How late one may be before it climbs; one that is due at once is late from the beginning."""
    climb_seconds: int = 3600
    notify_caller_seconds: int = 259_200

    def late_before(self, now: datetime) -> datetime:
        """What should have been done by then climbs now."""
        return now - timedelta(seconds=self.patience_seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """What is owed: `about_id` is what it follows from (an escalation, a session, the contact itself).

    `role` says who is asked if nobody is named; whoever is `barred_id` cannot do it (nobody debriefs
    oneself); `reason` is a code.
    """

    kind: str
    about_id: UUID
    role: Role
    due_at: datetime
    assigned_to: UUID | None = None
    barred_id: UUID | None = None
    made_by: UUID | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something owed; `climbs` counts how often it was late, `escalates_at` is when it is (next)."""

    id: UUID
    kind: str
    contact_id: UUID
    centre_id: UUID
    about_id: UUID
    role: Role
    state: str
    made_at: datetime
    due_at: datetime
    escalates_at: datetime | None
    made_by: UUID | None = None
    reason: str | None = None
    assigned_to: UUID | None = None
    barred_id: UUID | None = None
    climbs: int = 0
    asked_by: UUID | None = None
    asked_at: datetime | None = None
    asked_reason: Sensitive | None = None
    closed_at: datetime | None = None
    closed_by: UUID | None = None
    words: Sensitive | None = None
    agency: str | None = None
    reported_at: datetime | None = None
    reference: Sensitive | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is still owed."""
        return self.state not in MACHINE.ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How it was done: in words, and of a report to whom, when, and under which reference."""

    words: Sensitive
    agency: str | None = None
    reported_at: datetime | None = None
    reference: Sensitive | None = None


class Alarm(Protocol):
    """What the managers are told of: an escalation."""

    @property
    def id(self) -> UUID:
        """Its id."""
        ...

    @property
    def contact_id(self) -> UUID:
        """Whose it is."""
        ...

    @property
    def centre_id(self) -> UUID:
        """Where."""
        ...


def tell_managers(
    alarm: Alarm, rise: tuple[Level, Level], seconds: int, task_id: UUID, now: datetime
) -> Outcome:
    """Once it rises to high or imminent, the managers read of it within `seconds` (requirement 32).

    The entry of its rise says this too; it has no other.
    """
    before, after = rise
    if before.needs_escalation or not after.needs_escalation:
        return NOTHING
    owed = Owed(
        kind=MANAGERS_REPORT,
        about_id=alarm.id,
        role=Role.SUPERVISOR,
        due_at=now + timedelta(seconds=seconds),
        reason=after.text,
    )
    return Outcome(rows=_make(alarm.contact_id, alarm.centre_id, owed, task_id, now).rows)


def make(contact: Contact, owed: Owed, task_id: UUID, now: datetime) -> Outcome:
    """Something is owed from now on. That it is owed once is for the caller and the index to see to."""
    return _make(contact.id, contact.centre_id, owed, task_id, now)


def _make(contact_id: UUID, centre_id: UUID, owed: Owed, task_id: UUID, now: datetime) -> Outcome:
    task = Task(
        id=task_id,
        kind=owed.kind,
        contact_id=contact_id,
        centre_id=centre_id,
        about_id=owed.about_id,
        role=owed.role,
        state=MACHINE.start,
        made_at=now,
        due_at=owed.due_at,
        escalates_at=owed.due_at,
        made_by=owed.made_by,
        reason=owed.reason,
        assigned_to=owed.assigned_to,
        barred_id=owed.barred_id,
    )
    actor = staff_actor(owed.made_by) if owed.made_by else system_actor("task")
    return Outcome(rows=(task,), entries=(_entry(task, "task.made", actor, reason=owed.reason),))


def minor_harmed(contact: Contact, age_band: str | None, *, task_id: UUID, now: datetime) -> Outcome:
    """A minor is harmed or suspected to be: the report is owed at once, unless it already is.

    `age_band` is what the counselor has written down; what the caller said in the form counts too. The
    contact carries a flag from then on, in which the two who change it under its lock agree.
    """
    is_minor = bool({age_band, contact.form.age_band} & UNDER_AGE)
    if not is_minor or not HARM & set(contact.flags):
        return NOTHING
    return report_minor(contact, made_by=None, task_id=task_id, now=now)


def report_minor(contact: Contact, *, made_by: UUID | None, task_id: UUID, now: datetime) -> Outcome:
    """Ask for the report on a minor; asked for before, it is not asked for again (requirement 31)."""
    if REPORT_DUE in contact.flags:
        return NOTHING
    flagged = replace(contact, flags=tuple(sorted({*contact.flags, REPORT_DUE})))
    owed = Owed(
        kind=MANDATORY_REPORT,
        about_id=contact.id,
        role=Role.COUNSELOR if contact.counselor_id else Role.SUPERVISOR,
        due_at=now,
        assigned_to=contact.counselor_id,
        made_by=made_by,
    )
    return Outcome(rows=(flagged,)) + make(flagged, owed, task_id, now)


def take(task: Task, staff_id: UUID) -> Outcome:
    """Somebody sees to it from now on; taking twice is no error.

    Raises:
        Refused: it is over, or it is not for this person to do.
    """
    if task.assigned_to == staff_id and task.is_open:
        return NOTHING
    _require_open(task)
    _require_other(task, staff_id)
    taken = replace(task, assigned_to=staff_id)
    return Outcome(rows=(taken,), entries=(_entry(taken, "task.taken", staff_actor(staff_id)),))


def do(task: Task, done: Done, staff_id: UUID, now: datetime) -> Outcome:
    """It has been done; saying the same twice is no error.

    Raises:
        Refused: a report lacks its agency, its time or its words; it is over; it is not this person's.
    """
    if task.state == "done" and task.closed_by == staff_id:
        return NOTHING
    _require_other(task, staff_id)
    if task.kind == MANDATORY_REPORT and not (done.agency and done.reported_at):
        raise Refused("task.report", "Say which agency was told, and when.", ("agency", "reported_at"))
    if done.reported_at is not None and done.reported_at > now:
        raise Refused("task.reported_at", "A report that is still to be made is not done.", ("reported_at",))
    if task.kind == MANAGERS_REPORT and done.words.is_blank:
        raise Refused("task.words", "Write what the managers should know.", ("words",))
    finished = replace(
        _closed(task, "do", done.words, staff_id, now),
        agency=done.agency,
        reported_at=done.reported_at,
        reference=done.reference,
    )
    return Outcome(rows=(finished,), entries=(_entry(finished, "task.done", staff_actor(staff_id)),))


def ask_dismissal(task: Task, reason: Sensitive, staff_id: UUID, now: datetime) -> Outcome:
    """Somebody says that it need not be done; it stays owed until a supervisor agrees.

    Raises:
        Refused: there is no reason, or it is over or asked for by somebody else.
    """
    if task.state == "dismissal_asked" and task.asked_by == staff_id:
        return NOTHING
    _require_reason(reason)
    asked = replace(
        task,
        state=MACHINE.after(task.state, "ask_dismissal"),
        asked_by=staff_id,
        asked_at=now,
        asked_reason=reason,
    )
    return Outcome(rows=(asked,), entries=(_entry(asked, "task.dismissal_asked", staff_actor(staff_id)),))


def keep(task: Task, staff_id: UUID) -> Outcome:
    """It is to be done all the same; who asked for the contrary stays in the journal."""
    if task.state == "open":
        return NOTHING
    kept = replace(task, state=MACHINE.after(task.state, "keep"), asked_by=None, asked_at=None)
    return Outcome(rows=(kept,), entries=(_entry(kept, "task.kept", staff_actor(staff_id)),))


def dismiss(task: Task, reason: Sensitive, viewer: Viewer, now: datetime) -> Outcome:
    """A supervisor says why it need not be done; of what the law wants, on somebody else's asking.

    Raises:
        Forbidden: the person is no supervisor.
        Refused: there is no reason, nobody has asked, the one who asks is the one who decides, or it is
            over. Saying the same twice is no error.
    """
    if task.state == "dismissed" and task.closed_by == viewer.staff_id:
        return NOTHING
    if not viewer.may(Permission.DISMISS):
        raise Forbidden("task.dismiss", "A task is dismissed by a supervisor; ask for it with a reason.")
    _require_reason(reason)
    after = _closed(task, "dismiss", reason, viewer.staff_id, now)
    if task.kind in BY_TWO and task.asked_by is None:
        raise Refused("task.two", "Two people dismiss this: somebody else asks for it first.")
    if task.asked_by == viewer.staff_id:
        raise Refused("task.two", "You asked for it yourself; another supervisor decides.")
    return Outcome(rows=(after,), entries=(_entry(after, "task.dismissed", staff_actor(viewer.staff_id)),))


def climb(task: Task, policy: TaskPolicy, now: datetime) -> Outcome:
    """It is late by more than patience allows: whoever answers for those who have it is asked, and again."""
    if not task.is_open or task.escalates_at is None or task.escalates_at > policy.late_before(now):
        return NOTHING
    climbed = replace(
        task,
        role=ABOVE.get(task.role, task.role),
        climbs=task.climbs + 1,
        escalates_at=now + timedelta(seconds=policy.climb_seconds),
    )
    entry = _entry(climbed, "task.climbed", system_actor("task"), climbs=climbed.climbs)
    return Outcome(rows=(climbed,), entries=(entry,))


def is_for(task: Task, viewer: Viewer) -> bool:
    """Whether a task is these eyes' business: theirs, their role's, or of a centre that they watch.

    Counselors see those that nobody else has been given. Administrators see the managers' reports, and
    that others are late, but never words.
    """
    if task.assigned_to == viewer.staff_id:
        return True
    if not viewer.reaches(task.centre_id):
        return False
    if viewer.may(Permission.WATCH):
        return True
    if Role.ADMIN in viewer.roles and (task.role is Role.ADMIN or task.kind == MANAGERS_REPORT):
        return True
    return task.role in viewer.roles and task.assigned_to is None


def require_for(task: Task, viewer: Viewer) -> None:
    """Let these eyes see it, or pretend that there is none.

    Raises:
        Absent: it is not for them.
    """
    if not is_for(task, viewer):
        raise Absent("task.absent", "There is no such task.")


def may_read_words(task: Task, viewer: Viewer) -> bool:
    """Whether these eyes may see what was written: administrators only what is written to them."""
    if task.kind == MANAGERS_REPORT or task.assigned_to == viewer.staff_id:
        return True
    return bool(viewer.permissions & READS_WORDS)


def _closed(task: Task, step: str, words: Sensitive, staff_id: UUID, now: datetime) -> Task:
    return replace(
        task,
        state=MACHINE.after(task.state, step),
        escalates_at=None,
        closed_at=now,
        closed_by=staff_id,
        words=words,
    )


def _require_open(task: Task) -> None:
    if not task.is_open:
        raise Refused("task.over", f"This task is {task.state} already.")


def _require_other(task: Task, staff_id: UUID) -> None:
    if task.barred_id == staff_id:
        raise Refused("task.own", "Somebody else has to do this for you.")


def _require_reason(reason: Sensitive) -> None:
    if reason.is_blank:
        raise Refused("task.reason", "Say why it need not be done.", ("reason",))


def _entry(task: Task, kind: str, actor: str, **body: Json) -> Entry:
    return Entry(
        kind=kind,
        centre_id=task.centre_id,
        contact_id=task.contact_id,
        actor=actor,
        staff_ids=(task.assigned_to,) if task.assigned_to else (),
        body={"task": str(task.id), "kind": task.kind, "role": task.role.value, **body},
    )
