"""A sampling profiler that a process finds on its path: where its main thread is, a hundred times a
second.

Python imports a module of this name by itself at its start. With `LOAD_SAMPLES` naming a file it counts
stacks and writes them down every few seconds, because the processes of a load run are killed without a
word.
"""

import os
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from types import FrameType

EVERY_SECONDS = 0.01
WRITE_SECONDS = 5.0
DEEP_MAX = 60


def main() -> None:
    """Sample for ever, if asked for."""
    name = os.environ.get("LOAD_SAMPLES")
    if name:
        file = Path(f"{name}.{os.getpid()}.samples")
        threading.Thread(target=_sample, args=(file, threading.main_thread().ident or 0), daemon=True).start()


def _sample(file: Path, thread: int) -> None:
    own: Counter[str] = Counter()
    whole: Counter[str] = Counter()
    seen, written_at = 0, time.monotonic()
    while True:
        time.sleep(EVERY_SECONDS)
        frame = sys._current_frames().get(thread)
        if frame is None:
            return
        stack = _stack(frame)
        seen += 1
        own[stack[0]] += 1
        whole.update(set(stack))
        if time.monotonic() - written_at > WRITE_SECONDS:
            written_at = time.monotonic()
            file.write_text(_table(own, whole, seen))


def _stack(frame: FrameType | None) -> list[str]:
    found: list[str] = []
    while frame is not None and len(found) < DEEP_MAX:
        code = frame.f_code
        found.append(f"{'/'.join(code.co_filename.rsplit('/', 3)[1:])}:{code.co_name}")
        frame = frame.f_back
    return found


def _table(own: Counter[str], whole: Counter[str], seen: int) -> str:
    lines = [f"{seen} samples", "", "own"]
    lines += [f"{100 * count / seen:6.2f} %  {name}" for name, count in own.most_common(40)]
    lines += ["", "with what it calls"]
    lines += [f"{100 * count / seen:6.2f} %  {name}" for name, count in whole.most_common(120)]
    return "\n".join(lines) + "\n"


main()
