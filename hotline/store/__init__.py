"""PostgreSQL, and nothing else that remembers.

A step opens a unit: one transaction on one connection. It locks and loads a contact's journey, lets
the domain decide, and saves the outcome in a single statement: rows, journal entries and effects
together, or nothing. Only this floor speaks SQL.
"""
