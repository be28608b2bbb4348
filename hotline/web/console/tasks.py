"""Tasks: what is owed after a talk; looked at, taken, done, and dismissed by two."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, WithJsonSchema

from hotline.base import clock
from hotline.domain import task as tasks
from hotline.domain.access import Viewer
from hotline.domain.task import Done, Task
from hotline.flow import task
from hotline.flow.task import Listed, Report
from hotline.web.asked import Asked
from hotline.web.console import shapes
from hotline.web.console.reach import Dispatcher, TaskDismisser, TaskReader, TaskSeer
from hotline.web.edge import TheEdge

router = APIRouter(tags=["tasks"])

TaskKind = Annotated[str, WithJsonSchema({"type": "string", "enum": sorted(tasks.KINDS)})]
TaskState = Annotated[str, WithJsonSchema({"type": "string", "enum": sorted(tasks.MACHINE.states)})]


class TaskShown(BaseModel):
    """A task without its words; `is_barred`: it is about oneself, so somebody else has to do it."""

    id: UUID
    kind: TaskKind
    contact_id: UUID
    state: TaskState
    role: str
    made_at: datetime
    due_at: datetime
    climbs: int
    reason: str | None
    made_by: shapes.Person | None
    assigned_to: shapes.Person | None
    asked_by: shapes.Person | None
    is_mine: bool
    is_barred: bool


class TasksShown(BaseModel):
    """The earliest due first."""

    tasks: tuple[TaskShown, ...]


class SentShown(BaseModel):
    """Who was called, and what became of it, in codes and times."""

    agency: str
    consent: str
    called_at: datetime
    result: str | None
    arrival_confirmed_at: datetime | None


class ReportShown(BaseModel):
    """What the managers' report is made of without anybody's doing: codes and times."""

    level: str
    state: str
    source: str
    rule: str | None
    declared_at: datetime
    acknowledge_by: datetime
    acknowledged_at: datetime | None
    contact_made_at: datetime | None
    outcome: str | None
    closed_at: datetime | None
    dispatches: tuple[SentShown, ...]


class TaskOpened(BaseModel):
    """A task with its words; administrators get those only that are written to them."""

    task: TaskShown
    report: ReportShown | None
    asked_reason: str | None
    words: str | None
    agency: str | None
    reported_at: datetime | None
    reference: str | None
    closed_at: datetime | None
    closed_by: shapes.Person | None


class DoneAsked(Asked):
    model_config = ConfigDict(extra="forbid")

    words: str = ""
    agency: Annotated[str, Field(max_length=200)] | None = None
    reported_at: AwareDatetime | None = None
    reference: str | None = None


class ReasonAsked(Asked):
    model_config = ConfigDict(extra="forbid")

    reason: str


@router.get("/api/tasks")
async def list_owed(edge: TheEdge, viewer: TaskSeer) -> TasksShown:
    """What is owed by oneself, one's role or one's centres."""
    listed = await task.list_owed(edge.store, viewer, edge.settings.web.tasks_page_max)
    return TasksShown(tasks=tuple(_task(each, viewer, listed.names) for each in listed.tasks))


@router.get("/api/tasks/{task_id}")
async def show(edge: TheEdge, viewer: TaskReader, task_id: UUID) -> TaskOpened:
    """One task with its words; the look is journalled."""
    return _opened(await task.open_task(edge.store, viewer, task_id, clock.now()), viewer)


@router.post("/api/tasks/{task_id}/taking", status_code=204)
async def take(edge: TheEdge, viewer: TaskReader, task_id: UUID) -> None:
    """The one who says so sees to it from now on."""
    await task.take(edge.store, task_id, viewer.staff_id, clock.now())


@router.post("/api/tasks/{task_id}/completion", status_code=204)
async def do(edge: TheEdge, viewer: TaskReader, task_id: UUID, asked: DoneAsked) -> None:
    """It is done; a report names its agency and time, the managers' report has words."""
    web = edge.settings.web
    done = Done(
        words=shapes.limited(asked.words, web.record_characters_max, "words"),
        agency=asked.agency,
        reported_at=asked.reported_at,
        reference=None
        if asked.reference is None
        else shapes.limited(asked.reference, web.reason_characters_max, "reference"),
    )
    await task.do(edge.store, task_id, viewer.staff_id, done, clock.now())


