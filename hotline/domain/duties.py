"""The cards of what is owed after talks, of who is on the way to a caller, of numbers that are asked for."""

from hotline.domain import live
from hotline.domain.dispatch import Dispatch
from hotline.domain.live import BOARD, CRISIS, DESK, ROLE, Card, Dealt
from hotline.domain.number import Opening
from hotline.domain.staff import Role
from hotline.domain.task import MANAGERS_REPORT, Task


def task_card(task: Task) -> Dealt | None:
    """Something owed: on the board, at the desk of who has it, and with the role that is asked for it.

    So everybody holds it whose business it is (`task.is_for`), and nobody else.
    """
    if not task.is_open:
        return None
    audiences = {f"{BOARD}:{task.centre_id}"}
    if task.assigned_to is None:
        audiences.add(f"{ROLE}:{task.role.value}:{task.centre_id}")
    else:
        audiences.add(f"{DESK}:{task.assigned_to}")
    if task.role is Role.ADMIN or task.kind == MANAGERS_REPORT:
        audiences.add(f"{ROLE}:{Role.ADMIN.value}:{task.centre_id}")
    card: Card = {
        "type": "task",
        "task_id": str(task.id),
        "centre_id": str(task.centre_id),
        "contact_id": str(task.contact_id),
        "kind": task.kind,
        "state": task.state,
        "role": task.role.value,
        "due_at": live.at_text(task.due_at),
        "climbs": task.climbs,
        "assigned_to": live.id_text(task.assigned_to),
        "asked_by": live.id_text(task.asked_by),
    }
    return live.deal(f"task:{task.id}", card, audiences)


def dispatch_card(dispatch: Dispatch) -> Dealt | None:
    """Somebody under way to a caller: on the board, with responders, and at the desk of who called them."""
    if not dispatch.is_open:
        return None
    centre = dispatch.centre_id
    audiences = {f"{BOARD}:{centre}", f"{CRISIS}:{centre}", f"{DESK}:{dispatch.made_by}"}
    card: Card = {
        "type": "dispatch",
        "dispatch_id": str(dispatch.id),
        "centre_id": str(centre),
        "contact_id": str(dispatch.contact_id),
        "agency": dispatch.agency,
        "state": dispatch.state,
        "called_at": live.at_text(dispatch.called_at),
        "reminders": dispatch.reminders,
        "next_reminder_at": live.at_text(dispatch.next_reminder_at),
        "location_source": dispatch.location_source,
        "location_confidence": dispatch.location_confidence,
    }
    return live.deal(f"dispatch:{dispatch.id}", card, audiences)


def opening_card(opening: Opening) -> Dealt | None:
    """A number that somebody asks for: on the board, where another agrees or not, and at the own desk."""
    if opening.state != "asked":
        return None
    card: Card = {
        "type": "opening",
        "opening_id": str(opening.id),
        "centre_id": str(opening.centre_id),
        "contact_id": str(opening.contact_id),
        "state": opening.state,
        "asked_by": str(opening.asked_by),
        "asked_at": live.at_text(opening.asked_at),
    }
    audiences = {f"{BOARD}:{opening.centre_id}", f"{DESK}:{opening.asked_by}"}
    return live.deal(f"opening:{opening.id}", card, audiences)
