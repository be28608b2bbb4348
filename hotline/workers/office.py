"""The office: starts every worker of this process and keeps it going.

`hotline work` runs one office; any number of nodes may do so. A loop that stumbles is logged and
started again by its crew.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from hotline.base.tasks import Crew
from hotline.domain.session import ScreeningTimes
from hotline.policy.policies import Policies
from hotline.policy.settings import Work
from hotline.store import health
from hotline.store.unit import Store
from hotline.workers import auditor, dispatcher, escalator, keeper

Loop = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """What the workers need; `outside` are the loops that touch the telephone network."""

    work: Work
    policies: Policies
    screening: ScreeningTimes
    store: Store
    outside: Mapping[str, Loop]


def open_up(office: Office, crew: Crew) -> None:
    """Start every loop; they end with the crew."""
    store, policies, work = office.store, office.policies, office.work
    crew.keep("pulse", lambda: health.pulse(store, health.WORKERS))
    crew.keep("dispatcher", lambda: dispatcher.run(store, policies, work.dispatch_seconds))
    crew.keep("keeper", lambda: keeper.run(store, policies, work.keep_seconds, work.batch_max))
    crew.keep("ageing", lambda: keeper.age(store, policies, work.age_seconds, work.batch_max))
    crew.keep("screening", lambda: keeper.remind(store, office.screening, work.age_seconds, work.batch_max))
    crew.keep("escalator", lambda: escalator.run(store, policies, work.escalate_seconds, work.batch_max))
    crew.keep("assists", lambda: escalator.assist_on(store, policies, work.escalate_seconds, work.batch_max))
    crew.keep("cover", lambda: keeper.cover(store, policies, work.age_seconds))
    crew.keep("auditor", lambda: auditor.run(store, work.audit_seconds))
    for name, loop in office.outside.items():
        crew.keep(name, loop)
