"""Thousands of sockets in one process: the limit on open files is raised as far as it may be."""

import resource

import psutil


def allow(count: int) -> None:
    """Room for so many sockets, and some files besides."""
    needed = count + 500
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return
    assert hard == resource.RLIM_INFINITY or hard >= needed, f"{needed} open files are not allowed here"
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


def resident_bytes() -> int:
    """What this process holds in memory."""
    return psutil.Process().memory_info().rss
