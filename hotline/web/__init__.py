"""The edge: webhooks, the caller's chat, the console's API and its live socket.

A route reads the clock once, checks who asks, turns the input into the domain's own types, calls one
step of the flow, and answers. HTTP status codes are named in `errors.py` alone.
"""
