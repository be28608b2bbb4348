"""Webhooks: what telephone networks report, believed only with a signature.

A caller hears what we answer here, so nothing in this room may end in an error page: whatever goes wrong
with us, the answer is a document that keeps the caller waiting or names somewhere to turn to. Only when the
database does not answer do we say so (503): the network then asks again, and after that it plays the
document that it keeps for us.
"""
