"""A stop-watch in a process of its own: asks whether the service is alive, again and again, and writes
down how long it took.

The answer needs no database, so what it waits for is the event loop. Only the standard library is loaded,
and nothing else runs here, so what is measured is not our own delay.

python tests/load/probe.py PORT FILE
"""

import http.client
import json
import sys
import time
from pathlib import Path

EVERY_SECONDS = 0.1
ANSWER_SECONDS_MAX = 30


def main(port: int, file: Path) -> None:
    """Until somebody ends this process."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS_MAX)
    with file.open("w", buffering=1) as lines:
        while True:
            began = time.monotonic()
            try:
                connection.request("GET", "/health/live")
                answer = connection.getresponse()
                answer.read()
                status = answer.status
            except OSError:
                connection.close()
                status = 0
            except http.client.HTTPException:
                connection.close()
                status = 0
            took = time.monotonic() - began
            lines.write(json.dumps([began, status, took]) + "\n")
            time.sleep(max(0.0, EVERY_SECONDS - took))


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
