"""Signing in and out: a password becomes a token whose hash alone is stored.

Wrong passwords are counted, and past a limit even the right one has to wait. The work of checking is the
same whether the login exists or not.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Final, Protocol
from uuid import UUID

from hotline.base import ids
from hotline.base.errors import TooMany, Unauthenticated
from hotline.base.sensitive import Sensitive
from hotline.domain import presence as presences
from hotline.domain.outcome import Outcome
from hotline.domain.presence import Choice, Presence
from hotline.domain.staff import Staff
from hotline.policy.policies import Policies
from hotline.policy.settings import Web
from hotline.store import presence as store_presence, sign_in as store_sign_in, staff as store_staff
from hotline.store.health import hears_since
from hotline.store.unit import Store, Unit

NOTHING_HELD: Final = store_presence.Held()


class Passwords(Protocol):
    """Checks a password against a hash; slow on purpose, so it runs beside the event loop."""

    async def verify(self, password: Sensitive, password_hash: str | None) -> bool:
        """Whether it fits; with no hash the same work is done for nothing."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who wants to come in, and from which address; `device` is a browser that has let somebody in before."""

    login: str
    password: Sensitive
    address: str
    device: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """The person, and the token for the cookie."""

    staff: Staff
    token: Sensitive
    expires_at: datetime


async def sign_in(
    store: Store, policies: Policies, passwords: Passwords, limits: Web, asked: Asked, now: datetime
) -> SignedIn:
    """Check a password and begin a sign-in.

    Raises:
        TooMany: too many failures lately; says how long to wait.
        Unauthenticated: login and password do not belong together.
    """
    bounds = _bounds(asked, limits)
    since = now - timedelta(seconds=limits.sign_in_window_seconds)
    async with store.connection() as connection:
        failures = await store_sign_in.failures_of(connection, list(bounds), since)
        account = await store_staff.find_account(connection, store.vault, asked.login)
    over = [first_at for key, (count, first_at) in failures.items() if count >= bounds[key]]
    if over:
        seconds = max(1, ceil((max(over) - since).total_seconds()))
        raise TooMany("login.throttled", f"Too many attempts; try again in {seconds} seconds.")
    fits = await passwords.verify(asked.password, account.password_hash if account else None)
    if account is None or not fits:
        async with store.connection() as connection:
            await store_sign_in.add_failure(connection, list(bounds), now)
        raise Unauthenticated("login.wrong", "Login and password do not belong together.")
    token = Sensitive(ids.new_secret())
    expires_at = now + timedelta(hours=limits.sign_in_hours)
    async with store.unit() as unit:
        outcome = await signed_in(unit, policies, account.staff.id, now)
        await store_sign_in.add(unit.connection, token_hash(token), account.staff.id, now, expires_at)
        await store_sign_in.forget_failures(unit.connection, list(bounds)[:1], since)
        await unit.save(outcome, now)
    return SignedIn(staff=account.staff, token=token, expires_at=expires_at)


async def signed_in(unit: Unit, policies: Policies, staff_id: UUID, now: datetime) -> Outcome:
    """What a sign-in changes: not ready until the person says so; whoever is at work, elsewhere, goes on."""
    presence = await store_presence.lock(unit, staff_id)
    is_at_work = presence.choice is Choice.READY and await _is_at_work(unit, policies, presence, now)
    return presences.sign_in(presence, now, is_at_work=is_at_work)


async def _is_at_work(unit: Unit, policies: Policies, presence: Presence, now: datetime) -> bool:
    """On another page, or with a caller."""
    hears = await hears_since(unit.connection, now)
    before = presences.silent_before(now, policies.queue.heartbeat_seconds, hears)
    held = await store_presence.held_by(unit.connection, [presence.id])
    return presences.is_at_work(presence, held.get(presence.id, NOTHING_HELD).load, before)


async def sign_out(store: Store, token: Sensitive, staff: Staff, now: datetime) -> None:
    """End the sign-in; the person is off duty."""
    async with store.unit() as unit:
        presence = await store_presence.lock(unit, staff.id)
        await store_sign_in.end(unit.connection, token_hash(token))
        outcome = presences.choose(presence, Choice.SIGNED_OUT, None, now)
        await unit.save(outcome, now)


def _bounds(asked: Asked, limits: Web) -> dict[bytes, int]:
    """What is counted, and up to where: this login from this address, this login, this address.

    The first bound is the one that a person meets; the two others are wide, so that nobody can lock a
    colleague or a whole house out with a handful of wrong passwords. With patience somebody could: so a
    browser that is known is counted by itself, whatever others do.
    """
    if asked.device:
        return {
            _key("device and login", f"{asked.device} {asked.login}"): limits.sign_in_failures_max,
            _key("device", asked.device): limits.sign_in_failures_per_login_max,
        }
    return {
        _key("pair", f"{asked.address} {asked.login}"): limits.sign_in_failures_max,
        _key("login", asked.login): limits.sign_in_failures_per_login_max,
        _key("address", asked.address): limits.sign_in_failures_per_address_max,
    }


def token_hash(token: Sensitive) -> bytes:
    """What is stored of a token."""
    return hashlib.sha256(token.reveal().encode()).digest()


def _key(kind: str, value: str) -> bytes:
    return hashlib.sha256(f"{kind}:{value}".encode()).digest()
