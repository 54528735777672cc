"""Rows to files: the data dictionary, the tables, the catalogue, and what a person reads. Knows only `model`."""
