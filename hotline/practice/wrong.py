"""What the exchange refuses, with the codes that Twilio uses for it.

A `RestError` is an answer to a REST request. A `DocumentFault` is a document that could not be fetched,
read or carried out: the call goes on with its fallback URL, which is told `code` and `url`.
"""

from typing import Final

AUTHENTICATE: Final = 20003
INVALID_PARAMETER: Final = 20001
NOT_FOUND: Final = 20404
TOO_MANY_REQUESTS: Final = 20429
SERVER_ERROR: Final = 20500
NO_TO_NUMBER: Final = 21201
INVALID_URL: Final = 21205
FROM_NOT_OURS: Final = 21210
INVALID_CALL_STATE: Final = 21220
MESSAGE_FROM_NOT_OURS: Final = 21606
LABEL_TAKEN: Final = 16025

HTTP_RETRIEVAL: Final = 11200
HTTP_CONNECTION: Final = 11205
HTTP_TOO_MANY_REDIRECTS: Final = 11215
DOCUMENT_UNREADABLE: Final = 12100
DOCUMENT_TOO_LARGE: Final = 11750
DOCUMENT_NOT_TWIML: Final = 12200
DOCUMENT_CONTENT_TYPE: Final = 12300
RELATIVE_URL_INLINE: Final = 15004


class RestError(Exception):
    """A REST request is refused."""

    def __init__(self, status: int, code: int, message: str) -> None:
        """Keep the HTTP `status`, Twilio's `code` and the sentence."""
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


class DocumentFault(Exception):
    """A document could not be fetched, read or carried out."""

    def __init__(self, code: int, url: str, message: str) -> None:
        """Keep what the fallback URL will be told: `ErrorCode` and `ErrorUrl`."""
        super().__init__(message)
        self.code = code
        self.url = url
        self.message = message


def not_found(path: str) -> RestError:
    """The thing asked for is not there (any more)."""
    return RestError(404, NOT_FOUND, f"The requested resource {path} was not found")
