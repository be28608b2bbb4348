"""Access tokens: what a browser shows before it may call.

A token is a JWT, signed with an API key's secret, that names an identity and the application its calls go to.
Whoever connects with one is held to what it grants, so that a token the real network would not take does
not pass in practice either.
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from hotline.practice.wrong import RestError

TOKEN_INVALID = 20101
TOKEN_EXPIRED = 20104
NOT_GRANTED = 31201
TTL_SECONDS_MAX = 24 * 3600


def granted_application(token: str, identity: str, keys: Mapping[str, str], at: datetime) -> str:
    """The application (AP...) that the token lets this identity call.

    Raises: RestError when it is not signed by one of `keys`, has run out, or grants something else.
    """
    try:
        head, body, signature = token.split(".")
        header, claims = _read(head), _read(body)
        given = _bytes(signature)
    except (ValueError, binascii.Error) as error:
        raise RestError(401, TOKEN_INVALID, "Access Token is not a JWT") from error
    secret = keys.get(str(claims.get("iss")))
    wanted = hmac.new((secret or "").encode(), f"{head}.{body}".encode(), hashlib.sha256).digest()
    if secret is None or header.get("alg") != "HS256" or not hmac.compare_digest(wanted, given):
        raise RestError(401, TOKEN_INVALID, "Access Token is not signed by a key of this account")
    if header.get("cty") != "twilio-fpa;v=1":
        raise RestError(401, TOKEN_INVALID, "Access Token header cty is not twilio-fpa;v=1")
    if not _is_current(claims, at):
        raise RestError(401, TOKEN_EXPIRED, "Access Token has expired or lasts too long")
    grants: dict[str, Any] = claims.get("grants", {})
    application: str = grants.get("voice", {}).get("outgoing", {}).get("application_sid", "")
    if grants.get("identity") != identity or not application:
        raise RestError(403, NOT_GRANTED, "Access Token does not grant this identity an outgoing call")
    return application


def _is_current(claims: Mapping[str, Any], at: datetime) -> bool:
    seconds = at.timestamp()
    begins = int(claims.get("nbf", claims.get("iat", 0)))
    ends = int(claims.get("exp", 0))
    return begins <= seconds + 60 and seconds < ends <= begins + TTL_SECONDS_MAX + 60


def _bytes(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _read(part: str) -> dict[str, Any]:
    value: object = json.loads(_bytes(part))
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}
