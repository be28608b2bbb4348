"""What cannot start, or is checked before it does, says why in sentences: no traceback, no password."""

import asyncio
import json
import os
import socket
import sys
from pathlib import Path

import pytest

from hotline.base.errors import Unreachable
from hotline.store import reach
from tests import database


async def said_by(home: Path, *command: str, **environment: str) -> str:
    """What a command that must fail says on standard error."""
    return (await failed(home, *command, **environment))[1]


async def found_by(home: Path, **environment: str) -> str:
    """What `hotline check` finds where there are faults."""
    return (await failed(home, "check", **environment))[0]


async def failed(home: Path, *command: str, **environment: str) -> tuple[str, str]:
    """What a command that must fail writes, and says on standard error; no database unless one is given."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HOTLINE_")}
    kept.pop("DATABASE_URL", None)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "hotline", *command, env=kept | {"HOTLINE_HOME": str(home)} | environment,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(50):
        written, said = await process.communicate()
    assert process.returncode == 1
    return written.decode(), said.decode()


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


async def test_a_check_of_an_empty_home_makes_no_database_only_to_look(tmp_path: Path):
    assert "There is no database yet" in await found_by(tmp_path)
    assert not (tmp_path / "pg").exists()


async def test_a_check_names_a_variable_that_nobody_reads(tmp_path: Path):
    said = await found_by(tmp_path, HOTLINE_WEB_PORT="1")
    assert "HOTLINE_WEB_PORT is unknown and does nothing; is HOTLINE_WEB__PORT meant?" in said
    assert "HOTLINE_WEB__PROT is unknown; is HOTLINE_WEB__PORT meant?" in await found_by(
        tmp_path, HOTLINE_WEB__PROT="1"
    )


async def test_a_start_warns_of_a_variable_that_nobody_reads(tmp_path: Path):
    said = await said_by(
        tmp_path, "work", DATABASE_URL="postgresql://127.0.0.1:1/x", HOTLINE_DEMO="1", HOTLINE_HOEM="1"
    )
    warned, _ = said.splitlines()
    assert json.loads(warned)["sentence"].startswith("HOTLINE_HOEM is unknown")
    assert json.loads(warned)["level"] == "warning"


async def test_a_replay_of_no_file_is_one_sentence_before_any_password(tmp_path: Path):
    said = await said_by(tmp_path, "replay-chats", "/nonexist", "--login", "somebody")
    assert said == "hotline: There is no file /nonexist.\n"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("mysql://someone:secret@127.0.0.1/x", "it must begin with postgresql://"),
        ("secret", "it must begin with postgresql://"),
        ("postgresql://someone:se/cret@127.0.0.1/x", "a port is a number from 1 to 65535"),
        ("postgresql://someone:secret@127.0.0.1:70000/x", "a port is a number from 1 to 65535"),
        ("postgresql://someone:secret@[::1/x", "its brackets do not match"),
        ("postgresql://someone:secret@127.0.0.1:1/x", "nobody listens at its host and port"),
        ("postgresql://someone:secret@/x?host=/nonexist", "has no socket of a server"),
    ],
)
async def test_what_is_wrong_with_a_database_s_address_is_said_without_any_part_of_it(url: str, why: str):
    with pytest.raises(Unreachable) as refused:
        await reach.require(url)
    assert why in refused.value.sentence
    assert "postgresql://user:password@host:5432/name" in refused.value.sentence
    assert "secret" not in refused.value.sentence
    assert "cret" not in refused.value.sentence


async def test_a_name_that_the_server_does_not_know_is_said(database_url: str):
    for other, why in (
        (database.of(database_url, "nothing"), "the server has no database of its name"),
        (database_url.replace("postgres:@", "nobody:@"), "the server does not know its user and password"),
    ):
        with pytest.raises(Unreachable) as refused:
            await reach.require(other)
        assert why in refused.value.sentence
