"""One door: serve, work, migrate, check, and the tools around them."""

import asyncio
import json
from collections.abc import Coroutine
from typing import Annotated, Any

import typer
import uvicorn
import uvloop

from hotline import wiring
from hotline.base import log, places
from hotline.base.errors import HotlineError
from hotline.store import embedded, migrate, vault

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__, pretty_exceptions_enable=False)


def main() -> None:
    """Run a command; an error of our own is one sentence and exit code 1."""
    try:
        app()
    except HotlineError as error:
        typer.secho(f"hotline: {error.sentence}", fg="red", err=True)
        raise SystemExit(1) from None


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
) -> None:
    """Serve callers, counselors and webhooks."""
    log.configure()
    settings = wiring.settings()
    url = wiring.database_url(settings)
    uvicorn.run(
        wiring.app(settings, url),
        host=host or settings.web.host,
        port=settings.web.port if port is None else port,
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=settings.web.shutdown_seconds,
        log_level="warning",
        access_log=False,
        proxy_headers=False,
    )


@app.command()
def work() -> None:
    """Run the workers: dispatcher, keeper, escalator, relay, sweeper, auditor."""
    log.configure()
    settings = wiring.settings()
    url = wiring.database_url(settings)

    async def run() -> None:
        async with wiring.staffed_office(settings, url):
            await asyncio.Event().wait()

    _run(run())


@app.command("migrate")
def migrate_(
    revision: Annotated[str, typer.Argument(help="Where to; head is the newest.")] = "head",
) -> None:
    """Bring the database to the newest schema."""
    settings = wiring.settings()
    url = wiring.database_url(settings)
    _run(migrate.upgrade(url, places.migrations_dir(), revision))
    typer.echo("The database is up to date.")


@app.command()
def keys() -> None:
    """Print a fresh key ring, for a key file or the environment; keep it where backups are kept."""
    typer.echo(json.dumps(vault.new_keys()))


@app.command("stop-database")
def stop_database() -> None:
    """Stop the embedded database server."""
    embedded.stop(places.home() / "pg")


def _run(work: Coroutine[Any, Any, None]) -> None:
    try:
        uvloop.run(work)
    except KeyboardInterrupt:
        raise SystemExit(130) from None
