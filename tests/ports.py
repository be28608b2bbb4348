"""Ports for whatever a test starts: nobody else gets one of them between asking and binding.

A port that the kernel chooses is safe only as long as it is held: once let go, any outgoing connection may
begin at it. So ports are taken from below the range of outgoing connections, slice by slice. A process holds
the first port of its slices for as long as it lives, by which every other process (another worker of the same
run, another run, a drill) keeps away from them; within a slice each port is handed out once. Each process
begins elsewhere: whoever has outlived an earlier run and still asks there shall not ask this one.
"""

import os
import socket
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import Final

LOOPBACK: Final = "127.0.0.1"
OUTGOING: Final = Path("/proc/sys/net/ipv4/ip_local_port_range")
OUTGOING_USUALLY: Final = 32_768
"""Where outgoing connections begin if the system does not say, or leaves nothing below."""
FIRST: Final = 10_000
SLICE: Final = 256


def free_port() -> int:
    """A loopback port that nobody uses, and nobody else will be given while this process lives."""
    return next(_ports)


def _end() -> int:
    """The first port that an outgoing connection may begin at."""
    said = int(OUTGOING.read_text().split()[0]) if OUTGOING.exists() else OUTGOING_USUALLY
    return said if said >= FIRST + 2 * SLICE else OUTGOING_USUALLY


def _every_port() -> Generator[int]:
    slices = range(FIRST, _end() - SLICE + 1, SLICE)
    own = os.getpid() % len(slices)
    for first in (*slices[own:], *slices[:own]):
        if _is_claimed(first):
            yield from filter(_is_free, range(first + 1, first + SLICE))
    raise AssertionError("Every port below those of outgoing connections is held by some process.")


def _is_claimed(first: int) -> bool:
    """Hold the first port of a slice until this process ends, if no other does."""
    guard = socket.socket()
    try:
        guard.bind((LOOPBACK, first))
    except OSError:
        guard.close()
        return False
    guard.detach()
    return True


def _is_free(port: int) -> bool:
    """Whether a server could listen there now; one that has ended a moment ago is no hindrance to it."""
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


_ports = _every_port()
