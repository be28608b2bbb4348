"""One door: serve, work, migrate, check, and the tools around them.

Each command imports what it needs when it runs: asking for help, or for a fresh key, must not load a
web server, a telephone network and a rulebook.
"""

import asyncio
import json
import math
import os
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from hotline import cli_risk, cli_rules
from hotline.base import clock, log, places
from hotline.base.errors import Broken, HotlineError
from hotline.base.sensitive import Sensitive

if TYPE_CHECKING:
    from hotline.flow.checkup import Finding
    from hotline.policy.settings import Settings

_REPLAY_FILE: Final = 'Lines of {"id", "text", "lang", "level"?}; a level is 0, 1, 2 or 3.'
_NO_DATABASE: Final = (
    "There is no database yet: DATABASE_URL names none, and {folder} holds none. "
    "`hotline migrate` makes an embedded one there, `hotline check --make-database` too."
)
_COLOURS = {"fine": "green", "warning": "yellow", "fault": "red"}

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="One door: serve, work, migrate, check, and the tools around them.",
    pretty_exceptions_enable=False,
)
app.add_typer(cli_risk.app, name="risk")
app.add_typer(cli_rules.app, name="rules")

instruments_app = typer.Typer(
    no_args_is_help=True, help="The questions that counselors ask: checked, listed."
)
app.add_typer(instruments_app, name="instruments")


def main() -> None:
    """Run a command; an error of our own is one sentence and exit code 1."""
    try:
        app()
    except HotlineError as error:
        typer.secho(f"hotline: {error.sentence}", fg="red", err=True)
        raise SystemExit(1) from None


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise typer.BadParameter(f"{value} will not do; give a number.")
    return value


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port to listen on.")] = None,
) -> None:
    """Serve callers, counselors and webhooks."""
    import uvicorn

    from hotline import wiring
    from hotline.web import protocol
    from hotline.web.line import ServerLine

    settings = _started()
    url = wiring.database_url(settings)
    _run(_require_ready(settings, url))
    proxies = [address.strip() for address in settings.web.trusted_proxies.split(",") if address.strip()]
    uvicorn.run(
        wiring.app(settings, url),
        host=host or settings.web.host,
        port=settings.web.port if port is None else port,
        loop="uvloop",
        http=protocol.bounded(settings.web),
        ws=ServerLine,
        ws_per_message_deflate=False,
        ws_max_size=2 * settings.web.body_bytes_max,
        timeout_graceful_shutdown=settings.web.shutdown_seconds,
        log_level="warning",
        access_log=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies,
    )


@app.command()
def work() -> None:
    """Run the workers: dispatcher, keeper, escalator, relay, sweeper, auditor."""
    from hotline import wiring

    settings = _started()
    url = wiring.database_url(settings)
    _run(_require_ready(settings, url))

    async def run() -> None:
        async with wiring.staffed_office(settings, url):
            await asyncio.Event().wait()

    _run(run())


@app.command("migrate")
def migrate_(
    revision: Annotated[str, typer.Argument(help="Where to; head is the newest.")] = "head",
) -> None:
    """Bring the database to the newest schema."""
    from hotline import wiring
    from hotline.store import migrate

    settings = wiring.settings()
    url = wiring.database_url(settings)
    _run(_require_database(url))
    _run(migrate.upgrade(url, places.migrations_dir(), revision))
    typer.echo("The database is up to date.")


@app.command()
def check(
    *,
    make: Annotated[
        bool, typer.Option("--make-database", help="Make the embedded database if there is none.")
    ] = False,
    records: Annotated[
        bool, typer.Option("--records", help="Walk the chain over closed records instead: no silent edit.")
    ] = False,
) -> None:
    """Check configuration, database, keys, lines, people and provider; exit 1 on a fault."""
    findings = asyncio.run(_record_findings() if records else _findings(may_make=make))
    for finding in findings:
        typer.secho(f"{finding.grade.value:8} {finding.sentence}", fg=_COLOURS[finding.grade.value])
    if any(finding.grade.value == "fault" for finding in findings):
        raise SystemExit(1)


