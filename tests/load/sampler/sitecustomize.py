"""A sampling profiler that a process finds on its path: where its CPU goes, a hundred times in a second of
CPU.

Python imports a module of this name by itself at its start. With `LOAD_SAMPLES` naming a file it waits
until that file is there, then counts stacks at every tick of the process's own CPU clock (a thread that
looked on would see the main thread mostly where it lets others run), and writes them down every few
seconds, because the processes of a load run are killed without a word.
"""

import os
import signal
import threading
import time
from collections import Counter
from pathlib import Path
from types import FrameType

EVERY_SECONDS = 0.01
LOOK_SECONDS = 0.5
WRITE_SECONDS = 5.0
DEEP_MAX = 60

_own: Counter[str] = Counter()
_whole: Counter[str] = Counter()


def main() -> None:
    """Sample for ever, if asked for."""
    name = os.environ.get("LOAD_SAMPLES")
    if name:
        signal.signal(signal.SIGPROF, _tick)
        threading.Thread(target=_keep, args=(Path(name),), daemon=True).start()


def _keep(name: Path) -> None:
    while not name.exists():
        time.sleep(LOOK_SECONDS)
    signal.setitimer(signal.ITIMER_PROF, EVERY_SECONDS, EVERY_SECONDS)
    file = name.with_name(f"{name.name}.{os.getpid()}.samples")
    while True:
        time.sleep(WRITE_SECONDS)
        if _own:
            file.write_text(_table(_own.copy(), _whole.copy()))


def _tick(_signal: int, frame: FrameType | None) -> None:
    stack = _stack(frame)
    if stack:
        _own[stack[0]] += 1
        _whole.update(set(stack))


def _stack(frame: FrameType | None) -> list[str]:
    found: list[str] = []
    while frame is not None and len(found) < DEEP_MAX:
        code = frame.f_code
        found.append(f"{'/'.join(code.co_filename.rsplit('/', 3)[1:])}:{code.co_name}")
        frame = frame.f_back
    return found


def _table(own: Counter[str], whole: Counter[str]) -> str:
    seen = own.total()
    lines = [f"{seen} samples", "", "own"]
    lines += [f"{100 * count / seen:6.2f} %  {name}" for name, count in own.most_common(60)]
    lines += ["", "with what it calls"]
    lines += [f"{100 * count / seen:6.2f} %  {name}" for name, count in whole.most_common(160)]
    return "\n".join(lines) + "\n"


main()
