"""Telegram channels and groups, as Telegram Desktop exports them (`result.json`) -> reports and news items.

Who writes is an individual unless `reporter` and `name` say that the channel is an organisation's; people in its
group stay individuals. Messages are read by `told`: of names, handles and texts nothing goes on. A message keeps
its id when it is edited, and what was forwarded has the lineage of whose words it is. An export has no deleted
messages: `shutdowns ingest telegram NEW --replaces OLD` takes back what is gone since.
"""

from __future__ import annotations

import codecs
import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streams import geography
from streams.claims.lineage import HAND
from streams.geography.fold import fold
from streams.sources.files import SourceError, opened
from streams.sources.rows import Rejected, Row
from streams.sources.salt import salt
from streams.sources.told import Manner, Told, rows
from streams.sources.written import manner_of, reporter_of
from streams.texts.privacy import salted
from topics import EARLIEST_S, LATEST_S, Reporter

SOURCE = "telegram"

_BLOCK = 1 << 20
_MESSAGES = re.compile(r'"messages"\s*:\s*\[')
_ID, _NAME = re.compile(r'"id"\s*:\s*(-?\d+)'), re.compile(r'"name"\s*:\s*("(?:[^"\\]|\\.)*")')

#: Parts of a message that name somebody.
_NAMING = frozenset({"mention", "mention_name", "phone", "email", "bank_card", "link", "text_link", "bot_command"})

_LEAST_MESSAGE, _MOST_ID = 1_000_000, 2**63


@dataclass(frozen=True, slots=True)
class _Chat:
    """A channel or group of an export."""

    id: str
    name: str


def read(
    path: Path,
    place: str | None = None,
    reporter: str | None = None,
    name: str | None = None,
    keep_text: bool = False,
) -> Iterator[Row]:
    """The messages of an export. `place` is the country that they are about where they name none.

    Raises:
        SourceError: the file is no such export, or an option makes no sense.
    """
    manner = manner_of(salt(), place, keep_text=keep_text)
    owner = reporter_of(reporter, name)
    for number, (chat, message) in enumerate(_messages(path), 1):
        yield from _read(chat, message, manner, owner, number)


def _read(
    chat: _Chat, message: Mapping[str, Any], manner: Manner, owner: Reporter | None, number: int
) -> Iterator[Row]:
    if not isinstance(message, dict) or message.get("type", "message") != "message":
        yield Rejected(number, "no message (somebody joined, was pinned, …)")
        return
    told = _told(chat, message, manner, owner)
    if isinstance(told, Told):
        yield from rows(told, manner, number)
    else:
        yield Rejected(number, told)


def _told(chat: _Chat, message: Mapping[str, Any], manner: Manner, owner: Reporter | None) -> Told | str:
    """A message as a text with its origin; or why it is none."""
    number = message.get("id")
    published = _when(message, "date", manner)
    if not isinstance(number, int) or abs(number) > _MOST_ID or published is None:
        return "damaged: no id or no date"
    edited = _when(message, "edited", manner)
    who, named = _hand(message, manner), str(message.get("from_id") or "").startswith("user")
    forwarded = message.get("forwarded_from") or message.get("forwarded_from_id")
    source = salted(manner.salt, SOURCE, "from", _fold(forwarded)) if forwarded else None
    by_owner = owner is not None and not named
    reporter = owner if owner is not None and not named else Reporter(kind="individual", digest=source or who)
    return Told(
        id=_id(chat, number, manner),
        source=SOURCE,
        text=_text(message.get("text")),
        published_s=published,
        revision=max(edited or 0, published),
        reporter=reporter,
        reference=f"{reporter.name}, Telegram, message {number}" if by_owner else None,
        cites=(f"{HAND} {source}",) if source and by_owner else (),
        changed=edited is not None,
        flags=() if "date_unixtime" in message else ("publication-time-without-zone",),
    )


def _id(chat: _Chat, number: int, manner: Manner) -> str:
    return f"{SOURCE}/{salted(manner.salt, SOURCE, 'chat', chat.id or chat.name)[:16]}/{number}"


def _hand(message: Mapping[str, Any], manner: Manner) -> str:
    """The digest of who wrote a message. Channels by their name: that is what is known where they are forwarded."""
    who = _sendable(message.get("from_id") or "")
    if who.startswith("user"):
        return salted(manner.salt, SOURCE, "from", who)
    return salted(manner.salt, SOURCE, "from", _fold(message.get("from") or who))


