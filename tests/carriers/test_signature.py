"""Only whoever holds one of our secrets is believed, however the request was spelled on its way."""

import base64
import hashlib
import hmac
from urllib.parse import urlencode

import pytest
from twilio.request_validator import RequestValidator

from hotline.base.errors import Broken, Malformed
from hotline.base.sensitive import Sensitive
from hotline.carriers.twilio.signature import (
    FIELDS_MAX,
    FORM_TYPE,
    Pairs,
    Unsigned,
    Verifier,
    Webhook,
    fields_of,
)
from tests.carriers.made import BASE
from tests.oracles import Signed, expected_signatures

TOKEN = "0123456789abcdef0123456789abcdef"
OLD = "fedcba9876543210fedcba9876543210"
VERIFIER = Verifier(BASE, [Sensitive(TOKEN), Sensitive(OLD)])

FORMS: dict[str, Pairs] = {
    "plain": (("CallSid", "CA1"), ("From", "+8613800000001")),
    "blank value": (("CallSid", "CA1"), ("Digits", "")),
    "repeated key": (("Tag", "b"), ("Tag", "a"), ("CallSid", "CA1")),
    "repeated pair": (("Tag", "a"), ("Tag", "a")),
    "Chinese": (("CallerName", "小明"), ("CallSid", "CA1")),
    "trailing space": (("SpeechResult", " I need help "), ("CallSid", "CA1")),
    "case of names": (("Reason", "x"), ("ReasonConferenceEnded", "y"), ("reason", "z")),
    "percent and plus": (("SpeechResult", "100% a+b & c=d"), ("CallSid", "CA1")),
    "empty": (),
}
ADDRESSES = {
    "path": ("/t/arrive", ""),
    "query": ("/t/plan", "leg=01900000-0000-7000-8000-000000000007"),
    "escaped path": ("/t/a%20b%2Fc", "x=1"),
    "blank query value": ("/t/digits", "step=&silent=1"),
}


def by_the_book(token: str, url: str, form: Pairs) -> str:
    """The documented algorithm, written down once more."""
    text = url + "".join(name + value for name, value in sorted(set(form)))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def url_of(path: str, query: str, base: str = BASE) -> str:
    """The address that Twilio called."""
    return f"{base}{path}?{query}" if query else f"{base}{path}"


def webhook(path: str, query: str, form: Pairs, signature: str) -> Webhook:
    """A form as it comes in over the wire."""
    return Webhook(
        raw_path=path.encode(),
        raw_query=query.encode(),
        body=urlencode(form).encode(),
        content_type=f"{FORM_TYPE}; charset=UTF-8" if form else "",
        signature=signature,
    )


@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES.keys())
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_what_is_signed_by_the_book_is_believed_and_read_whole(form: Pairs, address: tuple[str, str]):
    path, query = address
    signature = by_the_book(TOKEN, url_of(path, query), form)
    assert VERIFIER.form(webhook(path, query, form, signature)) == form


def test_three_independent_signers_agree_with_the_book():
    cases = [(url_of(*address), form) for address in ADDRESSES.values() for form in FORMS.values()]
    theirs = expected_signatures([Signed(token=TOKEN, url=url, form=form) for url, form in cases])
    ours = [by_the_book(TOKEN, url, form) for url, form in cases]
    assert ours == theirs
    python = RequestValidator(TOKEN)
    single = [(url, form) for url, form in cases if len(dict(form)) == len(form)]
    assert [by_the_book(TOKEN, url, form) for url, form in single] == [
        python.compute_signature(url, dict(form)) for url, form in single
    ]


@pytest.mark.parametrize(
    "signature", ["", "AAAA", "ÄÖÜ", "\ud800", by_the_book("another-secret", url_of("/t/arrive", ""), ())]
)
def test_anybody_else_is_turned_away(signature: str):
    with pytest.raises(Unsigned):
        VERIFIER.form(webhook("/t/arrive", "", (), signature))


def test_a_secret_being_rotated_out_is_good_until_it_is_taken_out():
    form: Pairs = (("CallSid", "CA1"),)
    signed = webhook("/t/arrive", "", form, by_the_book(OLD, url_of("/t/arrive", ""), form))
    assert VERIFIER.form(signed) == form
    with pytest.raises(Unsigned):
        Verifier(BASE, [Sensitive(TOKEN)]).form(signed)


