"""Many documents: which files there are, who reads them under which limits, and the books of a run.

Knows `model` and `output`, and gets the function that reads one document from outside.
"""
