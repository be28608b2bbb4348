"""The office: starts every worker of this process and keeps it going.

`hotline work` runs one office; any number of nodes may do so. A loop that stumbles is logged and
started again by its crew.
"""

from dataclasses import dataclass

from hotline.base.tasks import Crew
from hotline.carriers.port import Telephony
from hotline.policy.phrases import Phrases
from hotline.policy.policies import Policies
from hotline.policy.settings import Settings
from hotline.store.unit import Store
from hotline.workers import auditor, dispatcher, escalator, keeper, relay, sweeper


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """What the workers need; made by the wiring."""

    settings: Settings
    policies: Policies
    phrases: Phrases
    store: Store
    telephony: Telephony


def open_up(office: Office, crew: Crew) -> None:
    """Start every loop; they end with the crew."""
    store, policies, work = office.store, office.policies, office.settings.work
    crew.keep("dispatcher", lambda: dispatcher.run(store, policies, work.dispatch_seconds))
    crew.keep("keeper", lambda: keeper.run(store, policies, work.keep_seconds, work.batch_max))
    crew.keep("escalator", lambda: escalator.run(store, policies, work.escalate_seconds, work.batch_max))
    crew.keep("auditor", lambda: auditor.run(store, work.audit_seconds))
    crew.keep("relay", lambda: relay.run(office.settings, office.phrases, store, policies, office.telephony))
    if office.settings.telephony.kind != "none":
        crew.keep("sweeper", lambda: sweeper.run(office.settings, store, policies, office.telephony))
