"""Who is offered to whom: the declared order for any crowd, one thing at a time, a reason for every no."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Final
from uuid import UUID

import pytest
from hypothesis import given, settings

from hotline.domain.centre import Channel
from hotline.domain.level import Level
from hotline.domain.offer import Pairing
from hotline.domain.presence import Choice, Load
from hotline.domain.queue import Need
from hotline.domain.routing import Candidate, Waiting, match, reach, required_skills, why_not
from tests.domain.crowd import CROWDS, SKILLS, Crowd, a_crowd
from tests.domain.made import NOW, POLICY, a_presence, after, candidate, waiting


def paired(crowd: Crowd) -> list[tuple[Waiting, Candidate, Pairing]]:
    """Routing's pairings, with what was paired."""
    contacts = {each.id: each for each in crowd.waiting}
    persons = {each.id: each for each in crowd.candidates}
    return [
        (contacts[pairing.contact_id], persons[pairing.staff_id], pairing)
        for pairing in crowd.match().pairings
    ]


def left(waiting: list[Waiting], candidates: list[Candidate]) -> Mapping[UUID, Mapping[UUID, str]]:
    """Why not, of everybody for every contact that is left waiting."""
    return Crowd(waiting=waiting, candidates=candidates, policy=POLICY).left()


def one_by_one(crowd: Crowd) -> list[tuple[UUID, UUID]]:
    """Contact and counselor by the rule as it is told: everybody is looked at for everybody."""
    made: list[tuple[UUID, UUID]] = []
    for contact in sorted(crowd.waiting, key=lambda each: (each.rank, each.id)):
        taken = {staff_id for _, staff_id in made}
        able = [
            each for each in crowd.candidates if each.id not in taken and reason(crowd, contact, each) is None
        ]
        if able:
            chosen = min(able, key=lambda each: (each.load.chats, each.idle_since, each.id))
            made.append((contact.id, chosen.id))
    return made


def reason(crowd: Crowd, contact: Waiting, person: Candidate) -> str | None:
    """Why this person cannot have this contact in this crowd."""
    skills = required_skills(contact, crowd.present, crowd.policy, NOW)
    return why_not(contact, person, skills, crowd.policy, NOW)


# --- the declared order


@given(crowd=CROWDS)
def test_offers_are_made_in_the_order_of_rank(crowd: Crowd):
    taken = [(contact.rank, contact.id) for contact, _, _ in paired(crowd)]
    assert all(before < after for before, after in pairwise(taken))


@settings(max_examples=300)
@given(crowd=CROWDS)
def test_looking_at_whoever_may_matter_finds_what_looking_at_everybody_finds(crowd: Crowd):
    found = [(pairing.contact_id, pairing.staff_id) for pairing in crowd.match().pairings]
    assert found == one_by_one(crowd)


@given(crowd=CROWDS)
def test_nobody_can_be_offered_what_lies_beyond_the_reach_of_all(crowd: Crowd):
    free = reach(crowd.candidates)
    for contact, person, pairing in paired(crowd):
        need = contact.need
        assert need.language in free.some.languages
        assert need.skills <= free.some.skills or "skills_relaxed" in pairing.reasons
        assert (not person.load.is_empty) in free.engaged


@given(crowd=CROWDS)
def test_what_everybody_could_take_matters_no_further_than_there_are_candidates(crowd: Crowd):
    able = [
        each for each in crowd.candidates if any(reason(crowd, one, each) is None for one in crowd.waiting)
    ]
    within = reach(able).every
    for is_engaged in (False, True):
        for_all = [
            each
            for each in sorted(crowd.waiting, key=lambda one: (one.rank, one.id))
            if each.need.language in within.languages
            and each.need.skills <= within.skills
            and not each.declined_by
            and not (is_engaged and (each.channel is Channel.VOICE or each.level.needs_escalation))
        ]
        first = {each.id for each in for_all[: len(able)]}
        taken = {one.id for one, person, _ in paired(crowd) if person.load.is_empty is not is_engaged}
        assert taken & {each.id for each in for_all} <= first


@given(crowd=CROWDS)
def test_nobody_is_passed_over_but_by_a_counselor_who_could_not_have_taken_them(crowd: Crowd):
    left = crowd.left()
    for contact in crowd.waiting:
        if contact.id in left:
            for later, person, _ in paired(crowd):
                if later.rank > contact.rank:
                    assert reason(crowd, contact, person) is not None


@given(crowd=CROWDS)
def test_whoever_is_left_could_be_taken_by_nobody_who_was_still_free(crowd: Crowd):
    for contact in crowd.waiting:
        if contact.id in crowd.left():
            before = {person.id for other, person, _ in paired(crowd) if other.rank <= contact.rank}
            free = [each for each in crowd.candidates if each.id not in before]
            assert all(reason(crowd, contact, each) is not None for each in free)


@given(crowd=CROWDS)
def test_the_order_in_which_rows_are_read_is_nothing(crowd: Crowd):
    turned = Crowd(
        waiting=crowd.waiting[::-1], candidates=crowd.candidates[::-1], policy=crowd.policy
    ).match()
    assert turned == crowd.match()


