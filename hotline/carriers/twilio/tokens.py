"""Tokens with which a counselor's page may call in, and do nothing else.

The page calls us, we never ring it: a browser that says it is registered and is not would cost a caller
the whole offer. The identity is opaque (`u_` and the hex of a staff id), because Twilio shows it in logs.
"""

import re
from typing import Final

from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant

from hotline.base.errors import Broken
from hotline.base.sensitive import Sensitive
from hotline.carriers.port import Softphone

TTL_SECONDS_MAX: Final = 24 * 60 * 60
_IDENTITY: Final = re.compile(r"u_[0-9a-f]{1,64}")


def softphone(
    account: str, api_key: str, secret: Sensitive, application: str, *, identity: str, ttl_seconds: int
) -> Softphone:
    """Sign a token for one page; it may call the application and cannot be called.

    Raises: Broken for an identity that is not opaque or a life that is not within a day.
    """
    if not _IDENTITY.fullmatch(identity):
        raise Broken("telephony.identity", "A softphone's identity is u_ and hexadecimal digits.")
    if not 0 < ttl_seconds <= TTL_SECONDS_MAX:
        raise Broken("telephony.ttl", f"A softphone's token lives between 1 and {TTL_SECONDS_MAX} seconds.")
    grant = VoiceGrant(incoming_allow=False, outgoing_application_sid=application)
    token = AccessToken(account, api_key, secret.reveal(), grants=[grant], identity=identity, ttl=ttl_seconds)
    return Softphone(identity=identity, token=Sensitive(token.to_jwt()), ttl_seconds=ttl_seconds)
