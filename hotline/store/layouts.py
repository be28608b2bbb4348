"""Which kind of domain data lies in which table."""

from typing import Any, cast

from sqlalchemy import Table

from hotline.domain.appraisal import Appraisal
from hotline.domain.centre import Centre, Line
from hotline.domain.contact import Contact
from hotline.domain.escalation import Escalation, Note, Page
from hotline.domain.judgement import Judgement
from hotline.domain.leg import Leg
from hotline.domain.message import Message
from hotline.domain.offer import Offer
from hotline.domain.presence import Presence
from hotline.domain.session import Session
from hotline.domain.staff import Staff
from hotline.store import tables
from hotline.store.rows import Layout


def _table(mapped: type[tables.Table]) -> Table:
    return cast("Table", mapped.__table__)


CENTRE = Layout(Centre, _table(tables.Centre))
LINE = Layout(Line, _table(tables.Line))
STAFF = Layout(Staff, _table(tables.Staff))
PRESENCE = Layout(Presence, _table(tables.Presence))
CONTACT = Layout(Contact, _table(tables.Contact))
OFFER = Layout(Offer, _table(tables.Offer))
SESSION = Layout(Session, _table(tables.Session), flatten=("record",))
MESSAGE = Layout(Message, _table(tables.Message))
APPRAISAL = Layout(Appraisal, _table(tables.Appraisal))
JUDGEMENT = Layout(Judgement, _table(tables.Judgement))
LEG = Layout(Leg, _table(tables.Leg))
ESCALATION = Layout(Escalation, _table(tables.Escalation))
PAGE = Layout(Page, _table(tables.Page))
NOTE = Layout(Note, _table(tables.EscalationNote))

BY_KIND: dict[type[Any], Layout] = {
    layout.kind: layout
    for layout in (
        CENTRE, LINE, STAFF, PRESENCE, CONTACT, OFFER, SESSION,
        MESSAGE, APPRAISAL, JUDGEMENT, LEG, ESCALATION, PAGE, NOTE,
    )
}  # fmt: skip
