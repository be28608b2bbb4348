"""A hand-over sheet: what the next shift must know, given by one by name and taken by another.

The sheet is drawn up by the house from what is open at that moment, in codes and ids; the giver adds words.
It stays as it was given: whoever asks later sees what was known then.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from hotline.base.errors import Absent, Refused
from hotline.base.sensitive import Sensitive
from hotline.domain.access import Viewer
from hotline.domain.journal import Entry, Json, staff_actor
from hotline.domain.outcome import NOTHING, Outcome

Sheet = Mapping[str, Sequence[Mapping[str, Json]]]
"""By kind (contacts, escalations, dispatches, follow_ups, tasks), what is open: codes, ids and times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """One sheet, given and perhaps taken."""

    id: UUID
    centre_id: UUID
    given_by: UUID
    given_at: datetime
    sheet: Sheet
    words: Sensitive | None = None
    taken_by: UUID | None = None
    taken_at: datetime | None = None


def give(
    viewer: Viewer, sheet: Sheet, words: Sensitive | None, *, handover_id: UUID, now: datetime
) -> Outcome:
    """Hand the shift over as the house draws it up now."""
    given = Handover(
        id=handover_id,
        centre_id=viewer.centre_id,
        given_by=viewer.staff_id,
        given_at=now,
        sheet=sheet,
        words=words,
    )
    counts: dict[str, Json] = {kind: len(items) for kind, items in sheet.items()}
    return Outcome(rows=(given,), entries=(_entry(given, "handover.given", viewer.staff_id, counts),))


def require_reach(viewer: Viewer, handover: Handover) -> Handover:
    """The sheet, if its centre is within these eyes' reach.

    Raises:
        Absent: it is not.
    """
    if not viewer.reaches(handover.centre_id):
        raise Absent("handover.absent", "There is no such hand-over sheet.")
    return handover


def take(handover: Handover, staff_id: UUID, now: datetime) -> Outcome:
    """Somebody takes the shift over, by name; twice is no error.

    Raises:
        Refused: it is one's own, or somebody else has taken it.
    """
    if handover.taken_by == staff_id:
        return NOTHING
    if handover.taken_by is not None:
        raise Refused("handover.taken", "Somebody else has taken this shift over.")
    if handover.given_by == staff_id:
        raise Refused("handover.own", "Nobody takes over from themselves; the next shift does.")
    taken = replace(handover, taken_by=staff_id, taken_at=now)
    return Outcome(rows=(taken,), entries=(_entry(taken, "handover.taken", staff_id, {}),))


def _entry(handover: Handover, kind: str, staff_id: UUID, counts: Mapping[str, Json]) -> Entry:
    return Entry(
        kind=kind,
        centre_id=handover.centre_id,
        actor=staff_actor(staff_id),
        body={"handover": str(handover.id), "counts": counts},
    )
