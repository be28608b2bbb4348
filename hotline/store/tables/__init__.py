"""The tables: mapped classes without relationships, the source of the migrations.

One module per room of the trade; `hotline.store.layouts` and the migrations name every one of them, so that
a table is known wherever tables are listed.
"""
