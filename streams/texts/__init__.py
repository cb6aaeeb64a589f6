"""Texts: what people and papers write about the internet, read into reports. Pure.

`read_text` says whether a text reports that the internet is or was down, where, since when, and what of it;
`read_protest` whether it tells of a protest.
"""

from streams.texts.protests import ProtestReading, read_protest
from streams.texts.reading import TextReading, read_text

__all__ = ["ProtestReading", "TextReading", "read_protest", "read_text"]