# --- one thing at a time


@given(crowd=CROWDS)
def test_each_contact_and_each_counselor_is_used_once_and_nobody_is_forgotten(crowd: Crowd):
    found = crowd.match()
    contacts = [pairing.contact_id for pairing in found.pairings]
    persons = [pairing.staff_id for pairing in found.pairings]
    assert len(set(persons)) == len(persons)
    assert Counter([*contacts, *crowd.left()]) == Counter(each.id for each in crowd.waiting)


@given(crowd=CROWDS)
def test_a_contact_that_is_handed_in_twice_is_offered_once(crowd: Crowd):
    doubled = replace(crowd, waiting=[*crowd.waiting, *crowd.waiting])
    assert doubled.match() == crowd.match()


@given(crowd=CROWDS)
def test_a_counselor_on_a_call_gets_nothing_and_a_call_takes_the_whole_person(crowd: Crowd):
    for contact, person, _ in paired(crowd):
        assert not person.load.voice_talking
        if contact.channel is Channel.VOICE:
            assert person.load.is_empty


@given(crowd=CROWDS)
def test_chats_never_pass_the_lesser_of_what_the_person_and_the_house_allow(crowd: Crowd):
    for contact, person, pairing in paired(crowd):
        if contact.channel is Channel.VOICE:
            assert pairing.chat_slot is None
            continue
        capacity = min(person.chat_capacity, crowd.policy.chat_capacity_max, 2)
        assert person.load.chats + 1 <= capacity
        assert pairing.chat_slot is not None
        assert 1 <= pairing.chat_slot <= capacity
        assert pairing.chat_slot not in person.chat_slots_taken


@given(crowd=CROWDS)
def test_a_grave_contact_has_its_counselor_to_itself(crowd: Crowd):
    for contact, person, _ in paired(crowd):
        assert not person.load.grave
        if contact.level.needs_escalation:
            assert person.load.is_empty


@given(crowd=CROWDS)
def test_offers_go_only_to_people_who_are_ready_connected_and_rested(crowd: Crowd):
    for _, person, _ in paired(crowd):
        assert person.is_present
        assert person.is_free
        assert person.standing.state in {"ready", "engaged"}
        assert person.load.offered + person.load.connecting + person.load.wrapping == 0


@settings(max_examples=40)
@given(crowd=CROWDS)
def test_round_after_round_nobody_is_ever_booked_twice(crowd: Crowd):
    open_ones, persons = list(crowd.waiting), list(crowd.candidates)
    seen: set[object] = set()
    while found := match(open_ones, persons, crowd.policy, NOW).pairings:
        for pairing in found:
            assert pairing.contact_id not in seen
            seen.add(pairing.contact_id)
        rung = {pairing.staff_id for pairing in found}
        open_ones = [each for each in open_ones if each.id not in seen]
        persons = [
            replace(each, load=replace(each.load, offered=each.load.offered + 1)) if each.id in rung else each
            for each in persons
        ]
    assert all(each.load.offered <= 1 for each in persons)


# --- who of them


@given(crowd=CROWDS)
def test_the_longest_idle_of_those_with_the_fewest_chats_is_chosen(crowd: Crowd):
    used: set[object] = set()
    for contact, person, _ in paired(crowd):
        able = [
            each for each in crowd.candidates if each.id not in used and reason(crowd, contact, each) is None
        ]
        assert person == min(able, key=lambda each: (each.load.chats, each.idle_since, each.id))
        used.add(person.id)


@given(crowd=CROWDS)
def test_the_language_is_never_waived(crowd: Crowd):
    for contact, person, _ in paired(crowd):
        assert contact.need.language in person.languages


@given(crowd=CROWDS)
def test_a_skill_is_waived_only_after_a_while_and_the_offer_says_so(crowd: Crowd):
    for contact, person, pairing in paired(crowd):
        required = required_skills(contact, crowd.present, crowd.policy, NOW)
        assert required <= person.skills
        is_relaxed = required != contact.need.skills
        assert ("skills_relaxed" in pairing.reasons) == is_relaxed
        if is_relaxed:
            assert (NOW - contact.joined_at).total_seconds() >= crowd.policy.relax_after_seconds


@given(crowd=CROWDS)
def test_every_no_has_a_reason_for_every_counselor_who_was_still_free(crowd: Crowd):
    left = crowd.left()
    for contact in crowd.waiting:
        if contact.id in left:
            taken = {person.id for other, person, _ in paired(crowd) if other.rank <= contact.rank}
            reasons = left[contact.id]
            assert set(reasons) >= {each.id for each in crowd.candidates} - taken
            assert all(reasons.values())


NEEDS_BOTH: Final = waiting(1, need=Need(language="zh", skills=frozenset(SKILLS)), joined_at=after(-500))


def skilled(number: int, *skills: str, load: Load | None = None) -> Candidate:
    return candidate(number, load=load, skills=frozenset(skills))


def test_before_the_relaxing_time_a_contact_waits_for_its_skills():
    fresh = replace(NEEDS_BOTH, joined_at=after(-POLICY.relax_after_seconds + 1))
    assert required_skills(fresh, [skilled(1)], POLICY, NOW) == frozenset(SKILLS)
    assert left([fresh], [skilled(1)])[fresh.id] == {skilled(1).id: "skill"}


