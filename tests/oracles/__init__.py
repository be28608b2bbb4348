"""What Twilio itself says: an independent word on REST bodies, TwiML and signatures.

Nothing here was written from our own reading of the documentation. The REST oracle is Twilio's
OpenAPI description, shipped in the npm package `@twilio/cli-core`; the TwiML oracle is the grammar of
the builder classes in the npm package `twilio`; the signature oracle runs that package. `scripts/oracles`
installs both into a folder that git ignores. Where they are not installed, every call here fails with a
sentence that says so: a check that quietly skips is not a check.

How a test of the Twilio adapter uses them::

    from tests.oracles import check_rest, check_twiml, expected_signatures

    # every request the adapter makes (method, path under the API host, form as pairs)
    assert check_rest("POST", "/2010-04-01/Accounts/AC…/Calls.json", [("To", "+86…"), …]) == []

    # every document a webhook answers with
    assert check_twiml(response.text) == []

    # a batch of signatures, computed by one run of node
    [signature] = expected_signatures([Signed(token="…", url="https://…", form=(("CallSid", "CA…"),))])

Both checks return a list of sentences, empty when Twilio has nothing to object to.
"""

from tests.oracles.rest import check_rest
from tests.oracles.signature import Signed, expected_signatures
from tests.oracles.twiml import check_twiml

__all__ = ["Signed", "check_rest", "check_twiml", "expected_signatures"]
