"""Twilio: plans are answered as TwiML, orders are REST requests, facts come as signed webhooks.

Context: Twilio asks for documents over HTTP, sends callbacks late, twice, in any order or never, and
gives every call its own id. Decision: a document is rendered from the present plan and never from the
event that asked for it; our own leg id travels in every URL; every fact carries a natural key, so a
repeat is known as one. Consequence: any request may be lost or repeated and the sweep still ends right.
"""
