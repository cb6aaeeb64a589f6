"""Measuring how well places are found; `python -m streams.geography.evaluate` prints it."""
