"""A year of shutdowns as one page."""

from streams.plots.report.page import page

__all__ = ["page"]
