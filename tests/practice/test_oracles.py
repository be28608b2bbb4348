"""The exchange is as strict as Twilio says, by Twilio's own words."""

from typing import Any

import pytest

from hotline.practice.grammar import ATTRIBUTES, CHILDREN, Holds
from hotline.practice.parameters import REQUESTS
from hotline.practice.rest.door import HANDLERS
from hotline.practice.signing import sign
from hotline.practice.twiml import read
from hotline.practice.wrong import DocumentFault
from tests.oracles import Signed, check_rest, check_twiml, expected_signatures
from tests.oracles.rest import body_schema, operations, query_names, resolved
from tests.oracles.twiml import ROOT, Attribute, grammar
from tests.practice.people import ACCOUNT

BASE = "/2010-04-01/Accounts/{AccountSid}"
OPEN_WORDS = frozenset({("Say", "voice"), ("Say", "language"), ("Gather", "language"), ("Dial", "ringTone")})
"""Lists of words that Twilio keeps adding to: the exchange takes any text for them."""


def as_ours(tag: str, name: str, theirs: Attribute) -> Holds:
    """Twilio's attribute in the exchange's words."""
    if (tag, name) in OPEN_WORDS or theirs.kind == "string":
        return Holds(kind="text")
    if theirs.kind == "words":
        return Holds(kind="words", words=theirs.words, is_list=theirs.is_list)
    return Holds(kind="number" if theirs.kind == "number" else "boolean")


def test_every_element_of_the_exchange_has_the_attributes_that_twilio_gives_it():
    for parent, children in CHILDREN.items():
        theirs = grammar()[ROOT if parent == "Response" else parent]
        for tag in children:
            wanted = {name: as_ours(tag, name, one) for name, one in theirs[tag].attributes.items()}
            assert ATTRIBUTES[tag] == wanted, tag


def holds(schema: dict[str, Any]) -> str:
    """Twilio's schema in the exchange's words."""
    whole = resolved(schema)
    if whole.get("format") == "uri":
        return "url"
    if "enum" in whole:
        return " ".join(sorted(str(word) for word in whole["enum"]))
    kinds = {"boolean": "yes_no", "integer": "whole", "number": "number", "array": "many"}
    return kinds.get(str(whole.get("type")), "text")


@pytest.mark.parametrize(("method", "template"), REQUESTS)
def test_every_request_takes_the_parameters_that_twilio_describes(method: str, template: str):
    operation = operations()[method, BASE + template]
    schema = body_schema(operation)
    ours = REQUESTS[method, template]
    body = {name: " ".join(sorted(kind.split())) for name, kind in ours.body().items()}
    assert body == {name: holds(one) for name, one in schema.get("properties", {}).items()}
    assert set(ours.required.split()) == set(schema.get("required", []))
    assert set(ours.query.split()) == query_names(operation)


def test_every_request_that_is_described_is_served():
    assert set(HANDLERS) == set(REQUESTS)


def test_signatures_are_those_of_twilios_own_library():
    token = "12345678901234567890123456789012"
    forms: list[tuple[str, tuple[tuple[str, str], ...]]] = [
        ("https://example.org/t/arrive", (("CallSid", "CA1"), ("From", "+8613800000001"), ("Digits", ""))),
        ("http://127.0.0.1:8080/t/room?x=1&y=", (("Reason", "a"), ("ReasonConferenceEnded", "b"))),
        ("https://example.org/t/方", (("Body", " 您好 "), ("a", "1"), ("A", "2"))),
        ("http://127.0.0.1:8080/t", (("Twice", "b"), ("Twice", "a"), ("Twice", "b"))),
        ("http://127.0.0.1:8080/t", ()),
    ]
    theirs = expected_signatures(Signed(token=token, url=url, form=form) for url, form in forms)
    assert [sign(token, url, form) for url, form in forms] == theirs
    [without_port] = expected_signatures([Signed(token=token, url="https://example.org/x")])
    assert sign(token, "https://user:word@example.org:8443/x") == without_port


@pytest.mark.parametrize(
    "inner",
    [
        "<Say voice='alice' language='zh-CN' loop='2'>您好</Say>",
        "<Gather numDigits='1' timeout='6' action='/d'><Play>/p</Play><Pause length='1'/></Gather>",
        "<Enqueue waitUrl='/w'>park</Enqueue><Redirect>/plan</Redirect>",
        "<Dial><Conference beep='false' waitUrl='' statusCallbackEvent='start join'>c</Conference></Dial>",
        "<Dial><Client><Identity>u</Identity><Parameter name='a' value='b'/></Client></Dial>",
        "<Dial timeout='20' answerOnBridge='true'><Number url='/a'>+86</Number></Dial><Leave/><Hangup/>",
        "<Record maxLength='60' recordingStatusCallbackEvent='completed absent'/><Reject reason='busy'/>",
        "<Enqueue waitURL='/w'>park</Enqueue>",
        "<Dial><Conference endConferenceOnExit='yes'>c</Conference></Dial>",
        "<Dial><Conference statusCallbackEvent='start joined'>c</Conference></Dial>",
        "<Gather><Dial>1</Dial></Gather>",
        "<Gather timeout='soon'/>",
        "<Hangup reason='x'/>",
        "<Wait/>",
    ],
)
def test_the_exchange_takes_a_document_exactly_when_twilios_builders_could_have_written_it(inner: str):
    document = f"<Response>{inner}</Response>"
    try:
        read(document, "")
    except DocumentFault:
        taken = False
    else:
        taken = True
    assert taken == (check_twiml(document) == [])


def test_a_request_is_checked_by_twilios_description():
    calls = f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
    form = [("To", "+86"), ("From", "+86"), ("StatusCallbackEvent", "answered"), ("StatusCallbackEvent", "x")]
    assert check_rest("POST", calls, form) == []
    assert check_rest("POST", calls, [*form, ("Timout", "3")]) == ["Timout is not a field of this request"]
    assert check_rest("POST", calls, [*form, ("Timeout", "soon")]) != []
    assert check_rest("POST", calls, form[:1]) == ["From is missing"]
    assert check_rest("GET", f"{calls}?Status=queued&Stat=1", []) != []
    participant = f"/2010-04-01/Accounts/{ACCOUNT}/Conferences/c_1_0/Participants/caller.json"
    assert check_rest("POST", participant, [("Hold", "true")]) != []
