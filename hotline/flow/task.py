"""Tasks: looked at, taken, done, dismissed by two, and climbing when they are late."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hotline.base import ids, log, turns
from hotline.base.sensitive import Sensitive
from hotline.domain import contact as contacts, task as tasks
from hotline.domain.access import Viewer
from hotline.domain.dispatch import Dispatch
from hotline.domain.escalation import Escalation
from hotline.domain.journal import staff_actor
from hotline.domain.outcome import Outcome
from hotline.domain.task import Done, Task
from hotline.policy.policies import Policies
from hotline.store import (
    contact as store_contact,
    dispatch as store_dispatch,
    escalation as store_escalation,
    staff as store_staff,
    task as store_task,
)
from hotline.store.unit import Store, Unit

_log = log.get("task")


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the managers' report is made of, in codes and times: the escalation, and whom we called."""

    escalation: Escalation
    dispatches: tuple[Dispatch, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """Tasks, the earliest due first, and the names of everybody in them; of a single one its report too."""

    tasks: tuple[Task, ...]
    names: dict[UUID, str]
    report: Report | None = None


async def list_owed(store: Store, viewer: Viewer, most: int) -> Listed:
    """What is owed, as far as it is these eyes' business; at most `most` of their centres are looked at."""
    async with store.connection() as connection:
        found = await store_task.owed(connection, store.vault, viewer.staff_id, viewer.reach, most)
        mine = tuple(each for each in found if tasks.is_for(each, viewer))
        people = {each for task in mine for each in (task.assigned_to, task.asked_by, task.made_by) if each}
        staff = await store_staff.by_ids(connection, store.vault, people) if people else {}
    return Listed(tasks=mine, names={person.id: person.name.reveal() for person in staff.values()})


async def open_task(store: Store, viewer: Viewer, task_id: UUID, now: datetime) -> Listed:
    """One task with its words; the look is journalled.

    Raises:
        Absent: there is no such task for these eyes.
    """
    async with store.unit() as unit:
        task = await store_task.get(unit.connection, unit.vault, task_id)
        tasks.require_for(task, viewer)
        contact = await store_contact.get(unit.connection, unit.vault, task.contact_id)
        look = contacts.note(contact, "record.read", staff_actor(viewer.staff_id), task=str(task.id))
        await unit.save(Outcome(entries=(look,)), now)
        people = [each for each in (task.assigned_to, task.asked_by, task.made_by, task.closed_by) if each]
        staff = await store_staff.by_ids(unit.connection, unit.vault, people)
        report = await _report(unit, task)
    names = {person.id: person.name.reveal() for person in staff.values()}
    return Listed(tasks=(task,), names=names, report=report)


async def require_reach(store: Store, viewer: Viewer, task_id: UUID) -> None:
    """Nothing but whether a task is for these eyes, for those who are about to act on it.

    Raises:
        Absent: there is no such task for these eyes.
    """
    async with store.connection() as connection:
        tasks.require_for(await store_task.get(connection, store.vault, task_id), viewer)


async def report_minor(store: Store, contact_id: UUID, staff_id: UUID, now: datetime) -> None:
    """A person asks for the report on a minor by hand; asked for before, it is not asked for again."""
    async with store.unit() as unit:
        journey = await store_contact.lock_journey(unit, contact_id)
        outcome = tasks.report_minor(journey.contact, made_by=staff_id, task_id=ids.new_id(), now=now)
        await unit.save(outcome, now, journey)


async def take(store: Store, task_id: UUID, staff_id: UUID, now: datetime) -> None:
    """Somebody sees to it from now on.

    Raises:
        Refused: it is over, or not for this person to do.
    """
    await _change(store, task_id, now, lambda task: tasks.take(task, staff_id))


async def do(store: Store, task_id: UUID, staff_id: UUID, done: Done, now: datetime) -> None:
    """It has been done.

    Raises:
        Refused: something of the report is missing, or it is over, or not for this person to do.
    """
    await _change(store, task_id, now, lambda task: tasks.do(task, done, staff_id, now))


async def ask_dismissal(
    store: Store, task_id: UUID, staff_id: UUID, reason: Sensitive, now: datetime
) -> None:
    """Somebody says that it need not be done.

    Raises:
        Refused: there is no reason, or somebody else has asked.
    """
    await _change(store, task_id, now, lambda task: tasks.ask_dismissal(task, reason, staff_id, now))


async def keep(store: Store, task_id: UUID, staff_id: UUID, now: datetime) -> None:
    """It is to be done all the same."""
    await _change(store, task_id, now, lambda task: tasks.keep(task, staff_id))


async def dismiss(store: Store, task_id: UUID, viewer: Viewer, reason: Sensitive, now: datetime) -> None:
    """A supervisor says why it need not be done.

    Raises:
        Forbidden: the person is no supervisor.
        Refused: there is no reason, or it takes two and there is only one.
    """
    await _change(store, task_id, now, lambda task: tasks.dismiss(task, reason, viewer, now))


async def climb_due(store: Store, policies: Policies, now: datetime, most: int) -> int:
    """Let every task climb that is late; how many there were."""

    async def late(many: int) -> list[tuple[UUID, UUID]]:
        async with store.connection() as connection:
            return await store_task.late(connection, policies.tasks.late_before(now), many)

    async def climb(found: tuple[UUID, UUID]) -> None:
        contact_id, task_id = found
        async with store.unit() as unit:
            if await store_contact.lock_journey_if_free(unit, contact_id) is not None:
                task = await store_task.load(unit, task_id)
                await unit.save(tasks.climb(task, policies.tasks, now), now)

    return await turns.through(late, climb, most, _log)


async def _report(unit: Unit, task: Task) -> Report | None:
    if task.kind != tasks.MANAGERS_REPORT:
        return None
    escalation = await store_escalation.get(unit.connection, unit.vault, task.about_id)
    sent = await store_dispatch.of_contact(unit.connection, unit.vault, task.contact_id)
    return Report(escalation=escalation, dispatches=tuple(sent))


async def _change(store: Store, task_id: UUID, now: datetime, decide: Callable[[Task], Outcome]) -> None:
    async with store.unit() as unit:
        journey = await store_contact.lock_journey_of(unit, "task", task_id)
        await unit.save(decide(await store_task.load(unit, task_id)), now, journey)
