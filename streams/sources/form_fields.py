"""The fields of a form, read one by one: texts as browsers send them, or JSON's values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from streams import geography

#: Characters that a text may have, and any other field.
TEXT_CHARS, FIELD_CHARS = 5_000, 500

_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2})?)?")
_YES, _NO = ("true", "yes", "on", "1"), ("", "false", "no", "off", "0")


class Form:
    """The fields of a form, read one by one; what is wrong with them gathers in `problems`."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self._fields = fields
        #: By field what is wrong, in words for who filled it in.
        self.problems: dict[str, str] = {}

    def text(self, name: str, most: int = FIELD_CHARS) -> str:
        """A field's text; empty where there is none, or it is no text."""
        value = self._fields.get(name)
        if value is None:
            return ""
        if isinstance(value, bool | dict | list | tuple):
            self.problems[name] = "this is no text"
            return ""
        text = " ".join(str(value).replace("\0", " ").split()) if name != "text" else str(value).strip()
        if len(text) > most:
            self.problems[name] = f"this is longer than {most:,} characters"
            return ""
        return text

    def flag(self, name: str) -> bool:
        """Whether a field says yes."""
        value = self._fields.get(name)
        if isinstance(value, bool):
            return value
        text = self.text(name).casefold()
        if text not in (*_YES, *_NO):
            self.problems[name] = "say yes or no"
        return text in _YES

    def choice(self, name: str, known: tuple[Any, ...]) -> Any:
        """One of what is known; None where there is none."""
        text = self.text(name).casefold()
        if text and text not in known:
            self.problems[name] = f"must be one of {', '.join(known)}"
            return None
        return text or None

    def choices(self, name: str, known: tuple[Any, ...]) -> tuple[Any, ...]:
        """Those of what is known that a list, or a text with commas, names."""
        value = self._fields.get(name)
        if isinstance(value, list | tuple):
            parts = [str(part).strip().casefold() for part in value]
        else:
            parts = [part.strip().casefold() for part in re.split(r"[,;]", self.text(name))]
        chosen = tuple(dict.fromkeys(part for part in parts if part))
        if any(part not in known for part in chosen):
            self.problems[name] = f"may be {', '.join(known)}"
            return ()
        return chosen

    def number(self, name: str, most: float) -> float | None:
        """A number from `-most` to `most`."""
        text = self.text(name)
        if not text:
            return None
        try:
            number = float(text)
        except ValueError:
            number = float("nan")
        if not -most <= number <= most:
            self.problems[name] = f"must be a number from {-most:g} to {most:g}"
            return None
        return number

    def moment(self, name: str, zone: str) -> str:
        """A `topics.reports.Moment` that exists by the clocks of a time zone."""
        text = re.sub(r"^(\d{4}-\d{2}-\d{2})[ T](?=\d)", r"\1T", self.text(name))
        if not text:
            return ""
        try:
            if not _MOMENT.fullmatch(text):
                raise ValueError(text)
            geography.read_moment(text, zone)
        except ValueError:
            self.problems[name] = "write a day (2021-02-28) or a time there (2021-02-28T14:00)"
            return ""
        return text
