"""Addresses that others write, taken apart."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit


def split(url: str) -> SplitResult:
    """The parts of an address; all of it is the path where it is none.

    >>> split("https://example.org/a?b").netloc, split("https://[::1").path
    ('example.org', 'https://[::1')
    """
    try:
        return urlsplit(url)
    except ValueError:
        return SplitResult("", "", url, "", "")
