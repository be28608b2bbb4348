"""`hotline rules`: rulebooks checked, explained, compared, replayed and measured from a command line.

A rulebook is named by its folder, by the hash of a version that the database keeps (its first characters are
enough), or as `in-use`. Nothing here puts anything into use: that takes two people at the console.
"""

import asyncio
import json
import sys
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from string import hexdigits
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from hotline.base import clock, places
from hotline.base.errors import Absent

if TYPE_CHECKING:
    from hotline.domain.replay import Compared
    from hotline.policy.comparison import Difference
    from hotline.policy.ruletext import Files
    from hotline.wiring import Stores

IN_USE: Final = "in-use"
BATCH_MAX: Final = 50
_BOOK: Final = "A folder, the first characters of a version's hash, or in-use; without it config/risk."
_SCORES: Final = {"low": 1, "moderate": 2, "high": 3, "imminent": 3}

Book = Annotated[str | None, typer.Option("--rulebook", help=_BOOK)]

app = typer.Typer(no_args_is_help=True, help="The risk rules: checked, explained, compared, replayed.")


@app.command()
def check(folder: Annotated[str | None, typer.Argument(help=_BOOK)] = None) -> None:
    """Compile a rulebook and run all its examples; print every fault, exit 1 if there is one."""
    from hotline.policy import ruletext, trial

    files = _files(folder)
    faults = trial.check(files)
    for fault in faults:
        line = f":{fault.line}" if fault.line else ""
        typer.secho(f"{fault.file or ''}{line} {fault.sentence}".strip(), fg="red")
    if faults:
        raise SystemExit(1)
    typer.echo(f"{len(files)} files, no faults, version {ruletext.digest_of(files)}")


@app.command()
def explain(text: Annotated[str, typer.Argument(help="Words as a caller might write them.")],
            rulebook: Book = None) -> None:  # fmt: skip
    """Say what the rules make of some words: level, findings with reasons and places, hits, masks."""
    from hotline.domain.risk.assess import Facts
    from hotline.policy import trial

    told = trial.explain(_files(rulebook), Facts(text=text))
    found = told.assessment
    typer.echo(
        f"level {found.level.text}{' (unsure)' if found.unsure else ''}, version {found.rulebook[:12]}"
    )
    if found.flags:
        typer.echo(f"flags {', '.join(sorted(found.flags))}")
    for each in found.findings:
        at = ", ".join(f"{start}-{end}" for start, end in each.spans)
        typer.echo(f"  {each.verdict.value:6} {each.rule} ({each.level.text}){' at ' + at if at else ''}")
        typer.echo(f"         {each.reason.zh} / {each.reason.en}")
    for signal, (start, end) in told.hits:
        typer.echo(f"  heard  {signal} at {start}-{end}: {text[start:end]}")
    for signal, mask, (start, end) in told.hidden:
        typer.echo(f"  masked {signal} by {mask} at {start}-{end}: {text[start:end]}")


@app.command()
def diff(
    old: Annotated[str, typer.Argument(help=_BOOK)], new: Annotated[str, typer.Argument(help=_BOOK)]
) -> None:
    """Say what is another in NEW: entries added, removed, changed, and examples that come out differently."""
    from hotline.policy import trial

    found: Difference = trial.differ(_files(old), _files(new))
    for each in found.entries:
        fields = f" ({', '.join(each.fields)})" if each.fields else ""
        typer.echo(f"{each.how:8} {each.kind} {each.name} in {each.file}{fields}")
    for one in found.examples:
        typer.echo(f"example  {one.entry}: {one.old.text} -> {one.new.text}: {one.text}")
    typer.echo(f"{len(found.entries)} entries, {len(found.examples)} examples")


