"""`python -m tests.load`: play callers and counselors at a running house and print the table; see
`scripts/load`.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hotline.base import clock, given, log, places
from tests import ending, stage as stages
from tests.journeys.server import own_server
from tests.load import big, erlang, hour, meter, report, stand
from tests.load.arrivals import Campaign, Demand
from tests.load.house import Tempo

OUT = "load"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for; 1 when a run was not sound."""
    asked = _asked(arguments)
    log.configure("error")
    told = ending.run(_all(asked))
    return 0 if all(not each["verdict"] for each in told) else 1


async def _all(asked: argparse.Namespace) -> list[dict[str, Any]]:
    if asked.kind == "floor":
        return [await _one(asked.kind, _big(asked))]
    demand = _demand(asked)
    return [await _one(asked.kind, _hour(asked, demand, seats)) for seats in _staffings(asked, demand)]


async def _one(kind: str, size: "hour.Size | big.Size") -> dict[str, Any]:
    """One run on a database server of its own; its table is printed, everything kept under `var/load`."""
    folder = places.home() / OUT / f"{kind}-{hour.began(clock.now())}"
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="load-") as scratch:
        home = Path(scratch)
        try:
            async with own_server() as server, stages.opened(server.url) as store:
                stage = await stages.found(store, stages.policies_of_the_house())
                database = meter.postmaster(server.folder)
                if isinstance(size, big.Size):
                    told = await big.run(stage, size, home, server.url, database)
                else:
                    told = await hour.run(stage, size, home, server.url, database)
        finally:
            _keep(home, folder)
    (folder / "figures.json").write_text(json.dumps(told, indent=1, ensure_ascii=False, default=str))
    sys.stdout.write(f"\n{report.table(told)}\n\n  kept: {folder / 'figures.json'}\n")
    sys.stdout.flush()
    return told


def _keep(home: Path, folder: Path) -> None:
    """Logs and profiles outlive the run."""
    for file in (*home.glob("*.log"), *home.glob("*.samples")):
        (folder / file.name).write_bytes(file.read_bytes())


def _demand(asked: argparse.Namespace) -> Demand:
    minutes = asked.warm + asked.minutes + asked.tail
    campaigns = (
        (Campaign(starts_at=60 * asked.warm, seconds=60 * asked.minutes, factor=asked.campaign),)
        if asked.campaign != 1.0
        else ()
    )
    return Demand(
        rate=asked.rate,
        seconds=60 * minutes,
        handle_scale=asked.handle_scale,
        chat_share=asked.chat_share,
        campaigns=campaigns,
    )


def _staffings(asked: argparse.Namespace, demand: Demand) -> list[int]:
    """The seats that were named, or the fewest that lose no more than the shares that were named."""
    if asked.seats:
        return list(asked.seats)
    inputs = erlang.Inputs(
        rate=demand.rate, handle_seconds=demand.handle_seconds, patience=demand.patience, seats=1
    )
    return [erlang.seats_for(inputs, loss) for loss in asked.loss]


def _hour(asked: argparse.Namespace, demand: Demand, seats: int) -> hour.Size:
    return hour.Size(
        name=f"{asked.kind}, {seats} seats",
        demand=demand,
        tempo=Tempo(compress=asked.compress, handle_scale=asked.handle_scale),
        seats=seats,
        warm_seconds=60 * asked.warm,
        tail_seconds=60 * asked.tail,
        seed=asked.seed,
        repetitions=asked.repetitions,
        samples=asked.profile,
    )


def _big(asked: argparse.Namespace) -> big.Size:
    return big.Size(
        name="floor",
        contacts=asked.contacts,
        sockets=asked.sockets,
        supervisors=asked.supervisors,
        messages_per_second=asked.messages,
        turnover_per_second=asked.turnover,
        chat_share=asked.chat_share,
        fill_per_second=asked.fill,
        minutes=asked.minutes,
        seed=asked.seed,
        samples=asked.profile,
    )


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = _parser()
    asked = parser.parse_args(arguments)
    if asked.kind == "floor" and _big(asked).seats < 1:
        parser.error(
            f"argument --sockets: {asked.sockets} leaves no counselor; give more than the supervisors "
            f"and the {stand.RESPONDERS} responders have"
        )
    return asked


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/load", description="Load a running house, and compare.")
    kinds = parser.add_subparsers(dest="kind", required=True)
    busy = kinds.add_parser("hour", help="five times a nation's peak for an hour, compressed")
    _add_played(busy, rate=2.5, minutes=60.0, compress=2.5)
    busy.set_defaults(warm=6.0, tail=2.0)
    burst = kinds.add_parser(
        "burst", help="3.5 arrivals a second for ten minutes, in real time, from an empty floor"
    )
    _add_played(burst, rate=3.5, minutes=10.0, compress=1.0)
    burst.set_defaults(warm=0.0, tail=0.0, loss=[0.05])
    floor = kinds.add_parser("floor", help="a big floor held full for a while, in real time")
    _add_common(floor, minutes=10.0, chat_share=0.5)
    floor.add_argument("--contacts", type=given.count(), default=2500, help="open contacts")
    floor.add_argument("--sockets", type=given.count(), default=1500, help="consoles, supervisors among them")
    floor.add_argument(
        "--supervisors", type=given.count(least=0), default=50, help="consoles that show the whole board"
    )
    floor.add_argument(
        "--messages", type=given.number(), default=100.0, help="chat messages a second, both sides"
    )
    floor.add_argument("--turnover", type=given.above_zero, default=0.5, help="talks that end in a second")
    floor.add_argument(
        "--fill",
        type=given.above_zero,
        default=8.0,
        help="contacts that come in a second until it is full",
    )
    return parser


def _add_played(parser: argparse.ArgumentParser, *, rate: float, minutes: float, compress: float) -> None:
    _add_common(parser, minutes=minutes, chat_share=0.1)
    parser.add_argument(
        "--rate", type=given.above_zero, default=rate, help="arrivals a second, without those who try again"
    )
    parser.add_argument(
        "--compress", type=given.above_zero, default=compress, help="how much faster than real time passes"
    )
    parser.add_argument(
        "--handle-scale",
        type=given.above_zero,
        default=0.1,
        help="talks and wrap-up are so much of real ones",
    )
    parser.add_argument(
        "--seats",
        type=given.several(given.count()),
        default=[],
        help="staffings, with commas; else as --loss has it",
    )
    parser.add_argument(
        "--loss",
        type=given.several(given.number(least=0.001, most=0.999)),
        default=[0.05, 0.25],
        help="staffings that lose so much without any who try again",
    )
    parser.add_argument("--warm", type=given.number(), help="minutes before those that count")
    parser.add_argument("--tail", type=given.number(), help="minutes after them, still with arrivals")
    parser.add_argument(
        "--campaign",
        type=given.above_zero,
        default=1.0,
        help="in the minutes that count, so many times as many",
    )
    parser.add_argument(
        "--repetitions", type=given.count(), default=30, help="other days of the computed floor"
    )


def _add_common(parser: argparse.ArgumentParser, *, minutes: float, chat_share: float) -> None:
    parser.add_argument(
        "--minutes", type=given.above_zero, default=minutes, help="that count, in the model's time"
    )
    parser.add_argument("--chat-share", type=given.number(most=1), default=chat_share)
    parser.add_argument("--seed", type=int, default=12356)
    parser.add_argument("--profile", action="store_true", help="sample where each process spends its time")


if __name__ == "__main__":
    raise SystemExit(main())
