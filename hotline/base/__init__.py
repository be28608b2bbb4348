"""The ground everything stands on: ids, clock, errors, sensitive values, logging, tasks.

Chance and the time of day enter the house here and nowhere else, so that every floor above can be
handed both and tested with values of the test's own choosing.
"""
