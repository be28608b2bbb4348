"""`python -m tests.drills`: run drills by name and print each one's table; see `scripts/drill`."""

import argparse
import asyncio
import json
import logging
import sys
from collections.abc import Sequence

import structlog

from hotline.base import log
from tests import ending
from tests.drills import ground
from tests.drills.verdict import MARKS, Verdict


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for; 1 when a verdict is bad."""
    asked = _parser().parse_args(arguments)
    known = ground.names()
    if asked.list:
        width = max(map(len, known), default=0)
        sys.stdout.writelines(f"{name:{width}}  {ground.purpose_of(name)}\n" for name in known)
        return 0
    chosen = known if asked.all else asked.name
    if not chosen or set(chosen) - set(known):
        sys.stderr.write(f"Name drills, or say --all. There are: {', '.join(known)}\n")
        return 2
    log.configure()
    quiet = structlog.make_filtering_bound_logger(logging.CRITICAL)
    structlog.configure(wrapper_class=quiet)  # people who are cut off come back; nobody reads of each time
    verdicts = [_ran(name, asked) for name in chosen]
    if len(verdicts) > 1:
        sys.stdout.writelines(
            f"{MARKS[each.is_good]:4}  {each.name}  {each.seconds:.0f} s\n" for each in verdicts
        )
    return 0 if all(each.is_good for each in verdicts) else 1


def _ran(name: str, asked: argparse.Namespace) -> Verdict:
    """One drill, in an event loop of its own; its table is printed and kept under `var/drills`."""
    sys.stderr.write(f"{name}: {ground.purpose_of(name)}\n")
    verdict = ending.run(
        ground.run(name, "fast" if asked.fast else "long", asked.seed), asyncio.new_event_loop
    )
    sys.stdout.write(f"{verdict.table}\n\n")
    sys.stdout.flush()
    (ground.kept() / f"{name}.json").write_text(json.dumps(verdict.shown(), ensure_ascii=False, indent=1))
    return verdict


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/drill", description="Break things on purpose and look.")
    parser.add_argument("name", nargs="*", help="which drills")
    parser.add_argument("--all", action="store_true", help="every drill, one after the other")
    parser.add_argument("--list", action="store_true", help="say which drills there are")
    parser.add_argument("--fast", action="store_true", help="the small form that the tests run")
    parser.add_argument("--seed", type=int, default=ground.SEED, help="what chance begins with")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