def _fold(name: object) -> str:
    text = _sendable(name)
    return fold(text) or text


def _when(message: Mapping[str, Any], name: str, manner: Manner) -> int | None:
    """Unix seconds of a moment: exact in newer exports; in older ones by a local clock, the home country's."""
    exact = message.get(f"{name}_unixtime")
    try:
        if exact is not None:
            moment_s = int(exact)
        else:
            written = message.get(name)
            if not isinstance(written, str):
                return None
            zone = geography.country_place(manner.country).time_zone if manner.country else "UTC"
            moment = dt.datetime.fromisoformat(written)
            moment_s = int((moment if moment.tzinfo else moment.replace(tzinfo=geography.zone(zone))).timestamp())
    except (ValueError, TypeError, OverflowError):
        return None
    # An edit of 1970 is none.
    return moment_s if EARLIEST_S <= moment_s <= LATEST_S else None


def _text(content: object) -> str:
    """The text of a message: plain, or in parts, of which those that name somebody are left out."""
    if isinstance(content, str):
        return _sendable(content)
    if not isinstance(content, list):
        return ""
    parts = []
    for part in content:
        if isinstance(part, str):
            parts.append(part)
        elif isinstance(part, dict) and part.get("type") not in _NAMING:
            parts.append(str(part.get("text", "")))
        else:
            parts.append(" ")
    return _sendable("".join(parts))


def _sendable(value: object) -> str:
    """A value as a text that can be sent: JSON may have halves of characters, which no text has."""
    return str(value).encode("utf-8", "replace").decode("utf-8")


def _messages(path: Path) -> Iterator[tuple[_Chat, Any]]:
    """The messages of all chats of an export, one at a time: exports may be larger than memory.

    Raises:
        SourceError: the file is no such export.
    """
    with opened(path) as stream:
        buffer = _Buffer(codecs.getreader("utf-8")(stream), path)
        found = False
        while (start := buffer.find(_MESSAGES)) is not None:
            found = True
            head = buffer.take(start)
            ids, names = _ID.findall(head), _NAME.findall(head)
            chat = _Chat(ids[-1] if ids else "", _unquoted(names[-1]) if names else "")
            for message in buffer.items():
                yield chat, message
        if not found:
            raise SourceError(
                f'{path} is no export of Telegram Desktop: it has no "messages". Export the chat as '
                "machine-readable JSON, and give its result.json"
            )


def _unquoted(text: str) -> str:
    """A JSON string; as it stands where it is none after all."""
    try:
        return _sendable(json.loads(text))
    except ValueError:
        return text


class _Buffer:
    """A text file read a block at a time."""

    def __init__(self, stream: codecs.StreamReader, path: Path) -> None:
        self._stream, self._path = stream, path
        self._text, self._ended = "", False
        self._decoder = json.JSONDecoder()

    def _more(self) -> bool:
        try:
            block = self._stream.read(_BLOCK)
        except UnicodeDecodeError as error:
            raise SourceError(f"{self._path} is damaged: it is not UTF-8 ({error.reason})") from error
        self._ended = not block
        self._text += block
        return bool(block)

    def find(self, pattern: re.Pattern[str]) -> int | None:
        """Where the text goes on behind a pattern; None if it doesn't come."""
        while True:
            match = pattern.search(self._text)
            if match is not None:
                return match.end()
            if len(self._text) > _LEAST_MESSAGE:
                self._text = self._text[-_LEAST_MESSAGE // 2 :]
            if not self._more():
                return None

    def take(self, end: int) -> str:
        """The text up to there, which is then gone."""
        taken, self._text = self._text[:end], self._text[end:]
        return taken

    def items(self) -> Iterator[Any]:
        """The values of an array, to its end.

        Raises:
            SourceError: it breaks off, or is no JSON.
        """
        at = 0
        while True:
            while at < len(self._text) and self._text[at] in " \t\r\n,":
                at += 1
            if at < len(self._text) and self._text[at] == "]":
                self._text = self._text[at + 1 :]
                return
            try:
                value, at = self._decoder.raw_decode(self._text, at)
            # ValueError: no JSON, or a number of thousands of digits.
            except (ValueError, RecursionError) as error:
                if len(self._text) - at > 4 * _LEAST_MESSAGE or not self._more():
                    raise SourceError(
                        f"{self._path} is damaged: after what was read it is no JSON ({error}). Export it again"
                    ) from error
                continue
            yield value
            if at > _BLOCK:
                self._text, at = self._text[at:], 0
