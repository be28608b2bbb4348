"""The official month: a made month is counted to the unit, amended records count as amended."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from hotline.base import ids
from hotline.base.errors import Absent, Refused
from hotline.base.sensitive import Sensitive
from hotline.domain import measures
from hotline.domain.contact import Contact
from hotline.domain.level import Level
from hotline.domain.measures import REPEAT_DAYS
from hotline.domain.outcome import Outcome
from hotline.domain.record import Change
from hotline.domain.session import PROBLEMS, Record, Session
from hotline.domain.staff import Role
from hotline.flow import record, report
from hotline.store import report as store_report
from tests.stage import Stage
from tests.still import unchanged

ZONE = ZoneInfo("Asia/Shanghai")
MONTH = "2026-10"
BEGINS, ENDS = datetime(2026, 10, 1, tzinfo=ZONE), datetime(2026, 11, 1, tzinfo=ZONE)
NUMBERS = [bytes([number]) * 4 for number in range(12)]
MADE = 700


@dataclass(frozen=True, slots=True)
class Made:
    """A contact of the made months and its record, if anybody answered."""

    contact: Contact
    session: Session | None


def a_month_and_its_neighbours(stage: Stage, staff_id: object) -> Iterator[Made]:
    """Contacts from mid-August to mid-November, some at the very edges of the month."""
    chance = random.Random(12356)
    edges = [BEGINS, ENDS, BEGINS - timedelta(seconds=1), ENDS - timedelta(seconds=1)]
    for nth in range(MADE):
        span = (ENDS - BEGINS).total_seconds() + 2 * 20 * 86400
        arrived = BEGINS - timedelta(days=20) + timedelta(seconds=chance.uniform(0, span))
        yield _made(stage, staff_id, edges[nth] if nth < len(edges) else arrived, chance)


def _made(stage: Stage, staff_id: object, arrived: datetime, chance: random.Random) -> Made:
    state = chance.choice(["closed"] * 6 + ["abandoned", "abandoned", "diverted"])
    is_answered = state == "closed"
    contact = Contact(
        id=ids.new_id(),
        centre_id=stage.centre.id,
        line_id=stage.voice_line.id,
        channel=stage.voice_line.channel,
        state=state,
        since=arrived,
        arrived_at=arrived,
        language="zh",
        joined_at=arrived,
        answered_at=arrived + timedelta(seconds=20) if is_answered else None,
        ended_at=arrived + timedelta(seconds=chance.choice([5, 300])),
        level=chance.choice(list(Level)[:5]),
        caller_key=chance.choice([None, *NUMBERS]) and chance.choice(NUMBERS),
    )
    session = Session(
        id=ids.new_id(),
        contact_id=contact.id,
        centre_id=stage.centre.id,
        staff_id=staff_id,  # pyright: ignore[reportArgumentType]  an id
        state="closed",
        begun_at=arrived,
        opened_at=arrived,
        ended_at=arrived + timedelta(minutes=30),
        closed_at=arrived + timedelta(minutes=40),
        record=Record(
            disposition=chance.choice(["counselling"] * 8 + ["test", "abusive"]),
            result="calmer",
            region=chance.choice(["local", "non_local", "unknown", None]),
            problems=tuple(sorted(chance.sample(sorted(PROBLEMS), chance.randrange(4)))),
            marks=chance.choice([(), (), ("difficult",), ("media",)]),
        ),
    )
    return Made(contact, session if is_answered else None)


def counted(made: list[Made], short_seconds: int) -> Counter[str]:
    """The same month, counted with a pencil."""
    found: Counter[str] = Counter()
    for each in made:
        contact, kept = each.contact, each.session.record if each.session else Record()
        if not BEGINS <= contact.arrived_at < ENDS or kept.disposition == "test":
            continue
        found["in"] += 1
        if contact.state != "closed":
            found[contact.state] += 1
            assert contact.joined_at is not None
            assert contact.ended_at is not None
            is_short = contact.ended_at - contact.joined_at < timedelta(seconds=short_seconds)
            found["short_abandoned"] += contact.state == "abandoned" and is_short
            continue
        found["accepted"] += 1
        found["region_unknown" if kept.region in {None, "unknown"} else str(kept.region)] += 1
        found["high_crisis"] += contact.level >= Level.HIGH
        found["difficult"] += "difficult" in kept.marks
        found["repeat"] += _is_repeat(contact, made)
        found.update(f"problem:{problem}" for problem in kept.problems)
    return +found


def _is_repeat(contact: Contact, made: list[Made]) -> bool:
    before = contact.arrived_at - timedelta(days=REPEAT_DAYS)
    return contact.caller_key is not None and any(
        other.contact.caller_key == contact.caller_key
        and before <= other.contact.arrived_at < contact.arrived_at
        for other in made
    )


async def a_made_month(stage: Stage) -> list[Made]:
    counselor = await stage.hire("lin")
    made = list(a_month_and_its_neighbours(stage, counselor))
    async with stage.store.unit() as unit:
        await unit.save_all(((Outcome(rows=(each.contact,)), None) for each in made), stage.now)
        sessions = [each.session for each in made if each.session is not None]
        await unit.save_all(((Outcome(rows=(each,)), None) for each in sessions), stage.now)
    return made


async def counts(stage: Stage) -> Counter[str]:
    month = measures.month_of(MONTH, stage.centre.timezone)
    short = stage.policies.queue.short_abandon_seconds
    async with stage.store.connection() as connection:
        found = await store_report.counts_of(connection, stage.centre.id, month, short_abandon_seconds=short)
    return +Counter(found)


async def told(stage: Stage, role: Role = Role.SUPERVISOR, text: str = MONTH) -> report.Told:
    eyes = stage.viewer(await stage.hire("sun", role), role)
    return await report.month(stage.store, stage.policies, eyes, stage.centre.id, text)


async def put_away(stage: Stage, text: str = MONTH) -> None:
    eyes = stage.viewer(await stage.hire("sun", Role.SUPERVISOR), Role.SUPERVISOR)
    await report.put_away(stage.store, stage.policies, eyes, stage.centre.id, text, stage.now)


async def test_a_made_month_is_counted_to_the_unit(stage: Stage):
    made = await a_made_month(stage)
    expected = counted(made, stage.policies.queue.short_abandon_seconds)
    assert await counts(stage) == expected
    assert expected["in"] > 200
    assert {name for name in expected if name.startswith("problem:")} == {
        f"problem:{name}" for name in PROBLEMS
    }
    shown = (await told(stage)).report
    assert shown.rates["connection_rate"] == round(100 * expected["accepted"] / expected["in"], 1)


async def test_a_record_that_is_amended_counts_as_amended(stage: Stage):
    made = await a_made_month(stage)
    chosen = next(
        each for each in made
        if each.session is not None and BEGINS <= each.contact.arrived_at < ENDS
        and each.session.record.disposition == "counselling" and each.session.record.region == "local"
    )  # fmt: skip
    assert chosen.session is not None
    for field, codes in (("region", ("non_local",)), ("problems", ("grief",)), ("marks", ("difficult",))):
        change = Change(field=field, codes=codes, reason=Sensitive("听错了"))
        await record.amend(
            stage.store, stage.policies, chosen.session.id, chosen.session.staff_id, change, stage.now
        )
    amended = replace(chosen.session.record, region="non_local", problems=("grief",), marks=("difficult",))
    put_right = Made(chosen.contact, replace(chosen.session, record=amended))
    expected = [put_right if each is chosen else each for each in made]
    assert await counts(stage) == counted(expected, stage.policies.queue.short_abandon_seconds)


async def test_a_month_that_was_put_away_is_told_as_it_was(stage: Stage):
    await a_made_month(stage)
    before = await told(stage)
    assert before.put_away_at is None
    await put_away(stage)
    await a_made_month(stage)
    after = await told(stage)
    assert (after.report, after.put_away_at) == (before.report, stage.now)
    again = stage.viewer(stage.people["sun"], Role.SUPERVISOR)
    async with unchanged(stage):
        await report.put_away(stage.store, stage.policies, again, stage.centre.id, MONTH, stage.later(60))


async def test_a_month_that_is_not_over_cannot_be_put_away(stage: Stage):
    eyes = stage.viewer(await stage.hire("sun", Role.SUPERVISOR), Role.SUPERVISOR)
    async with unchanged(stage):
        with pytest.raises(Refused) as refused:
            await report.put_away(stage.store, stage.policies, eyes, stage.centre.id, "2026-11", stage.now)
    assert refused.value.code == "report.month_open"


async def test_the_month_of_a_centre_out_of_reach_is_absent(stage: Stage):
    eyes = stage.viewer(await stage.hire("sun", Role.ADMIN), Role.ADMIN)
    with pytest.raises(Absent):
        await report.month(stage.store, stage.policies, eyes, ids.new_id(), MONTH)


async def test_the_centres_of_ones_reach_are_there_to_choose_ones_own_first(stage: Stage):
    below = await stage.value(
        """insert into centre (id, name, kind, timezone, parent_id)
           values ($1, 'A', 'city', 'Asia/Shanghai', $2) returning id""",
        ids.new_id(),
        stage.centre.id,
    )
    eyes = stage.viewer(await stage.hire("sun", Role.SUPERVISOR), Role.SUPERVISOR)
    wide = replace(eyes, reach=frozenset({below, stage.centre.id}))
    assert [each.id for each in await report.centres(stage.store, wide)] == [stage.centre.id, below]
    assert [each.id for each in await report.centres(stage.store, eyes)] == [stage.centre.id]


def test_the_month_is_that_of_the_centres_own_clock():
    edge = datetime(2026, 10, 31, 16, 30, tzinfo=ZoneInfo("UTC"))
    assert measures.month_at(edge, "Asia/Shanghai") == "2026-11"
    assert measures.month_at(edge, "America/New_York") == "2026-10"
