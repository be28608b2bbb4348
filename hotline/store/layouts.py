"""Which kind of domain data lies in which table."""

from typing import Any, cast

from sqlalchemy import Table

from hotline.domain.abuse import Incident, Restriction
from hotline.domain.appraisal import Appraisal
from hotline.domain.assessment import Assessment
from hotline.domain.assist import Assist
from hotline.domain.centre import Centre, Line
from hotline.domain.contact import Contact
from hotline.domain.coverage import Gap
from hotline.domain.dispatch import Clue, Dispatch
from hotline.domain.escalation import Escalation, Joining, Note
from hotline.domain.followup import Agreement, Attempt, FollowUp
from hotline.domain.judgement import Judgement
from hotline.domain.leg import Leg
from hotline.domain.measures import Snapshot
from hotline.domain.message import Message
from hotline.domain.number import Opening
from hotline.domain.offer import Offer
from hotline.domain.outreach import Call
from hotline.domain.paging import Page
from hotline.domain.presence import Presence
from hotline.domain.record import Action, Amendment
from hotline.domain.rulebook import Activation, Change, Replay, Version
from hotline.domain.safety_plan import SafetyPlan
from hotline.domain.session import Session
from hotline.domain.shift import Handover
from hotline.domain.staff import Staff
from hotline.domain.subject import Subject
from hotline.domain.task import Task
from hotline.domain.team import CrisisTeam, Watch
from hotline.store.columns import Table as Mapped
from hotline.store.rows import Layout
from hotline.store.tables import (
    abuse,
    afterwards,
    assist,
    crisis,
    dispatch,
    instruments,
    journey,
    records,
    report,
    rulebook,
)


def _table(mapped: type[Mapped]) -> Table:
    return cast("Table", mapped.__table__)


CENTRE = Layout(Centre, _table(journey.Centre))
LINE = Layout(Line, _table(journey.Line))
STAFF = Layout(Staff, _table(journey.Staff))
PRESENCE = Layout(Presence, _table(journey.Presence))
CONTACT = Layout(Contact, _table(journey.Contact))
OFFER = Layout(Offer, _table(journey.Offer))
SESSION = Layout(Session, _table(journey.Session), flatten=("record",))
MESSAGE = Layout(Message, _table(journey.Message))
APPRAISAL = Layout(Appraisal, _table(journey.Appraisal))
JUDGEMENT = Layout(Judgement, _table(journey.Judgement))
LEG = Layout(Leg, _table(journey.Leg))
ESCALATION = Layout(Escalation, _table(journey.Escalation))
PAGE = Layout(Page, _table(crisis.Page))
NOTE = Layout(Note, _table(crisis.EscalationNote))
TASK = Layout(Task, _table(dispatch.Task))
ACTION = Layout(Action, _table(records.RecordAction))
SNAPSHOT = Layout(Snapshot, _table(report.MonthlyReport))
INCIDENT = Layout(Incident, _table(abuse.Incident))
RESTRICTION = Layout(Restriction, _table(abuse.Restriction))
AMENDMENT = Layout(Amendment, _table(records.Amendment))
JOINING = Layout(Joining, _table(crisis.Joining))
RULEBOOK_VERSION = Layout(Version, _table(rulebook.RulebookVersion))
RULEBOOK_CHANGE = Layout(Change, _table(rulebook.RulebookChange))
RULEBOOK_ACTIVATION = Layout(Activation, _table(rulebook.RulebookActivation))
RULEBOOK_REPLAY = Layout(Replay, _table(rulebook.RulebookReplay))
SUBJECT = Layout(Subject, _table(instruments.Subject))
ASSESSMENT = Layout(Assessment, _table(instruments.Assessment))
SAFETY_PLAN = Layout(SafetyPlan, _table(afterwards.SafetyPlan), flatten=("parts",))
AGREEMENT = Layout(Agreement, _table(afterwards.FollowUpAgreement))
FOLLOW_UP = Layout(FollowUp, _table(afterwards.FollowUp))
ATTEMPT = Layout(Attempt, _table(afterwards.FollowUpAttempt))
TEAM = Layout(CrisisTeam, _table(crisis.CrisisTeam))
WATCH = Layout(Watch, _table(crisis.Watch))
GAP = Layout(Gap, _table(crisis.Gap))
ASSIST = Layout(Assist, _table(assist.Assist))
DISPATCH = Layout(Dispatch, _table(dispatch.Dispatch))
CLUE = Layout(Clue, _table(dispatch.LocationClue))
OPENING = Layout(Opening, _table(dispatch.Opening))
OUTREACH_CALL = Layout(Call, _table(afterwards.OutreachCall))
HANDOVER = Layout(Handover, _table(afterwards.Handover))

BY_KIND: dict[type[Any], Layout] = {
    layout.kind: layout
    for layout in (
        CENTRE, LINE, STAFF, PRESENCE, CONTACT, OFFER, SESSION,
        MESSAGE, APPRAISAL, JUDGEMENT, LEG, ESCALATION, PAGE, NOTE,
        TASK, DISPATCH, CLUE, OPENING,
        ACTION, AMENDMENT,
        INCIDENT, RESTRICTION, SNAPSHOT,
        JOINING, TEAM, WATCH, GAP, ASSIST,
        RULEBOOK_VERSION, RULEBOOK_CHANGE, RULEBOOK_ACTIVATION, RULEBOOK_REPLAY,
        SUBJECT, ASSESSMENT,
        SAFETY_PLAN, AGREEMENT, FOLLOW_UP, ATTEMPT, OUTREACH_CALL, HANDOVER,
    )
}  # fmt: skip
