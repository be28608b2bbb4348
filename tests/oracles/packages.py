"""Where the npm packages live, and the sentence a test fails with when they do not."""

import shutil
from pathlib import Path

HERE = Path(__file__).parent
VENV_BIN = HERE.parents[1] / ".venv" / "bin"


class OraclesMissing(AssertionError):
    """The npm packages that speak for Twilio are not installed."""


def package_file(*parts: str) -> Path:
    """A file inside the installed packages.

    Raises: OraclesMissing, so that the test fails instead of passing unasked.
    """
    path = HERE.joinpath("node_modules", *parts)
    if not path.is_file():
        raise OraclesMissing(f"{'/'.join(parts)} is not installed: run scripts/oracles once, then test again")
    return path


def node() -> str:
    """The `node` of the virtual environment, or the one on the path."""
    own = VENV_BIN / "node"
    found = str(own) if own.exists() else shutil.which("node")
    if found is None:
        raise OraclesMissing("there is no node: sync the console group, run scripts/oracles, then test again")
    return found
