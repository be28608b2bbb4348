"""Asks import-linter about planted violations, in a process that has never imported the real package.

Reads `{plant: {file: lines to add}}` from standard input, plants one after the other in the copy of the tree
that it was started in, takes each out again, and prints `{plant: [names of the contracts it breaks]}`. One
process for all of them, because starting Python costs more than reading the tree.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from importlinter import api
from importlinter.application import use_cases

Plant = Mapping[str, str]


def broken() -> list[str]:
    """The contracts that the tree breaks as it stands."""
    options = use_cases.read_user_options("pyproject.toml")
    use_cases._register_contract_types(options)
    report = use_cases.create_report(options, cache_dir=None)
    assert not report.invalid_contract_options, report.invalid_contract_options
    return [contract.name for contract, check in report.get_contracts_and_checks() if not check.kept]


def judge(plant: Plant) -> list[str]:
    """Plant, ask, and leave the tree as it was."""
    before = {Path(file): Path(file).read_text("utf-8") if Path(file).is_file() else None for file in plant}
    try:
        for file, lines in plant.items():
            Path(file).parent.mkdir(parents=True, exist_ok=True)
            Path(file).write_text((before[Path(file)] or "") + "\n" + lines + "\n", "utf-8")
        return broken()
    finally:
        for file, text in before.items():
            if text is None:
                file.unlink(missing_ok=True)
            else:
                file.write_text(text, "utf-8")


if __name__ == "__main__":
    sys.path.insert(0, str(Path.cwd()))
    api.read_configuration("pyproject.toml")
    plants: Mapping[str, Plant] = json.load(sys.stdin)
    sys.stdout.write(json.dumps({name: judge(plant) for name, plant in plants.items()}))