async def _findings(*, may_make: bool) -> "list[Finding]":
    from hotline import wiring
    from hotline.flow import checkup
    from hotline.flow.checkup import Finding, Grade
    from hotline.policy import rulebook, settings as policy_settings
    from hotline.store import embedded

    try:
        settings = wiring.settings()
        policies = wiring.house_policies()
        rulebook.compile_all(policies.rulebook)
        wiring.house_phrases(settings)
    except HotlineError as error:
        return [Finding(Grade.FAULT, error.sentence)]
    found = [Finding(Grade.FINE, "The configuration, the risk rules and the phrases can be read.")]
    found += checkup.holidays(policies.afterwards.followup.calendars, clock.now())
    found += [Finding(Grade.WARNING, each) for each in policy_settings.strangers(os.environ)]
    if places.console_dist() is None:
        found.append(Finding(Grade.WARNING, "The console is not built; run `scripts/console`."))
    folder = places.home() / "pg"
    if not (settings.database.url or may_make or embedded.is_made(folder)):
        return [*found, Finding(Grade.FAULT, _NO_DATABASE.format(folder=folder))]
    url = wiring.database_url(settings)
    schema = await checkup.schema(url, places.migrations_dir())
    found.append(schema)
    if schema.grade is Grade.FAULT:
        return found
    try:
        async with wiring.opened_stores(settings, url) as stores:
            found.append(await checkup.ring(stores.asked))
            found.extend(await checkup.centre(stores.asked))
            found.extend(await checkup.ladders(stores.asked, policies.ladders))
    except HotlineError as error:
        return [*found, Finding(Grade.FAULT, error.sentence)]
    return [*found, *await wiring.provider_findings(settings, url)]


async def _record_findings() -> "list[Finding]":
    from hotline import wiring
    from hotline.flow import checkup

    settings = wiring.settings()
    async with wiring.opened_stores(settings, wiring.database_url(settings)) as stores:
        return await checkup.records(stores.asked)


@app.command()
def fallback(
    folder: Annotated[
        Path | None, typer.Option(help="Write one file per number here, instead of printing them.")
    ] = None,
) -> None:
    """Print what the provider should serve for each line when this house is down."""
    from hotline import wiring

    settings = wiring.settings()
    url = wiring.database_url(settings)

    _run(_require_database(url))

    async def run() -> None:
        for address, document in (await wiring.fallback_documents(settings, url)).items():
            if folder is None:
                typer.echo(f"<!-- {address} -->\n{document}\n")
                continue
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{address.removeprefix('+')}.xml").write_text(document, "utf-8")

    _run(run())


@app.command()
def seed(
    file: Annotated[
        Path | None, typer.Argument(help="What to found; the demonstration centre without it.")
    ] = None,
) -> None:
    """Found centres, lines and people; what stands already is left alone. Says where passwords are kept."""
    from hotline import wiring
    from hotline.flow import setup
    from hotline.policy import founding
    from hotline.practice import logins as practice_logins

    settings = wiring.settings()
    description = founding.load(file or places.config_dir() / "demo.toml")
    url = wiring.database_url(settings)
    _run(_require_database(url))
    logins = practice_logins.keep(places.home(), [person.model_dump() for person in description.staff])

    async def run() -> None:
        async with wiring.opened_stores(settings, url) as stores:
            passwords = {each.login: Sensitive(each.password) for each in logins}
            founded = await setup.found(stores.asked, description, passwords, clock.now())
        kept = f"their passwords are in {practice_logins.place(places.home())}"
        typer.echo("Nothing new." if founded.is_empty else f"Founded {len(founded.logins)} people; {kept}.")

    _run(run())


