"""The practice exchange: a separate process that speaks Twilio's protocol.

In a demonstration, in tests and in drills the product's Twilio adapter talks to this instead of Twilio, so
that the code which will carry a real call is the code that was practised. It is a peer, not a double: it
serves the REST API, carries out the TwiML it is given, signs its webhooks, and refuses what Twilio refuses.
It can be told to misbehave. It imports nothing of the product but `hotline.base`.

Taken and not practised: sound (a prompt is its text or the name of its file), speech recognition, answering
machines, `hangupOnStar`, `<Dial record>` and `sequential`. Refused: `<Queue url>`, and every verb that the
product does not use (`practice.grammar`).

`practice.config` says what it is told at its start; `practice.app` makes and runs it; `practice.control`
documents the API by which people and scripts place calls and press keys.
"""
