"""Answers of services kept in a folder, and served again from it.

A folder has a file for each exchange, in order, and `recorded.json`, which says of what source and at what moment:
a replay asks as of that moment, so that it asks the same. Nothing secret is kept: no headers of requests, none of
the secrets that are given, and of answers no tokens.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import msgspec

from streams.errors import UNREADABLE, StreamsError
from streams.sources.files import SourceError

#: What stands where something secret stood.
HIDDEN = "REMOVED"

#: Headers of answers that are kept: those that are read.
KEPT = ("content-type", "etag", "last-modified", "retry-after")

#: Fields of answers that are secret by their name.
_TOKENS = re.compile(rb'("(?:access_token|refresh_token|id_token|token)"\s*:\s*)"[^"]*"')

MANIFEST = "recorded.json"


class Exchange(msgspec.Struct, frozen=True, kw_only=True):
    """A request and its answer. `body` is base64 where it is no text; `took_s` is not kept."""

    method: str
    url: str
    status: int
    headers: dict[str, str] = {}
    text: str | None = None
    body: str | None = None

    @property
    def content(self) -> bytes:
        """The answer's bytes."""
        return base64.b64decode(self.body) if self.body is not None else (self.text or "").encode()


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """What a folder holds: answers to a source's requests at a moment, Unix seconds. `base` is where the service
    was, if not where its provider has it; `entities` what was asked for."""

    source: str
    now_s: int
    base: str | None = None
    entities: tuple[str, ...] = ()


def exchange(answer: httpx.Response, content: bytes, secrets: Sequence[str]) -> Exchange:
    """An answer with its request, without what is secret."""
    content = _TOKENS.sub(rb'\1"' + HIDDEN.encode() + b'"', content)
    for secret in filter(None, secrets):
        content = content.replace(secret.encode(), HIDDEN.encode())
    try:
        text, body = content.decode(), None
    except UnicodeDecodeError:
        text, body = None, base64.b64encode(content).decode()
    first = (answer.history[0] if answer.history else answer).request
    return Exchange(
        method=first.method,
        url=without(str(first.url), secrets),
        status=answer.status_code,
        headers={name: answer.headers[name] for name in KEPT if name in answer.headers},
        text=text,
        body=body,
    )


def without(words: str, secrets: Sequence[str]) -> str:
    """Words without secrets."""
    for secret in filter(None, secrets):
        words = words.replace(secret, HIDDEN)
    return words


@dataclass(slots=True)
class Folder:
    """Writes exchanges to a folder, numbered."""

    path: Path
    written: int = 0

    def begin(self, recorded: Recorded) -> None:
        """Make the folder and say what it holds.

        Raises:
            StreamsError: it can't be written, or holds something already.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            if any(self.path.iterdir()):
                raise StreamsError(f"{self.path} is not empty: give a new folder for recorded answers")
            (self.path / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(recorded)))
        except OSError as error:
            raise StreamsError(f"{self.path} can't be written: {error}") from None

    def add(self, one: Exchange) -> None:
        """Write an exchange."""
        self.written += 1
        path = self.path / f"{self.written:03}.json"
        path.write_bytes(msgspec.json.format(msgspec.json.encode(one)))


def read(path: Path) -> tuple[Recorded, list[Exchange]]:
    """What a folder holds.

    Raises:
        SourceError: it holds no recorded answers.
    """
    try:
        recorded = msgspec.json.decode((path / MANIFEST).read_bytes(), type=Recorded)
        files = sorted(one for one in path.glob("*.json") if one.name != MANIFEST)
        return recorded, [msgspec.json.decode(one.read_bytes(), type=Exchange) for one in files]
    except (OSError, *UNREADABLE) as error:
        raise SourceError(f"{path} holds no answers that `sources check --record` kept: {error}") from None


class Replay(httpx.BaseTransport):
    """Answers requests from exchanges: the one of the same address and parameters, else HTTP 404."""

    def __init__(self, exchanges: Sequence[Exchange]) -> None:
        self._by_request: Mapping[tuple[str, str], Exchange] = {
            (one.method, one.url): one for one in reversed(exchanges)
        }

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """See `httpx.BaseTransport`."""
        found = self._by_request.get((request.method, str(request.url)))
        if found is None:
            return httpx.Response(404, content=b"this was not asked when answers were recorded")
        return httpx.Response(found.status, headers=found.headers, content=found.content)
