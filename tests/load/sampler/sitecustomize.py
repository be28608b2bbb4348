"""A sampling profiler that a process finds on its path: where its main thread is, a hundred times a
second.

Python imports a module of this name by itself at its start. With `LOAD_SAMPLES` naming a file it waits
until that file is there, then counts stacks and writes them down every few seconds, because the processes
of a load run are killed without a word. Shares are of the samples in which Python was at work: waiting,
and what the loop does in C, is told in one number.
"""

import os
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from types import FrameType

EVERY_SECONDS = 0.01
LOOK_SECONDS = 0.5
WRITE_SECONDS = 5.0
DEEP_MAX = 60
LOOP = "asyncio/runners.py:run"


def main() -> None:
    """Sample for ever, if asked for."""
    name = os.environ.get("LOAD_SAMPLES")
    if name:
        thread = threading.main_thread().ident or 0
        threading.Thread(target=_sample, args=(Path(name), thread), daemon=True).start()


def _sample(name: Path, thread: int) -> None:
    while not name.exists():
        time.sleep(LOOK_SECONDS)
    file = name.with_name(f"{name.name}.{os.getpid()}.samples")
    own: Counter[str] = Counter()
    whole: Counter[str] = Counter()
    written_at = time.monotonic()
    while True:
        time.sleep(EVERY_SECONDS)
        frame = sys._current_frames().get(thread)
        if frame is None:
            return
        stack = _stack(frame)
        own[stack[0]] += 1
        whole.update(set(stack))
        if time.monotonic() - written_at > WRITE_SECONDS:
            written_at = time.monotonic()
            file.write_text(_table(own, whole))


def _stack(frame: FrameType | None) -> list[str]:
    found: list[str] = []
    while frame is not None and len(found) < DEEP_MAX:
        code = frame.f_code
        found.append(f"{'/'.join(code.co_filename.rsplit('/', 3)[1:])}:{code.co_name}")
        frame = frame.f_back
    return found


def _table(own: Counter[str], whole: Counter[str]) -> str:
    idle = sum(count for name, count in own.items() if name.endswith(LOOP))
    seen = own.total()
    busy = max(1, seen - idle)
    lines = [
        f"{seen} samples, {100 * idle / seen:.1f} % waiting or in the loop itself; the rest is 100 %",
        "",
        "own",
    ]
    told = [(name, count) for name, count in own.most_common(60) if not name.endswith(LOOP)]
    lines += [f"{100 * count / busy:6.2f} %  {name}" for name, count in told]
    lines += ["", "with what it calls"]
    lines += [
        f"{100 * count / busy:6.2f} %  {name}" for name, count in whole.most_common(160) if count <= busy
    ]
    return "\n".join(lines) + "\n"


main()
