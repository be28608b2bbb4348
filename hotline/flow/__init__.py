"""One transaction each: lock and load, decide, save.

A step is three sentences. It locks the contact (and with it the whole journey), asks the domain,
which may refuse, and saves the outcome: rows, journal entries and effects, or nothing. Steps never
call one another; what two of them share is a decision, and decisions live in the domain.
"""
