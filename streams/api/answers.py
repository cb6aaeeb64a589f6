"""Answers: ETags and what follows from them, gzip, and those that were made before kept until something changes."""

from __future__ import annotations

import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from starlette.requests import Request
from starlette.responses import Response

#: Below so many bytes, compressing costs more than it saves.
SMALL = 700

#: Answers kept at once, and the largest that is.
MOST_KEPT, LARGEST_KEPT = 512, 4_000_000


@dataclass(frozen=True)
class Answer:
    """A whole answer: bytes, media type, further headers."""

    body: bytes
    media_type: str
    headers: Mapping[str, str] = field(default_factory=dict)
    cache: str = "no-cache"

    @cached_property
    def etag(self) -> str:
        """By content: the same for the same bytes, also after a restart."""
        return f'"{hashlib.blake2b(self.body, digest_size=12).hexdigest()}"'

    @cached_property
    def packed(self) -> bytes:
        """The body in gzip."""
        return gzip.compress(self.body, compresslevel=6, mtime=0)


def respond(request: Request, answer: Answer) -> Response:
    """The answer as this client wants it: 304 if it has it already, in gzip if it takes that."""
    packs = len(answer.body) >= SMALL and "gzip" in request.headers.get("accept-encoding", "").lower()
    etag = answer.etag if not packs else f'{answer.etag[:-1]}-gzip"'
    headers = {**answer.headers, "etag": etag, "vary": "Accept, Accept-Encoding", "cache-control": answer.cache}
    if _has(request.headers.get("if-none-match", ""), answer.etag):
        return Response(None, 304, headers)
    if packs:
        headers["content-encoding"] = "gzip"
    return Response(answer.packed if packs else answer.body, 200, headers, answer.media_type)


def _has(given: str, etag: str) -> bool:
    """Whether `If-None-Match` names it, weak or strong, packed or not."""
    bare = etag.strip('"')
    names = (one.strip().removeprefix("W/").strip('"').removesuffix("-gzip") for one in given.split(","))
    return given.strip() == "*" or bare in names


@dataclass(slots=True)
class Kept:
    """Answers by what was asked, while the state has the version that they were made from."""

    _answers: OrderedDict[str, Answer] = field(default_factory=OrderedDict)
    _version: int = -1

    def get(self, version: int, question: str, make: Callable[[], Answer]) -> Answer:
        """The answer to a question, made now or before."""
        if version != self._version:
            self._answers.clear()
            self._version = version
        found = self._answers.get(question)
        if found is None:
            found = make()
            if len(found.body) <= LARGEST_KEPT:
                self._answers[question] = found
                if len(self._answers) > MOST_KEPT:
                    self._answers.popitem(last=False)
        return found