@app.command()
def shift(
    speed: Annotated[
        float, typer.Option(callback=_finite, min=0.1, help="How much faster than real time its day passes.")
    ] = 16.0,
    base_url: Annotated[str, typer.Option(help="The running service.")] = "http://127.0.0.1:8000",
    exchange_url: Annotated[str, typer.Option(help="The practice exchange.")] = "http://127.0.0.1:8090",
) -> None:
    """Keep a running floor alive with practice calls, chats and colleagues."""
    from hotline.practice import logins as practice_logins, shift as practice_shift

    config = practice_shift.ShiftConfig(
        base_url=base_url,
        exchange_url=exchange_url,
        logins=practice_logins.read(places.home()),
        speed=speed,
        seed=1,
    )
    _run(practice_shift.run(config))


@app.command("replay-chats")
def replay_chats(
    file: Annotated[Path, typer.Argument(help=_REPLAY_FILE)],
    base_url: Annotated[str, typer.Option(help="The running service.")] = "http://127.0.0.1:8000",
    login: Annotated[str | None, typer.Option(help="A supervisor; without it the demonstration's.")] = None,
    parallel: Annotated[int, typer.Option(min=1, help="How many chats at once.")] = 8,
    limit: Annotated[int | None, typer.Option(min=1, help="How many lines at most.")] = None,
) -> None:
    """Play texts as chats through the running service; print flags, confusion, latencies, no words.

    A level is what a person would say of the text: 0 none, 1 watch, 2 ideation or self-harm, 3 acute. The
    service's own are put beside it so: none_found and unknown are 0, low 1, moderate 2, high and imminent 3.
    Exit code 1 when no text could be played.
    """
    from hotline.practice import replay as practice_replay

    practice_replay.read(file)  # before anybody is asked for a password
    name, password = practice_replay.password_of(places.home(), login)
    config = practice_replay.ReplayConfig(
        file=file,
        base_url=base_url,
        login=name,
        password=password,
        slug="replay",
        parallel=parallel,
        limit=limit,
    )

    async def run() -> None:
        played = await practice_replay.run(config)
        for line in played.lines:
            typer.echo(line)
        if not played.count:
            raise Broken("replay.nothing", "Nothing was played.")

    _run(run())


@instruments_app.command("check")
def check_instruments(
    folder: Annotated[
        Path | None, typer.Argument(help="Where they lie; config/instruments without it.")
    ] = None,
) -> None:
    """Read every instrument and run its examples; tell which are off and why. Exit 1 on a fault."""
    from hotline.policy import instruments

    for each in instruments.load(folder or places.config_dir() / "instruments").values():
        standing = "on" if each.off is None else f"off: {each.off}"
        typer.echo(f"{each.id:20} {each.version}  {len(each.items):2} questions  {standing}")


@app.command()
def keys() -> None:
    """Print a fresh key ring, for a key file or the environment; keep it where backups are kept."""
    from hotline.store import vault

    typer.echo(json.dumps(vault.new_keys()))


@app.command("stop-database")
def stop_database() -> None:
    """Stop the embedded database server."""
    from hotline.store import embedded

    embedded.stop(places.home() / "pg")


def _started() -> "Settings":
    """The settings of a process that logs; a variable that nobody reads is told of there."""
    from hotline import wiring
    from hotline.policy import settings as policy_settings

    log.configure()
    for sentence in policy_settings.strangers(os.environ):
        log.get("settings").warning("unknown variable", sentence=sentence)
    return wiring.settings()


async def _require_ready(settings: "Settings", url: str) -> None:
    """Find what would stop a server or a worker before it starts, where it can be said in one sentence.

    Raises:
        HotlineError: the policies, the phrases, the telephone network's account, the keys or the database.
    """
    from hotline import wiring

    wiring.house_policies()
    wiring.house_phrases(settings)
    await wiring.telephony(settings).close()
    wiring.keys(settings)
    await _require_database(url)
    async with wiring.opened_stores(settings, url):
        pass


async def _require_database(url: str) -> None:
    from hotline.store import reach

    await reach.require(url)


def _run(work: Coroutine[Any, Any, None]) -> None:
    import uvloop

    try:
        uvloop.run(work)
    except KeyboardInterrupt:
        raise SystemExit(130) from None
