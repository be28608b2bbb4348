"""The page itself: plain files, handed out with headers that keep everybody else out of it.

No build, no outside resource, no cookie. The emergency numbers are written into the page here, so that
they stand there even if the database, the script or the network behind it fails. The page is not kept by
the browser's history, because the next person at this device may be somebody it must not be shown to.
"""

import html
import json
import re
from pathlib import Path
from typing import Any, Final, cast

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse

from hotline.base.errors import Absent
from hotline.web import emergency
from hotline.web.edge import TheEdge

FOLDER: Final = Path(__file__).parent / "page"
FILES: Final = frozenset(path.name for path in FOLDER.iterdir() if path.suffix in {".css", ".js", ".svg"})
NUMBERS_MARK: Final = "<!-- emergency numbers -->"
HOST: Final = re.compile(r"[A-Za-z0-9.\-_\[\]:]{1,255}")

NOTICE: Final = cast("dict[str, Any]", json.loads((FOLDER / "notice.json").read_text("utf-8")))
"""What the help-seeker agrees to, with its version."""

HEADERS: Final = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}

router = APIRouter(include_in_schema=False)


@router.get("/chat/page/{name}")
async def file(name: str) -> FileResponse:
    """A style sheet or a script of the page; asked for anew each time, so that no page runs old words."""
    if name not in FILES:
        raise Absent("page.absent", "There is no such file.")
    return FileResponse(FOLDER / name, headers={**HEADERS, "cache-control": "no-cache"})


@router.get("/chat/{slug}")
async def page(edge: TheEdge, request: Request, slug: str) -> HTMLResponse:
    """The chat page; it asks for the line itself, so that it opens whatever is broken behind it."""
    del slug
    text = (FOLDER / "index.html").read_text("utf-8")
    written = text.replace(NUMBERS_MARK, _numbers(edge.settings.web.emergency_numbers))
    return HTMLResponse(written, headers={**HEADERS, "content-security-policy": _policy(request)})


def _numbers(known: tuple[str, ...]) -> str:
    return "\n".join(
        '<li><a href="tel:{0}"><b>{0}</b> <span data-zh="{1}" data-en="{2}">{1}</span></a></li>'.format(
            *(html.escape(text) for text in (each.number, each.label.zh, each.label.en))
        )
        for each in emergency.numbers(known)
    )


def _policy(request: Request) -> str:
    """Only our own files and our own socket; older Safari must be told the socket's address by name."""
    host = request.headers.get("host", "")
    sockets = f" ws://{host} wss://{host}" if HOST.fullmatch(host) else ""
    return (
        "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self' data:; "
        f"connect-src 'self'{sockets}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
