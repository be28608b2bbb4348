"""A busy hour, or a burst: a plan is played on a floor, and its figures stand beside what models predict.

The plan is played until after the end of the counted span, so that those who came last are answered under
the same conditions; then everybody goes home and the rows are read.
"""

import asyncio
import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from hotline.base import clock
from tests.load import erlang, kpi, model, rows, stand
from tests.load.added import Known, mean
from tests.load.arrivals import Coming, Demand
from tests.load.callers import Caller
from tests.load.house import Tempo
from tests.load.kpi import Span
from tests.load.meter import Meter
from tests.load.model import Rules
from tests.load.rows import Read
from tests.load.stand import Floor
from tests.stage import Stage

SUPERVISORS: Final = 5
DRAIN_SECONDS_MAX: Final = 1_200.0
WAITING: Final = """
    select count(*) from contact
    where centre_id = $1 and state in ('arriving', 'waiting', 'offered', 'connecting')"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """One run: the demand, the tempo, what is not counted at the beginning and the end, and how often
    models repeat.
    """

    name: str
    demand: Demand
    tempo: Tempo
    seats: int
    warm_seconds: float
    tail_seconds: float
    seed: int
    repetitions: int
    supervisors: int = SUPERVISORS
    samples: bool = False

    @property
    def span(self) -> Span:
        """What counts, in the model's seconds."""
        return Span(since=self.warm_seconds, until=self.demand.seconds - self.tail_seconds, seats=self.seats)


async def run(stage: Stage, size: Size, home: Path, url: str, database: int | None) -> dict[str, Any]:
    """Play a plan and tell what came of it."""
    comings = list(size.demand.comings(size.seed))
    asked = stand.Asked(
        seats=size.seats, supervisors=size.supervisors, tempo=size.tempo, home=home, samples=size.samples
    )
    async with stand.floor(stage, asked, url) as floor:
        meter = Meter(floor.house.pids, database)
        real = size.tempo.real(size.demand.seconds)
        floor.say(f"{len(comings)} callers come within {real:.0f} s …")
        began_at = clock.now()
        async with stand.watched(floor, meter) as file:
            await _play(floor, comings, size)
        floor.say("nobody comes any more; those who wait are answered or leave …")
        await _drain(floor, size)
        timed = floor.timed
        floor.say("everybody goes home …")
        await floor.close()
        read = await rows.read(stage, size.tempo, began_at, _known(size, floor, began_at))
        answers, unanswered = stand.alive(file)
        more = {
            "alive": answers,
            "assignment decision": list(read.decisions),
            "escalation to page": list(read.notified),
        }
        return (
            await asyncio.to_thread(_compared, size, read, floor)
            | {"lags_ms": lags(timed | more), "alive_unanswered": unanswered, "meter": meter.shown()}
            | await floor.told(read.ends)
        )


async def _play(floor: Floor, comings: list[Coming], size: Size) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    for coming in comings:
        due = began + size.tempo.real(coming.at)
        if due > loop.time():
            await asyncio.sleep(due - loop.time())
        floor.scene.took("caller comes late", max(0.0, loop.time() - due))
        chance = random.Random(f"{size.seed} {coming.number}")
        floor.crew.once("caller", Caller(floor.scene, coming, chance).come())
    await asyncio.sleep(max(0.0, began + size.tempo.real(size.demand.seconds) - loop.time()))


async def _drain(floor: Floor, size: Size) -> None:
    """Until nobody waits: whoever came within the counted span is answered, or has lost patience,
    undisturbed.
    """
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + size.tempo.real(DRAIN_SECONDS_MAX)
    while loop.time() < ends_at:
        waiting = await floor.stage.value(WAITING, floor.stage.centre.id)
        if waiting == 0:
            return
        await asyncio.sleep(1.0)
    floor.scene.tally["waited still at the end"] += 1


def _known(size: Size, floor: Floor, began_at: datetime) -> Known:
    """What the rows cannot tell, and which of them count."""
    real = size.tempo.real
    return Known(
        talks=floor.scene.talks,
        real=real(1.0),
        wrap_up_seconds_min=floor.became["wrap_up_seconds_min"],
        since=began_at + timedelta(seconds=real(size.span.since)),
        until=began_at + timedelta(seconds=real(size.span.until)),
    )


