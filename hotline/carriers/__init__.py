"""Telephone networks and pagers: how what was decided becomes something a person hears.

Context: providers differ in how they are told things (documents answered, requests made, sockets), in
whose ids count, and in what they lose. Decision: the rest of the house says *what a leg should
experience* (`domain.leg.Plan`) and is told *facts* (`port`); how is an adapter's business. Consequence:
a second provider is a second folder here, and nothing above changes. Only the relay, the sweeper, the
webhooks and the wiring may come in.
"""
