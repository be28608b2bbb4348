"""The trade's policies: from files that a supervisor can read to the types the domain decides with."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from hotline.base.errors import Broken
from hotline.domain.access import Grants, Permission
from hotline.domain.assist import AssistPolicy
from hotline.domain.coverage import CoverPolicy
from hotline.domain.dispatch import DispatchPolicy
from hotline.domain.ladder import LadderBook
from hotline.domain.number import NumberPolicy
from hotline.domain.queue import QueuePolicy
from hotline.domain.risk.assess import Rulebook
from hotline.domain.routes import Routes
from hotline.domain.staff import Role
from hotline.domain.task import TaskPolicy
from hotline.policy import afterwards, assists, instruments, ladders, routes, rulebook
from hotline.policy.afterwards import Afterwards
from hotline.policy.instruments import Instruments
from hotline.policy.memory import Memory
from hotline.policy.shelf import Shelf


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """Everything that steps decide by."""

    queue: QueuePolicy
    ladders: LadderBook
    handover_seconds: int
    cover: CoverPolicy
    assists: AssistPolicy
    grants: Grants
    instruments: Instruments
    shelf: Shelf
    tasks: TaskPolicy
    routes: Routes
    afterwards: Afterwards
    dispatch: DispatchPolicy
    numbers: NumberPolicy

    @property
    def rulebook(self) -> Rulebook:
        """The rulebook in use at this moment; a step asks once, and judges by what it got."""
        return self.shelf.rulebook


def load(folder: Path, memory: Memory | None = None) -> Policies:
    """Read every policy of a configuration folder; `memory` spares what was found right before.

    Raises:
        Broken: a file is missing or wrong; the sentence says which, where, and what it may be.
    """
    duty = _read(folder / "duty.toml")
    raw = _read(folder / "escalation.toml")
    return Policies(
        queue=_queue(_read(folder / "queues.toml")),
        ladders=ladders.read(raw),
        handover_seconds=_handover(raw),
        cover=CoverPolicy(**_numbers("escalation.toml", raw.get("cover", {}), CoverPolicy)),
        assists=assists.read(raw.get("help", {})),
        grants=_grants(_read(folder / "access.toml")),
        instruments=instruments.load(folder / "instruments"),
        shelf=Shelf(rulebook.load(folder / "risk", memory)),
        tasks=TaskPolicy(**_numbers("duty.toml", duty.get("tasks", {}), TaskPolicy)),
        routes=routes.load(_read(folder / "routes.toml")),
        afterwards=afterwards.read(_read(folder / "afterwards.toml"), _read(folder / "holidays.toml")),
        dispatch=DispatchPolicy(**_numbers("duty.toml", duty.get("dispatch", {}), DispatchPolicy)),
        numbers=NumberPolicy(**_numbers("duty.toml", duty.get("numbers", {}), NumberPolicy)),
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise Broken("policy.absent", f"{path.name} is missing in the configuration folder.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Broken("policy.toml", f"{path.name} cannot be read: {error}.") from None


def _queue(raw: Mapping[str, Any]) -> QueuePolicy:
    return QueuePolicy(**_numbers("queues.toml", raw, QueuePolicy))


def _numbers(name: str, raw: Mapping[str, Any], kind: type[Any]) -> dict[str, int]:
    """The whole numbers of a table, each a field of `kind`.

    Raises:
        Broken: one is no field, or no whole number from 0.
    """
    known = {field.name for field in fields(kind)}
    wrong = [
        each for each, value in raw.items() if each not in known or not isinstance(value, int) or value < 0
    ]
    if wrong:
        code = f"policy.{name.removesuffix('.toml')}"
        raise Broken(code, f"{name}: not a known whole number: {', '.join(sorted(wrong))}.")
    return dict(raw)


def _handover(raw: Mapping[str, Any]) -> int:
    seconds = raw.get("handover_seconds")
    if not isinstance(seconds, int) or seconds <= 0:
        raise Broken("policy.escalation", "escalation.toml: handover_seconds is a whole number above 0.")
    return seconds


def _grants(raw: Mapping[str, Any]) -> Grants:
    try:
        return {Role(role): frozenset(Permission(name) for name in names) for role, names in raw.items()}
    except ValueError as error:
        raise Broken("policy.access", f"access.toml: {error}.") from None
