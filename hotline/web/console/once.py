"""A request that its page may send again because it heard no answer, and that is carried out once.

The page makes a key for what a person wants and sends it with every try (`Idempotency-Key`, as the IETF
draft of that name has it); a request without one is what it always was, so that pages and nodes of different
versions get on. The key counts only together with who asks, where, and the whole body: the same key over
other words is another request, for words that are lost are worse than words that are there twice. Of all
this only a keyed digest is kept, because a body may be somebody's words.
"""

from typing import Annotated, Final

from fastapi import Depends, Header, Request

from hotline.base.sensitive import Sensitive
from hotline.web.edge import edge_of

KEY_CHARACTERS_MAX: Final = 100
PRINTABLE: Final = "^[!-~]+$"

Key = Annotated[str | None, Header(alias="Idempotency-Key", max_length=KEY_CHARACTERS_MAX, pattern=PRINTABLE)]


async def digest(request: Request, key: Key = None) -> str | None:
    """What is the same in every try of one request, and in no other; None when the page sends no key."""
    if key is None:
        return None
    body = (await request.body()).decode(errors="replace")
    said = f"{request.method} {request.url.path}\n{key}\n{body}"
    return edge_of(request).store.vault.index(Sensitive(said)).hex()


TheKey = Annotated[str | None, Depends(digest)]
