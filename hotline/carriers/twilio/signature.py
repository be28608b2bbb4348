"""Who is speaking: webhooks are believed only with a signature made from a secret that we share.

Twilio signs the address it called and every field of the form. The address is put together from the
public base and the raw path and query as they came in: what a proxy changed, and what a framework has
already decoded, would no longer match; the host is never taken from a header. Several secrets may be
good at once, so that one can be exchanged for another without losing a call. A signature has no time in
it and may be replayed for ever: the keys of facts, not this room, make a replay harmless.
"""

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from twilio import request_validator as theirs
from twilio.request_validator import RequestValidator

from hotline.base.errors import Broken, Forbidden, Malformed
from hotline.base.sensitive import Sensitive

SIGNATURE_HEADER: Final = "X-Twilio-Signature"
SETTINGS_HEADER: Final = "X-Twilio-Webhooks-Signature-Settings"
FORM_TYPE: Final = "application/x-www-form-urlencoded"
BODY_BYTES_MAX: Final = 64 * 1024
FIELDS_MAX: Final = 300

Pairs = tuple[tuple[str, str], ...]
"""Fields in the order in which they came; names may repeat and values may be blank."""


class Unsigned(Forbidden):
    """The request does not carry a signature made with one of our secrets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """One request as it came in; `settings` is the header that names the algorithm, if any."""

    raw_path: bytes
    raw_query: bytes
    body: bytes
    content_type: str
    signature: str
    settings: str = ""


class Verifier:
    """Believes a request, or not; the only door to what is written in it."""

    def __init__(self, public_base: str, secrets: Sequence[Sensitive]) -> None:
        """Take the base that Twilio calls (as in `Urls`) and the secrets, newest first.

        Raises: Broken without any secret: an open door is a fault, not a setting.
        """
        if not any(secrets):
            raise Broken("telephony.no_secret", "Webhooks need at least one signing secret.")
        self._base = public_base
        self._validators = [RequestValidator(secret.reveal()) for secret in secrets if secret]

    def form(self, webhook: Webhook) -> Pairs:
        """The fields of a signed form, or of an empty body.

        Raises: Unsigned; Malformed when it is too large or no form.
        """
        if len(webhook.body) > BODY_BYTES_MAX:
            raise Malformed("telephony.too_large", "The request is larger than any webhook.")
        if _type_of(webhook) not in {FORM_TYPE, ""}:
            raise Malformed("telephony.no_form", "Webhooks about calls are forms.")
        pairs = fields_of(webhook.body)
        if not self._is_signed(webhook, pairs):
            raise _unsigned()
        return pairs

    def document(self, webhook: Webhook) -> bytes:
        """The body of a signed request that is no form; its hash stands in the signed address.

        Raises: Unsigned, also when there is no hash; Malformed when it is too large.
        """
        if len(webhook.body) > BODY_BYTES_MAX:
            raise Malformed("telephony.too_large", "The request is larger than any webhook.")
        promised = dict(fields_of(webhook.raw_query)).get("bodySHA256", "")
        actual = hashlib.sha256(webhook.body).hexdigest()
        if not _same(actual, promised.lower()) or not self._is_signed(webhook, ()):
            raise _unsigned()
        return webhook.body

    def _is_signed(self, webhook: Webhook, pairs: Pairs) -> bool:
        url = self._url(webhook)
        form = _Fields(pairs)
        algorithm = theirs.get_signature_algorithm(webhook.settings)
        return any(
            _same(_computed(validator, spelling, form, algorithm), webhook.signature)
            for validator in self._validators
            for spelling in _spellings(url)
        )

    def _url(self, webhook: Webhook) -> str:
        path = webhook.raw_path.decode("latin-1")
        query = webhook.raw_query.decode("latin-1")
        return f"{self._base}{path}?{query}" if query else f"{self._base}{path}"


def _unsigned() -> Unsigned:
    """A new one each time: an error that is raised again keeps every traceback it has had."""
    return Unsigned("telephony.unsigned", "The request is not signed with a secret of this service.")


def fields_of(text: bytes) -> Pairs:
    """The fields of a form body or a query; blank values and repeated names stay, spaces are not trimmed.

    Raises: Malformed beyond `FIELDS_MAX`.
    """
    try:
        return tuple(
            parse_qsl(text.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=FIELDS_MAX)
        )
    except ValueError:
        raise Malformed(
            "telephony.too_many_fields", "The request has more fields than any webhook."
        ) from None


class _Fields(dict[str, None]):
    """The form as the validator wants it: names to walk over, and every value of a name."""

    def __init__(self, pairs: Pairs) -> None:
        super().__init__((name, None) for name, _ in pairs)
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name, []).append(value)

    def getall(self, name: str) -> list[str]:
        return self._values[name]


def _spellings(url: str) -> Iterator[str]:
    """The address as it is called, then with its port, or without: Twilio's own libraries try both."""
    yield url
    host = urlsplit(url).netloc
    name, _, port = host.partition(":")
    other = name if port else f"{name}:{443 if url.startswith('https:') else 80}"
    yield url.replace(f"//{host}", f"//{other}", 1)


def _computed(validator: RequestValidator, url: str, form: _Fields, algorithm: str) -> str:
    try:
        return str(validator.compute_signature(url, form, algorithm))
    except ValueError:  # an algorithm that is not known here: nothing can match
        return ""


def _same(one: str, other: str) -> bool:
    """Whether two texts are equal, in a time that says nothing; empty never matches."""
    return bool(one) and hmac.compare_digest(one.encode(), other.encode("utf-8", "replace"))


def _type_of(webhook: Webhook) -> str:
    return webhook.content_type.partition(";")[0].strip().lower()
