"""From what the flow found about rulebooks to what the page is sent."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from hotline.base.errors import Refused
from hotline.domain.access import Viewer
from hotline.domain.risk.assess import Explanation
from hotline.domain.rulebook import Activation, Change, Replay
from hotline.flow import shelf
from hotline.flow.shelf import Opened, Shown
from hotline.policy.comparison import Difference
from hotline.policy.rulebook import RulebookError
from hotline.policy.settings import Rulebook as Limits
from hotline.policy.trial import Fault
from hotline.web.console import rulebook_shapes as shapes
from hotline.web.console.shapes import Both, Person


def overview(shown: Shown, limits: Limits) -> shapes.RulebookShown:
    """What is in use, and everything around it."""
    in_use = shown.standing.digest
    return shapes.RulebookShown(
        standing=_activation(shown.standing, shown.names),
        newer_shipped=shown.newer_shipped,
        nodes=tuple(
            shapes.NodeShown(kind=each.kind, version=each.digest, fault=each.fault, at=each.at)
            for each in shown.nodes
        ),
        changes=tuple(_listed(each, in_use, shown.names) for each in shown.changes),
        history=tuple(_activation(each, shown.names) for each in shown.history),
        file_bytes_max=limits.file_bytes_max,
        replay_days_max=limits.replay_days_max,
    )


def change(opened: Opened, viewer: Viewer) -> shapes.ChangeShown:
    """A change as this person sees it."""
    each = opened.change
    return shapes.ChangeShown(
        id=each.id,
        title=each.title.reveal(),
        author=_named(each.author_id, opened.names),
        state=each.state,
        based_on=each.based_on,
        edition=each.edition,
        changed_at=each.changed_at,
        proposed_at=each.proposed_at,
        version=each.digest if each.state != "draft" else None,
        is_mine=each.author_id == viewer.staff_id,
        is_behind=each.is_open and each.based_on != opened.standing.digest,
        decided_by=_person(each.decided_by, opened.names),
        answer=None if each.answer is None else each.answer.reveal(),
        files=tuple(_files(opened)),
        replay=None if opened.replay is None else _replay(opened, opened.replay, viewer),
    )


def check(faults: Iterable[Fault]) -> shapes.CheckShown:
    """What is wrong, entry by entry."""
    return shapes.CheckShown(
        faults=tuple(
            shapes.FaultShown(file=each.file, line=each.line, entry=each.entry, sentence=each.sentence)
            for each in faults
        )
    )


def faulty(error: RulebookError) -> Refused:
    """What to do about a rulebook that cannot judge."""
    return Refused("rulebook.faults", f"There are {len(error.faults)} faults to mend first; check it.")


def difference(found: Difference) -> shapes.DifferenceShown:
    """What a change does."""
    return shapes.DifferenceShown(
        is_sound=True,
        entries=tuple(
            shapes.EntryShown(
                kind=each.kind, name=each.name, file=each.file, how=each.how, fields=each.fields
            )
            for each in found.entries
        ),
        examples=tuple(
            shapes.ExampleShown(text=each.text, entry=each.entry, old=each.old.text, new=each.new.text)
            for each in found.examples
        ),
        lines=found.lines,
    )


def explanation(found: Explanation) -> shapes.ExplanationShown:
    """What the rules make of a sentence, and why."""
    assessment = found.assessment
    heard = [(signal, None, span) for signal, span in found.hits]
    hidden = [(signal, mask, span) for signal, mask, span in found.hidden]
    return shapes.ExplanationShown(
        version=assessment.rulebook,
        level=assessment.level.text,
        flags=tuple(sorted(assessment.flags)),
        is_unsure=assessment.unsure,
        findings=tuple(
            shapes.FindingOfRule(
                rule=each.rule,
                verdict=each.verdict.value,
                level=each.level.text,
                spans=each.spans,
                reason=Both(zh=each.reason.zh, en=each.reason.en),
            )
            for each in assessment.findings
        ),
        signals=tuple(
            shapes.SignalHeard(signal=signal, mask=mask, span=span)
            for signal, mask, span in (*heard, *hidden)
        ),
    )


def _files(opened: Opened) -> Iterable[shapes.FileListed]:
    for name in sorted({*opened.base, *opened.files}):
        was, now = opened.base.get(name), opened.files.get(name)
        if was is None:
            how = "added"
        elif now is None:
            how = "removed"
        else:
            how = "same" if was == now else "changed"
        yield shapes.FileListed(name=name, lines=(now or "").count("\n"), how=how)


def _replay(opened: Opened, replay: Replay, viewer: Viewer) -> shapes.ReplayShown:
    """A replay of what is decided stays one of what was decided; that it is in use now makes it no older."""
    beside = opened.standing.digest if opened.change.is_open else opened.change.based_on
    return shapes.ReplayShown(
        id=replay.id,
        state=replay.state,
        days=replay.days,
        version=replay.new_digest,
        is_current=(replay.old_digest, replay.new_digest) == (beside, opened.digest),
        asked_at=replay.asked_at,
        ended_at=replay.ended_at,
        contacts=replay.contacts,
        is_whole=replay.is_whole,
        moves=tuple(_move(name, count) for name, count in sorted(replay.moves.items())),
        changed=tuple(
            shapes.ReplayedContact.model_validate({k: v for k, v in each.items() if k != "centre_id"})
            for each in shelf.seen(viewer, replay)
        ),
    )


def _move(name: str, count: int) -> shapes.MoveShown:
    old, _, new = name.partition(">")
    return shapes.MoveShown(old=old, new=new, contacts=count)


def _listed(each: Change, in_use: str, names: Mapping[UUID, str]) -> shapes.ChangeListed:
    return shapes.ChangeListed(
        id=each.id,
        title=each.title.reveal(),
        author=_named(each.author_id, names),
        state=each.state,
        changed_at=each.changed_at,
        is_behind=each.based_on != in_use,
    )


def _activation(each: Activation, names: Mapping[UUID, str]) -> shapes.ActivationShown:
    return shapes.ActivationShown(
        number=each.number,
        version=each.digest,
        at=each.at,
        proposed_by=_person(each.proposed_by, names),
        approved_by=_person(each.approved_by, names),
        change_id=each.change_id,
        is_replayed=each.replay_id is not None,
    )


def _person(staff_id: UUID | None, names: Mapping[UUID, str]) -> Person | None:
    return None if staff_id is None else _named(staff_id, names)


def _named(staff_id: UUID, names: Mapping[UUID, str]) -> Person:
    return Person(id=staff_id, name=names.get(staff_id, ""))