@router.post("/api/tasks/{task_id}/dismissal-request", status_code=204)
async def ask_dismissal(edge: TheEdge, viewer: TaskReader, task_id: UUID, asked: ReasonAsked) -> None:
    """Say why it need not be done; it is owed until a supervisor agrees."""
    reason = shapes.limited(asked.reason, edge.settings.web.reason_characters_max, "reason")
    await task.ask_dismissal(edge.store, task_id, viewer.staff_id, reason, clock.now())


@router.delete("/api/tasks/{task_id}/dismissal-request", status_code=204)
async def keep(edge: TheEdge, viewer: TaskDismisser, task_id: UUID) -> None:
    """It is to be done all the same."""
    await task.keep(edge.store, task_id, viewer.staff_id, clock.now())


@router.post("/api/tasks/{task_id}/dismissal", status_code=204)
async def dismiss(edge: TheEdge, viewer: TaskDismisser, task_id: UUID, asked: ReasonAsked) -> None:
    """A supervisor agrees that it need not be done; what the law wants takes two people."""
    reason = shapes.limited(asked.reason, edge.settings.web.reason_characters_max, "reason")
    await task.dismiss(edge.store, task_id, viewer, reason, clock.now())


@router.post("/api/contacts/{contact_id}/mandatory-report", status_code=204)
async def report_minor(edge: TheEdge, viewer: Dispatcher, contact_id: UUID) -> None:
    """A person sees that a minor is harmed: the report is owed at once, however often it is asked for."""
    await task.report_minor(edge.store, contact_id, viewer.staff_id, clock.now())


def _task(each: Task, viewer: Viewer, names: Mapping[UUID, str]) -> TaskShown:
    return TaskShown(
        id=each.id,
        kind=each.kind,
        contact_id=each.contact_id,
        state=each.state,
        role=each.role.value,
        made_at=each.made_at,
        due_at=each.due_at,
        climbs=each.climbs,
        reason=each.reason,
        made_by=_person(each.made_by, names),
        assigned_to=_person(each.assigned_to, names),
        asked_by=_person(each.asked_by, names),
        is_mine=each.assigned_to == viewer.staff_id,
        is_barred=each.barred_id == viewer.staff_id,
    )


def _opened(listed: Listed, viewer: Viewer) -> TaskOpened:
    each = listed.tasks[0]
    may_read = tasks.may_read_words(each, viewer)
    return TaskOpened(
        task=_task(each, viewer, listed.names),
        report=None if listed.report is None else _report(listed.report),
        asked_reason=each.asked_reason.reveal() if each.asked_reason and may_read else None,
        words=each.words.reveal() if each.words and may_read else None,
        agency=each.agency,
        reported_at=each.reported_at,
        reference=each.reference.reveal() if each.reference and may_read else None,
        closed_at=each.closed_at,
        closed_by=_person(each.closed_by, listed.names),
    )


def _report(report: Report) -> ReportShown:
    raised = report.escalation
    return ReportShown(
        level=raised.level.text,
        state=raised.state,
        source=raised.cause.source,
        rule=raised.cause.rule,
        declared_at=raised.declared_at,
        acknowledge_by=raised.acknowledge_by,
        acknowledged_at=raised.acknowledged_at,
        contact_made_at=raised.contact_made_at,
        outcome=raised.outcome,
        closed_at=raised.closed_at,
        dispatches=tuple(
            SentShown(
                agency=each.agency,
                consent=each.consent,
                called_at=each.called_at,
                result=each.result,
                arrival_confirmed_at=each.arrival_confirmed_at,
            )
            for each in report.dispatches
        ),
    )


def _person(staff_id: UUID | None, names: Mapping[UUID, str]) -> shapes.Person | None:
    return None if staff_id is None else shapes.Person(id=staff_id, name=names.get(staff_id, ""))
