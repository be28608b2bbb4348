"""The composition root: the only file that knows every concrete class.

From settings to a store, from a store to an edge or an office. Nothing here decides anything. What only some
houses need (a telephone network's client is a sixth of a start) is imported where it is made.
"""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI

from hotline.base import heap, places
from hotline.base.errors import Broken, HotlineError, Unreachable
from hotline.base.sensitive import Sensitive
from hotline.base.tasks import Crew
from hotline.carriers.nothing import NoTelephony
from hotline.carriers.port import Telephony
from hotline.carriers.twilio.urls import Urls
from hotline.domain.session import ScreeningTimes
from hotline.policy import phrases, policies, ruletext, settings as policy_settings
from hotline.policy.memory import Memory
from hotline.policy.phrases import Phrases
from hotline.policy.policies import Policies
from hotline.policy.settings import Settings
from hotline.policy.shelf import Shelf
from hotline.policy.workbench import Workbench
from hotline.store import embedded, engine, key_check, staff as store_staff, time as store_time, vault
from hotline.store.signal import Signal
from hotline.store.unit import Store
from hotline.store.vault import Vault
from hotline.web import app as web_app
from hotline.web.ears import Ears
from hotline.web.edge import Edge
from hotline.web.followers import Followers
from hotline.web.headers import TWILIO
from hotline.web.hub import Hub
from hotline.web.living import Living
from hotline.web.webhooks import fallback
from hotline.workers import office, relay, replayer, sweeper
from hotline.workers.librarian import Librarian
from hotline.workers.office import Office

if TYPE_CHECKING:
    from hotline.flow.checkup import Finding

KEYS_VARIABLE = "HOTLINE_KEY_RING"


def settings() -> Settings:
    """The settings of this process."""
    return policy_settings.load(places.config_dir())


def house_policies() -> Policies:
    """The policies of the configuration folder; a process reads them once."""
    return _policies_of(places.config_dir())


@cache
def _policies_of(folder: Path) -> Policies:
    return policies.load(folder, Memory(places.cache() / "rulebooks"))


def house_phrases(chosen: Settings) -> Phrases:
    """What callers hear, in every language."""
    return phrases.load(places.config_dir() / "phrases", chosen.web.emergency_numbers, "zh")


def database_url(chosen: Settings) -> str:
    """The database: the one that is named, or the embedded one, which is started."""
    return chosen.database.url or embedded.start(places.home() / "pg")


def keys(chosen: Settings) -> Vault:
    """The key ring: from the environment, a file, or made for the demonstration.

    Raises:
        Broken: the database is a real one and no keys are given; they are never made for it.
    """
    given = os.environ.get(KEYS_VARIABLE)
    if given:
        return vault.load(given)
    if chosen.keys.file:
        path = Path(chosen.keys.file)
        if not path.is_file():
            raise Broken("keys.absent", f"The key file {path} is not there; make one with `hotline keys`.")
        return vault.load(path.read_text())
    if chosen.database.url and not os.environ.get("HOTLINE_DEMO"):
        raise Broken(
            "keys.absent", f"Name a key file ([keys] file) or set {KEYS_VARIABLE}; see `hotline keys`."
        )
    return vault.load_or_make(places.home() / "keys.json")


def telephony(chosen: Settings) -> Telephony:
    """The telephone network behind the port."""
    group = chosen.telephony
    if group.kind == "none":
        return NoTelephony()
    from hotline.carriers.twilio.client import TwilioTelephony  # noqa: PLC0415  heavy, and not for all
    from hotline.carriers.twilio.rest import Account  # noqa: PLC0415  heavy, and not for all

    tokens = [token.get_secret_value() for token in group.auth_tokens]
    if not group.account_sid or not tokens:
        raise Broken("telephony.account", "[telephony] needs account_sid and auth_tokens.")
    account = Account(
        account=group.account_sid,
        key=group.api_key_sid or group.account_sid,
        secret=Sensitive(group.api_key_secret.get_secret_value() or tokens[0]),
        caller_number=group.from_number,
        sms_number=group.from_number,
        application=group.application_sid or None,
        api_base=group.base_url or None,
        timeout_seconds=group.request_seconds,
        tries_max=group.rest_attempts_max,
    )
    return TwilioTelephony(account, Urls(base=chosen.public_base))


@dataclass(frozen=True, slots=True)
class Stores:
    """One database, two pools: a rush of requests or jobs leaves the loops their own connections."""

    asked: Store
    loops: Store


@asynccontextmanager
async def opened_stores(chosen: Settings, url: str) -> AsyncGenerator[Stores]:
    """Stores with their signal loops running, checked against the keys; closed at the end."""
    signal, ring = Signal(engine.connect_arguments(url)), keys(chosen)
    group = chosen.database
    pools = [
        engine.make(url, pool_size=size, statement_timeout_ms=group.statement_timeout_ms)
        for size in (group.pool_size_max, group.loop_pool_size_max)
    ]
    stores = Stores(*(Store(pool, ring, signal) for pool in pools))
    try:
        await key_check.require(stores.loops)
        await store_time.read(stores.loops, slow_seconds=group.statement_timeout_ms / 1000)
        async with Crew() as crew:
            crew.keep("time", lambda: store_time.keep(stores.loops))
            crew.keep("signal out", signal.send)
            crew.keep("signal in", signal.listen)
            yield stores
    finally:
        for pool in pools:
            await pool.dispose()


