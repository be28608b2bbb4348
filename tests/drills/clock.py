"""One app node and one worker node have a wall clock that jumps an hour ahead, an hour back, and into DST.

Nobody waits on a clock that is wrong: no talk is given up, no chat declared silent, no offer missed, no
rung climbed before its time, and join times are those of the moment at which people joined.
"""

import asyncio
import os
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta

from hotline.base import clock
from tests.drills import judged
from tests.drills.floor import Floor, Size as Crowd, floor
from tests.drills.ground import Ground
from tests.journeys.drills import until

HOUR_SECONDS = 3600
JUMPS = (HOUR_SECONDS, 0, -HOUR_SECONDS, 0)
WRONG = ("serve-2", "work-2")
RUNG_SECONDS_MIN = 60
"""The shortest rung of the house's ladders."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Who is there, and how long each of the wrong times lasts."""

    crowd: Crowd
    jump_seconds: float


FAST = Size(crowd=Crowd(callers=6, writers=6, counselors=3, serves=2, works=2), jump_seconds=4.0)
LONG = Size(
    crowd=Crowd(callers=20, writers=20, counselors=6, serves=2, works=2, in_danger=3), jump_seconds=25.0
)


async def drill(ground: Ground, size: Size) -> None:
    """The clock goes through `JUMPS`, while local time of the same nodes goes to daylight saving."""
    began = clock.now()
    file = ground.home / "ahead"
    file.write_text("0")
    change = began + timedelta(seconds=10 + 2 * size.jump_seconds)
    zone = _zone(change)
    ground.shows("local time of these nodes changes", await _offsets(zone, change))
    entry = {name: ["-m", "tests.drills.wrong_clock", str(file)] for name in WRONG}
    async with floor(ground, size.crowd, entry=entry, own={name: {"TZ": zone} for name in WRONG}) as busy:
        await busy.open(len(JUMPS) * size.jump_seconds)
        await until(lambda: _talks(busy), "somebody talks")
        for ahead in JUMPS:
            file.write_text(str(ahead))
            ground.say(f"{' and '.join(WRONG)} are {ahead:+d} s from the right time")
            await asyncio.sleep(size.jump_seconds)
        ground.shows("clocks of two of the four nodes went", ", ".join(f"{ahead:+d} s" for ahead in JUMPS))
        await judged.the_living(busy)
        await judged.everybody(busy)
        await _nothing_was_hurried(busy, began)


async def _talks(busy: Floor) -> int:
    return await busy.stage.value("select count(*) from contact where state = 'talking'")


async def _nothing_was_hurried(busy: Floor, began: datetime) -> None:
    """What an hour too many, or too few, would have done."""
    ground, stage = busy.ground, busy.stage
    now = clock.now()
    asked = {
        "talks that were given up": "kind in ('session.failed', 'session.interrupted')",
        "chats declared silent": "kind = 'contact.abandoned' and body->>'reason' = 'silent'",
        "offers that were missed": "kind in ('offer.missed', 'offer.failed')",
        "counselors declared gone": "kind = 'presence.lost'",
    }
    for label, which in asked.items():
        query = f"select count(*) from journal where centre_id = $1 and {which}"  # noqa: S608  constants
        ground.wants(label, await stage.value(query, stage.centre.id), 0)
    climbed = await stage.value(
        """select coalesce(max(rungs), 0) from (select count(*) as rungs from journal
           where centre_id = $1 and kind = 'escalation.paged' group by escalation_id) as each""",
        stage.centre.id,
    )
    most = 1 + int((now - began).total_seconds() // RUNG_SECONDS_MIN)
    ground.shows(
        "rungs climbed by one escalation, and at most", f"{climbed}, {most}", is_good=climbed <= most
    )
    wrong = await stage.value(
        """select count(*) from contact where centre_id = $1
           and (arrived_at not between $2 and $3 or joined_at not between $2 and $3
                or ended_at not between $2 and $3)""",
        stage.centre.id, began - timedelta(seconds=1), now + timedelta(seconds=1),
    )  # fmt: skip
    ground.wants("contacts with a time at which the drill did not run", wrong, 0)
    ground.wants("callers answered out of turn", await _out_of_turn(busy), 0)


async def _out_of_turn(busy: Floor) -> int:
    """Pairs of calls of which the one that joined later was offered earlier."""
    return await busy.stage.value(
        """with first as (
             select c.id, c.joined_at, min(o.made_at) as offered_at from contact as c
             join offer as o on o.contact_id = c.id
             where c.centre_id = $1 and c.channel = 'voice' and c.level = 'none_found' group by c.id)
           select count(*) from first as a join first as b
             on a.joined_at + interval '1 second' < b.joined_at and b.offered_at < a.offered_at""",
        busy.stage.centre.id,
    )


def _zone(change: datetime) -> str:
    """A zone that is UTC until this moment and an hour ahead of it from then on, for a month."""
    day = change.timetuple().tm_yday - 1
    return f"ONE0TWO-1,{day}/{change:%H:%M:%S},{(day + 30) % 365}/02:00:00"


async def _offsets(zone: str, change: datetime) -> str:
    """What the machine makes of this zone, before and after."""
    ask = (
        "import sys, time; print(*(time.strftime('%T', time.localtime(float(one))) for one in sys.argv[1:]))"
    )
    moments = [str(change.timestamp() + seconds) for seconds in (-1, 0)]
    asked = await asyncio.create_subprocess_exec(
        sys.executable, "-c", ask, *moments, env={**os.environ, "TZ": zone}, stdout=asyncio.subprocess.PIPE
    )
    told, _ = await asked.communicate()
    before, after = told.decode().split()
    assert before != after
    return f"from {before} to {after}"