@pytest.mark.parametrize(
    ("meddling", "body"),
    [
        ("a field was added", b"CallSid=CA1&Digits=9"),
        ("a field was changed", b"CallSid=CA2"),
        ("a field was taken out", b""),
        ("a blank field was added", b"CallSid=CA1&Digits="),
    ],
)
def test_a_form_that_somebody_has_touched_is_not_believed(meddling: str, body: bytes):
    signature = by_the_book(TOKEN, url_of("/t/digits", "step=menu"), (("CallSid", "CA1"),))
    touched = Webhook(
        raw_path=b"/t/digits", raw_query=b"step=menu", body=body, content_type=FORM_TYPE, signature=signature
    )
    with pytest.raises(Unsigned):
        VERIFIER.form(touched)


def test_the_same_form_at_another_address_is_not_believed():
    form: Pairs = (("CallSid", "CA1"),)
    signature = by_the_book(TOKEN, url_of("/t/plan", "leg=1"), form)
    with pytest.raises(Unsigned):
        VERIFIER.form(webhook("/t/plan", "leg=2", form, signature))


@pytest.mark.parametrize("base", [BASE, f"{BASE}:443"])
@pytest.mark.parametrize("signed_base", [BASE, f"{BASE}:443"])
def test_the_port_may_be_signed_or_not(base: str, signed_base: str):
    form: Pairs = (("CallSid", "CA1"),)
    signature = by_the_book(TOKEN, url_of("/t/arrive", "", signed_base), form)
    assert Verifier(base, [Sensitive(TOKEN)]).form(webhook("/t/arrive", "", form, signature)) == form


def test_a_public_base_with_a_path_is_signed_with_its_path():
    form: Pairs = (("CallSid", "CA1"),)
    signature = by_the_book(TOKEN, f"{BASE}/hotline/t/arrive", form)
    assert Verifier(f"{BASE}/hotline", [Sensitive(TOKEN)]).form(webhook("/t/arrive", "", form, signature))


def test_a_shared_key_signs_with_a_longer_hash_and_an_unknown_one_is_no_error():
    url, form = url_of("/t/arrive", ""), (("CallSid", "CA1"),)
    signature = RequestValidator(TOKEN).compute_signature(url, dict(form), "HMAC_SHA256")
    plain = webhook("/t/arrive", "", form, signature)
    for settings, is_believed in (
        ("key=k1,algorithm=HMAC_SHA256", True),
        ("", False),
        ("key=k1,algorithm=HMAC_MD5", False),
    ):
        signed = Webhook(
            raw_path=plain.raw_path,
            raw_query=plain.raw_query,
            body=plain.body,
            content_type=plain.content_type,
            signature=signature,
            settings=settings,
        )
        if is_believed:
            assert VERIFIER.form(signed) == form
        else:
            with pytest.raises(Unsigned):
                VERIFIER.form(signed)


JSON = '{"note": "小明"}'.encode()


def json_hook(query: str, signature: str, body: bytes = JSON) -> Webhook:
    """A request whose body is no form."""
    return Webhook(
        raw_path=b"/t/events",
        raw_query=query.encode(),
        body=body,
        content_type="application/json",
        signature=signature,
    )


def test_a_json_body_is_believed_by_its_hash_in_the_signed_address():
    query = f"a=1&bodySHA256={hashlib.sha256(JSON).hexdigest()}"
    signature = by_the_book(TOKEN, url_of("/t/events", query), ())
    assert VERIFIER.document(json_hook(query, signature)) == JSON
    with pytest.raises(Unsigned):
        VERIFIER.document(json_hook(query, signature, JSON + b" "))
    with pytest.raises(Unsigned):
        VERIFIER.document(json_hook(query, "AAAA"))


@pytest.mark.parametrize("query", ["", "bodySHA256=", "bodySHA256=0"])
def test_a_json_body_without_its_hash_is_refused_and_not_an_error(query: str):
    signature = by_the_book(TOKEN, url_of("/t/events", query), ())
    with pytest.raises(Unsigned):
        VERIFIER.document(json_hook(query, signature))


def test_json_where_a_form_belongs_is_malformed():
    with pytest.raises(Malformed):
        VERIFIER.form(json_hook("", by_the_book(TOKEN, url_of("/t/events", ""), ())))


def test_more_than_any_webhook_carries_is_refused_unread():
    many = tuple((f"F{n}", "x") for n in range(FIELDS_MAX + 1))
    with pytest.raises(Malformed):
        fields_of(urlencode(many).encode())
    with pytest.raises(Malformed):
        VERIFIER.form(webhook("/t/arrive", "", (("F", "x" * 70_000),), "AAAA"))


def test_a_service_without_a_secret_does_not_start():
    for secrets in ([], [Sensitive("")]):
        with pytest.raises(Broken):
            Verifier(BASE, secrets)