def rules_of(size: Size, read: Read, became: dict[str, int]) -> Rules:
    """The rules of the computed floor: what the house added to every contact, as its rows show it."""
    of_model, add = size.tempo.of_model, read.added
    return Rules(
        seats=size.seats,
        menu_seconds=of_model(add.menu),
        decision_seconds=of_model(mean(read.decisions)),
        ring_seconds=of_model(add.ring),
        connect_seconds=of_model(add.connect),
        talk_seconds=of_model(add.talk),
        release_seconds=of_model(add.release),
        seats_away=add.seats_away,
        wrap_up_seconds_min=of_model(became["wrap_up_seconds_min"]),
        return_within_seconds=of_model(became["return_within_seconds"]),
        caller_silent_seconds=of_model(became["caller_silent_seconds"]),
    )


def _compared(size: Size, read: Read, floor: Floor) -> dict[str, Any]:
    """Measured, computed and by the formula, figure by figure."""
    span, rules = size.span, rules_of(size, read, floor.became)
    measured = kpi.figures(read.passages, read.taken, span)
    half = kpi.half_widths(read.passages, read.taken, span)
    seeds = range(size.seed + 1, size.seed + 1 + size.repetitions)
    repeated = model.repeat(size.demand, rules, span, seeds)
    own = model.repeat(size.demand, rules, span, [size.seed])[0]
    bare = model.repeat(size.demand, bare_of(rules), span, [size.seed])[0]
    formula = formula_of(size, measured)
    lines: dict[str, Any] = {}
    for name in kpi.COMPARED:
        low, high = kpi.band(getattr(each, name) for each in repeated)
        value = float(getattr(measured, name))
        lines[name] = {
            "measured": value,
            "half_width": half[name],
            "same_seed": float(getattr(own, name)),
            "no_delay": float(getattr(bare, name)),
            "low": low,
            "high": high,
            "formula": formula.get(name),
            "is_within": low <= value <= high,
        }
    return {
        "name": size.name,
        "inputs": _inputs(size, rules),
        "figures": lines,
        "measured": asdict(measured),
    }


def bare_of(rules: Rules) -> Rules:
    """The same floor in a house that costs no time at all."""
    return replace(
        rules,
        menu_seconds=0.0,
        decision_seconds=0.0,
        ring_seconds=0.0,
        connect_seconds=0.0,
        talk_seconds=0.0,
        release_seconds=0.0,
        seats_away=0.0,
    )


def formula_of(size: Size, measured: kpi.Figures) -> dict[str, float]:
    """Erlang-A for the very same inputs: arrivals as measured (with those who try again), seat time,
    patience, seats.

    The wait that it knows ends with the ring; ours with the answer, so the ring is taken off the answered
    waits' side by the computed floor only, and the formula's waits are to be read as lower by a few
    seconds.
    """
    if not measured.answered:
        return {}  # no seat time is known, and there is nothing to predict
    said = erlang.predict(
        erlang.Inputs(
            rate=measured.rate,
            handle_seconds=measured.handle_seconds,
            patience=size.demand.patience,
            seats=size.seats,
        ),
        kpi.WITHIN_SECONDS,
    )
    return {
        "rate": measured.rate,
        "answer_rate": 1 - said.abandonment,
        "abandonment": said.abandonment,
        "within": said.within,
        "asa_seconds": said.asa_seconds,
        "handle_seconds": measured.handle_seconds,
        "occupancy": said.occupancy,
    }


def _inputs(size: Size, rules: Rules) -> dict[str, Any]:
    demand = size.demand
    return {
        "rate": demand.rate,
        "minutes": demand.seconds / 60,
        "counted_minutes": size.span.seconds / 60,
        "compress": size.tempo.compress,
        "handle_scale": demand.handle_scale,
        "chat_share": demand.chat_share,
        "handle_seconds_planned": demand.handle_seconds,
        "erlangs_planned": demand.rate * demand.handle_seconds,
        "seats": size.seats,
        "seed": size.seed,
        "repetitions": size.repetitions,
        "added": asdict(rules),
    }


def lags(timed: Mapping[str, list[float]]) -> dict[str, dict[str, float]]:
    """Steps that were timed: how many, median, p95, p99 and the worst, in milliseconds."""
    return {name: quantiles(seconds) for name, seconds in sorted(timed.items()) if seconds}


def quantiles(seconds: list[float]) -> dict[str, float]:
    """Of one list."""
    ranked = sorted(seconds)

    def at(share: float) -> float:
        return round(1000 * ranked[min(len(ranked) - 1, int(share * len(ranked)))], 1)

    return {"n": len(ranked), "p50": at(0.5), "p95": at(0.95), "p99": at(0.99), "max": at(1.0)}


def began(moment: datetime) -> str:
    """A moment as a file name."""
    return moment.strftime("%Y%m%dT%H%M%S")
