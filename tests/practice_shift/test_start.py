"""What cannot start says why in one sentence, and leaves no traceback and no password."""

import asyncio
import os
import socket
import sys
from pathlib import Path

import pytest


async def said_by(home: Path, command: str, **environment: str) -> str:
    """What a command that must fail says on standard error."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HOTLINE_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "hotline", command,
        env=kept | {"HOTLINE_HOME": str(home)} | environment, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(50):
        _, said = await process.communicate()
    assert process.returncode == 1
    return said.decode()


@pytest.mark.parametrize("command", ["serve", "work", "migrate"])
async def test_a_database_that_does_not_answer_is_one_sentence(tmp_path: Path, command: str):
    with socket.socket() as held:  # bound and not listening: nobody answers there
        held.bind(("127.0.0.1", 0))
        url = f"postgresql://someone:a-password@127.0.0.1:{held.getsockname()[1]}/hotline"
        said = await said_by(tmp_path, command, DATABASE_URL=url, HOTLINE_DEMO="1")
    assert said.startswith(
        "hotline: The database does not answer (ConnectionRefusedError); check DATABASE_URL"
    )
    assert len(said.splitlines()) == 1
    assert "a-password" not in said


async def test_missing_keys_are_one_sentence(tmp_path: Path):
    said = await said_by(tmp_path, "serve", DATABASE_URL="postgresql://127.0.0.1:1/hotline")
    assert said.startswith("hotline: Name a key file")
    assert len(said.splitlines()) == 1
