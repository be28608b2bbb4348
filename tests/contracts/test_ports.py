"""What tests start can listen where it is told to, whatever else runs on the machine."""

import asyncio
import socket
import sys

from hotline.base.places import checkout
from tests import ports

MANY = ports.SLICE + 44
"""More than one slice has."""
ASKING = f"from tests import ports; print(*(ports.free_port() for _ in range({MANY})), flush=True); input()"


async def asking() -> asyncio.subprocess.Process:
    """Another process that takes ports, and lives until it is told to end."""
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", ASKING,
        cwd=checkout(), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def test_no_port_is_given_twice_neither_to_one_process_nor_to_two():
    others = [await asking(), await asking()]
    given = [ports.free_port() for _ in range(MANY)]
    for other in others:
        assert other.stdout is not None
        given += [int(port) for port in (await other.stdout.readline()).split()]
    for other in others:
        await other.communicate(b"\n")
    assert len(set(given)) == len(given) == 3 * MANY


def test_no_outgoing_connection_begins_at_a_port_that_was_given():
    with (
        socket.create_server((ports.LOOPBACK, 0)) as there,
        socket.create_connection(there.getsockname()) as outgoing,
    ):
        assert ports.free_port() < outgoing.getsockname()[1]


def test_a_port_on_which_somebody_listens_is_not_free_until_they_stop():
    port = ports.free_port()
    with socket.create_server((ports.LOOPBACK, port)):
        assert not ports._is_free(port)
    assert ports._is_free(port)
