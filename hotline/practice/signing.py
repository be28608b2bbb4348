"""`X-Twilio-Signature`: how Twilio proves that a request comes from Twilio.

Base64 of HMAC-SHA1 under the account's auth token, over the URL followed by every parameter of the body,
sorted by name, name and value joined without anything between; a repeated name counts once for each
different value, those sorted as well. Over https the port is left out; user and password always are.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from urllib.parse import urlsplit


def sign(auth_token: str, url: str, form: Iterable[tuple[str, str]] = ()) -> str:
    """The value of the header for a request to `url` (without fragment) with this body."""
    text = signed_url(url) + "".join(key + value for key, value in sorted(set(form)))
    digest = hmac.new(auth_token.encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def signed_url(url: str) -> str:
    """The URL as it enters the signature."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    if parts.scheme == "https" and parts.port is not None:
        host = host.removesuffix(f":{parts.port}")
    return url.replace(f"//{parts.netloc}", f"//{host}", 1)
