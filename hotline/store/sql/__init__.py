"""Statements in SQL, one file each; `store/statements.py` reads them."""