@app.command()
def replay(
    rulebook: Annotated[str, typer.Option("--rulebook", help=_BOOK)],
    days: Annotated[int, typer.Option(min=1, max=366, help="How far back.")] = 7,
) -> None:
    """Judge the contacts of the last days by another rulebook; print ids, levels and rules, never words."""
    from hotline.domain import replay as replays

    found = asyncio.run(_replayed(_files(rulebook), days))
    for each in found.changed:
        flags = f"; flags {', '.join(each.flags)}" if each.flags else ""
        typer.echo(f"{each.contact_id} {each.old.text} -> {each.new.text}: {', '.join(each.rules)}{flags}")
    for name, count in sorted(replays.counted(found.changed).items()):
        typer.echo(f"{name.replace('>', ' -> ')}: {count}")
    typer.echo(f"{found.contacts} contacts, {len(found.changed)} would have been another")


@app.command()
def judge(rulebook: Book = None) -> None:
    """Read JSON lines with `text`, write them with `level` 0 to 3; tell messages per CPU-second on stderr."""
    from hotline.domain.risk.assess import Facts
    from hotline.policy import rulebook as rulebooks

    made = rulebooks.made_of(_files(rulebook))
    rulebooks.compile_all(made)
    count, spent = 0, 0.0
    for row in _rows():
        began = time.process_time()
        assessment = made.assess(Facts(text=row["text"]))
        spent += time.process_time() - began
        count += 1
        level = _SCORES.get(assessment.level.text, 0)
        typer.echo(json.dumps({**row, "level": level}, ensure_ascii=False))
    typer.echo(f"{count} messages, {count / spent if spent else 0:.0f} per CPU-second", err=True)


def _rows() -> Iterator[dict[str, Any]]:
    for number, line in enumerate(sys.stdin, 1):
        try:
            row = json.loads(line)
            _ = row["text"] + ""
        except (ValueError, TypeError, KeyError):
            raise typer.BadParameter(f"line {number} is no JSON object with a `text`") from None
        yield row


@dataclass(frozen=True, slots=True, kw_only=True)
class _Replayed:
    """How many contacts were looked at, and those that would have been another."""

    contacts: int
    changed: "list[Compared]"


def _files(name: str | None) -> "Files":
    """A rulebook by its folder, by its hash, or the one in use."""
    from hotline.policy import ruletext

    folder = places.config_dir() / "risk" if name is None else Path(name)
    if folder.is_dir():
        return ruletext.files_of(folder)
    if folder.is_file():
        raise typer.BadParameter(f"{name} is a file; give the folder of the rulebook.")
    if name != IN_USE and not set(str(name)) <= set(hexdigits):
        raise _unknown(str(name))
    return asyncio.run(_kept(str(name)))


def _unknown(name: str) -> Absent:
    return Absent("rulebook.version", f"{name} is no folder, and no version has a hash like it.")


@asynccontextmanager
async def _opened() -> "AsyncGenerator[Stores]":
    from hotline import wiring
    from hotline.store import reach

    settings = wiring.settings()
    url = wiring.database_url(settings)
    await reach.require(url)
    async with wiring.opened_stores(settings, url) as stores:
        yield stores


async def _kept(name: str) -> "Files":
    from hotline.store import rulebook as store_rulebook

    async with _opened() as stores, stores.asked.connection() as connection:
        digest = await store_rulebook.in_use(connection) if name == IN_USE else None
        digest = digest or await store_rulebook.find_digest(connection, name)
        if digest is None:
            raise _unknown(name)
        return await store_rulebook.files(connection, digest)


async def _replayed(new: "Files", days: int) -> _Replayed:
    from datetime import timedelta
    from uuid import UUID

    from hotline.flow import replay as replays, shelf
    from hotline.policy import trial
    from hotline.store.rulebook import Place

    changed: list[Compared] = []
    contacts = 0
    async with _opened() as stores:
        digest = await shelf.in_use(stores.asked)
        if digest is None:
            raise Absent("rulebook.absent", "No rulebook is in use yet; start the service once.")
        old = await shelf.files(stores.asked, digest)
        place = Place(arrived_at=clock.now() - timedelta(days=days), contact_id=UUID(int=0))
        while True:
            said, place = await replays.read(stores.asked, place, BATCH_MAX)
            if not said:
                return _Replayed(contacts=contacts, changed=changed)
            contacts += len(said)
            changed += [each for each in trial.compare(old, new, said) if each.is_other]