@asynccontextmanager
async def edge(chosen: Settings, url: str) -> AsyncGenerator[Edge]:
    """Everything the web needs, with the hub following the journal."""
    rules = _with_own_shelf(house_policies())
    network = telephony(chosen)
    async with opened_stores(chosen, url) as stores, Crew() as crew:
        await _followed(chosen, stores, rules, crew, "serve")
        hub = Hub(stores.loops, tail_seconds=chosen.web.live_tail_seconds)
        crew.keep("hub", hub.run)
        crew.keep("days", hub.count)
        living = Living(stores.loops)
        crew.keep("signs of life", living.run)
        followers = Followers(stores.loops, hub)
        crew.keep("chat pages", followers.run)
        silent_max = chosen.web.workers_silent_seconds_max
        ears = Ears(stores.loops, hub, living, workers_silent_seconds_max=silent_max)
        crew.keep("pulse", ears.run)
        heap.settle()
        try:
            yield Edge(
                settings=chosen,
                policies=rules,
                phrases=house_phrases(chosen),
                store=stores.asked,
                telephony=network,
                hub=hub,
                living=living,
                ears=ears,
                followers=followers,
                workbench=Workbench(chosen.rulebook),
            )
        finally:
            await network.close()


def _with_own_shelf(rules: Policies) -> Policies:
    """The policies with a shelf of this node's own, which its librarian keeps."""
    return replace(rules, shelf=Shelf(rules.rulebook))


async def _followed(chosen: Settings, stores: Stores, rules: Policies, crew: Crew, kind: str) -> None:
    """The rulebook that came with this release is kept, the one in use is on the shelf, and stays there.

    A database that is slow at this moment stops no node: it judges by what came with the release until then.
    """
    shipped = ruletext.files_of(places.config_dir() / "risk")
    librarian = Librarian(stores.loops, rules.shelf, kind, chosen.rulebook.follow_seconds, shipped)
    with suppress(Unreachable):
        await librarian.look()
    crew.keep("librarian", librarian.run)


def app(chosen: Settings, url: str) -> FastAPI:
    """The web application."""
    group = chosen.telephony
    practice = group.practice_browser_url or group.base_url
    connects = TWILIO if group.kind == "twilio" and not practice else tuple({practice} - {""})
    return web_app.create(lambda: edge(chosen, url), web=chosen.web, connects=connects)


@asynccontextmanager
async def staffed_office(chosen: Settings, url: str) -> AsyncGenerator[Office]:
    """Every worker running; they end with the block."""
    network = telephony(chosen)
    rules, words = _with_own_shelf(house_policies()), house_phrases(chosen)
    try:
        async with opened_stores(chosen, url) as stores, Crew() as crew:
            await _followed(chosen, stores, rules, crew, "work")
            bench = Workbench(chosen.rulebook)
            crew.keep("replayer", lambda: replayer.run(stores.asked, bench, chosen.work.keep_seconds))
            outside = {"relay": lambda: relay.run(chosen, words, stores.asked, rules, network)}
            if chosen.telephony.kind != "none":
                outside["sweeper"] = lambda: sweeper.run(chosen, stores.asked, rules, network)
            times = ScreeningTimes(
                remind_seconds=chosen.web.screening_remind_seconds,
                due_seconds=chosen.web.screening_due_seconds,
            )
            made = Office(
                work=chosen.work, policies=rules, screening=times, store=stores.loops, outside=outside
            )
            office.open_up(made, crew)
            heap.settle()
            yield made
    finally:
        await network.close()


async def fallback_documents(chosen: Settings, url: str) -> dict[str, str]:
    """Dialled number -> what the provider should serve when this house is down."""
    async with opened_stores(chosen, url) as stores, stores.asked.connection() as connection:
        lines = await store_staff.lines(connection, stores.asked.vault)
    return fallback.documents(lines, house_phrases(chosen))


async def provider_findings(chosen: Settings, url: str) -> "list[Finding]":
    """Whether the provider knows our addresses, each fault with its mend."""
    from hotline.carriers.twilio.client import TwilioTelephony  # noqa: PLC0415  heavy, and not for all
    from hotline.flow.checkup import Finding, Grade  # noqa: PLC0415  heavy, and not for all

    network = telephony(chosen)
    if not isinstance(network, TwilioTelephony):
        return [Finding(Grade.WARNING, "No telephone network is set ([telephony] kind); only chats come in.")]
    try:
        async with opened_stores(chosen, url) as stores, stores.asked.connection() as connection:
            lines = await store_staff.lines(connection, stores.asked.vault)
        faults = await fallback.check_provider(network, Urls(base=chosen.public_base), lines)
    except HotlineError as error:
        return [Finding(Grade.FAULT, f"The telephone network: {error.sentence}")]
    finally:
        await network.close()
    if not faults:
        return [Finding(Grade.FINE, "The telephone network knows our addresses.")]
    return [Finding(Grade.FAULT, fault) for fault in faults]
