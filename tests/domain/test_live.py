"""Cards: whole, made from the rows, for those concerned, and without a caller's words or number."""

import json
from dataclasses import replace
from typing import Final

import pytest
from hypothesis import given, strategies as st

from hotline.base.sensitive import Sensitive
from hotline.domain import contact as contacts, live
from hotline.domain.centre import Channel
from hotline.domain.contact import CROWDED, Contact, Form
from hotline.domain.journal import Entry
from hotline.domain.level import Level
from hotline.domain.live import ContactView, Dealt, Touched
from hotline.domain.presence import Choice, Load, derive
from hotline.domain.session import Record
from tests.domain.made import (
    CENTRE,
    CONTACT,
    LI,
    NOW,
    OFFER,
    POLICY,
    WANG,
    a_contact,
    a_counselor,
    a_presence,
    a_session,
    an_escalation,
    an_offer,
)
from tests.domain.walk import PATHS, Path, World, arrived, walk

BOARD: Final = f"board:{CENTRE}"
CRISIS: Final = f"crisis:{CENTRE}"
DESK: Final = f"desk:{LI}"

ESCALATION: Final = an_escalation()
SECRETS: Final = (
    "我不想活了",
    "+8613812345678",
    "她说",
    "hash-of-token",
    "blind-index",
    "+8613900000001",
    "under-18",
)


def card_of(dealt: Dealt | None) -> dict[str, object]:
    """The card, which there has to be."""
    assert dealt is not None
    assert dealt.card["id"] == dealt.id
    return dict(dealt.card)


def secretive() -> ContactView:
    """A contact whose every protected field is filled in."""
    contact = a_contact(
        "talking",
        number=Sensitive("+8613812345678"),
        caller_key=b"blind-index",
        token_hash=b"hash-of-token",
        form=Form(age_band="under-18"),
    )
    record = Record(words=Sensitive("我不想活了"), facts=Sensitive("她说"))
    escalation = replace(ESCALATION, closing=Sensitive("她说"))
    return ContactView(
        contact=contact,
        line="12356",
        offer=an_offer(),
        session=a_session("open", record=record, screening_reason="她说"),
        escalation=escalation,
    )


@pytest.mark.parametrize("secret", SECRETS)
def test_no_card_carries_a_callers_words_or_anybodys_number(secret: str):
    view = secretive()
    dealt = (
        live.contact_card(view),
        live.offer_card(view),
        live.counselor_card(a_counselor(), a_presence(), Load()),
        live.escalation_card(ESCALATION, LI, {WANG: "王督导"}),
    )
    said = json.dumps([card_of(each) for each in dealt], ensure_ascii=False)
    assert secret not in said


@pytest.mark.parametrize("state", ["closed", "abandoned", "diverted"])
def test_a_contact_that_has_ended_is_taken_off_the_screens(state: str):
    assert live.contact_card(ContactView(contact=a_contact(state), line="12356")) is None


def test_a_waiting_contact_stands_on_the_board_alone():
    dealt = live.contact_card(ContactView(contact=a_contact("waiting"), line="12356"))
    assert dealt is not None
    assert dealt.id == f"contact:{CONTACT}"
    assert dealt.audiences == {BOARD}


def test_a_held_contact_is_at_its_counselors_desk_and_an_escalated_one_with_responders():
    held = ContactView(contact=a_contact("talking"), line="12356")
    dealt = live.contact_card(held)
    escalated = live.contact_card(replace(held, escalation=ESCALATION))
    assert dealt is not None
    assert escalated is not None
    assert dealt.audiences == {BOARD, DESK}
    assert escalated.audiences == {BOARD, DESK, CRISIS}
    assert escalated.card["escalation_id"] == str(ESCALATION.id)


def test_an_escalation_that_is_over_leaves_the_responders_screens():
    over = replace(ESCALATION, state="closed")
    dealt = live.contact_card(ContactView(contact=a_contact("talking"), line="12356", escalation=over))
    assert dealt is not None
    assert dealt.audiences == {BOARD, DESK}
    assert dealt.card["escalation_id"] is None
    assert live.escalation_card(over, LI, {}) is None


def test_the_band_that_is_shown_is_the_one_that_ageing_has_given():
    aged = a_contact("waiting", band=3, rank=1 * 10**14 + 5)
    card = card_of(live.contact_card(ContactView(contact=aged, line="12356")))
    assert (card["band"], card["effective_band"]) == (3, 1)
    fresh = card_of(live.contact_card(ContactView(contact=a_contact("arriving"), line="12356")))
    assert fresh["effective_band"] == fresh["band"] == 3