def test_a_contact_waits_on_for_the_person_present_who_has_its_skills():
    busy = skilled(1, *SKILLS, load=Load(voice_talking=1))
    assert left([NEEDS_BOTH], [busy, skilled(2)])[NEEDS_BOTH.id] == {
        busy.id: "engaged",
        skilled(2).id: "skill",
    }


def test_of_several_skills_as_many_are_kept_as_one_person_has():
    half, none = skilled(1, "minors"), skilled(2)
    (pairing,) = match([NEEDS_BOTH], [none, half], POLICY, NOW).pairings
    assert pairing.staff_id == half.id
    assert "skills_relaxed" in pairing.reasons


def test_skills_of_somebody_who_went_home_hold_nobody_up():
    away = candidate(1, a_presence(Choice.SIGNED_OUT), skills=frozenset(SKILLS))
    (pairing,) = match([NEEDS_BOTH], [away, skilled(2)], POLICY, NOW).pairings
    assert pairing.staff_id == skilled(2).id


def test_a_decliner_is_not_asked_again_until_a_while_has_passed():
    person = candidate(1)
    for seconds, expected in ((0, "declined"), (119, "declined"), (120, None), (500, None)):
        held = waiting(1, joined_at=after(-900), since=after(-seconds), declined_by=(person.id,))
        assert why_not(held, person, frozenset(), POLICY, NOW) == expected
        assert why_not(held, candidate(2), frozenset(), POLICY, NOW) is None


NO: Final = {
    "heartbeat_lost": candidate(1, a_presence(is_connected=False)),
    "break": candidate(1, a_presence(Choice.NOT_READY, reason="break")),
    "missed": candidate(1, a_presence(Choice.NOT_READY, reason="missed")),
    "signed_out": candidate(1, a_presence(Choice.SIGNED_OUT)),
    "wrap_up_minimum": candidate(1, a_presence(free_at=after(30))),
    "language": candidate(1, languages=frozenset({"en"})),
    "engaged": candidate(1, load=Load(voice_talking=1)),
    "grave_contact": candidate(1, load=Load(chats_talking=1, grave=1), chat_capacity=2),
    "chat_capacity": candidate(1, load=Load(chats_talking=2), chat_capacity=4),
}


@pytest.mark.parametrize("why", NO)
def test_each_no_is_called_by_its_name(why: str):
    chat = waiting(1, channel=Channel.CHAT)
    assert why_not(chat, NO[why], frozenset(), POLICY, NOW) == why
    assert left([chat], [NO[why]]) == {chat.id: {NO[why].id: why}}


def test_whoever_takes_no_chats_still_takes_calls():
    person = candidate(1, chat_capacity=0)
    contacts = [waiting(1, channel=Channel.CHAT), waiting(2)]
    found = match(contacts, [person], POLICY, NOW)
    assert [pairing.contact_id for pairing in found.pairings] == [waiting(2).id]
    assert left(contacts, [person]) == {waiting(1).id: {person.id: "chat_capacity"}}


def test_a_grave_chat_is_not_put_beside_another():
    beside = candidate(1, load=Load(chats_talking=1), chat_capacity=2)
    for level in Level:
        chat = waiting(1, channel=Channel.CHAT, level=level)
        expected = "engaged" if level.needs_escalation else None
        assert why_not(chat, beside, frozenset(), POLICY, NOW) == expected


def test_a_first_chat_goes_before_a_second_and_among_equals_to_the_longest_idle():
    beside = candidate(1, load=Load(chats_talking=1), chat_capacity=2, idle_since=after(-900))
    fresh, rested = candidate(2, idle_since=after(-5)), candidate(3, idle_since=after(-60))
    (pairing,) = match([waiting(1, channel=Channel.CHAT)], [beside, fresh, rested], POLICY, NOW).pairings
    assert pairing.staff_id == rested.id


def test_a_second_chat_gets_the_other_place():
    person = candidate(1, load=Load(chats_talking=1), chat_capacity=2, chat_slots_taken=frozenset({2}))
    (pairing,) = match([waiting(1, channel=Channel.CHAT)], [person], POLICY, NOW).pairings
    assert pairing.chat_slot == 1


def test_crowds_meet_every_case_that_these_properties_speak_of():
    seen, offers = Counter[str](), Counter[str]()
    for seed in range(300):
        crowd = a_crowd(seed, 8, 6)
        seen.update(why for reasons in crowd.left().values() for why in reasons.values())
        for contact, person, pairing in paired(crowd):
            offers.update((contact.channel.value, f"beside {person.load.chats}", *pairing.reasons))
            offers["grave"] += contact.level.needs_escalation
            offers["aged"] += contact.rank // 10**14 < 3
    assert {*NO, "skill", "declined"} - {"missed"} <= set(seen)
    for case in ("voice", "chat", "beside 0", "beside 1", "longest_idle", "skills_relaxed", "grave", "aged"):
        assert offers[case] > 10, case
