"""A house rule that nothing can break is a rule that nobody checks: each contract is broken here on purpose.

The package is copied, one wrong import is planted at a time, and the contract that must object is named. If
somebody loosens a contract in pyproject.toml, or a library starts to read it differently, this says so.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

TOP: Final = Path(__file__).resolve().parents[2]
JUDGE: Final = Path(__file__).with_name("judge.py")
UNTOUCHED: Final = "the tree as it is"

# What is done wrong -> which contract objects, and what is planted where.
PLANTS: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "the domain imports the store": (
        "floors",
        {"hotline/domain/offer.py": "from hotline.store import unit"},
    ),
    "the domain imports a flow inside a function": (
        "floors",
        {"hotline/domain/queue.py": "def later():\n    from hotline.flow import offer\n    return offer"},
    ),
    "the domain imports a flow for a type only": (
        "floors",
        {"hotline/domain/queue.py": "if typing.TYPE_CHECKING:\n    from hotline.flow import offer"},
    ),
    "base imports the domain": (
        "floors",
        {"hotline/base/clock.py": "from hotline.domain import queue"},
    ),
    "the web imports its neighbour, the workers": (
        "floors",
        {"hotline/web/app.py": "from hotline.workers import sweeper"},
    ),
    "a room at the top that has no floor": (
        "floors",
        {"hotline/attic/__init__.py": '"""Nobody said where this stands."""'},
    ),
    "a room in the domain that has no place": (
        "rooms of the domain",
        {"hotline/domain/attic.py": '"""Nobody said when this comes."""'},
    ),
    "a room in the domain looks back from earlier in the journey": (
        "rooms of the domain",
        {"hotline/domain/queue.py": "from hotline.domain import offer"},
    ),
    "two rooms of the store know each other": (
        "no circles",
        {
            "hotline/store/hen.py": "from hotline.store import egg",
            "hotline/store/egg.py": "from hotline.store import hen",
        },
    ),
    "a step calls another step": (
        "steps never call one another",
        {"hotline/flow/offer.py": "from hotline.flow import session", "hotline/flow/session.py": ""},
    ),
    "the domain asks the time": (
        "the domain is pure",
        {"hotline/domain/queue.py": "import time"},
    ),
    "the domain reaches the database through something it imports": (
        "the domain is pure",
        {
            "hotline/base/pipe.py": "import sqlalchemy",
            "hotline/domain/queue.py": "from hotline.base import pipe",
        },
    ),
    "the web reads tables past the store": (
        "tables belong to the store",
        {"hotline/web/app.py": "from hotline.store import tables"},
    ),
    "a step speaks to a carrier": (
        "carriers are reached by relay, sweeper, webhooks and wiring",
        {"hotline/flow/offer.py": "from hotline.carriers import port"},
    ),
    "practice uses what it is meant to test": (
        "practice knows nothing of the house",
        {"hotline/practice/chance.py": "from hotline.domain import leg"},
    ),
    "a worker that is neither relay nor sweeper speaks to a carrier": (
        "carriers are reached by relay, sweeper, webhooks and wiring",
        {"hotline/workers/janitor.py": "from hotline.carriers import port"},
    ),
    "practice opens a door that was made later": (
        "practice knows nothing of the house",
        {"hotline/practice/chance.py": "from hotline import wiring"},
    ),
    "the house uses practice": (
        "the house knows nothing of practice",
        {"hotline/flow/offer.py": "from hotline.practice import chance"},
    ),
}


# What is right, and would be a pity to forbid by an over-eager contract.
HARMLESS: Final[Mapping[str, Mapping[str, str]]] = {
    "relay, sweeper, webhooks and wiring reach the carriers": {
        "hotline/workers/relay.py": "from hotline.carriers import port",
        "hotline/workers/sweeper.py": "from hotline.carriers import port",
        "hotline/web/webhooks/voice.py": "from hotline.carriers import port",
        "hotline/web/webhooks/__init__.py": "",
        "hotline/wiring.py": "from hotline.carriers import port",
    },
    "a carrier's rooms know each other": {"hotline/carriers/wire.py": "from hotline.carriers import port"},
    "the store reads its tables": {"hotline/store/offer.py": "from hotline.store import tables"},
    "practice uses base, and the one door opens it": {
        "hotline/practice/desk.py": "from hotline.base import clock, ids",
        "hotline/cli.py": "from hotline.practice import desk",
    },
    "a step uses domain, store and policy": {
        "hotline/flow/offer.py": "from hotline.domain import offer\nfrom hotline.store import unit",
    },
}

# Rooms that the plants above speak of, laid empty where the tree does not have them yet.
NEEDED: Final = (
    "store/__init__ store/unit store/tables/__init__ flow/__init__ flow/offer workers/__init__ "
    "workers/sweeper web/__init__ web/app carriers/__init__ carriers/port practice/__init__ "
    "practice/chance wiring"
).split()


def lay(tree: Path) -> None:
    """A copy of the package, with every room that a plant needs."""
    shutil.copytree(
        TOP / "hotline", tree / "hotline", ignore=shutil.ignore_patterns("__pycache__", "console")
    )
    shutil.copy(TOP / "pyproject.toml", tree)
    for room in NEEDED:
        module = tree / "hotline" / f"{room}.py"
        module.parent.mkdir(exist_ok=True)
        if not module.with_suffix("").is_dir():
            module.touch()


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[str]]:
    """For every plant, and for the tree as it is, the contracts that are broken."""
    tree = tmp_path_factory.mktemp("planted")
    lay(tree)
    plants = {UNTOUCHED: {}, **{name: plant for name, (_, plant) in PLANTS.items()}, **HARMLESS}
    done = subprocess.run(
        [sys.executable, JUDGE],
        cwd=tree,
        input=json.dumps(plants),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_the_tree_as_it_is_keeps_every_contract(verdicts: Mapping[str, list[str]]):
    assert verdicts[UNTOUCHED] == []


@pytest.mark.parametrize("violation", PLANTS)
def test_a_planted_violation_is_caught_by_the_contract_made_for_it(
    verdicts: Mapping[str, list[str]], violation: str
):
    contract, _ = PLANTS[violation]
    assert contract in verdicts[violation]


@pytest.mark.parametrize("use", HARMLESS)
def test_a_use_that_is_meant_to_be_breaks_nothing(verdicts: Mapping[str, list[str]], use: str):
    assert set(verdicts[use]) <= set(verdicts[UNTOUCHED])