def test_one_of_a_crowd_is_shown_as_far_behind_as_it_stands_until_there_is_danger():
    crowded = contacts.age(a_contact("waiting", flags=(CROWDED,)), NOW, POLICY).row(Contact)
    grave = contacts.raise_level(crowded, Level.HIGH, NOW, POLICY, actor="rule").row(Contact)
    calm = contacts.age(a_contact("waiting"), NOW, POLICY).row(Contact)
    shown = [
        card_of(live.contact_card(ContactView(contact=each, line="12356")))["behind_seconds"]
        for each in (crowded, grave, calm, a_contact("arriving"))
    ]
    assert shown == [POLICY.ageing_seconds, 0, 0, 0]


def test_times_are_utc_and_end_in_z():
    card = card_of(live.contact_card(ContactView(contact=a_contact("waiting"), line="12356")))
    assert card["since"] == "2026-03-02T12:00:00Z"
    assert card["answered_at"] is None


def test_an_offer_rings_at_one_desk():
    view = ContactView(contact=a_contact("offered", channel=Channel.CHAT), line="12356", offer=an_offer())
    dealt = live.offer_card(view)
    assert dealt is not None
    assert dealt.audiences == {DESK}
    assert dealt.card["deadline_at"] == "2026-03-02T12:00:15Z"
    assert live.offer_card(replace(view, offer=None)) is None


@given(
    choice=st.sampled_from(Choice),
    is_connected=st.booleans(),
    load=st.builds(
        Load, voice_talking=st.integers(0, 1), chats_talking=st.integers(0, 2), offered=st.integers(0, 1)
    ),
)
def test_the_state_that_is_shown_is_the_state_that_routing_uses(
    choice: Choice, is_connected: bool, load: Load
):
    presence = a_presence(choice, is_connected=is_connected)
    dealt = live.counselor_card(a_counselor(), presence, load)
    assert dealt.card["state"] == derive(presence, load).state
    assert dealt.card["voice"] == (load.voice_talking > 0)
    assert dealt.audiences == {BOARD, DESK}


def test_an_open_escalation_is_with_responders_on_the_board_and_at_the_desk_that_it_concerns():
    dealt = live.escalation_card(ESCALATION, LI, {})
    assert dealt is not None
    assert dealt.audiences == {BOARD, CRISIS, DESK}
    assert dealt.card["owner"] is None
    nobody = live.escalation_card(ESCALATION, None, {})
    assert nobody is not None
    assert nobody.audiences == {BOARD, CRISIS}


def test_an_owner_is_shown_by_name():
    owned = replace(ESCALATION, state="acknowledged", owner_id=WANG)
    card = card_of(live.escalation_card(owned, LI, {WANG: "王督导"}))
    assert card["owner"] == {"id": str(WANG), "name": "王督导"}


def test_an_entry_names_what_it_may_have_changed():
    entry = Entry(
        kind="x",
        centre_id=CENTRE,
        actor="caller",
        contact_id=CONTACT,
        escalation_id=OFFER,
        staff_ids=(LI, WANG),
    )
    assert live.touched(entry) == Touched(
        contacts=frozenset({CONTACT}), staff=frozenset({LI, WANG}), escalations=frozenset({OFFER})
    )
    bare = live.touched(Entry(kind="x", centre_id=CENTRE, actor="caller"))
    assert bare == Touched()
    assert bare | live.touched(entry) == live.touched(entry)


def screen(world: World) -> dict[str, tuple[live.Card, frozenset[str]]]:
    """A fresh snapshot of everything that a world shows."""
    journey = world.journey
    escalation = journey.escalation
    view = ContactView(
        contact=world.contact,
        line="12356",
        offer=journey.offer,
        session=journey.session,
        escalation=escalation,
    )
    dealt = [live.contact_card(view), live.offer_card(view)]
    if escalation is not None:
        dealt.append(live.escalation_card(escalation, world.contact.counselor_id, {}))
    return {each.id: (each.card, each.audiences) for each in dealt if each is not None}


@given(channel=st.sampled_from(Channel), path=PATHS)
def test_every_card_that_changes_was_touched_by_an_entry_of_the_step(channel: Channel, path: Path):
    world = arrived(channel)
    shown = screen(world)
    for tried in walk(world, path):
        before, shown = shown, screen(world)
        if before != shown:
            assert tried.outcome is not None
            touched = Touched()
            for entry in tried.outcome.entries:
                touched |= live.touched(entry)
            assert CONTACT in touched.contacts, tried.step
            held = {each for each in (_holder(before), _holder(shown)) if each}
            assert held <= {f"desk:{each}" for each in touched.staff} | _holders_kept(before, shown), (
                tried.step
            )


def _holder(cards: dict[str, tuple[live.Card, frozenset[str]]]) -> str | None:
    _, audiences = cards.get(f"contact:{CONTACT}", ({}, frozenset[str]()))
    return next((each for each in audiences if each.startswith("desk:")), None)


def _holders_kept(
    before: dict[str, tuple[live.Card, frozenset[str]]], after: dict[str, tuple[live.Card, frozenset[str]]]
) -> set[str | None]:
    """A desk that held the contact and still does has no card of its own to be changed."""
    return {_holder(before)} if _holder(before) == _holder(after) else set()
